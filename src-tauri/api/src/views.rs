//! From the rooms' own types to the wire, without deciding anything.

mod incident;
mod runs;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use format::{Expectation, Item, LinkError, Page, Pattern, Program, Runbook, Variables};

pub(crate) use self::incident::{incident, marks};
pub(crate) use self::runs::{
    attempt_state, engine_environment, engine_mode, engine_status, expectations, item_status, mode, progress,
    rollback, rollback_now, run_status, timeline,
};
use crate::wire;

/// What of a runbook depends on more than its text.
pub(crate) struct Place {
    /// Absolute path.
    pub(crate) path: String,
    /// Path within its library folder, or the file's name.
    pub(crate) relative: String,
    /// Which folder.
    pub(crate) library: Option<i64>,
    /// Whether it may be run.
    pub(crate) trusted: bool,
}

/// A runbook as the window reads it. `set` says whether a variable is set before any command has run.
pub(crate) fn runbook(
    runbook: &Runbook,
    page: Page,
    place: Place,
    set: &dyn Fn(&str) -> bool,
    schemes: &access::Schemes,
    variables: &Variables,
) -> wire::RunbookView {
    let text = |key: &str| front_text(runbook, key);
    let mut items = BTreeMap::new();
    for (section, step, found) in runbook.items() {
        items.insert(found.id.clone(), item(found, &step.id, section.phase, runbook, set));
    }
    let mut view = wire::RunbookView {
        path: place.path,
        relative: place.relative,
        library: place.library,
        trusted: place.trusted,
        revision: runbook.revision.clone(),
        title: String::new(),
        kind: runbook.kind.map(kind),
        severity: text("severity"),
        summary: None,
        outcome: None,
        owner: text("owner"),
        tags: tags(runbook),
        reviewed: text("reviewed").or_else(|| text("last_reviewed_on")),
        refused: runbook.settings.refused.clone(),
        environments: Vec::new(),
        params: runbook
            .settings
            .params
            .iter()
            .map(|param| wire::ParamView {
                name: param.name.clone(),
                prompt: param.prompt.clone(),
                // The page never holds a secret, so one that the text itself gives may be left out of a start.
                default: param.default.clone().filter(|_| !param.secret),
                choices: param.choices.clone(),
                pattern: param.pattern.clone(),
                required: param.required && !(param.secret && param.default.is_some()),
                secret: param.secret,
            })
            .collect(),
        sections: sections(runbook, page, variables),
        items,
        links: Vec::new(),
        problems: runbook.problems.iter().map(problem).collect(),
        last_runs: Vec::new(),
        runs: 0,
        usual: None,
    };
    fill_around(&mut view, runbook, variables, schemes);
    view
}

/// Writes the values of variables into a page: its prose, titles, advice, the texts of its items and its links.
pub(crate) fn fill(
    view: &mut wire::RunbookView,
    runbook: &Runbook,
    bytes: &[u8],
    variables: &Variables,
    schemes: &access::Schemes,
) {
    view.sections = sections(runbook, format::page_with(runbook, bytes, variables), variables);
    fill_around(view, runbook, variables, schemes);
}

fn fill_around(view: &mut wire::RunbookView, runbook: &Runbook, variables: &Variables, schemes: &access::Schemes) {
    let filled = |text: &str| format::fill_text(text, &variables.values);
    view.title = filled(&runbook.title);
    view.summary = front_text(runbook, "summary").map(|text| filled(&text));
    view.outcome = front_text(runbook, "outcome").map(|text| filled(&text));
    for (_, _, found) in runbook.items() {
        if let Some(item) = view.items.get_mut(&found.id) {
            item.text = filled(&found.text);
            item.to = found.attributes.get("to").and_then(|to| to.as_str()).map(&filled);
        }
    }
    view.links = links(runbook, schemes, variables);
}

/// How many items a run goes through: of the path, or of that one step.
pub(crate) fn items(runbook: &Runbook, step: Option<String>) -> u64 {
    engine::run::progress(runbook, &engine::RunState { step, ..engine::RunState::default() }).total
}

/// Leaves of a page what is of a run of that one step: no other that could be run, and all that is only read. Where no step is
/// named, or none of that name is there, all of it stays.
pub(crate) fn only(view: &mut wire::RunbookView, runbook: &Runbook, step: Option<&str>) {
    let items = step.and_then(|step| engine::run::run_items(runbook, Some(step)).ok()).unwrap_or_default();
    let Some((_, wanted, _)) = items.first() else { return };
    let others: BTreeSet<String> = runbook
        .phases
        .iter()
        .filter(|section| {
            section.phase != format::Phase::Rollback || section.steps.iter().any(|step| step.id == wanted.id)
        })
        .flat_map(|section| &section.steps)
        .filter(|step| step.id != wanted.id && !step.items.is_empty())
        .map(|step| step.id.clone())
        .collect();
    view.sections.retain_mut(|section| {
        let had = section.steps.len();
        section.steps.retain(|step| !others.contains(&step.id));
        had == 0 || !section.steps.is_empty()
    });
    view.items.retain(|_, item| !others.contains(&item.step));
    for item in view.items.values_mut().filter(|item| item.step == wanted.id) {
        item.on_path = item.kind != wire::ItemKind::Undo;
    }
}

