//! Secrets of a run: what its runbook's `access` refers to, looked at before it starts and fetched at the start of each command
//! (ACCESS.md, "Access entries"; FORMAT.md, `access`).

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    os::unix::ffi::OsStringExt as _,
    path::Path,
    sync::Arc,
};

use access::{Account, Asking, OnePassword, Reference, Secret};
use format::Runbook;
use store::{AccessEntry, Store};

use super::{Keepers, days_left, reaching, using::lost};
use crate::{
    ApiError, App, ErrorCode,
    error::{GrantsNeeded, Needs},
    wire::{GrantAccess, NeededAccess, PrepareRun},
};

/// Where the secrets of one run come from.
pub(crate) struct RunAccess {
    pub(super) store: Arc<Store>,
    pub(super) keepers: Arc<Keepers>,
    pub(super) secrets: Arc<access::KnownSecrets>,
    one_password: OnePassword,
    /// What the name of an entry means in the run's environment.
    pub(super) aliases: BTreeMap<String, String>,
    /// The access entries of each group of the library file, in the run's environment.
    pub(super) groups: BTreeMap<String, Vec<String>>,
    /// Whose permission counts: a library's folder, or the runbook's file.
    pub(super) scope: String,
    pub(super) now: Box<dyn Fn() -> String + Send + Sync>,
}

/// A reference, resolved.
enum Found {
    Entry { entry: Box<AccessEntry>, field: String, place: String },
    OnePassword(String),
}

impl RunAccess {
    /// What a reference leads to.
    ///
    /// # Errors
    /// Why it leads nowhere.
    fn find(&self, reference: &str) -> Result<Found, String> {
        match Reference::parse(reference).map_err(|error| error.to_string())? {
            Reference::OnePassword(whole) => {
                self.one_password.is_there()?;
                Ok(Found::OnePassword(whole))
            }
            Reference::Entry { entry: written, field } => {
                let name = self.aliases.get(&written).unwrap_or(&written);
                let found = self.store.access_entry(name).map_err(|error| error.to_string())?;
                let entry = found.filter(|entry| entry.name == *name).ok_or_else(|| {
                    format!("there is no access entry \"{name}\": add it with `allgood access add {name} --secret {field}`")
                })?;
                let place = entry.fields.get(&field).map(|kept| kept.place.clone()).ok_or_else(|| {
                    format!(
                        "{name} has no secret \"{field}\": set it with `allgood access edit {name} --secret {field}`"
                    )
                })?;
                Ok(Found::Entry { entry: Box::new(entry), field, place })
            }
        }
    }

    /// Whether this run may use an entry without being asked.
    pub(super) fn is_granted(&self, entry: &AccessEntry) -> bool {
        entry.grants.contains_key(&self.scope)
    }

    fn get(&self, found: &Found, asking: Asking) -> Result<Secret, String> {
        match found {
            Found::OnePassword(whole) => self.one_password.read(whole, asking),
            Found::Entry { entry, field, place } => {
                let name = &entry.name;
                let got = self.keepers.of(place).get(&Account::new(&entry.id, field), asking);
                let got = got.map_err(|error| format!("the secret \"{field}\" of {name} cannot be had: {error}"))?;
                got.ok_or_else(|| lost(name, field, place))
            }
        }
    }
}

impl engine::Access for RunAccess {
    fn fetch(&self, name: &str, reference: &str) -> Result<engine::Fetched, String> {
        let told = |why: String| format!("{name} from {reference} cannot be fetched: {why}");
        let found = self.find(reference).map_err(told)?;
        if let Found::Entry { entry, .. } = &found
            && !self.is_granted(entry)
        {
            return Err(told(ungranted(&entry.name, &self.scope)));
        }
        let secret = self.get(&found, Asking::Never).map_err(told)?;
        if secret.expose().contains(&0) {
            return Err(told("it holds a zero byte, which no variable can hold".to_owned()));
        }
        let warning = self.secrets.register(&secret).err().map(|why| format!("{name}: {why}"));
        if let Found::Entry { entry, .. } = &found
            && let Err(error) = self.store.access_used(&entry.id, &(self.now)())
        {
            tracing::warn!(%error, "the use of an access entry is not remembered");
        }
        Ok(engine::Fetched { value: OsString::from_vec(secret.expose().to_vec()), warning })
    }

