//! Connecting to an entry: by the system's OpenSSH with the person's own configuration, into a container, or by the entry's
//! command (ACCESS.md, "Access entries", connect).

use std::{
    collections::BTreeMap,
    ffi::OsString,
    os::unix::ffi::OsStringExt as _,
    path::PathBuf,
    process::{Child, Command},
};

use access::{Asking, EntryKind, SEED_FIELD, Secret};
use engine::process::{HIDDEN_SIZE, Kept, Launch, Login, Patience, Reach, Target, login_words};
use store::AccessEntry;

use super::{
    bad, days_left,
    reaching::{OPENING, leads},
    using::lost,
};
use crate::{
    ApiError, App, ErrorCode, places, shell_word,
    wire::{ConnectPlan, ConnectSecret, SecretWay},
};

/// What connects to an entry, ready to be started. Its secrets are in nobody's arguments; those of a command are in the
/// environment of that one process. Dropping it ends the agent that holds a kept key.
pub struct Connecting {
    pub(super) entry: AccessEntry,
    pub(super) words: Vec<OsString>,
    pub(super) environment: BTreeMap<OsString, OsString>,
    pub(super) folder: PathBuf,
    pub(super) login: Option<Login>,
    /// What a person should know before: a sentence each.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for Connecting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Connecting").field("entry", &self.entry.name).finish_non_exhaustive()
    }
}

impl Connecting {
    /// Runs it with the terminal, or whatever is in its place, of this process. Drop this only after its end.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self) -> Result<Child, ApiError> {
        let mut words = self.words.iter();
        let program = words.next().cloned().unwrap_or_default();
        let mut command = Command::new(&program);
        command.args(words).env_clear().envs(&self.environment).current_dir(&self.folder);
        command.spawn().map_err(|error| {
            let (name, program) = (&self.entry.name, program.to_string_lossy());
            let why = match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such program: install it, or mend $PATH".to_owned(),
                _ => error.to_string(),
            };
            ApiError::new(
                ErrorCode::File,
                format!("{name} is not connected to: `{program}` cannot be started: {why}"),
            )
        })
    }
}

/// The way to an entry, before any secret is fetched.
enum Way<'a> {
    Command(&'a str),
    Reach(Box<Reach>),
}

/// How an entry is connected to.
///
/// # Errors
/// Why nothing connects to it, and what to do.
fn way(entry: &AccessEntry) -> Result<Way<'_>, String> {
    if let Some(command) = entry.command.as_deref() {
        return Ok(Way::Command(command));
    }
    let name = &entry.name;
    match EntryKind::named(&entry.kind) {
        Some(EntryKind::Ssh | EntryKind::Container) => Ok(Way::Reach(Box::new(leads(entry)?.0))),
        Some(EntryKind::Web) => {
            Err(format!("{name} is a page, and nothing connects to it: open it with `allgood access open {name}`"))
        }
        Some(EntryKind::Note) => Err(format!("{name} is a note, and nothing connects to it")),
        _ => Err(format!(
            "nothing says how {name} is connected to: give it a command (`allgood access edit {name} --command …`), which gets \
             its secrets in its environment"
        )),
    }
}

/// What connecting to an entry runs, as a person would type it.
///
/// # Errors
/// Why nothing connects to it, and what to do.
pub(super) fn shown(entry: &AccessEntry) -> Result<String, String> {
    Ok(match way(entry)? {
        Way::Command(command) => command.to_owned(),
        Way::Reach(reach) => line(&login_words(&reach, &[], true)),
    })
}

/// The words that run an entry's command; `more` stands behind it.
fn by_command(command: &str, more: &[OsString]) -> Vec<OsString> {
    let words = match more {
        [] => vec![command.into()],
        more => {
            let whole = format!("{command} \"$@\"");
            [OsString::from(whole), "sh".into()].into_iter().chain(more.iter().cloned()).collect()
        }
    };
    ["sh", "-c"].map(OsString::from).into_iter().chain(words).collect()
}

