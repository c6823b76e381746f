//! What Ansible is given, and what it says: the words to call it by, the files that it reads, and its account of each host.
//!
//! It is started in a session without a terminal, so that neither it nor its `ssh` asks anybody. A plugin of its own
//! (`ansible/allgood.py`) tells what came of each host, a line of JSON each, on its standard output. The script is a file,
//! and no argument of anything on this machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    },
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use super::{
    Carried, Ending, Exit, Launch, THERE, dump,
    shell::{elsewhere, quote},
    targets::last_line,
    wire::Runner,
};

/// The plugin.
const CALLBACK: &str = include_str!("ansible/allgood.py");

/// Shells that a host may have; one that it has not fails there.
const SHELLS: &[&str] = &["bash", "zsh", "fish", "ksh", "pwsh", "sh"];

/// How much is remembered of what Ansible says besides.
const REMEMBERED: usize = 16 * 1024;

/// The longest line that is read: more than Ansible could hand over without running out of memory itself.
const LONGEST: usize = 256 * 1024 * 1024;

/// What Ansible is to do.
#[derive(Clone, Debug)]
pub struct Play<'a> {
    /// The hosts, as a pattern of its own; `None` for a playbook, which says it itself.
    pub pattern: Option<&'a str>,
    /// The file that names the hosts, if not that of its configuration.
    pub inventory: Option<&'a str>,
    /// The folder of the runbook, where its configuration is looked for.
    pub folder: &'a Path,
    /// It only says what it would change.
    pub check: bool,
}

/// What one start of Ansible needs on this machine. Dropping it removes its files.
#[derive(Debug)]
pub struct Files(tempfile::TempDir);

