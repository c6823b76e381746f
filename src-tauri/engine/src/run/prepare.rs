//! A command, ready to be started: its exact text, its directory and its environment. Pure, but that a group's hosts
//! are looked up.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use format::{Expectation, Fleet, Item, ItemKind, Measured, On, Program, Runbook};

use super::{
    Refusal,
    ansible::Through,
    decide::World,
    exports::{Exports, exports},
    fleet::{hosts, on_hosts},
    patience::Patience,
    plan::label,
    values::{check_needs, check_value, known, surroundings},
};
use crate::{event::Mode, expect::Tester, process::THERE};

/// Where a command runs that names no other target.
pub const THIS_MACHINE: &str = "this machine";

/// Between two attempts, where a block says nothing else.
const EVERY: Duration = Duration::from_secs(5);

/// A command, ready to be started.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) item: String,
    pub(crate) program: Program,
    pub(crate) script: String,
    /// What a person sends to the session that it opens, line by line.
    pub(crate) session_lines: Vec<String>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    /// Variables whose values are fetched at each start, and from where.
    pub(crate) access: Vec<(String, String)>,
    pub(crate) shell_variables: BTreeMap<String, String>,
    /// Where it runs, if not on this machine.
    pub(crate) on: Option<On>,
    /// The access entry that leads to what it asks, where it measures.
    pub(crate) asks: Option<String>,
    /// The access entries that it runs on, where it may be several.
    pub(crate) hosts: Option<Vec<String>>,
    /// It goes through Ansible, which says itself on which hosts.
    pub(crate) ansible: Option<Through>,
    pub(crate) fleet: Fleet,
    pub(crate) cwd: PathBuf,
    pub(crate) timeout: Option<Duration>,
    pub(crate) expectations: Vec<Expectation>,
    /// What a block that measures expects of it.
    pub(crate) measured: Measured,
    /// The folder of the runbook.
    pub(crate) folder: PathBuf,
    pub(crate) exit: Option<Vec<i32>>,
    /// Whether the accepted exit status was written in the block.
    pub(crate) exit_written: bool,
    /// For a probe, and with `retry`.
    pub(crate) patience: Option<Patience>,
    /// The variables that its output becomes: `capture`, and an upper-case `name`.
    pub(crate) captures: Vec<String>,
    /// Its output passes a pipe, not the terminal.
    pub(crate) piped: bool,
    /// The path goes on while it runs.
    pub(crate) background: bool,
    /// Somebody can type into it.
    pub(crate) interactive: bool,
    pub(crate) terminal_rows: Option<u16>,
}

