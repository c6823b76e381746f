//! What a person wants to know before a run starts: what it will need, how far it can be taken back, what the last one was
//! given. Nothing is run for it, and nothing is kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use engine::{event::Mode, run::Way};
use format::{ItemKind, Phase, Runbook, Step};

use crate::{
    ApiError, App,
    commands::PathArgument,
    library::{Opened, today},
    library_file,
    live::refused,
    wire::{
        AskedKind, AskedValue, CannotRun, NeededTool, PrepareRun, RememberedValues, RunPreparation, StepWayBack,
        WayBack,
    },
};

/// How many of its last runs are looked through for one that was no rehearsal.
const LOOKED_THROUGH: u64 = 20;

impl App {
    /// What a run of a runbook, or of one step of it, in an environment will need, before it starts.
    ///
    /// # Errors
    /// When the file cannot be read, there is no such environment or step, or the store cannot be read.
    pub fn run_prepare(&self, request: PrepareRun) -> Result<RunPreparation, ApiError> {
        let opened = self.opened(Path::new(&request.path))?;
        let chosen = request.environment.as_deref().map(|name| self.environment(&opened.path, name)).transpose()?;
        let runbook = &opened.runbook;
        let step = request.step.as_deref();
        // What has nothing to do on its path can still be asked about, as it can be read.
        let items = match engine::run::run_items(runbook, step) {
            Err(refusal) if step.is_some() => return Err(refused(refusal)),
            items => items.unwrap_or_default(),
        };
        let vars = crate::runs::vars(runbook, chosen.as_ref());
        let inherited = &self.engine.settings.environment;
        let set = |name: &str| {
            inherited.contains_key(OsStr::new(name)) || vars.iter().any(|(variable, _)| variable == name)
        };
        let params: BTreeSet<&str> = runbook.settings.params.iter().map(|param| param.name.as_str()).collect();
        let asked = engine::run::asked_ahead(runbook, &items, &|name| params.contains(name), &set);
        // What a runbook says of PATH itself wins over what this process has.
        let search = vars.iter().rev().find(|(name, _)| name == "PATH").map(|(_, value)| OsString::from(value));
        let search = search.or_else(|| inherited.get(OsStr::new("PATH")).cloned()).unwrap_or_default();
        let only = items.first().filter(|_| step.is_some()).map(|(_, step, _)| *step);
        let (tools, tools_uncertain) = tools(runbook, only, &search);
        let mut usual = self.usual(&opened.path)?;
        if step.is_some() {
            let each = items.iter().map(|(_, _, item)| usual.items.get(&item.id).and_then(|item| item.median_ms));
            usual.median_ms = each.sum();
        }
        let due = runbook.about.due.clone();
        let day = due.as_deref().and_then(|due| due.parse::<jiff::civil::Date>().ok());
        let days = day.and_then(|day| today().until(day).ok());
        let needed = || -> Result<_, ApiError> {
            let access = self.access_needed(runbook, &opened.path, chosen.as_ref())?;
            Ok((access, self.targets_needed(runbook, &opened.path, chosen.as_ref(), step)?))
        };
        let (mut access, mut targets) = needed()?;
        let locked = access.iter().any(|one| one.vault_locked) || targets.iter().any(|one| one.vault_locked);
        if locked && self.keepers.vault.exists() {
            match self.vault_unlock_unasked() {
                Ok(true) => (access, targets) = needed()?,
                Ok(false) => {}
                // A start says it; everything else is known all the same.
                Err(error) => tracing::warn!(message = %error.message, "the vault stays locked"),
            }
        }
        Ok(RunPreparation {
            path: opened.path.display().to_string(),
            revision: runbook.revision.clone(),
            remembered: self.remembered(&opened, request.environment.as_deref())?,
            environment: chosen.as_ref().map(library_file::view),
            unfit: engine::run::unfit(runbook, &request.values),
            cannot: cannot(runbook, only),
            access,
            targets,
            tools,
            tools_uncertain,
            asked: asked.into_iter().map(asked_value).collect(),
            way_back: engine::run::way_back(&items).iter().map(way_back).collect(),
            rollback_phase: runbook.phases.iter().any(|section| section.phase == Phase::Rollback),
            needs_person: items.iter().filter(|(_, _, item)| needs_person(item)).count() as u64,
            items: items.len() as u64,
            usual: Some(usual).filter(|usual| usual.runs > 0),
            review_days: days.map(|span| i64::from(span.get_days())),
            review_due: due,
            git: self.git_state(PathArgument { path: opened.path.display().to_string() })?,
            upstream: self.team_newer(&opened.path),
        })
    }