impl Files {
    /// Writes the plugin, and the script or the playbook of a launch. What a playbook finds beside itself (`roles`,
    /// `group_vars`, `files`) it finds in the runbook's folder.
    ///
    /// # Errors
    /// One sentence: they cannot be written.
    pub fn write(launch: &Launch, play: &Play<'_>) -> Result<Self, String> {
        // Ansible takes what stands behind a blank for an argument of the script.
        let plain =
            launch.scratch.as_os_str().as_bytes().iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\'');
        let place = if plain { launch.scratch.clone() } else { PathBuf::from("/tmp") };
        let cannot =
            |error: io::Error| format!("the files for Ansible cannot be written in {}: {error}", place.display());
        let folder = tempfile::Builder::new()
            .prefix("ansible-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(&place)
            .map_err(cannot)?;
        let files = Self(folder);
        let plugins = files.at("plugins");
        fs::create_dir(&plugins).and_then(|()| fs::write(plugins.join("allgood.py"), CALLBACK)).map_err(cannot)?;
        fs::write(files.at("env"), "").map_err(cannot)?;
        match play.pattern {
            Some(_) => fs::write(files.at("script"), script(launch)).map_err(cannot)?,
            None => {
                let beside = files.at("play");
                fs::create_dir(&beside).map_err(cannot)?;
                for entry in fs::read_dir(play.folder).map_err(cannot)? {
                    let entry = entry.map_err(cannot)?;
                    symlink(entry.path(), beside.join(entry.file_name())).map_err(cannot)?;
                }
                fs::write(files.playbook(), &launch.script).map_err(cannot)?;
            }
        }
        Ok(files)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Nothing in a runbook's folder has the name of a folder that was made just now.
    fn playbook(&self) -> PathBuf {
        let name = self.0.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.at("play").join(format!("{name}.yml"))
    }

    /// What asks Ansible on which hosts it would work: [`listed`] reads its answer.
    #[must_use]
    pub fn looking(&self, launch: Launch, play: &Play<'_>) -> Launch {
        let mut words = self.words(play);
        words.push("--list-hosts".into());
        self.launch(launch, play, words)
    }

    /// What does it on these hosts, so many at a time.
    ///
    /// # Errors
    /// One sentence: the list of hosts cannot be written.
    pub fn doing(&self, launch: Launch, play: &Play<'_>, hosts: &[String], at_once: u32) -> Result<Launch, String> {
        let list = self.at("hosts");
        fs::write(&list, hosts.join("\n"))
            .map_err(|error| format!("{} cannot be written: {error}", list.display()))?;
        let mut words = self.words(play);
        let mut limit = OsString::from("@");
        limit.push(&list);
        words.extend(["--limit".into(), limit, "--forks".into(), at_once.to_string().into()]);
        if play.pattern.is_some() {
            words.extend(["-m".into(), "ansible.builtin.script".into(), "-a".into(), self.at("script").into()]);
        }
        if play.check {
            words.extend(["--check".into(), "--diff".into()]);
        }
        Ok(self.launch(launch, play, words))
    }

    fn words(&self, play: &Play<'_>) -> Vec<OsString> {
        let mut words: Vec<OsString> = ["setsid", "--wait"].map(OsString::from).into();
        match play.pattern {
            Some(pattern) => words.extend(["ansible".into(), pattern.into()]),
            None => words.extend(["ansible-playbook".into(), self.playbook().into()]),
        }
        if let Some(inventory) = play.inventory {
            words.extend(["-i".into(), play.folder.join(inventory).into()]);
        }
        words
    }

    fn launch(&self, like: Launch, play: &Play<'_>, words: Vec<OsString>) -> Launch {
        let mut environment = like.environment;
        let mut plugins = OsString::from(self.at("plugins"));
        if let Some(others) = environment.get(&OsString::from("ANSIBLE_CALLBACK_PLUGINS")) {
            plugins.push(":");
            plugins.push(others);
        }
        for (name, value) in [
            ("ANSIBLE_CALLBACK_PLUGINS", plugins),
            ("ANSIBLE_STDOUT_CALLBACK", "allgood".into()),
            ("ANSIBLE_LOAD_CALLBACK_PLUGINS", "1".into()),
            ("ANSIBLE_NOCOLOR", "1".into()),
            ("ANSIBLE_FORCE_COLOR", "0".into()),
            ("ANSIBLE_RETRY_FILES_ENABLED", "0".into()),
            ("ALLGOOD_ANSIBLE", if play.pattern.is_some() { "script".into() } else { "playbook".into() }),
            // What belongs to this start is known by it.
            ("ALLGOOD_ENV", self.at("env").into()),
            // It has no terminal to ask on, and no window is to be opened for it.
            ("SSH_ASKPASS_REQUIRE", "never".into()),
        ] {
            environment.insert(name.into(), value);
        }
        Launch {
            script: String::new(),
            client: Some(words),
            target: None,
            environment,
            shell_variables: BTreeMap::new(),
            cwd: play.folder.to_owned(),
            interactive: false,
            captured: true,
            ..like
        }
    }
}

/// A script of `sh` that has all in it: it writes its files into a folder for itself, runs them, and removes them. Several
/// hosts may be one machine, so the folder has a name that each start of it makes up; until then it is called like nothing
/// else.
fn script(launch: &Launch) -> Vec<u8> {
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let folder = format!("/tmp/allgood-{unique}");
    let mut text = format!(
        "#!/bin/sh\nag_u=$(umask); umask 077; ag_d={folder}-$$\nmkdir -m 700 \"$ag_d\" || exit 97\n\
         trap 'rm -rf \"$ag_d\"' EXIT\ntrap 'exit 129' HUP INT TERM\n\
         LC_ALL=C sed \"s|{folder}|$ag_d|g\" >\"$ag_d/all\" <<'AG_ALL_{unique}'\n"
    )
    .into_bytes();
    text.extend_from_slice(&inner(launch, Path::new(&folder), &format!("AG_{unique}")));
    text.extend_from_slice(format!("AG_ALL_{unique}\nsh \"$ag_d/all\" \"$ag_u\"\nexit $?\n").as_bytes());
    text
}

/// What is run there, with its files in that folder.
fn inner(launch: &Launch, folder: &Path, end: &str) -> Vec<u8> {
    let shells: Vec<String> = SHELLS.iter().map(|shell| (*shell).to_owned()).collect();
    let runner = Runner::from(launch.program.clone());
    let mut environment = launch.environment.clone();
    let given = (&runner, launch.script.as_str());
    let mut text = Vec::new();
    let mut add = |part: &[u8]| text.extend_from_slice(part);
    let made = match elsewhere(given, &mut environment, &launch.shell_variables, false, (&shells, folder)) {
        Ok(made) => made,
        Err(why) => {
            add(b"printf '%s\\n' ");
            add(&quote(format!("it {why}").as_bytes()));
            add(b" >&2\nexit 127\n");
            return text;
        }
    };
    add(b"cd ~ 2>/dev/null\nag_d=");
    add(&quote(folder.as_os_str().as_bytes()));
    add(b"\n");
    let moments = ["before", "after"].iter().flat_map(|moment| {
        ["exported", "readonly", "all", "local", "cwd"].iter().map(move |file| format!("{moment}.{file}"))
    });
    for name in std::iter::once("env".to_owned()).chain(moments) {
        add(format!(": >\"$ag_d/{name}\"\n").as_bytes());
    }
    for (name, bytes) in &made.files {
        add(format!("cat >\"$ag_d/{name}\" <<'{end}'\n").as_bytes());
        add(bytes);
        add(format!("\n{end}\n").as_bytes());
    }
    add(b"umask \"$1\"\n");
    if launch.cwd.as_os_str() != THERE {
        add(b"CDPATH= cd -- ");
        add(&quote(launch.cwd.as_os_str().as_bytes()));
        add(b" || exit 97\n");
    }
    for (name, value) in &environment {
        if let Some(name) = name.to_str().filter(|name| dump::is_name(name.as_bytes()) && *name != "ALLGOOD_ENV") {
            add(format!("export {name}=").as_bytes());
            add(&quote(value.as_bytes()));
            add(b"\n");
        }
    }
    add(b"export ALLGOOD_ENV=\"$ag_d/env\"\nexec");
    for word in &made.words {
        add(b" ");
        add(&quote(word.as_bytes()));
    }
    add(b" </dev/null\n");
    text
}

/// The hosts that Ansible lists, each once: in its order, and of a playbook, where that is none, by name.
#[must_use]
pub fn listed(printed: &str, sorted: bool) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    let mut lines = printed.lines();
    while let Some(line) = lines.next() {
        let count = line.trim().strip_prefix("hosts (").and_then(|rest| rest.strip_suffix("):"));
        let Some(count) = count.and_then(|count| count.parse::<usize>().ok()) else { continue };
        for host in lines.by_ref().take(count).map(str::trim) {
            if !host.is_empty() && !hosts.iter().any(|known| known == host) {
                hosts.push(host.to_owned());
            }
        }
    }
    if sorted {
        hosts.sort_unstable();
    }
    hosts
}