/// Gets an item ready, with values given just now beside those that are known.
///
/// # Errors
/// What it still needs, or what cannot be honoured.
pub(crate) fn prepare(world: &World<'_>, item: &Item, given: &BTreeMap<String, String>) -> Result<Prepared, Refusal> {
    let runbook = world.plan.runbook();
    for param in &runbook.settings.params {
        if let Some(value) = given.get(&param.name) {
            check_value(param, value)?;
        }
    }
    let value = |name: &str| given.get(name).map(String::as_str).or_else(|| known(world.state, world.memory, name));
    let fetched = |name: &str| value(name).is_none();
    let access: Vec<(String, String)> =
        runbook.settings.access.iter().filter(|(name, _)| fetched(name)).cloned().collect();
    if let (Some((name, reference)), None) = (access.first(), &world.spec.access)
        && world.spec.mode != Mode::Rehearse
    {
        return Err(Refusal::Guard(format!("{} needs {}", label(item), cannot_fetch(name, reference))));
    }
    let asked = item.asked_placeholders().chain(&item.doubts).chain(&item.variables);
    let values: format::Values = asked.filter_map(|name| Some((name.clone(), value(name)?.to_owned()))).collect();
    let mut around =
        surroundings(world.settings, world.spec.environment.as_ref(), runbook, world.state, world.memory, item);
    for (name, value) in given {
        let in_text = item.asked_placeholders().any(|one| one == name) || item.doubts.contains(name);
        if !in_text || item.variables.contains(name) {
            around.environment.insert(name.into(), value.into());
        }
    }
    for (name, _) in &access {
        // It is known to be set; what it is set to is fetched at the start.
        around.environment.insert(name.into(), OsString::new());
        around.shell_variables.remove(name);
    }
    let exports = exports(runbook, item, &around, &value);
    check_needs(item, &values, &around, &exports)?;
    // What could not be typed later is refused before the session is open.
    let session_lines = (0..item.session_input.len()).map(|line| fill_input(item, line, &values));
    let session_lines = session_lines.collect::<Result<Vec<String>, Refusal>>()?;
    let hosts = hosts(world, item)?;
    let check = world.spec.mode == Mode::Rehearse;
    let ansible = Through::of(item, check);
    let many = hosts.is_some() || ansible.is_some();
    if many && !session_lines.is_empty() {
        return Err(Refusal::Guard(format!(
            "{} opens a session to type into, and that goes with one host alone: name one in `on`",
            label(item)
        )));
    }
    Tester::new(&item.options.expectations)
        .map_err(|sentence| Refusal::Guard(format!("{}: {sentence}", label(item))))?;
    let step = world.plan.place(&item.id).map_or("", |(_, step, _)| step.id.as_str());
    let ours =
        [("ALLGOOD_RUN", world.spec.id.0.as_str()), ("ALLGOOD_STEP", step), ("ALLGOOD_RUNBOOK", &runbook.path)];
    for (name, value) in ours {
        around.environment.insert(name.into(), value.into());
    }
    let options = &item.options;
    let target = item.elsewhere().map(On::to_string);
    let recorded = match &target {
        None => world.state.carried.cwd.as_ref(),
        Some(target) => world.state.carried.elsewhere.get(target),
    };
    let carried = world.memory.cwds.get(&target).cloned().or_else(|| recorded.map(PathBuf::from));
    // What the front matter says of directories is said of this machine.
    let base = match &target {
        None => world.spec.folder.join(runbook.settings.cwd.as_deref().unwrap_or("")),
        Some(_) => PathBuf::new(),
    };
    let cwd = match (&options.cwd, carried, &target) {
        (Some(own), ..) => base.join(own),
        (None, Some(carried), _) => carried,
        (None, None, None) => base,
        (None, None, Some(_)) => PathBuf::from(THERE),
    };
    let every = options.every.unwrap_or(EVERY);
    let patience = match item.kind {
        ItemKind::Probe => {
            Some(Patience { every, within: Some(options.within.unwrap_or(Duration::from_secs(60))), most: None })
        }
        _ if options.retry > 0 => {
            Some(Patience { every, within: options.within, most: Some(options.retry.saturating_add(1)) })
        }
        _ => None,
    };
    let named = options.name.clone().filter(|name| is_upper_case(name));
    let mut captures: Vec<String> = options.capture.iter().cloned().chain(named).collect();
    captures.dedup();
    if many {
        // Each prints something else.
        captures.clear();
    }
    Ok(Prepared {
        item: item.id.clone(),
        program: item.program.clone(),
        script: fill(item, &values, &exports)?,
        session_lines,
        environment: around.environment,
        access,
        shell_variables: around.shell_variables,
        on: item.elsewhere().cloned(),
        asks: options.on.as_ref().filter(|_| item.measures()).map(On::to_string),
        hosts,
        ansible,
        fleet: options.fleet,
        cwd: tidy(&cwd),
        timeout: options.timeout,
        expectations: options.expectations.clone(),
        measured: options.measured.clone(),
        folder: world.spec.folder.clone(),
        exit: options.exit.clone(),
        exit_written: item.attributes.contains_key("expect_exit"),
        patience,
        captures,
        piped: options.capture.is_some(),
        background: options.background,
        // Nobody answers ten of them at the same time.
        interactive: world.spec.attended && !options.no_input && !many,
        terminal_rows: terminal_rows(runbook, item),
    })
}