/// The names of the variables that a page of a runbook may show.
pub(crate) fn names(runbook: &Runbook) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = runbook.variables.iter().map(|used| used.name.clone()).collect();
    for (text, url) in declared_links(runbook) {
        for text in [text, url] {
            // Without any value every variable is missing.
            if let Err(LinkError::Missing(found)) = format::fill_link(&text, &format::Values::default()) {
                names.extend(found);
            }
        }
    }
    names
}

/// The sections of a page.
pub(crate) fn sections(runbook: &Runbook, page: Page, variables: &Variables) -> Vec<wire::SectionView> {
    page.sections
        .into_iter()
        .zip(&runbook.phases)
        .map(|(read, section)| wire::SectionView {
            phase: phase(section.phase),
            heading: read.heading,
            level: read.level,
            line: read.line as u64,
            intro: parts(read.intro),
            steps: read
                .steps
                .into_iter()
                .zip(&section.steps)
                .map(|(read, step)| wire::StepView {
                    id: step.id.clone(),
                    title: format::fill_text(&step.title, &variables.values),
                    number: step.number.clone(),
                    line: step.line as u64,
                    can_undo: step.can_undo,
                    no_return: step.no_return,
                    if_it_fails: step.if_it_fails.as_deref().map(|advice| format::html_with(advice, variables)),
                    body: parts(read.body),
                    items: step.items.iter().map(|found| found.id.clone()).collect(),
                })
                .collect(),
            outro: parts(read.outro),
        })
        .collect()
}

