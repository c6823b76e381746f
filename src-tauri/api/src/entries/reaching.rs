//! Targets of a run: the access entries that its blocks name with `on`, looked at before it starts and reached at the start of
//! each command (FORMAT.md, `on`; ACCESS.md, "Access entries").

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ffi::OsString,
    os::unix::ffi::OsStringExt as _,
    path::Path,
};

use access::{Account, Asking, EntryKind};
use engine::{
    Reached,
    process::{Kept, Reach},
};
use format::{Measure, On, Program, Runbook};
use store::AccessEntry;

use super::{
    days_left,
    fetching::{RunAccess, ungranted},
    using::lost,
};
use crate::{ApiError, App, wire::NeededTarget};

/// The secret fields by which a host lets one in.
pub(super) const OPENING: [&str; 3] = ["password", "key", "passphrase"];

/// A target, as far as it can be known without its secrets.
struct Known {
    entry: AccessEntry,
    reach: Reach,
    /// For the record.
    place: String,
}

impl RunAccess {
    /// The entry that a block names, and where it leads.
    ///
    /// # Errors
    /// Why it leads nowhere, and what to do.
    fn target(&self, written: &str) -> Result<Known, String> {
        let entry = self.named_entry(written, "--kind ssh --address HOST")?;
        let (reach, place) = leads(&entry)?;
        Ok(Known { entry, reach, place })
    }

    /// The entry that a name stands for in this run.
    ///
    /// # Errors
    /// That there is none; `like` is how one is added.
    pub(super) fn named_entry(&self, written: &str, like: &str) -> Result<AccessEntry, String> {
        let name = self.aliases.get(written).map_or(written, String::as_str);
        let found = self.store.access_entry(name).map_err(|error| error.to_string())?;
        found.filter(|entry| entry.name == *name).ok_or_else(|| {
            format!("there is no access entry \"{name}\": add it with `allgood access add {name} {like}`")
        })
    }

    /// The secrets that open a host, and what to know of them.
    fn kept(&self, entry: &AccessEntry) -> Result<(Kept, Vec<String>), String> {
        let (mut found, warnings) = self.secrets_of(entry, &OPENING)?;
        let mut take = |field| found.remove(field);
        Ok((Kept { password: take("password"), key: take("key"), passphrase: take("passphrase") }, warnings))
    }

    /// Those of some secrets of an entry that there are, and what to know of them.
    pub(super) fn secrets_of<'a>(
        &self,
        entry: &AccessEntry,
        fields: &[&'a str],
    ) -> Result<(BTreeMap<&'a str, OsString>, Vec<String>), String> {
        let mut found = BTreeMap::new();
        let mut warnings = Vec::new();
        for field in fields.iter().copied() {
            let Some(kept) = entry.fields.get(field) else { continue };
            let (name, place) = (&entry.name, &kept.place);
            let got = self.keepers.of(place).get(&Account::new(&entry.id, field), Asking::Never);
            let got = got.map_err(|error| format!("the secret \"{field}\" of {name} cannot be had: {error}"))?;
            let secret = got.ok_or_else(|| lost(name, field, place))?;
            warnings.extend(self.secrets.register(&secret).err().map(|why| format!("{field} of {name}: {why}")));
            found.insert(field, OsString::from_vec(secret.expose().to_vec()));
        }
        Ok((found, warnings))
    }

    /// The access entries that names of `on=ssh:…` stand for: those of a group, or the name itself.
    ///
    /// # Errors
    /// When a name is neither, or both.
    pub(super) fn named(&self, names: &[String]) -> Result<Vec<String>, String> {
        let is_entry = |name: &str| {
            if self.aliases.contains_key(name) {
                return Ok(true);
            }
            let found = self.store.access_entry(name).map_err(|error| error.to_string())?;
            Ok(found.is_some_and(|entry| entry.name == name))
        };
        for name in names {
            if !self.groups.contains_key(name) && !is_entry(name)? {
                return Err(format!(
                    "\"{name}\" is neither a group of `allgood.toml` nor an access entry: add it with `allgood access \
                     add {name} --kind ssh --address HOST`, or mend the name"
                ));
            }
        }
        format::hosts(names, &self.groups, &is_entry)
    }

    /// How a target is reached, for one start.
    pub(super) fn reached(&self, written: &str) -> Result<Reached, String> {
        let told = |why: String| format!("{written} cannot be reached: {why}");
        let Known { entry, mut reach, place } = self.target(written).map_err(told)?;
        if !self.is_granted(&entry) {
            return Err(told(ungranted(&entry.name, &self.scope)));
        }
        let mut warnings = Vec::new();
        if let Reach::Ssh { kept, .. } = &mut reach {
            (*kept, warnings) = self.kept(&entry).map_err(told)?;
        }
        if let Err(error) = self.store.access_used(&entry.id, &(self.now)()) {
            tracing::warn!(%error, "the use of an access entry is not remembered");
        }
        Ok(Reached { reach, place, warnings })
    }