/// Why a variable of the front matter's `access` has no value by itself, and what to do: `DB_PASSWORD from …, which …`.
#[must_use]
pub fn cannot_fetch(name: &str, reference: &str) -> String {
    format!("{name} from {reference}, which cannot be fetched here: give a value for {name}")
}

/// Rows of an item's terminal, where its block or the front matter says how many (Runme's `terminalRows`).
#[must_use]
pub fn terminal_rows(runbook: &Runbook, item: &Item) -> Option<u16> {
    let of_all = || {
        let written = runbook.front_matter.get("terminalRows")?;
        let rows = written.as_u64().or_else(|| written.as_str()?.trim().parse().ok())?;
        u16::try_from(rows).ok().filter(|rows| (1..=500).contains(rows))
    };
    item.options.terminal_rows.or_else(of_all)
}

/// What a rehearsal says of an item: the exact text, or what it would ask for.
pub(crate) fn would_run(world: &World<'_>, item: &Item) -> String {
    match item.kind {
        ItemKind::Check => "rehearsed, not attested".to_owned(),
        ItemKind::Message => "rehearsed, not sent".to_owned(),
        ItemKind::Command | ItemKind::Undo | ItemKind::Probe => match prepare(world, item, &BTreeMap::new()) {
            Ok(prepared) => rehearsed(&prepared),
            Err(refusal) => format!("rehearsed, not run; {refusal}; it would run:\n{}", item.script),
        },
    }
}

/// What a rehearsal says of an item that could be started.
pub(crate) fn rehearsed(prepared: &Prepared) -> String {
    let named = prepared.on.as_ref().map(On::to_string).or_else(|| prepared.asks.clone());
    let place = match &prepared.hosts {
        Some(hosts) => on_hosts(hosts),
        None if prepared.ansible.as_ref().is_some_and(|through| through.pattern.is_none()) => {
            " on the hosts of its plays".to_owned()
        }
        None => named.map(|named| format!(" on {named}")).unwrap_or_default(),
    };
    let mut says = format!("rehearsed, not run; it would run{place}:\n{}", prepared.script);
    if !prepared.session_lines.is_empty() {
        says.push_str("\nand send to its session, a line at a time:\n");
        says.push_str(&prepared.session_lines.join("\n"));
    }
    says
}

/// A line of the session's input, as it is typed into it.
pub(crate) fn session_line(world: &World<'_>, item: &Item, line: usize) -> Result<String, Refusal> {
    let value = |name: &str| known(world.state, world.memory, name);
    let names = item.input_placeholders.iter();
    let values = names.filter_map(|name| Some((name.clone(), value(name)?.to_owned()))).collect();
    fill_input(item, line, &values)
}

fn fill_input(item: &Item, line: usize, values: &format::Values) -> Result<String, Refusal> {
    match format::fill_input(item, line, values) {
        None => Err(Refusal::State(format!("{} has no line {} for its session", label(item), line + 1))),
        Some(filled) => filled.map_err(|error| match error {
            format::FillError::Missing(placeholders) => Refusal::Needs {
                sentence: format!("{}: {}", label(item), format::FillError::Missing(placeholders.clone())),
                placeholders,
                doubts: Vec::new(),
                variables: Vec::new(),
            },
            error => Refusal::Value(format!("{}, line {} for its session: {error}", label(item), line + 1)),
        }),
    }
}

/// The exact text that will run.
fn fill(item: &Item, values: &format::Values, exports: &Exports) -> Result<String, Refusal> {
    exports.fill(item, values).map_err(|error| Refusal::Value(format!("{}: {error}", label(item))))
}

/// A path without a trailing separator or `.` parts.
fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}

fn is_upper_case(name: &str) -> bool {
    super::values::is_identifier(name) && !name.chars().any(|c| c.is_ascii_lowercase())
}