/// A key of the front matter as one line of text.
pub(crate) fn front_text(runbook: &Runbook, key: &str) -> Option<String> {
    match runbook.front_matter.get(key)? {
        serde_json::Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Array(values) => {
            let texts: Vec<&str> = values.iter().filter_map(serde_json::Value::as_str).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
        _ => None,
    }
}

/// `tags`: a list, or a comma list.
pub(crate) fn tags(runbook: &Runbook) -> Vec<String> {
    front_text(runbook, "tags")
        .map(|text| text.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect())
        .unwrap_or_default()
}

/// `incident` or `routine`.
pub(crate) fn kind(kind: format::Kind) -> String {
    match kind {
        format::Kind::Incident => "incident",
        format::Kind::Routine => "routine",
    }
    .to_owned()
}

fn parts(parts: Vec<format::Part>) -> Vec<wire::Part> {
    parts
        .into_iter()
        .map(|part| match part {
            format::Part::Html(html) => wire::Part::Html(html),
            format::Part::Item(id) => wire::Part::Item(id),
        })
        .collect()
}

pub(crate) fn phase(phase: format::Phase) -> wire::Phase {
    match phase {
        format::Phase::Reference => wire::Phase::Reference,
        format::Phase::Preconditions => wire::Phase::Preconditions,
        format::Phase::Diagnosis => wire::Phase::Diagnosis,
        format::Phase::Steps => wire::Phase::Steps,
        format::Phase::Validation => wire::Phase::Validation,
        format::Phase::Rollback => wire::Phase::Rollback,
    }
}

/// A problem of the check.
pub(crate) fn problem(problem: &format::Problem) -> wire::Problem {
    wire::Problem {
        code: problem.code.to_owned(),
        severity: severity(problem.severity),
        line: problem.line as u64,
        message: problem.message.clone(),
    }
}

/// How bad a problem is.
pub(crate) fn severity(severity: format::Severity) -> wire::Severity {
    match severity {
        format::Severity::Hint => wire::Severity::Hint,
        format::Severity::Warning => wire::Severity::Warning,
        format::Severity::Error => wire::Severity::Error,
    }
}

/// What kind of thing an item is.
pub(crate) fn item_kind(kind: format::ItemKind) -> wire::ItemKind {
    match kind {
        format::ItemKind::Check => wire::ItemKind::Check,
        format::ItemKind::Probe => wire::ItemKind::Probe,
        format::ItemKind::Command => wire::ItemKind::Command,
        format::ItemKind::Undo => wire::ItemKind::Undo,
        format::ItemKind::Message => wire::ItemKind::Message,
    }
}

fn item(
    item: &Item,
    step: &str,
    phase: format::Phase,
    runbook: &Runbook,
    set: &dyn Fn(&str) -> bool,
) -> wire::ItemView {
    let milliseconds = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let known = |name: &str| {
        set(name)
            || runbook.settings.env.iter().any(|(key, _)| key == name)
            || runbook.settings.params.iter().any(|param| param.name == name)
    };
    wire::ItemView {
        id: item.id.clone(),
        step: step.to_owned(),
        kind: item_kind(item.kind),
        line: item.line as u64,
        hash: item.hash.clone(),
        on_path: phase.on_path() && item.kind != format::ItemKind::Undo,
        text: item.text.clone(),
        to: None,
        language: item.language.clone(),
        on: item.options.on.as_ref().map(ToString::to_string),
        script: item.script.clone(),
        expects: expects(item),
        timeout_ms: item.options.timeout.map(milliseconds),
        every_ms: item.options.every.map(milliseconds),
        within_ms: item.options.within.map(milliseconds),
        optional: item.options.optional,
        guessed: item.guessed,
        refused: item.refused.clone(),
        placeholders: item.asked_placeholders().cloned().collect(),
        doubts: item.doubts.clone(),
        variables: engine::run::asked(runbook, item).into_iter().filter(|name| !known(name)).collect(),
        confirm: item.options.confirm.is_some(),
        confirm_text: match &item.options.confirm {
            Some(format::Confirm::Type(text)) => Some(text.clone()),
            Some(format::Confirm::Ask) | None => None,
        },
        retry: u64::from(item.options.retry),
        capture: item.options.capture.clone(),
        background: item.options.background,
        interactive: !item.options.no_input,
        terminal_rows: engine::run::terminal_rows(runbook, item),
        session_input: item.session_input.clone(),
        sample: item.sample.clone(),
        linked: None,
    }
}

/// Expectations in words, as they are written.
fn expects(item: &Item) -> Vec<String> {
    let pattern = |pattern: &Pattern| match pattern {
        Pattern::Text(text) => text.clone(),
        Pattern::Expression(expression) => format!("/{expression}/"),
    };
    let mut words: Vec<String> = item
        .options
        .expectations
        .iter()
        .map(|expectation| match expectation {
            Expectation::Contains(found) => pattern(found),
            Expectation::Absent(found) => format!("not {}", pattern(found)),
            Expectation::Each(found) => format!("each line {}", pattern(found)),
            Expectation::Number(comparison, number) => {
                format!("{} {number}", comparison.sign())
            }
        })
        .collect();
    if item.attributes.contains_key("expect_exit") {
        words.push(match &item.options.exit {
            None => "any exit status".to_owned(),
            Some(statuses) => {
                let statuses: Vec<String> = statuses.iter().map(ToString::to_string).collect();
                format!("exit {}", statuses.join(" or "))
            }
        });
    }
    if let Program::Measure(measure) = item.program {
        words.extend(item.options.measured.in_words(measure));
    }
    words
}

/// The title and the address of each link of the front matter.
fn declared_links(runbook: &Runbook) -> impl Iterator<Item = (String, String)> {
    let declared = runbook.front_matter.get("links").and_then(serde_json::Value::as_array).into_iter().flatten();
    declared.filter_map(|link| {
        let url = link.get("url")?.as_str()?;
        Some((link.get("title").and_then(serde_json::Value::as_str).unwrap_or(url).to_owned(), url.to_owned()))
    })
}

/// The links of the front matter and the text with the values of their variables, each address once. One whose address
/// needs a value that is not known, or must not have, stays as it is written and does not open.
pub(crate) fn links(runbook: &Runbook, schemes: &access::Schemes, variables: &Variables) -> Vec<wire::LinkView> {
    let address = |url: String| match filled(&url, variables) {
        Ok(filled) => (schemes.check(&filled).is_ok(), filled),
        Err(_) => (false, url),
    };
    let mut seen = BTreeSet::new();
    declared_links(runbook)
        .chain(runbook.links.iter().map(|link| (link.text.clone(), link.url.clone())))
        .map(|(text, url)| (format::fill_text(&text, &variables.values), address(url)))
        .filter(|(_, (_, url))| !url.starts_with('#') && seen.insert(url.clone()))
        .map(|(text, (opens, url))| wire::LinkView {
            opens,
            place: place(&url),
            text: if text.trim().is_empty() { url.clone() } else { text },
            url,
        })
        .collect()
}

/// An address with the values of its variables. What nobody has declared is another program's, and stays.
pub(crate) fn filled(url: &str, variables: &Variables) -> Result<String, LinkError> {
    let known = |name: &String| {
        variables.declared.contains(name) || variables.values.contains_key(name) || format::is_run_time(name)
    };
    match format::fill_link(url, &variables.values) {
        Err(LinkError::Missing(names)) if !names.iter().all(known) => Ok(url.to_owned()),
        filled => filled,
    }
}

/// The links of the front matter and the text that lead out of the library, each address once: as it is written, and what it
/// is called.
pub(crate) fn outside_links(runbook: &Runbook) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let of_text = runbook.links.iter().filter(|link| link.target == format::Target::Outside);
    declared_links(runbook)
        .chain(of_text.map(|link| (link.text.clone(), link.url.clone())))
        .filter(|(_, url)| seen.insert(url.clone()))
        .map(|(text, url)| if text.trim().is_empty() { (url.clone(), url) } else { (url, text) })
        .collect()
}

/// The host of an address, or the file's name.
fn place(url: &str) -> String {
    match url.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned(),
        None => Path::new(url).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    }
}
