//! `allgood.toml`: what a library's team shares beside its runbooks (FORMAT.md, "The library file").

mod groups;
mod read;

use std::collections::BTreeMap;

pub use read::parse_library_file;

/// The file, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryFile {
    /// `[environments.NAME]`, in the file's order.
    pub environments: Vec<Environment>,
    /// `[groups]`: names for several access entries, in the file's order.
    pub groups: Vec<(String, Vec<String>)>,
    /// `[library] ignore`: globs of paths that are no runbooks.
    pub ignore: Vec<String>,
    /// `[library] commands`: words that also begin a command in a fence without a language.
    pub commands: Vec<String>,
    /// Why nobody knows what environments there are, if the file cannot be read: a run in any of them is refused with
    /// this sentence.
    pub refused: Option<String>,
}

/// A named set of variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// As a person chooses it.
    pub name: String,
    /// How the window marks it.
    pub kind: Option<EnvironmentKind>,
    /// A run asks to type the environment's name.
    pub guard: bool,
    /// Its variables, in the file's order.
    pub vars: Vec<(String, String)>,
    /// What an access entry's name means here: `db` to `orders-prod-db`.
    pub access: Vec<(String, String)>,
    /// What a group's name means here, where that is other hosts than elsewhere.
    pub groups: Vec<(String, Vec<String>)>,
    /// Why no run may be in it, if something of it cannot be read: one sentence. A guard never fails open.
    pub refused: Option<String>,
}

/// What an environment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentKind {
    /// What customers use.
    Production,
    /// What stands before it.
    Staging,
    /// What engineers try things on.
    Development,
}

impl LibraryFile {
    /// The environment of that name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }

    /// The hosts of each group, in this environment or in none.
    #[must_use]
    pub fn groups(&self, environment: Option<&Environment>) -> BTreeMap<String, Vec<String>> {
        let here = environment.map_or(&[][..], |environment| &environment.groups);
        self.groups.iter().chain(here).cloned().collect()
    }

    /// Why a run in the environment of that name is refused, if it is: the file, or the environment, cannot be read.
    #[must_use]
    pub fn refusal(&self, name: &str) -> Option<&str> {
        self.refused
            .as_deref()
            .or_else(|| self.environment(name).and_then(|environment| environment.refused.as_deref()))
    }
}
