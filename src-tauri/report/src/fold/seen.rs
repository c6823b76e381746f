//! What the events say that the state of a run does not keep: who did what, when it ended, what was changed.

use std::collections::BTreeMap;

use engine::{Event, Fact, RunState, event::Parent};

/// What was seen along the way.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) path: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) revision: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) commit: Option<String>,
    /// What was run is not what stands in that commit.
    pub(crate) differs: bool,
    pub(crate) parent: Option<Parent>,
    pub(crate) started_at: Option<String>,
    pub(crate) last_at: Option<String>,
    /// Everybody who did something, in order, each once.
    pub(crate) actors: Vec<String>,
    /// Where commands ran, each once.
    pub(crate) targets: Vec<String>,
    /// Names of parameters in the order in which they were given.
    pub(crate) parameters: Vec<String>,
    /// Names whose values no record holds.
    pub(crate) kept_back: Vec<String>,
    /// Values by name, as they were in the end.
    pub(crate) values: format::Values,
    pub(crate) items: BTreeMap<String, ItemSeen>,
    pub(crate) rollback: Option<Began>,
    /// How the run stood when the rollback was begun.
    pub(crate) before_rollback: RunState,
    pub(crate) reason: Option<String>,
    hashes: BTreeMap<(String, u64), Hash>,
}

/// What was seen of an item.
#[derive(Default)]
pub(crate) struct ItemSeen {
    /// Who did something to it, each once.
    pub(crate) actors: Vec<String>,
    /// When its turn came last.
    pub(crate) ready_at: Option<String>,
    /// When it was ticked, judged, skipped, taken as done or sent.
    pub(crate) settled_at: Option<String>,
    /// When each attempt ended.
    pub(crate) ended: BTreeMap<u64, String>,
    pub(crate) edits: Vec<EditSeen>,
    pub(crate) confirmed: Vec<String>,
    pub(crate) sent: Option<String>,
    /// What is known of the output of each attempt: ranges that were kept.
    pub(crate) kept: BTreeMap<u64, Vec<(u64, u64)>>,
}

pub(crate) struct EditSeen {
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) reason: String,
    pub(crate) text: String,
}

/// A rollback that was begun.
pub(crate) struct Began {
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) plan: Vec<String>,
}

enum Hash {
    /// Of all of it.
    Whole(String),
    /// There is one for each piece alone.
    Pieces,
}

impl Seen {
    pub(crate) fn of(events: &[Event]) -> Self {
        let mut seen = Self::default();
        let mut state = RunState::default();
        for event in events {
            if matches!(event.fact, Fact::RollbackStarted { .. }) {
                seen.before_rollback = state.clone();
            }
            state = state.apply(event);
            seen.take(event);
        }
        let carried = state.carried.plain.iter().chain(&state.carried.exported);
        let given = state.parameters.iter().filter_map(|(name, known)| Some((name.clone(), known.value.clone()?)));
        seen.values = given.chain(carried.map(|(name, value)| (name.clone(), value.clone()))).collect();
        for name in &state.carried.in_memory {
            seen.values.remove(name);
        }
        seen
    }

    /// SHA-256 of all that an attempt printed, where the journal has it.
    pub(crate) fn hash(&self, item: &str, attempt: u64) -> Option<&str> {
        match self.hashes.get(&(item.to_owned(), attempt))? {
            Hash::Whole(hash) => Some(hash),
            Hash::Pieces => None,
        }
    }

    fn take(&mut self, event: &Event) {
        self.last_at = Some(event.at.clone());
        once(&mut self.actors, &event.actor);
        if let Some(id) = event.fact.item()
            && !matches!(event.fact, Fact::ItemReady { .. } | Fact::Output { .. } | Fact::Interrupted { .. })
        {
            once(&mut self.items.entry(id.to_owned()).or_default().actors, &event.actor);
        }
        match &event.fact {
            Fact::RunStarted { path, title, revision, version, commit, differs, parent, .. } => {
                self.path = Some(path.clone());
                self.title = Some(title.clone());
                self.revision = Some(revision.clone());
                self.version = Some(version.clone());
                self.commit.clone_from(commit);
                self.differs = *differs;
                self.parent.clone_from(parent);
                self.started_at = Some(event.at.clone());
            }
            Fact::ParameterSet { name, value, .. } => {
                once(&mut self.parameters, name);
                if value.is_none() {
                    once(&mut self.kept_back, name);
                }
            }
            Fact::ItemReady { item, .. } => self.item(item).ready_at = Some(event.at.clone()),
            Fact::AttemptStarted { target, .. } => once(&mut self.targets, target),
            Fact::Output { item, attempt, offset, length, sha256, whole_sha256, .. } => {
                self.item(item).kept.entry(*attempt).or_default().push((*offset, *length));
                let key = (item.clone(), *attempt);
                let hash = match (whole_sha256, self.hashes.contains_key(&key)) {
                    (Some(whole), _) => Hash::Whole(whole.clone()),
                    (None, false) if *offset == 0 => Hash::Whole(sha256.clone()),
                    _ => Hash::Pieces,
                };
                self.hashes.insert(key, hash);
            }
            Fact::AttemptEnded { item, attempt, .. } => {
                self.item(item).ended.insert(*attempt, event.at.clone());
            }
            Fact::CheckTicked { item, .. }
            | Fact::CheckFailed { item, .. }
            | Fact::Skipped { item, .. }
            | Fact::Overridden { item, .. } => self.item(item).settled_at = Some(event.at.clone()),
            Fact::CheckUnticked { item, .. } => self.item(item).settled_at = None,
            Fact::MessageSent { item, text } => {
                let item = self.item(item);
                item.settled_at = Some(event.at.clone());
                item.sent = Some(text.clone());
            }
            Fact::Confirmed { item: Some(item), what } => self.item(item).confirmed.push(what.clone()),
            Fact::Deviation { item, reason, text } => {
                let (at, actor) = (event.at.clone(), event.actor.clone());
                let edit = EditSeen { at, actor, reason: reason.clone(), text: text.clone() };
                self.item(item).edits.push(edit);
            }
            Fact::VariablesSet { in_memory, .. } => {
                in_memory.iter().for_each(|name| once(&mut self.kept_back, name));
            }
            Fact::RollbackStarted { plan } => {
                let (at, actor) = (event.at.clone(), event.actor.clone());
                self.rollback = Some(Began { at, actor, plan: plan.clone() });
            }
            Fact::Paused { reason } | Fact::RunFinished { reason, .. } | Fact::Stopped { item: None, reason } => {
                self.reason.clone_from(reason);
            }
            Fact::Resumed { .. } => self.reason = None,
            // The state of the run and the timeline tell what these say.
            Fact::HostsStarted { .. }
            | Fact::HostsEnded { .. }
            | Fact::Expectation { .. }
            | Fact::Confirmed { item: None, .. }
            | Fact::InputSent { .. }
            | Fact::LinkedRun { .. }
            | Fact::LinkOpened { .. }
            | Fact::Note { .. }
            | Fact::Marked { .. }
            | Fact::Branched { .. }
            | Fact::PlanChosen { .. }
            | Fact::Undone { .. }
            | Fact::Interrupted { .. }
            | Fact::Stopped { item: Some(_), .. }
            | Fact::HandedOver { .. } => {}
        }
    }

    fn item(&mut self, id: &str) -> &mut ItemSeen {
        self.items.entry(id.to_owned()).or_default()
    }
}

fn once(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}
