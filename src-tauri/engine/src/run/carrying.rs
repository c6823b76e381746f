//! What an attempt leaves behind for the next ones (RUNS.md, "Carrying"; ACCESS.md, "Secrets that come back"). Pure.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    prepare::Prepared,
    values::{Memory, says_secret},
};
use crate::{process::Carried, state::RunState};

/// What an attempt left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    /// Values, and whether they are not exported.
    values: BTreeMap<String, (String, bool)>,
    unset: Vec<String>,
    cwd: Option<PathBuf>,
    /// The target that this directory belongs to.
    pub(crate) target: Option<String>,
    /// One sentence, when not all of it can carry.
    pub(crate) said: Option<String>,
}

/// What changes for the next commands.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) plain: Vec<String>,
    pub(crate) unset: Vec<String>,
    pub(crate) cwd: Option<String>,
    /// Kept in memory alone: values, and whether they are not exported.
    pub(crate) secret: BTreeMap<String, (String, bool)>,
    pub(crate) secret_cwd: Option<PathBuf>,
}

impl Left {
    /// Gathers what the shell carried, what was written to `$ALLGOOD_ENV`, and the output that becomes a variable
    /// (`captured`: their names, and the text unless that is too large).
    pub(crate) fn new(
        prepared: &Prepared,
        carried: &Result<Carried, String>,
        written: BTreeMap<String, String>,
        captured: (&[String], Option<&str>),
    ) -> Self {
        let target = prepared.on.as_ref().map(ToString::to_string);
        let mut left = Self { target, ..Self::default() };
        let mut said = Vec::new();
        match carried {
            Ok(carried) => {
                let exported = carried.exported.iter().map(|(name, value)| (name.clone(), (value.clone(), false)));
                let plain = carried.plain.iter().map(|(name, value)| (name.clone(), (value.clone(), true)));
                left.values.extend(exported.chain(plain));
                left.unset.clone_from(&carried.unset);
                // A path of another place means nothing here.
                let same = |cwd: &Path| match &prepared.on {
                    None => same_folder(cwd, &prepared.cwd),
                    Some(_) => cwd == prepared.cwd,
                };
                left.cwd = carried.cwd.clone().filter(|cwd| !same(cwd));
                if !carried.left_out.is_empty() {
                    said.push(format!("not carried on: {}", carried.left_out.join(", ")));
                }
            }
            Err(sentence) => said.push(sentence.clone()),
        }
        left.values.extend(written.into_iter().map(|(name, value)| (name, (value, false))));
        for name in captured.0 {
            match captured.1 {
                Some(text) => drop(left.values.insert(name.clone(), (text.to_owned(), false))),
                None => said.push(format!("its output is too large for the variable {name}")),
            }
        }
        // What is fetched for each command is not handed on by one of them.
        let fetched = |name: &String| prepared.access.iter().any(|(access, _)| access == name);
        left.values.retain(|name, _| !fetched(name));
        left.unset.retain(|name| !fetched(name));
        left.said = (!said.is_empty()).then(|| said.join("; "));
        left
    }

    /// Names and values.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, (value, _))| (name.as_str(), value.as_str()))
    }
}

fn same_folder(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    one == other || real(one) == real(other)
}

/// What of it changes anything; `None` when nothing does. `holds_secret` knows every secret in use.
pub(crate) fn worth_keeping(
    left: Left,
    state: &RunState,
    memory: &Memory,
    holds_secret: &dyn Fn(&str) -> bool,
    declared_secret: &dyn Fn(&str) -> bool,
) -> Option<Change> {
    let mut change = Change::default();
    // A name is written down as it is: one that holds a secret cannot be.
    let ours = |name: &str| name.starts_with("ALLGOOD_") || name == "__" || holds_secret(name);
    for (name, (value, plain)) in left.values {
        if ours(&name) {
            continue;
        }
        if says_secret(&name) || declared_secret(&name) || holds_secret(&value) {
            if memory.carried.get(&name) != Some(&(value.clone(), plain)) {
                change.secret.insert(name, (value, plain));
            }
            continue;
        }
        let known = if plain { &state.carried.plain } else { &state.carried.exported };
        if known.get(&name) != Some(&value) || memory.carried.contains_key(&name) {
            if plain {
                change.plain.push(name.clone());
            }
            change.values.insert(name, value);
        }
    }
    let gone = |name: &String| !ours(name) && !change.values.contains_key(name) && !change.secret.contains_key(name);
    change.unset = left.unset.into_iter().filter(gone).collect();
    match left.cwd {
        Some(cwd) if holds_secret(&cwd.to_string_lossy()) || cwd.to_str().is_none() => change.secret_cwd = Some(cwd),
        Some(cwd) => change.cwd = Some(cwd.to_string_lossy().into_owned()),
        None => {}
    }
    let nothing = change.values.is_empty()
        && change.secret.is_empty()
        && change.unset.is_empty()
        && change.cwd.is_none()
        && change.secret_cwd.is_none();
    (!nothing).then_some(change)
}