    fn reach(&self, entry: &str) -> Result<engine::Reached, String> {
        self.reached(entry)
    }

    fn server(&self, entry: &str, measure: format::Measure) -> Result<engine::Reached, String> {
        self.reached_server(entry, measure)
    }

    fn hosts(&self, names: &[String]) -> Result<Vec<String>, String> {
        self.named(names)
    }
}

/// So many entries are named in a sentence; of more the first ones.
const NAMED: usize = 5;

/// The sentence that asks for the permission to use an entry.
pub(super) fn ungranted(entry: &str, scope: &str) -> String {
    asking(entry, scope, &[entry, scope])
}

fn asking(named: &str, scope: &str, words: &[&str]) -> String {
    // It is there to be pasted into a shell, and what others named their files is data there too. No name has a zero byte.
    let allow = shlex::try_join(words.iter().copied()).unwrap_or_default();
    format!(
        "the runbooks of {scope} have not used {named} yet, and a person allows that once: `allgood access allow {allow}`"
    )
}

/// The same of all that a run asks for. Of a fleet's many the command names the runbook in their place.
fn all_ungranted(
    entries: &BTreeSet<&str>,
    scope: &str,
    (path, chosen): (&Path, Option<&format::Environment>),
) -> String {
    let names: Vec<&str> = entries.iter().copied().collect();
    let Some(first) = names.get(..NAMED).filter(|_| names.len() > NAMED) else {
        return asking(&names.join(", "), scope, &[&names[..], &[scope]].concat());
    };
    let named = format!("{} and {} more entries", first.join(", "), names.len() - NAMED);
    let path = path.display().to_string();
    let mut words = vec!["--all", &path];
    words.extend(chosen.iter().flat_map(|chosen| ["--env", &chosen.name]));
    asking(&named, scope, &words)
}

/// Why nothing was started, of all that is in the way.
fn not_started(problems: &[&str]) -> String {
    let more = match problems.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more like these"),
    };
    let first = problems.get(..NAMED).unwrap_or(problems).join("; ");
    format!("Nothing was started: {first}{more}.")
}

impl App {
    /// Where the secrets of a run of this runbook come from.
    pub(crate) fn run_access(
        &self,
        path: &Path,
        chosen: Option<&format::Environment>,
    ) -> Result<RunAccess, ApiError> {
        let clock = Arc::clone(&self.engine.clock);
        Ok(RunAccess {
            store: Arc::clone(&self.store),
            keepers: Arc::clone(&self.keepers),
            secrets: Arc::clone(&self.secrets),
            one_password: OnePassword::new(self.engine.settings.environment.clone()),
            aliases: chosen.map(|chosen| chosen.access.iter().cloned().collect()).unwrap_or_default(),
            groups: self.library_file_of(path)?.groups(chosen),
            scope: self.scope_of(path)?,
            now: Box::new(move || clock.now()),
        })
    }

    /// Whose permission to use entries counts for a path: the folder of the library that it is in, else its own.
    fn scope_of(&self, path: &Path) -> Result<String, ApiError> {
        let library = self.store.library_of(path)?.map(|library| library.path);
        Ok(library.unwrap_or_else(|| path.to_path_buf()).display().to_string())
    }

    /// The access that a runbook refers to, and what is in the way of it. Asks nobody, and takes no secret into memory.
    pub(crate) fn access_needed(
        &self,
        runbook: &Runbook,
        path: &Path,
        chosen: Option<&format::Environment>,
    ) -> Result<Vec<NeededAccess>, ApiError> {
        if runbook.settings.access.is_empty() {
            return Ok(Vec::new());
        }
        let access = self.run_access(path, chosen)?;
        Ok(runbook.settings.access.iter().map(|(name, reference)| needed(&access, name, reference)).collect())
    }

