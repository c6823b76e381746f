//! `allgood mark` and `update`: the frame of an incident, also of a run that is over or that nobody drives.

use std::io::Read as _;

use api::{
    App,
    commands::RunArgument,
    wire::{IncidentView, MarkRun, Marking, MomentView, ResponderView, RunView, SendUpdate},
};

use crate::{
    arguments::{MarkArguments, UpdateArguments},
    look::{BOLD, DIM, Look, counted, duration, local_time, one_line, styled, visible},
    out::Out,
    status::{Failure, Status},
};

/// Marks something, and prints the incident as it stands then.
pub(crate) fn mark(app: &App, out: &mut Out, arguments: &MarkArguments) -> Result<Status, Failure> {
    let view = match &arguments.what {
        Some(what) => app.run_mark(MarkRun {
            run: arguments.run.clone(),
            mark: Marking {
                what: what.clone(),
                value: arguments.value.clone(),
                when: arguments.at.clone(),
                role: arguments.role.clone(),
                reason: arguments.reason.clone(),
                withdrawn: arguments.withdraw,
            },
        })?,
        None => app.run_view(RunArgument { run: arguments.run.clone() })?,
    };
    let Some(incident) = &view.incident else {
        return Err(no_incident(&view));
    };
    if arguments.json {
        out.json(incident)?;
        return Ok(Status::Good);
    }
    lines(out.look, incident).iter().for_each(|line| out.line(line));
    Ok(Status::Good)
}

/// Lists the messages that an update can be made from, prints one, or says that one was sent.
pub(crate) fn update(app: &App, out: &mut Out, arguments: &UpdateArguments) -> Result<Status, Failure> {
    let view = app.run_view(RunArgument { run: arguments.run.clone() })?;
    let text = match &arguments.message {
        Some(name) => Some(view.messages.get(name).cloned().ok_or_else(|| no_message(&view, name))?),
        None => None,
    };
    let said = match (&arguments.text, &text) {
        (Some(dash), _) if dash == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|error| {
                Failure::new(Status::Input, format!("What comes on standard input cannot be read: {error}."))
            })?;
            Some(text.trim_end().to_owned())
        }
        (Some(text), _) => Some(text.clone()),
        (None, Some(text)) if arguments.sent => Some(text.clone()),
        (None, _) => None,
    };
    if let Some(said) = said {
        let request = SendUpdate { run: view.run.id.clone(), item: arguments.message.clone(), text: said };
        let view = app.run_update(request)?;
        out.line("Recorded as sent.");
        let updates = view.incident.as_ref().map(|incident| updates(out.look, incident));
        updates.iter().for_each(|line| out.line(&styled(DIM, line)));
        return Ok(Status::Good);
    }
    if let Some(text) = text {
        out.line(&visible(&text));
        return Ok(Status::Good);
    }
    let Some(incident) = &view.incident else { return Err(no_incident(&view)) };
    let templates = &incident.updates.templates;
    if templates.is_empty() {
        out.line("This runbook has no messages: say what was sent with --text.");
    }
    for template in templates {
        let to = template.to.as_deref().map(|to| format!("to {}", one_line(to))).unwrap_or_default();
        let sent = match template.sent {
            0 => "not sent".to_owned(),
            sent => format!("sent {}", counted(sent, "time", "times")),
        };
        let left = format!("{}  {}", styled(BOLD, one_line(&template.item)), styled(DIM, to));
        out.line(&out.look.row(&left, &styled(DIM, sent)));
    }
    out.line(&updates(out.look, incident));
    Ok(Status::Good)
}

fn no_incident(view: &RunView) -> Failure {
    Failure::new(
        Status::Input,
        format!(
            "Run {} is no incident: its runbook is not of the kind `incident`, and nothing was marked in it.",
            view.run.id
        ),
    )
}

fn no_message(view: &RunView, name: &str) -> Failure {
    let known: Vec<String> = view.messages.keys().map(|name| one_line(name)).collect();
    let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    Failure::new(Status::Input, format!("The runbook has no message \"{}\": {known}.", one_line(name)))
}

/// The incident as it stands.
pub(crate) fn lines(look: Look, incident: &IncidentView) -> Vec<String> {
    let row = |name: &str, value: &str| look.row(name, &one_line(value));
    let mut lines = Vec::new();
    if let Some(name) = &incident.name {
        lines.push(row("incident", name));
    }
    let severity = incident.severity.as_ref().map_or_else(
        || "not given".to_owned(),
        |severity| {
            let moved = severity
                .before
                .as_deref()
                .map(|before| format!(", {} from {before}", severity.moved.as_deref().unwrap_or("changed")));
            format!("{}{}", severity.value, moved.unwrap_or_default())
        },
    );
    lines.push(row("severity", &severity));
    for word in ["began", "detected", "mitigated", "verified"] {
        let moment = incident.moments.iter().find(|moment| moment.what == word);
        match moment {
            Some(moment) => lines.push(row(word, &at(moment))),
            None if word == "began" => {}
            None => lines.push(row(word, "not marked")),
        }
    }
    for one in &incident.responders {
        lines.push(row(one.role.as_deref().unwrap_or("also"), &who(one)));
    }
    for one in &incident.left {
        let until = one.at.as_deref().map(local_time).unwrap_or_default();
        lines.push(row("left", &format!("{}, {until}", one.who.as_deref().unwrap_or_default())));
    }
    lines.push(updates(look, incident));
    lines
}

fn at(moment: &MomentView) -> String {
    let of = match moment.since.as_deref() {
        Some("detected") => "after it was detected",
        Some("began") => "after it began",
        _ => "after the run began",
    };
    let took = moment.took_ms.map(|ms| format!("{} {of}", duration(ms)));
    let took = took.or_else(|| (moment.what == "detected").then(|| "before the run began".to_owned()));
    let corrected = (moment.corrected > 0).then(|| "corrected".to_owned());
    let more: Vec<String> = [Some(local_time(&moment.when)), took, corrected].into_iter().flatten().collect();
    more.join(", ")
}

fn who(one: &ResponderView) -> String {
    match (&one.who, &one.written) {
        (Some(who), _) => who.clone(),
        (None, Some(written)) => {
            let contact = one.contact.as_deref().map(|contact| format!(", {contact}")).unwrap_or_default();
            format!("nobody yet (the runbook: {written}{contact})")
        }
        (None, None) => "nobody yet".to_owned(),
    }
}

/// When the next update is due, or how many were sent.
fn updates(look: Look, incident: &IncidentView) -> String {
    let updates = &incident.updates;
    let sent = format!("{} sent", updates.sent);
    let next = match &updates.due {
        Some(due) => {
            let put_off = if updates.snoozed { ", put off" } else { "" };
            format!("{sent}, the next at {}{put_off}", local_time(due))
        }
        None => sent,
    };
    look.row("updates", &next)
}