/// What is heard of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It printed this.
    Output(Vec<u8>),
    /// It has ended there.
    Ended(Exit),
}

/// A line of the plugin.
#[derive(Deserialize)]
struct Line {
    host: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    end: Option<String>,
    #[serde(default)]
    rc: Option<i32>,
    #[serde(default)]
    why: Option<String>,
}

/// Reads what Ansible says, and knows of which hosts nothing has come yet.
#[derive(Debug)]
pub struct Reader {
    open: BTreeSet<String>,
    line: Vec<u8>,
    said: Vec<u8>,
    /// The end on the last host waits for that of Ansible itself, which is still there until then.
    last: Option<(String, Exit)>,
}

impl Reader {
    /// For these hosts.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        Self { open: hosts.into_iter().collect(), line: Vec::new(), said: Vec::new(), last: None }
    }

    /// Takes a piece of its standard output.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<(String, Heard)> {
        let mut heard = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.len() > LONGEST {
                self.line.clear();
            }
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.read(&line, &mut heard);
            }
        }
        heard
    }

    /// Takes what it says besides: warnings, and why it does not begin.
    pub fn beside(&mut self, bytes: &[u8]) {
        self.said.extend_from_slice(bytes);
        let over = self.said.len().saturating_sub(REMEMBERED);
        self.said.drain(..over);
    }

    fn read(&mut self, line: &[u8], heard: &mut Vec<(String, Heard)>) {
        let Ok(Line { host, text, end, rc, why }) = serde_json::from_slice::<Line>(line) else {
            return self.beside(line);
        };
        if !self.open.contains(&host) {
            return;
        }
        if let Some(text) = text {
            let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
            heard.push((host.clone(), Heard::Output(text.into_bytes())));
        }
        let Some(end) = end else { return };
        let why = why.as_deref().and_then(last_line).map(|why| format!(" ({why})")).unwrap_or_default();
        let exit = match (end.as_str(), rc) {
            (_, Some(status)) => Exit::Status(status),
            ("unreachable", None) => Exit::NotStarted(format!("{host}: Ansible does not reach it{why}")),
            (_, None) => Exit::NotStarted(format!("{host}: Ansible could not run it there{why}")),
        };
        self.open.remove(&host);
        match self.open.is_empty() {
            true => self.last = Some((host, exit)),
            false => heard.push((host, Heard::Ended(exit))),
        }
    }

    /// Ansible itself has ended: what that means for the hosts of which it has not said what came of them; `true` where they
    /// were cut off with it.
    pub fn finish(&mut self, ending: &Ending) -> Vec<(String, Exit, bool)> {
        let last = self.last.take().into_iter();
        let mut ends: Vec<(String, Exit, bool)> = last.map(|(host, exit)| (host, exit, false)).collect();
        let cut = ending.stopped || ending.timed_out;
        for host in std::mem::take(&mut self.open) {
            let exit = match &ending.exit {
                // A play that has nothing to do there says nothing of it.
                Exit::Status(0) => Exit::Status(0),
                Exit::Status(_) if !cut => Exit::NotStarted(self.why_not(&host)),
                exit => exit.clone(),
            };
            ends.push((host, exit, true));
        }
        ends
    }

    fn why_not(&self, host: &str) -> String {
        let said = String::from_utf8_lossy(&self.said);
        format!("{host}: Ansible ended before it came to it{}", remark(&said))
    }
}