    /// Sees to it that a run can have what its runbook refers to, before anything of it starts; where a person is there, the
    /// system may ask them to unlock the keychain. What `values` gives is not looked for.
    ///
    /// # Errors
    /// [`ErrorCode::NeedsValues`] names what cannot be fetched, [`ErrorCode::NeedsGrant`] the entries that a person has to
    /// allow first, [`ErrorCode::VaultLocked`] that the vault has to be opened.
    pub(crate) fn access_ready(
        &self,
        runbook: &Runbook,
        path: &Path,
        chosen: Option<&format::Environment>,
        (values, attended, step): (&BTreeMap<String, String>, bool, Option<&str>),
    ) -> Result<(), ApiError> {
        let targets = self.targets_needed(runbook, path, chosen, step)?;
        let wanted = runbook.settings.access.iter().filter(|(name, _)| !values.contains_key(name));
        let wanted: Vec<&(String, String)> = wanted.collect();
        if wanted.is_empty() && targets.is_empty() {
            return Ok(());
        }
        let access = self.run_access(path, chosen)?;
        if attended {
            self.unlock_for(&access, &wanted);
        }
        let needed: Vec<NeededAccess> =
            wanted.iter().map(|(name, reference)| needed(&access, name, reference)).collect();
        // What a passphrase leads to is there; all else that is in the way is said first.
        let opens = self.keepers.vault.exists();
        let missing: Vec<&NeededAccess> =
            needed.iter().filter(|one| one.problem.is_some() && !(one.vault_locked && opens)).collect();
        if !missing.is_empty() {
            let says: Vec<&str> = missing.iter().filter_map(|one| one.problem.as_deref()).collect();
            let variables = missing.iter().map(|one| one.name.clone()).collect();
            return Err(ApiError {
                needs: Some(Box::new(Needs { variables, ..Needs::default() })),
                ..ApiError::new(ErrorCode::NeedsValues, says.join("; "))
            });
        }
        // No value that is typed stands for a target.
        let lost: Vec<&str> = targets
            .iter()
            .filter(|one| !(one.vault_locked && opens))
            .filter_map(|one| one.problem.as_deref())
            .collect();
        if !lost.is_empty() {
            return Err(ApiError::new(ErrorCode::State, not_started(&lost)));
        }
        // Whether it may be used is asked before the vault is opened: that needs no passphrase.
        let is_fetched = |one: &NeededAccess| one.problem.is_none() || one.vault_locked;
        let mut ask: BTreeSet<&str> =
            needed.iter().filter(|one| one.asks && is_fetched(one)).filter_map(|one| one.entry.as_deref()).collect();
        ask.extend(reaching::asked(&targets));
        if !ask.is_empty() {
            return Err(ApiError {
                grants: Some(Box::new(GrantsNeeded {
                    entries: ask.iter().map(|entry| (*entry).to_owned()).collect(),
                    scope: access.scope.clone(),
                })),
                ..ApiError::new(ErrorCode::NeedsGrant, all_ungranted(&ask, &access.scope, (path, chosen)))
            });
        }
        let locked = needed.iter().any(|one| one.vault_locked) || targets.iter().any(|one| one.vault_locked);
        if locked && opens {
            let locked =
                format!("The vault {} is locked: its passphrase has to be given.", self.vault_path().display());
            let sentence = match self.vault_unlock_unasked() {
                Ok(true) => return self.access_ready(runbook, path, chosen, (values, attended, step)),
                Ok(false) => locked,
                // A person who is there can type it.
                Err(error) if attended => format!("{locked} {}", error.message),
                Err(error) => return Err(error),
            };
            return Err(ApiError::new(ErrorCode::VaultLocked, sentence));
        }
        Ok(())
    }

    /// Lets the system ask to unlock the keychain, where it is locked and something of it is wanted.
    fn unlock_for(&self, access: &RunAccess, wanted: &[&(String, String)]) {
        for (_, reference) in wanted {
            if let Ok(Found::Entry { entry, field, place }) = access.find(reference)
                && matches!(self.keepers.of(&place).state(), Err(access::KeychainError::Locked))
            {
                // Whether it was unlocked is looked at next.
                drop(self.keepers.of(&place).get(&Account::new(&entry.id, &field), Asking::Allowed));
                return;
            }
        }
    }