    /// What the last run in this environment was given, as far as it still fits. What was secret then is in no record;
    /// what is secret now is not offered either.
    fn remembered(&self, opened: &Opened, environment: Option<&str>) -> Result<Option<RememberedValues>, ApiError> {
        let (rows, _) = self.store.runs(&store::RunFilter {
            path: Some(opened.path.display().to_string()),
            environment: Some(environment.unwrap_or_default().to_owned()),
            // What somebody else was asked is nothing that was answered here.
            own: true,
            limit: Some(LOOKED_THROUGH),
            ..store::RunFilter::default()
        })?;
        let Some(row) = rows.into_iter().find(|row| row.start.mode != Mode::Rehearse) else { return Ok(None) };
        let state = self.store.run_state(&row.start.id)?;
        let params = opened.runbook.settings.params.iter().filter(|param| !param.secret);
        let mut values: BTreeMap<String, String> = params
            .filter_map(|param| Some((param.name.clone(), state.parameters.get(&param.name)?.value.clone()?)))
            .collect();
        for name in engine::run::unfit(&opened.runbook, &values).keys() {
            values.remove(name);
        }
        Ok(Some(RememberedValues { run: row.start.id.0, started_at: row.start.started_at, values }))
    }
}

/// Whether auto stops before it, whatever happens (RUNS.md, "Going forward").
pub(crate) fn needs_person(item: &format::Item) -> bool {
    let by_hand = matches!(item.kind, ItemKind::Check | ItemKind::Message);
    let waits = item.guessed || item.options.by_hand || item.options.confirm.is_some() || item.opens_session;
    by_hand || waits || !item.doubts.is_empty() || item.refused.is_some()
}

/// What cannot be run as it is written: of its path or `only` one step, and of its way back.
fn cannot(runbook: &Runbook, only: Option<&Step>) -> Vec<CannotRun> {
    let met = runbook.items().filter_map(|(section, step, item)| {
        let forward = only.map_or(section.phase.on_path(), |only| std::ptr::eq(only, step));
        let back = section.phase == Phase::Rollback || forward && item.kind == ItemKind::Undo;
        let why = item.refused.as_ref().filter(|_| forward || back)?;
        Some(CannotRun {
            item: item.id.clone(),
            line: item.line as u64,
            why: why.trim_end_matches('.').to_owned(),
            way_back: !forward || item.kind == ItemKind::Undo,
        })
    });
    met.collect()
}

/// The programs that the commands of a runbook call, of its path or `only` one step and of its way back, and whether more than `search` decides
/// where they are looked for. `search` is a `PATH`.
fn tools(runbook: &Runbook, only: Option<&Step>, search: &OsStr) -> (Vec<NeededTool>, bool) {
    let mut tools: Vec<NeededTool> = Vec::new();
    let mut uncertain = false;
    for (section, step, item) in runbook.items() {
        let forward = only.map_or(section.phase != Phase::Reference, |only| std::ptr::eq(only, step));
        if !forward && section.phase != Phase::Rollback {
            continue;
        }
        let found = format::programs(item);
        uncertain |= found.changes_path;
        for name in found.called {
            match tools.iter_mut().find(|tool| tool.name == name) {
                Some(tool) => tool.items.push(item.id.clone()),
                None => {
                    let path = find(&name, search).map(|path| path.display().to_string());
                    tools.push(NeededTool { name, path, items: vec![item.id.clone()] });
                }
            }
        }
    }
    (tools, uncertain)
}

/// Where a program is, as execvp(3) would look for it. A folder of `PATH` that is relative leads elsewhere from elsewhere, and is
/// not looked in.
fn find(name: &str, search: &OsStr) -> Option<PathBuf> {
    if name.starts_with('/') {
        return Some(PathBuf::from(name)).filter(|path| can_run(path));
    }
    std::env::split_paths(search)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| can_run(path))
}

fn can_run(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn asked_value(asked: engine::run::Asked) -> AskedValue {
    let kind = match asked.kind {
        engine::run::AskedKind::Placeholder => AskedKind::Placeholder,
        engine::run::AskedKind::Doubt => AskedKind::Doubt,
        engine::run::AskedKind::Variable => AskedKind::Variable,
    };
    AskedValue { item: asked.item, kind, name: asked.name }
}

fn way_back(back: &engine::run::WayBack<'_>) -> StepWayBack {
    StepWayBack {
        step: back.step.id.clone(),
        title: back.step.title.clone(),
        number: back.step.number.clone(),
        way: match back.way {
            Way::Undo => WayBack::Undo,
            Way::ByHand => WayBack::ByHand,
            Way::Refused => WayBack::Refused,
            Way::Unsaid => WayBack::Unsaid,
        },
    }
}
