//! Values by name: what is known, what an item still asks for, and the environment that a command gets
//! (FORMAT.md, "Variables").

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::PathBuf,
};

use format::{Item, Param, Runbook};
use regex::Regex;

use super::{Environment, Refusal, Settings, exports::Exports, plan::label};
use crate::state::RunState;

/// What is kept in memory alone: it is in no event, and a crash loses it.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    /// Values of parameters and answers that are secret, or hold a secret.
    pub(crate) values: BTreeMap<String, String>,
    /// Carried variables of the same sort; `true` for those that are not exported.
    pub(crate) carried: BTreeMap<String, (String, bool)>,
    /// The directory of each target, where its name holds a secret; of this machine under no name.
    pub(crate) cwds: BTreeMap<Option<String>, PathBuf>,
    /// What was said of secrets that cannot be masked, once.
    pub(crate) warned: BTreeSet<String>,
    /// `$__`: what the command before printed.
    pub(crate) previous: Option<String>,
}

/// Variables that a shell sets by itself: nobody is asked for them.
const SHELLS_OWN: &[&str] = &[
    "PWD",
    "OLDPWD",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "LINENO",
    "UID",
    "EUID",
    "GID",
    "PPID",
    "HOSTNAME",
    "IFS",
    "OPTARG",
    "OPTIND",
    "OPTERR",
    "REPLY",
    "SHLVL",
    "HOSTTYPE",
    "OSTYPE",
    "MACHTYPE",
    "PIPESTATUS",
    "GROUPS",
    "DIRSTACK",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "FUNCNAME",
    "COLUMNS",
    "LINES",
    "PS1",
    "PS2",
    "PS4",
    "_",
];

/// Whether a name can be that of an environment variable.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a variable's name says that its value is a secret (ACCESS.md, "Secrets that come back").
#[must_use]
pub fn says_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL"].iter().any(|word| name.contains(word))
}

/// The value that was given or chosen for a name.
pub(crate) fn known<'a>(state: &'a RunState, memory: &'a Memory, name: &str) -> Option<&'a str> {
    memory
        .values
        .get(name)
        .or_else(|| state.parameters.get(name).and_then(|parameter| parameter.value.as_ref()))
        .map(String::as_str)
}

/// Names that stand in command texts, and so are no variables.
fn stand_in_text(runbook: &Runbook) -> BTreeSet<&str> {
    let items = runbook.items().map(|(_, _, item)| item);
    items.flat_map(|item| item.asked_placeholders().chain(&item.doubts)).map(String::as_str).collect()
}

/// The names among `values` that nothing could take: neither a parameter, a placeholder, a doubt nor a variable.
/// `item` is one that was edited for this run, and so may ask for more than the runbook does.
pub(crate) fn check_names(
    runbook: &Runbook,
    item: Option<&Item>,
    values: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let mut text = stand_in_text(runbook);
    text.extend(item.into_iter().flat_map(|item| item.placeholders.iter().chain(&item.doubts)).map(String::as_str));
    match values.keys().find(|name| !is_identifier(name) && !text.contains(name.as_str())) {
        Some(name) => Err(Refusal::Value(format!("nothing in this runbook asks for \"{name}\""))),
        None => Ok(()),
    }
}

/// A value that is set when the run starts, and where it comes from.
pub(crate) struct Chosen {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) from: &'static str,
}

/// The parameters of the front matter with the values given, or their defaults; then the other values given. Beside
/// them, which required ones are missing, if any are.
///
/// # Errors
/// Names a parameter whose value does not fit, or a name that nothing asks for.
pub(crate) fn at_start(
    runbook: &Runbook,
    values: &BTreeMap<String, String>,
) -> Result<(Vec<Chosen>, Option<Refusal>), Refusal> {
    check_names(runbook, None, values)?;
    let mut chosen = Vec::new();
    let mut missing = Vec::new();
    for param in &runbook.settings.params {
        let given = values.get(&param.name).map(|value| (value, "command line"));
        let value = given.or(param.default.as_ref().map(|value| (value, "default")));
        match value {
            Some((value, from)) if !(param.required && value.is_empty()) => {
                check_value(param, value)?;
                chosen.push(Chosen { name: param.name.clone(), value: value.clone(), from });
            }
            _ if param.required => missing.push(param.name.clone()),
            _ => {}
        }
    }
    let missing = (!missing.is_empty()).then(|| {
        let sentence = format!("this runbook needs a value for {} before it can start", join(&missing));
        Refusal::Needs { sentence, placeholders: Vec::new(), doubts: Vec::new(), variables: missing }
    });
    let declared: BTreeSet<&String> = runbook.settings.params.iter().map(|param| &param.name).collect();
    for (name, value) in values.iter().filter(|(name, _)| !declared.contains(name)) {
        chosen.push(Chosen { name: name.clone(), value: value.clone(), from: "command line" });
    }
    Ok((chosen, missing))
}

/// Whether values that are given to a run that goes on can be taken.
///
/// # Errors
/// As for [`at_start`].
pub(crate) fn check_given(runbook: &Runbook, values: &BTreeMap<String, String>) -> Result<(), Refusal> {
    check_names(runbook, None, values)?;
    let given = |param: &Param| values.get(&param.name).map_or(Ok(()), |value| check_value(param, value));
    runbook.settings.params.iter().try_for_each(given)
}