    /// The same, asked for by a face before it begins anything else.
    ///
    /// # Errors
    /// As said there, and when the file cannot be read or there is no such environment.
    pub fn run_access_ready(&self, request: &PrepareRun, attended: bool) -> Result<(), ApiError> {
        let opened = self.opened(Path::new(&request.path))?;
        let chosen = request.environment.as_deref().map(|name| self.environment(&opened.path, name)).transpose()?;
        self.access_ready(
            &opened.runbook,
            &opened.path,
            chosen.as_ref(),
            (&request.values, attended, request.step.as_deref()),
        )
    }

    /// The same for a run that is to be taken up.
    ///
    /// # Errors
    /// As said there, and when there is no such run.
    pub fn taken_up_access_ready(
        &self,
        run: &str,
        values: &BTreeMap<String, String>,
        attended: bool,
    ) -> Result<(), ApiError> {
        let row = self.row(run)?;
        let state = self.store.run_state(&row.start.id)?;
        if state.mode.unwrap_or(row.start.mode) == engine::event::Mode::Rehearse {
            return Ok(());
        }
        let path = Path::new(&row.start.path);
        let bytes = self.store.revision(&row.start.revision)?;
        let runbook = self.parse(&row.start.path, &bytes, path);
        let chosen = state.environment.as_deref().map(|name| self.environment(path, name)).transpose()?;
        self.access_ready(&runbook, path, chosen.as_ref(), (values, attended, state.step.as_deref()))
    }

    /// The person lets the runbooks of a library, or one outside of any, use entries in runs; or takes that back.
    ///
    /// # Errors
    /// When there is no such entry or path, or the store cannot be written.
    pub fn access_grant(&self, grant: &GrantAccess) -> Result<String, ApiError> {
        let scope = match std::fs::canonicalize(&grant.path) {
            Ok(path) => self.scope_of(&path)?,
            // What is gone can be forbidden all the same.
            Err(_) if !grant.allowed => grant.path.clone(),
            Err(error) => {
                let sentence = format!("{} cannot be read: {error}.", grant.path);
                return Err(ApiError::new(ErrorCode::BadInput, sentence));
            }
        };
        let entries = grant.entries.iter().map(|name| self.entry(name)).collect::<Result<Vec<_>, _>>()?;
        let at = grant.allowed.then(|| self.engine.clock.now());
        for entry in entries {
            self.store.grant_access(&entry.id, &scope, at.as_deref())?;
        }
        Ok(scope)
    }
}

/// What one variable needs, and what is in the way.
fn needed(access: &RunAccess, name: &str, reference: &str) -> NeededAccess {
    let mut one = NeededAccess {
        name: name.to_owned(),
        reference: reference.to_owned(),
        entry: None,
        problem: None,
        warning: None,
        asks: false,
        vault_locked: false,
    };
    let why = match access.find(reference) {
        Err(why) => Some(why),
        Ok(Found::OnePassword(_)) => None,
        Ok(Found::Entry { entry, field, place }) => {
            one.asks = !access.is_granted(&entry);
            one.warning = days_left(&entry).filter(|days| *days < 0).map(|_| {
                let day = entry.expires.as_deref().unwrap_or_default();
                format!("the secrets of {} were to hold until {day} and are past that day", entry.name)
            });
            one.entry = Some(entry.name.clone());
            let keeper = access.keepers.of(&place);
            match keeper.has(&Account::new(&entry.id, &field)).and_then(|there| keeper.state().map(|()| there)) {
                Ok(true) => None,
                Ok(false) => Some(lost(&entry.name, &field, &place)),
                Err(error) => {
                    one.vault_locked = matches!(error, access::KeychainError::VaultLocked(_));
                    Some(error.to_string())
                }
            }
        }
    };
    one.problem =
        why.map(|why| format!("{name} from {reference} cannot be fetched: {why}; or give a value for {name}"));
    one
}
