//! Opening links, and asking whether they answer.

use std::collections::BTreeMap;

use api::{
    App,
    commands::LinkArgument,
    wire::{LinksQuery, OpenLinks, SavedLink, SavedLinkArgument},
};

use crate::{
    arguments::{LinkCheck, LinkFilter, LinkOpen},
    commands::{lines, table},
    look::{FAIL, GOOD, counted, one_line, styled},
    out::{Out, message, person_is_there},
    run,
    status::{Failure, Status},
};

/// Opens what was named, several after showing them.
pub(super) fn open(app: &App, out: &mut Out, arguments: &LinkOpen) -> Result<Status, Failure> {
    let mut values: BTreeMap<String, String> = arguments.parameters.iter().cloned().collect();
    if let Some(path) = &arguments.runbook {
        return open_runbook(app, out, arguments, path, &values);
    }
    let named = named(app, &arguments.links, &arguments.filter)?;
    let query = |values: &BTreeMap<String, String>| LinksQuery {
        values: values.clone(),
        run: arguments.run.clone(),
        ..LinksQuery::default()
    };
    let mut list = app.link_list(query(&values))?;
    let chosen = |links: &[SavedLink]| -> Vec<SavedLink> {
        named.iter().filter_map(|id| links.iter().find(|link| link.id == *id).cloned()).collect()
    };
    let mut missing: Vec<String> = chosen(&list.links).into_iter().flat_map(|link| link.missing).collect();
    missing.sort();
    missing.dedup();
    if !missing.is_empty() {
        if !person_is_there() {
            let give: Vec<String> = missing.iter().map(|name| format!("--param {name}=…")).collect();
            let sentence = format!(
                "A value is needed for {}: give it with {}. Nothing was opened.",
                missing.join(", "),
                give.join(" ")
            );
            return Err(Failure::new(Status::Person, sentence));
        }
        for name in &missing {
            let used = list.parameters.iter().find(|one| one.name == *name).and_then(|one| one.used.first());
            let start = used.map(String::as_str).unwrap_or_default();
            match run::text_alone(name, "it is percent-encoded; Esc opens nothing", start)? {
                Some(value) if !value.trim().is_empty() => drop(values.insert(name.clone(), value)),
                _ => return nothing(),
            }
        }
        list = app.link_list(query(&values))?;
    }
    let links = chosen(&list.links);
    if let Some(link) = links.iter().find(|link| link.refused.is_some()) {
        let (title, why) = (one_line(&link.title), link.refused.clone().unwrap_or_default());
        return Err(Failure::new(Status::Input, format!("{title} cannot be opened: {why}. Nothing was opened.")));
    }
    let shown: Vec<(String, String)> =
        links.iter().filter_map(|link| Some((link.title.clone(), link.opens.clone()?))).collect();
    if arguments.print {
        shown.iter().for_each(|(_, address)| out.line(address));
        return Ok(Status::Good);
    }
    if !agreed(out, &shown, arguments.yes)? {
        return nothing();
    }
    let opened = app.links_open(OpenLinks {
        links: links.into_iter().map(|link| link.id).collect(),
        values,
        run: arguments.run.clone(),
        item: None,
    })?;
    for one in &opened {
        out.line(&format!("{} was opened: {}", one_line(&one.title), one_line(&one.address)));
    }
    if let Some(run) = arguments.run.as_ref().filter(|_| opened.iter().any(|one| !one.recorded)) {
        message(&format!("Run {run} did not record it: it is over, or another process drives it."));
    }
    Ok(Status::Good)
}

/// All links of a runbook that can be opened.
fn open_runbook(
    app: &App,
    out: &mut Out,
    arguments: &LinkOpen,
    path: &std::path::Path,
    values: &BTreeMap<String, String>,
) -> Result<Status, Failure> {
    let found = app.runbook_links(path, values, arguments.run.as_deref())?;
    let (ready, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|link| link.opens);
    for link in other.iter().filter(|link| link.url.contains("{{")) {
        message(&format!("{} is left out: it needs a value, give it with --param.", one_line(&link.url)));
    }
    if ready.is_empty() {
        let sentence = format!("{} has no link that can be opened.", path.display());
        return Err(Failure::new(Status::Input, sentence));
    }
    let shown: Vec<(String, String)> = ready.iter().map(|link| (link.text.clone(), link.url.clone())).collect();
    if arguments.print {
        shown.iter().for_each(|(_, address)| out.line(&one_line(address)));
        return Ok(Status::Good);
    }
    if !agreed(out, &shown, arguments.yes)? {
        return nothing();
    }
    for link in ready {
        app.link_open(LinkArgument { run: arguments.run.clone(), item: None, url: link.url.clone() })?;
        out.line(&format!("{} was opened: {}", one_line(&link.text), one_line(&link.url)));
    }
    Ok(Status::Good)
}

/// Asks links whether they answer.
pub(super) fn check(app: &App, out: &mut Out, arguments: &LinkCheck) -> Result<Status, Failure> {
    let all = arguments.links.is_empty() && arguments.filter.group.is_none() && arguments.filter.tag.is_none();
    let links = if all { Vec::new() } else { named(app, &arguments.links, &arguments.filter)? };
    let values = arguments.parameters.iter().cloned().collect();
    let answers = app.links_check(OpenLinks { links, values, ..OpenLinks::default() })?;
    let bad = answers.iter().any(|one| one.answers == Some(false));
    if arguments.json {
        out.json(&answers)?;
    } else if answers.is_empty() {
        message("There is no link to ask.");
    } else {
        let mut shown = table(out.look, &["title", "", "", "address"]);
        for one in &answers {
            let style = match one.answers {
                Some(true) => GOOD,
                Some(false) => FAIL,
                None => crate::look::DIM,
            };
            shown.add_row([
                one_line(&one.title),
                one.status.map(|status| status.to_string()).unwrap_or_default(),
                styled(style, one_line(&one.says)),
                one.address.as_deref().map(one_line).unwrap_or_default(),
            ]);
        }
        lines(&shown).iter().for_each(|line| out.line(line));
    }
    Ok(if bad { Status::Bad } else { Status::Good })
}

/// The ids of the links that were named, or that are so.
fn named(app: &App, names: &[String], filter: &LinkFilter) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for name in names {
        found.push(app.link_show(&SavedLinkArgument { link: name.clone() })?.id);
    }
    if filter.group.is_some() || filter.tag.is_some() {
        let query = LinksQuery { group: filter.group.clone(), tag: filter.tag.clone(), ..LinksQuery::default() };
        let links = app.link_list(query)?.links;
        if links.is_empty() {
            return Err(Failure::new(
                Status::Input,
                "No link is of that group and tag: `allgood link list` shows all.",
            ));
        }
        found.extend(links.into_iter().map(|link| link.id));
    }
    found.dedup();
    Ok(found)
}

/// Whether it may go on: one is opened at once, several are shown first.
fn agreed(out: &mut Out, shown: &[(String, String)], yes: bool) -> Result<bool, Failure> {
    if shown.len() < 2 || yes {
        return Ok(true);
    }
    for (title, address) in shown {
        out.line(&format!("  {}  {}", one_line(title), one_line(address)));
    }
    out.flush();
    let links = counted(shown.len() as u64, "link", "links");
    if !person_is_there() {
        let sentence = format!("{links} would be opened: say so with --yes, or in a terminal. Nothing was opened.");
        return Err(Failure::new(Status::Person, sentence));
    }
    run::confirm_alone(out.look, &format!("Open {links}?"))
}

fn nothing() -> Result<Status, Failure> {
    message("Nothing was opened.");
    Ok(Status::Stopped)
}