/// Whether a value fits what the front matter says of its parameter. The sentence never holds the value.
pub(crate) fn check_value(param: &Param, value: &str) -> Result<(), Refusal> {
    let name = &param.name;
    if !param.choices.is_empty() && !param.choices.iter().any(|choice| choice == value) {
        let choices = join(&param.choices);
        return Err(Refusal::Value(format!("parameter \"{name}\" takes one of {choices}")));
    }
    if let Some(pattern) = &param.pattern {
        let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
            Refusal::Guard(format!("the pattern of parameter \"{name}\" cannot be used: mend the front matter"))
        })?;
        if !whole.is_match(value) {
            return Err(Refusal::Value(format!("the value for parameter \"{name}\" does not match /{pattern}/")));
        }
    }
    Ok(())
}

/// Variables that a login on a target sets, or what runs its containers.
pub(crate) const LOGINS_OWN: &[&str] = &[
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "LANG",
    "LC_ALL",
    "TZ",
    "MAIL",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "SSH_AUTH_SOCK",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
];

/// What a command gets.
pub(crate) struct Surroundings {
    /// It runs on a target, where a login sets variables of its own.
    pub(crate) elsewhere: bool,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) shell_variables: BTreeMap<String, String>,
}

/// Puts together the environment of one command; later wins: what the app inherited, the run's environment, `env`,
/// parameters and other values given, what earlier commands set. What the app inherited is not sent to a target.
pub(crate) fn surroundings(
    settings: &Settings,
    chosen: Option<&Environment>,
    runbook: &Runbook,
    state: &RunState,
    memory: &Memory,
    item: &Item,
) -> Surroundings {
    let elsewhere = item.elsewhere().is_some();
    let mut environment = if elsewhere { BTreeMap::new() } else { settings.environment.clone() };
    let mut set = |name: &str, value: &str| drop(environment.insert(name.into(), value.into()));
    for (name, value) in chosen.map_or(&[][..], |chosen| &chosen.vars).iter().chain(&runbook.settings.env) {
        set(name, value);
    }
    let text = stand_in_text(runbook);
    let names: BTreeSet<&String> = state.parameters.keys().chain(memory.values.keys()).collect();
    for name in names.into_iter().filter(|name| is_identifier(name)) {
        let is_variable = item.variables.contains(name) || !text.contains(name.as_str());
        if let Some(value) = known(state, memory, name).filter(|_| is_variable) {
            set(name, value);
        }
    }
    let carried = &state.carried;
    for name in &carried.unset {
        // What a person gave for this very command is not taken away again.
        if !(item.variables.contains(name) && known(state, memory, name).is_some()) {
            environment.remove(&OsString::from(name));
        }
    }
    let mut shell_variables = BTreeMap::new();
    let kept = memory.carried.iter().map(|(name, (value, plain))| (name, value, *plain));
    let exported = carried.exported.iter().map(|(name, value)| (name, value, false));
    let plain = carried.plain.iter().map(|(name, value)| (name, value, true));
    for (name, value, plain) in exported.chain(plain).chain(kept) {
        if plain {
            environment.remove(&OsString::from(name));
            shell_variables.insert(name.clone(), value.clone());
        } else {
            environment.insert(name.into(), value.into());
        }
    }
    if let Some(previous) = &memory.previous {
        environment.insert("__".into(), previous.into());
    }
    Surroundings { elsewhere, environment, shell_variables }
}

/// Refuses, naming everything that is missing, an item that still asks for something.
pub(crate) fn check_needs(
    item: &Item,
    values: &format::Values,
    surroundings: &Surroundings,
    exports: &Exports,
) -> Result<(), Refusal> {
    let is_missing = |name: &&String| !values.contains_key(*name);
    let placeholders: Vec<String> = item.asked_placeholders().filter(is_missing).cloned().collect();
    let doubts: Vec<String> = item.doubts.iter().filter(is_missing).cloned().collect();
    let is_set = |name: &String| {
        surroundings.environment.contains_key(&OsString::from(name))
            || surroundings.shell_variables.contains_key(name)
            || name.starts_with("ALLGOOD_")
            || name == "__"
            || name.starts_with("BASH")
            || SHELLS_OWN.contains(&name.as_str())
            || surroundings.elsewhere && LOGINS_OWN.contains(&name.as_str())
    };
    let unset = item.variables.iter().filter(|name| !exports.never && !is_set(name));
    let mut variables: Vec<String> = unset.cloned().collect();
    for name in &exports.missing {
        if !variables.contains(name) {
            variables.push(name.clone());
        }
    }
    if placeholders.is_empty() && doubts.is_empty() && variables.is_empty() {
        return Ok(());
    }
    let mut words: Vec<String> = placeholders.iter().map(|name| format!("<{name}>")).collect();
    words.extend(doubts.iter().map(|doubt| format!("{doubt} (or \"as it stands\")")));
    words.extend(variables.iter().map(|name| format!("${name}")));
    let sentence = format!("{} needs a value for {} before it can start", label(item), join(&words));
    Err(Refusal::Needs { sentence, placeholders, doubts, variables })
}

/// `a`, `a and b`, `a, b and c`.
fn join(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