/// Words as one line for a shell.
fn line(words: &[OsString]) -> String {
    let quoted = words.iter().map(|word| shell_word(&word.to_string_lossy()));
    quoted.collect::<Vec<_>>().join(" ")
}

/// The variable of a secret field: its name, with `_` for what no name of a variable can hold.
fn variable(field: &str) -> String {
    let plain: String = field.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_ascii_digit()) { format!("_{plain}") } else { plain }
}

/// The secret fields of an entry that go to what connects, and how.
fn secrets(entry: &AccessEntry, way: &Way<'_>) -> Vec<ConnectSecret> {
    let fields = entry.fields.keys().filter(|field| *field != SEED_FIELD);
    let secret = |field: &String| {
        let (way, variable) = match way {
            Way::Command(_) => (SecretWay::Environment, Some(variable(field))),
            Way::Reach(reach) if matches!(**reach, Reach::Ssh { .. }) && OPENING.contains(&field.as_str()) => {
                (if field == "key" { SecretWay::Agent } else { SecretWay::Asked }, None)
            }
            Way::Reach(_) => return None,
        };
        Some(ConnectSecret { field: field.clone(), way, variable })
    };
    fields.filter_map(secret).collect()
}

/// That the secrets of an entry are past their date.
fn warning(entry: &AccessEntry) -> Option<String> {
    let over = !entry.fields.is_empty() && days_left(entry).is_some_and(|days| days < 0);
    let day = entry.expires.as_deref().unwrap_or_default();
    over.then(|| format!("the secrets of {} were to hold until {day} and are past that day", entry.name))
}

impl App {
    /// What connecting to an entry would run, with `more` behind it. Fetches no secret, starts nothing.
    ///
    /// # Errors
    /// When there is no such entry, or nothing connects to it.
    pub fn access_connect_plan(&self, name: &str, more: &[OsString]) -> Result<ConnectPlan, ApiError> {
        let entry = self.entry(name)?;
        let way = way(&entry).map_err(bad)?;
        let words = match &way {
            Way::Command(command) => by_command(command, more),
            Way::Reach(reach) => login_words(reach, more, true),
        };
        Ok(ConnectPlan {
            secrets: secrets(&entry, &way),
            warning: warning(&entry),
            line: line(&words),
            words: words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
            entry: entry.name,
        })
    }

    /// Makes ready what connects to an entry, with `more` behind it. The system may ask the person to unlock the keychain.
    /// `terminal` says whether a terminal is its standard input; `here` whether that is this process's own.
    ///
    /// # Errors
    /// When there is no such entry, nothing connects to it, or a secret of it cannot be had.
    pub fn access_connecting(
        &self,
        name: &str,
        more: &[OsString],
        (terminal, here): (bool, bool),
    ) -> Result<Connecting, ApiError> {
        let entry = self.entry(name)?;
        let way = way(&entry).map_err(bad)?;
        let mut warnings: Vec<String> = warning(&entry).into_iter().collect();
        let mut kept = BTreeMap::new();
        for ConnectSecret { field, variable, .. } in secrets(&entry, &way) {
            let secret = self.connecting_secret(&entry, &field)?;
            warnings
                .extend(self.secrets.register(&secret).err().map(|why| format!("{field} of {}: {why}", entry.name)));
            kept.insert(variable.unwrap_or(field), OsString::from_vec(secret.expose().to_vec()));
        }
        let folder = places::home().filter(|home| home.is_dir()).unwrap_or_else(|| PathBuf::from("/"));
        let mut environment = self.engine.settings.environment.clone();
        let (words, login) = match way {
            Way::Command(command) => {
                environment.extend(kept.into_iter().map(|(name, value)| (name.into(), value)));
                (by_command(command, more), None)
            }
            Way::Reach(mut reach) => {
                if let Reach::Ssh { kept: takes, .. } = &mut *reach {
                    let mut take = |field| kept.remove(field);
                    *takes = Kept { password: take("password"), key: take("key"), passphrase: take("passphrase") };
                }
                let name = entry.name.clone();
                let target =
                    Target { name, reach: *reach, around: environment, folder: folder.clone(), attended: true };
                let like =
                    Launch { interactive: terminal, ..self.connection(Vec::new(), BTreeMap::new(), folder.clone()) };
                let login = Login::to(target, more, &like, here).map_err(bad)?;
                environment = login.environment.clone();
                (login.words.clone(), Some(login))
            }
        };
        self.store.access_used(&entry.id, &self.engine.clock.now())?;
        Ok(Connecting { entry, words, environment, folder, login, warnings })
    }