    /// What a target needs, and what is in the way of it.
    fn needed_target(&self, on: &On, measure: Option<Measure>, items: Vec<String>) -> NeededTarget {
        let mut one = NeededTarget {
            target: on.to_string(),
            items,
            entry: None,
            place: None,
            problem: None,
            warning: None,
            asks: false,
            vault_locked: false,
        };
        let On::Entry(written) = on else { return one };
        let found = match measure {
            None => self.target(written).map(|known| (known.entry, known.place, OPENING.to_vec())),
            Some(measure) => self.asked(written, measure).map(|(entry, server)| {
                let fields = server.fields();
                (entry, server.place, fields)
            }),
        };
        let (entry, place, fields) = match found {
            Ok(found) => found,
            Err(why) => {
                one.problem = Some(format!("{written} cannot be reached: {why}"));
                return one;
            }
        };
        let entry = &entry;
        one.place = Some(place).filter(|place| *place != one.target);
        one.asks = !self.is_granted(entry);
        one.warning = days_left(entry).filter(|days| *days < 0).map(|_| {
            let day = entry.expires.as_deref().unwrap_or_default();
            format!("the secrets of {} were to hold until {day} and are past that day", entry.name)
        });
        one.entry = Some(entry.name.clone());
        for field in fields {
            let Some(kept) = entry.fields.get(field) else { continue };
            let keeper = self.keepers.of(&kept.place);
            let why = match keeper.has(&Account::new(&entry.id, field)).and_then(|is| keeper.state().map(|()| is)) {
                Ok(true) => continue,
                Ok(false) => lost(&entry.name, field, &kept.place),
                Err(error) => {
                    one.vault_locked = matches!(error, access::KeychainError::VaultLocked(_));
                    error.to_string()
                }
            };
            one.problem = Some(format!("{written} cannot be reached: {why}"));
            return one;
        }
        one
    }
}

/// Where an entry leads in which commands can run, without its secrets; and that place for the record.
///
/// # Errors
/// Why it leads nowhere, and what to do.
pub(super) fn leads(entry: &AccessEntry) -> Result<(Reach, String), String> {
    let name = &entry.name;
    let address = entry.address.clone().unwrap_or_default();
    match EntryKind::named(&entry.kind) {
        Some(EntryKind::Ssh) => host(entry, &address),
        Some(EntryKind::Container) => {
            let wrong = || {
                format!(
                    "the address of {name} names no container: write docker:NAME, podman:NAME or k8s:NAMESPACE/POD \
                     (`allgood access edit {name} --address …`)"
                )
            };
            let reach = match On::read(&address).map_err(|_| wrong())? {
                On::Docker(name) => Reach::Docker(name),
                On::Podman(name) => Reach::Podman(name),
                On::Pod { namespace, pod } => Reach::Pod { namespace, pod },
                On::Entry(_) | On::Hosts(_) | On::Ansible(_) => return Err(wrong()),
            };
            Ok((reach, format!("{name} ({address})")))
        }
        _ => {
            let kind = &entry.kind;
            Err(format!(
                "{name} is an access entry of the kind {kind}, and nothing can run there: name one of the kind ssh or \
                 container"
            ))
        }
    }
}

/// A host, without its secrets.
fn host(entry: &AccessEntry, address: &str) -> Result<(Reach, String), String> {
    let destination = if address.is_empty() { entry.name.as_str() } else { address };
    if destination.starts_with('-') || destination.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "\"{destination}\" is no address of a host: set one with `allgood access edit {} --address HOST`",
            entry.name
        ));
    }
    if entry.user.as_deref().is_some_and(|user| user.starts_with('-')) {
        return Err(format!("the user of {} begins with a dash: mend it", entry.name));
    }
    let user = entry.user.as_deref().map(|user| format!("{user}@")).unwrap_or_default();
    let port = entry.port.map(|port| format!(":{port}")).unwrap_or_default();
    let whole = format!("{user}{destination}{port}");
    let place = if whole == entry.name { whole } else { format!("{} ({whole})", entry.name) };
    let (destination, user, port) = (destination.to_owned(), entry.user.clone(), entry.port);
    Ok((Reach::Ssh { destination, user, port, kept: Kept::default() }, place))
}

impl App {
    /// The targets of a run's path, or of one step, and what is in the way of each. Asks nobody, and takes no secret into
    /// memory.
    pub(crate) fn targets_needed(
        &self,
        runbook: &Runbook,
        path: &Path,
        chosen: Option<&format::Environment>,
        step: Option<&str>,
    ) -> Result<Vec<NeededTarget>, ApiError> {
        let items = engine::run::run_items(runbook, step).unwrap_or_default();
        let mut items = items.into_iter().filter(|(_, _, item)| item.options.on.is_some()).peekable();
        if items.peek().is_none() {
            return Ok(Vec::new());
        }
        let access = self.run_access(path, chosen)?;
        let mut places: HashMap<(String, bool), usize> = HashMap::new();
        let mut needed: Vec<NeededTarget> = Vec::new();
        for (_, _, item) in items {
            let Some(on) = &item.options.on else { continue };
            let (each, problem) = match on {
                // Each of them is looked at, and asked for, as one is.
                On::Hosts(names) => match access.named(names) {
                    Ok(hosts) => (hosts.into_iter().map(On::Entry).collect(), None),
                    Err(why) => (vec![on.clone()], Some(format!("{on} cannot be reached: {why}"))),
                },
                one => (vec![one.clone()], None),
            };
            let measure = match item.program {
                Program::Measure(measure) => Some(measure),
                _ => None,
            };
            for on in each {
                let place = (on.to_string(), measure.is_some());
                let known = places.get(&place).and_then(|at| needed.get_mut(*at));
                if let Some(known) = known {
                    known.items.push(item.id.clone());
                    continue;
                }
                places.insert(place, needed.len());
                let one = access.needed_target(&on, measure, vec![item.id.clone()]);
                needed.push(NeededTarget { problem: problem.clone().or(one.problem), ..one });
            }
        }
        Ok(needed)
    }
}

/// The entries of targets that a person has to allow first.
pub(super) fn asked(targets: &[NeededTarget]) -> BTreeSet<&str> {
    let is_there = |one: &&NeededTarget| one.problem.is_none() || one.vault_locked;
    targets.iter().filter(|one| one.asks).filter(is_there).filter_map(|one| one.entry.as_deref()).collect()
}
