//! What can be found, what it is found by, and how it is shown.

use store::{AccessEntry, Link, OwnLink, RunbookName, StepTitle};

use super::matching::Needle;
use crate::wire::{PaletteAction, PaletteHit, PaletteKind, RunStatus, RunSummary};

/// What can be found, before it is shown.
#[derive(Clone, Copy)]
pub(super) enum Thing<'a> {
    Run(&'a RunSummary),
    Runbook(&'a RunbookName),
    Link(&'a Link),
    /// A link that a runbook names.
    Own(&'a OwnLink),
    Access(&'a AccessEntry),
    Action(&'a PaletteAction),
}

impl<'a> Thing<'a> {
    pub(super) fn kind(self) -> PaletteKind {
        match self {
            Self::Run(_) => PaletteKind::Run,
            Self::Runbook(_) => PaletteKind::Runbook,
            Self::Link(_) | Self::Own(_) => PaletteKind::Link,
            Self::Access(_) => PaletteKind::Access,
            Self::Action(_) => PaletteKind::Action,
        }
    }

    pub(super) fn id(self) -> &'a str {
        match self {
            Self::Run(run) => &run.id,
            Self::Runbook(name) => &name.file,
            Self::Link(link) => &link.id,
            Self::Own(link) => &link.file,
            Self::Access(entry) => &entry.name,
            Self::Action(action) => &action.id,
        }
    }

    /// Which part of it; empty for the whole.
    pub(super) fn part(self) -> &'a str {
        match self {
            Self::Own(link) => &link.address,
            _ => "",
        }
    }

    pub(super) fn title(self) -> &'a str {
        match self {
            Self::Run(run) => &run.title,
            Self::Runbook(name) => &name.title,
            Self::Link(link) => &link.title,
            Self::Own(link) => &link.title,
            Self::Access(entry) => &entry.name,
            Self::Action(action) => &action.title,
        }
    }

    /// What it is found by beside its title.
    pub(super) fn beside(self) -> Vec<&'a str> {
        match self {
            Self::Run(run) => run.environment.as_deref().into_iter().collect(),
            Self::Runbook(name) => vec![within(name), &name.tags],
            Self::Link(link) => {
                let texts = link.tags.iter().map(String::as_str).chain(link.group.as_deref());
                texts.chain([link.address.as_str()]).collect()
            }
            Self::Own(link) => vec![&link.runbook, &link.address],
            Self::Access(entry) => {
                let texts = [&entry.group, &entry.address, &entry.user].into_iter().flatten();
                texts.chain(&entry.tags).chain([&entry.kind]).map(String::as_str).collect()
            }
            Self::Action(action) => vec![&action.words, &action.beside],
        }
    }

    /// Whether a tag of it begins so.
    pub(super) fn has_tag(self, beginning: &str) -> bool {
        let begins = |tag: &String| tag.to_lowercase().starts_with(beginning);
        match self {
            Self::Runbook(name) => {
                let tags: Vec<String> = serde_json::from_str(&name.tags).unwrap_or_default();
                tags.iter().any(begins)
            }
            Self::Link(link) => link.tags.iter().any(begins),
            Self::Access(entry) => entry.tags.iter().any(begins),
            Self::Run(_) | Self::Own(_) | Self::Action(_) => false,
        }
    }
}

/// The path within its library.
fn within(name: &RunbookName) -> &str {
    name.file.get(name.within..).unwrap_or(&name.file)
}

/// How a kind is written beside a choice.
pub(super) fn kind_name(kind: PaletteKind) -> &'static str {
    match kind {
        PaletteKind::Run => "run",
        PaletteKind::Runbook => "runbook",
        PaletteKind::Step => "step",
        PaletteKind::Link => "link",
        PaletteKind::Access => "access",
        PaletteKind::Action => "action",
    }
}

pub(super) fn hit_of(thing: Thing<'_>, needle: &mut Needle) -> PaletteHit {
    let (mut entry_kind, mut asks) = (None, Vec::new());
    let beside = match thing {
        Thing::Run(run) => format!("{}, {} of {} done", state(run.state), run.done, run.total),
        Thing::Runbook(name) => within(name).to_owned(),
        Thing::Link(link) => {
            asks = access::parameters(&link.address).into_iter().filter(|name| !format::is_run_time(name)).collect();
            let group = link.group.clone().unwrap_or_default();
            let wanted: Vec<String> = asks.iter().map(|name| format!("{{{{{name}}}}}")).collect();
            match (group.is_empty(), wanted.is_empty()) {
                (_, true) => group,
                (true, false) => format!("asks for {}", wanted.join(", ")),
                (false, false) => format!("{group}, asks for {}", wanted.join(", ")),
            }
        }
        Thing::Own(link) => link.runbook.to_string(),
        Thing::Access(entry) => {
            entry_kind = Some(entry.kind.clone());
            let user = entry.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
            match &entry.address {
                Some(address) => format!("{}, {user}{address}", entry.kind),
                None => entry.kind.clone(),
            }
        }
        Thing::Action(action) => action.beside.clone(),
    };
    let (title, beside) = needle.marked(thing.title(), &beside);
    let (id, part) = (thing.id().to_owned(), thing.part().to_owned());
    PaletteHit { kind: thing.kind(), id, part, line: None, title, beside, entry_kind, asks }
}

pub(super) fn step_hit(step: &StepTitle, needle: &mut Needle) -> PaletteHit {
    let (title, beside) = needle.marked(&step.title, &step.runbook);
    PaletteHit {
        kind: PaletteKind::Step,
        id: step.file.to_string(),
        part: step.title.to_string(),
        line: Some(step.line),
        title,
        beside,
        entry_kind: None,
        asks: Vec::new(),
    }
}

/// How a run under way stands.
fn state(state: RunStatus) -> &'static str {
    match state {
        RunStatus::Running => "running",
        RunStatus::Waiting => "waits for you",
        RunStatus::Paused => "paused",
        RunStatus::Interrupted => "interrupted",
        RunStatus::Passed => "passed",
        RunStatus::Failed => "failed",
        RunStatus::RolledBack => "rolled back",
        RunStatus::Abandoned => "given up",
        RunStatus::HandedOver => "handed over",
    }
}