/// Why Ansible does not say on which hosts it works.
#[must_use]
pub fn explain(ending: &Ending, said: &str, pattern: Option<&str>) -> String {
    let program = if pattern.is_some() { "ansible" } else { "ansible-playbook" };
    let of = pattern.map_or_else(|| "the plays".to_owned(), |pattern| format!("`{pattern}`"));
    match &ending.exit {
        Exit::Status(127 | 126) if said.contains("setsid") => {
            format!("`{program}` is not on the PATH: install Ansible (on Debian the package ansible-core)")
        }
        Exit::Status(0) => {
            format!("no host of the inventory matches {of}{}: mend it, or the inventory", remark(said))
        }
        Exit::NotStarted(sentence) | Exit::Lost(sentence) => sentence.clone(),
        Exit::Status(_) | Exit::Signal(_) => {
            format!("Ansible does not say on which hosts it would work{}", remark(said))
        }
    }
}

/// The error that it said, or its last words, in brackets.
fn remark(said: &str) -> String {
    let plain = crate::text::plain_text(said.as_bytes());
    let error = plain.lines().map(str::trim).find(|line| line.starts_with("ERROR"));
    let line = error.map(|line| line.trim_end_matches('.').chars().take(300).collect()).or_else(|| last_line(&plain));
    line.map(|line| format!(" ({line})")).unwrap_or_default()
}

/// The ending of a command on one host.
#[must_use]
pub fn ending(exit: Exit, took: Duration, of_all: Option<&Ending>) -> Ending {
    Ending {
        exit,
        timed_out: of_all.is_some_and(|all| all.timed_out),
        stopped: of_all.is_some_and(|all| all.stopped),
        duration: took,
        carried: Ok(Carried::default()),
        left_running: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