    fn connecting_secret(&self, entry: &AccessEntry, field: &str) -> Result<Secret, ApiError> {
        let name = &entry.name;
        let Some(kept) = entry.fields.get(field) else { return Err(bad(lost(name, field, "keychain"))) };
        let secret = self.secret(entry, field, &kept.place, Asking::Allowed)?;
        if secret.expose().contains(&0) {
            return Err(bad(format!(
                "the secret \"{field}\" of {name} holds a zero byte, which cannot be passed on: set it anew"
            )));
        }
        Ok(secret)
    }

    /// What is started in a terminal of the window.
    pub(super) fn connection(
        &self,
        words: Vec<OsString>,
        environment: BTreeMap<OsString, OsString>,
        folder: PathBuf,
    ) -> Launch {
        let settings = &self.engine.settings;
        Launch {
            supervisor: settings.supervisor.clone(),
            scratch: settings.scratch.clone(),
            program: format::Program::Sh,
            script: String::new(),
            client: Some(words),
            target: None,
            environment,
            shell_variables: BTreeMap::new(),
            cwd: folder,
            timeout: None,
            interactive: true,
            captured: false,
            size: HIDDEN_SIZE,
            patience: Patience::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, command: Option<&str>) -> AccessEntry {
        AccessEntry {
            name: "db1".to_owned(),
            kind: kind.to_owned(),
            command: command.map(str::to_owned),
            ..AccessEntry::default()
        }
    }

    #[test]
    fn what_connects_is_the_command_else_what_leads_to_a_host_or_container_else_a_sentence() {
        assert_eq!(shown(&entry("database", Some("psql \"host=db1\""))).unwrap(), "psql \"host=db1\"");
        assert_eq!(shown(&entry("ssh", None)).unwrap(), "ssh -- db1");
        assert_eq!(shown(&entry("ssh", Some("mosh db1"))).unwrap(), "mosh db1");
        let container = AccessEntry { address: Some("docker:web".to_owned()), ..entry("container", None) };
        assert!(shown(&container).unwrap().starts_with("docker exec -it web sh -c '"));
        for (kind, says) in [
            ("web", "allgood access open db1"),
            ("note", "is a note"),
            ("database", "--command"),
            ("token", "--command"),
            ("container", "docker:NAME"),
        ] {
            let why = shown(&entry(kind, None)).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
        let option = AccessEntry { address: Some("-oProxyCommand=touch x".to_owned()), ..entry("ssh", None) };
        assert!(shown(&option).is_err());
    }

    #[test]
    fn a_line_is_read_back_by_the_shell_as_the_words_it_was_made_of() {
        let words = ["printf", "%s|", "it's", "$(touch x)", "a b;c", "", "db1"].map(OsString::from);
        let output = Command::new("sh").args(["-c", &line(&words)]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "it's|$(touch x)|a b;c||db1|");
        assert_eq!(
            [variable("PGPASSWORD"), variable("pass-word"), variable("2fa")],
            ["PGPASSWORD", "pass_word", "_2fa"]
        );
    }

    #[test]
    fn what_stands_behind_a_command_reaches_it_as_words() {
        let words = by_command("printf '%s|' first", &["a b".into(), "$x".into()]);
        let output = Command::new(&words[0]).args(&words[1..]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "first|a b|$x|");
    }
}
