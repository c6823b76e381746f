//! `allgood.toml`: what a library's team shares beside its runbooks (FORMAT.md, "The library file").

/// The file, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LibraryFile {
    /// `[environments.NAME]`, in the file's order.
    pub environments: Vec<Environment>,
    /// `[library] ignore`: globs of paths that are no runbooks.
    pub ignore: Vec<String>,
    /// `[library] commands`: words that also begin a command in a fence without a language.
    pub commands: Vec<String>,
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
