//! The one connection to a host that the commands of a run share: the system's OpenSSH as a control master, with the person's
//! configuration, agent and jump hosts. Host keys are checked as that configuration says; nothing here makes it less strict.

use std::{
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{Kept, Reach, Target, last_line};
use crate::process::{Asked, Attempt, Happening, Launch, Reply, Supervisor, launch};

/// Asked of the server after so long without a word, three times, before the connection counts as lost; where the person's
/// configuration says nothing else.
const ALIVE: &str = "15";

/// How long the connection may take to be made, in seconds; where the person's configuration says nothing else.
const CONNECT: &str = "20";

/// How long the agent may take to begin.
const AGENT: Duration = Duration::from_secs(10);

/// How much is remembered of what the connection says.
const REMEMBERED: usize = 16 * 1024;

/// A connection that was made.
#[derive(Debug)]
pub(super) struct Connection {
    tell: Arc<Tell>,
    socket: PathBuf,
    attempt: Arc<Attempt>,
    /// Holds a kept key, for this connection alone.
    _agent: Option<Attempt>,
    _asked: Option<Asked>,
}

impl Connection {
    /// Whether commands can be run over it.
    pub(super) fn is_there(&self) -> bool {
        !self.tell.ended.load(Ordering::Acquire) && self.socket.exists()
    }

    /// What it is talked to by.
    pub(super) fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    /// What it says.
    pub(super) fn tell(&self) -> Arc<Tell> {
        Arc::clone(&self.tell)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.attempt.stop();
        drop(std::fs::remove_file(&self.socket));
    }
}

type Teller = Box<dyn FnMut(&[u8]) + Send>;

/// What a connection says, while it is made and afterwards.
#[derive(Default)]
pub(super) struct Tell {
    /// Takes what is said while it is made.
    to: Mutex<Option<Teller>>,
    said: Mutex<Vec<u8>>,
    ended: AtomicBool,
}

impl std::fmt::Debug for Tell {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tell")
    }
}

impl Tell {
    fn happening(&self, happening: Happening) {
        match happening {
            Happening::Output(bytes) => {
                let mut said = lock(&self.said);
                said.extend_from_slice(&bytes);
                let over = said.len().saturating_sub(REMEMBERED);
                said.drain(..over);
                drop(said);
                if let Some(to) = lock(&self.to).as_mut() {
                    to(&bytes);
                }
            }
            Happening::Ended(ending) => {
                if let crate::process::Exit::NotStarted(sentence) = ending.exit {
                    lock(&self.said).extend_from_slice(sentence.as_bytes());
                }
                self.ended.store(true, Ordering::Release);
            }
            _ => {}
        }
    }

    /// All that it has said lately.
    pub(super) fn said(&self) -> String {
        String::from_utf8_lossy(&lock(&self.said)).into_owned()
    }

    /// The last thing that it has said.
    pub(super) fn last(&self) -> Option<String> {
        last_line(&self.said())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What tells one connection from another.
pub(super) fn key(destination: &str, user: Option<&str>, port: Option<u16>) -> String {
    format!("{}@{destination}:{}", user.unwrap_or_default(), port.unwrap_or_default())
}

/// Where a host is, as its entry says it.
pub(super) struct Host<'a> {
    pub(super) destination: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) port: Option<u16>,
    pub(super) kept: &'a Kept,
}

impl<'a> Host<'a> {
    pub(super) fn of(reach: &'a Reach) -> Option<Self> {
        match reach {
            Reach::Ssh { destination, user, port, kept } => {
                Some(Self { destination, user: user.as_deref(), port: *port, kept })
            }
            _ => None,
        }
    }

    /// As a person would type it.
    fn by_hand(&self) -> String {
        let named = self.destination;
        match (self.user, self.port) {
            (Some(user), Some(port)) => format!("ssh -p {port} {user}@{named}"),
            (Some(user), None) => format!("ssh {user}@{named}"),
            (None, Some(port)) => format!("ssh -p {port} {named}"),
            (None, None) => format!("ssh {named}"),
        }
    }

    /// Which host, behind all options.
    fn named(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        if let Some(user) = self.user {
            words.extend(["-l".into(), user.into()]);
        }
        if let Some(port) = self.port {
            words.extend(["-p".into(), port.to_string().into()]);
        }
        words.extend(["--".into(), self.destination.into()]);
        words
    }

    /// The words that run a command over a connection that is there, and never over another one.
    pub(super) fn words(&self, socket: &Path, command: &str, terminal: bool) -> Vec<OsString> {
        let mut words = options(&[if terminal { "-tt" } else { "-T" }, "-e", "none"]);
        words.extend(["-S".into(), socket.as_os_str().to_owned()]);
        let no = [
            "ControlMaster=no",
            "ProxyCommand=false",
            "BatchMode=yes",
            "RemoteCommand=none",
            "ClearAllForwardings=yes",
        ];
        words.extend(no.iter().flat_map(|option| [OsString::from("-o"), (*option).into()]));
        words.extend(self.named());
        words.push(super::bootstrap::for_login_shell(command).into());
        words
    }

    fn master(&self, socket: &Path, agent: Option<&Path>, about: &About, asks: bool) -> Vec<OsString> {
        let mut words = options(&["-M", "-N", "-T", "-e", "none"]);
        words.extend(["-S".into(), socket.as_os_str().to_owned()]);
        let mut with: Vec<OsString> =
            ["ControlPersist=no", "RemoteCommand=none", "ClearAllForwardings=yes"].map(OsString::from).into();
        if !asks {
            with.push("BatchMode=yes".into());
        }
        with.extend(about.defaults());
        with.extend(agent.map(agent_option));
        words.extend(with.into_iter().flat_map(|option| [OsString::from("-o"), option]));
        words.extend(self.named());
        words
    }

    /// The words that lead a person there, with a shell or what is run instead; `with` are options.
    pub(super) fn login(&self, with: Vec<OsString>, more: &[OsString]) -> Vec<OsString> {
        let mut words = options(&[]);
        words.extend(with.into_iter().flat_map(|option| [OsString::from("-o"), option]));
        words.extend(self.named());
        words.extend(more.iter().cloned());
        words
    }
}

/// Has ssh ask that agent for keys, and no other.
pub(super) fn agent_option(socket: &Path) -> OsString {
    let mut option = OsString::from("IdentityAgent=");
    option.push(socket);
    option
}

fn options(words: &[&str]) -> Vec<OsString> {
    ["ssh"].iter().chain(words).map(OsString::from).collect()
}

/// What the person's configuration comes to for a host, by `ssh -G`.
pub(super) struct About(Vec<(String, String)>);

impl About {
    /// How a lost connection is noticed, where the person's configuration says nothing of it.
    pub(super) fn defaults(&self) -> Vec<OsString> {
        let mut with = Vec::new();
        if self.get("serveraliveinterval").is_some_and(|seconds| seconds == "0") {
            with.push(format!("ServerAliveInterval={ALIVE}").into());
        }
        if self.get("connecttimeout").is_some_and(|seconds| seconds == "none") {
            with.push(format!("ConnectTimeout={CONNECT}").into());
        }
        with
    }

    pub(super) fn of(target: &Target, host: &Host<'_>) -> Self {
        let mut command = Command::new("ssh");
        command.env_clear().envs(&target.around).arg("-G").args(host.named()).current_dir(&target.folder);
        // Where it cannot be had, the connection itself will say why.
        let printed = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
        let printed = printed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let lines = printed.lines().filter_map(|line| line.split_once(' '));
        Self(lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Answers what a host may be told, each once: asked again it was wrong. The question must name this very host and user: a
/// jump host is told nothing. What is not answered is for `asks`.
pub(super) fn answers<A: Fn() -> Reply + Send>(
    about: &About,
    host: &Host<'_>,
    asks: A,
) -> impl FnMut(&str) -> Reply + Send + use<A> {
    let name = about.get("hostkeyalias").or_else(|| about.get("hostname")).unwrap_or(host.destination).to_owned();
    let whom = about.get("user").or(host.user).map(|user| format!("{user}@{name}")).unwrap_or(name);
    let Kept { mut password, mut passphrase, .. } = host.kept.clone();
    move |question| {
        let question = question.trim();
        let by_keyboard = question.strip_prefix(&format!("({whom}) "));
        let kept = if question == format!("{whom}'s password:")
            || by_keyboard.is_some_and(|rest| rest.to_lowercase().trim_end().ends_with("password:"))
        {
            password.take()
        } else if question.starts_with("Enter passphrase for ") {
            passphrase.take()
        } else {
            None
        };
        kept.map_or_else(&asks, Reply::Answer)
    }
}

/// What a connection needs to be made.
pub(super) struct Making<'a> {
    pub(super) target: &'a Target,
    pub(super) host: Host<'a>,
    pub(super) launch: &'a Launch,
    /// Where sockets go.
    pub(super) folder: &'a Path,
    /// Takes what is said meanwhile.
    pub(super) teller: Teller,
}

/// Makes a connection. `wait` is called again and again with what makes it: it waits a moment, passes on what is typed, and
/// gives one sentence when it is not to be waited for any longer.
///
/// # Errors
/// One sentence: why there is none, and what to do.
pub(super) fn connect(
    making: Making<'_>,
    mut wait: impl FnMut(&Arc<Attempt>) -> Result<(), String>,
) -> Result<Connection, String> {
    let Making { target, host, launch: like, folder, teller } = making;
    let about = About::of(target, &host);
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let name = |what: &str| folder.join(format!("{what}{}", unique.get(..8).unwrap_or_default()));
    let failed =
        |error: std::io::Error| format!("{}: {} cannot be written to: {error}", target.name, folder.display());
    let asked = match host.kept.is_empty() {
        true => None,
        false => Some(Asked::at(&name("p"), answers(&about, &host, || Reply::Refuse)).map_err(failed)?),
    };
    let mut around = target.around.clone();
    around.extend(asked.iter().flat_map(|asked| asked.variables(&like.supervisor)));
    let agent = match &host.kept.key {
        None => None,
        Some(key) => Some(agent_with(key, target, like, &name("a"), &around)?),
    };
    let socket = name("m");
    let asks = target.attended || asked.is_some();
    let words = host.master(&socket, agent.as_ref().map(|(_, socket)| socket.as_path()), &about, asks);
    let tell = Arc::new(Tell::default());
    *lock(&tell.to) = Some(teller);
    let telling = Arc::clone(&tell);
    let start = client(like, target, words, around);
    let attempt = launch(start, move |happening| telling.happening(happening)).map_err(|error| error.to_string())?;
    let attempt = Arc::new(attempt);
    let agent = agent.map(|(agent, _)| agent);
    let connection = Connection { tell, socket, attempt, _agent: agent, _asked: asked };
    loop {
        if connection.tell.ended.load(Ordering::Acquire) {
            return Err(explain(&target.name, &host, &connection.tell.said()));
        }
        // It appears by a rename, once the server has let us in.
        if connection.socket.exists() {
            *lock(&connection.tell.to) = None;
            return Ok(connection);
        }
        wait(&connection.attempt)?;
    }
}

/// A program that leads to a target, to be started as a command is.
pub(super) fn client(
    like: &Launch,
    target: &Target,
    words: Vec<OsString>,
    environment: std::collections::BTreeMap<OsString, OsString>,
) -> Launch {
    Launch {
        script: String::new(),
        client: Some(words),
        target: None,
        environment,
        shell_variables: std::collections::BTreeMap::new(),
        cwd: target.folder.clone(),
        timeout: None,
        // It reads its terminal, whether anybody types there or not.
        interactive: true,
        captured: false,
        ..like.clone()
    }
}

/// An agent of this connection's own, with a kept key.
pub(super) fn agent_with(
    key: &OsString,
    target: &Target,
    like: &Launch,
    socket: &Path,
    around: &std::collections::BTreeMap<OsString, OsString>,
) -> Result<(Attempt, PathBuf), String> {
    let words = ["ssh-agent", "-D", "-a"].map(OsString::from).into_iter().chain([socket.as_os_str().to_owned()]);
    let start = client(like, target, words.collect(), target.around.clone());
    let supervisor: &Supervisor = &like.supervisor;
    tracing::debug!(supervisor = %supervisor.program.display(), "an agent is started for a kept key");
    let agent = launch(start, |_| {}).map_err(|error| error.to_string())?;
    let until = Instant::now() + AGENT;
    while !socket.exists() {
        if Instant::now() >= until {
            return Err(format!("{}: `ssh-agent` does not start, so the kept key cannot be used", target.name));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let unusable = |why: String| format!("{}: the kept key cannot be used: {why}", target.name);
    let mut adding = Command::new("ssh-add");
    adding.env_clear().envs(around).env("SSH_AUTH_SOCK", socket).args(["-q", "-"]);
    let spawned = adding.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| unusable(format!("`ssh-add` cannot be started: {error}")))?;
    if let Some(mut input) = child.stdin.take() {
        use std::os::unix::ffi::OsStrExt;
        // A key without its last line feed is none to ssh-add.
        let written = input.write_all(key.as_bytes()).and_then(|()| input.write_all(b"\n"));
        written.map_err(|error| unusable(error.to_string()))?;
    }
    let done = child.wait_with_output().map_err(|error| unusable(error.to_string()))?;
    if !done.status.success() {
        let said = last_line(&String::from_utf8_lossy(&done.stderr)).unwrap_or_default();
        return Err(unusable(format!(
            "ssh-add says \"{said}\"; set the entry's key, and its passphrase if it has one"
        )));
    }
    Ok((agent, socket.to_owned()))
}

/// Why there is no connection, from what ssh said.
fn explain(target: &str, host: &Host<'_>, said: &str) -> String {
    known_cause(target, host, said).unwrap_or_else(|| {
        let by_hand = host.by_hand();
        match last_line(said) {
            None => format!("{target}: ssh ended without a connection, and said nothing: try `{by_hand}`"),
            Some(last) => format!("{target}: ssh makes no connection ({last}): `{by_hand}` shows more"),
        }
    })
}

/// The same, where what it said is something that is known.
pub(super) fn known_cause(target: &str, host: &Host<'_>, said: &str) -> Option<String> {
    let has = |words: &str| said.contains(words);
    let (named, by_hand) = (host.destination, host.by_hand());
    let last = last_line(said).map(|line| format!(" ({line})")).unwrap_or_default();
    if has("HOST IDENTIFICATION HAS CHANGED") {
        return Some(format!(
            "{target}: the host's key is not the one that is known here, so it may be another machine that answers, and \
             nothing was sent to it: find out why it changed; if it is right, take the old key out (ssh-keygen -R \
             {named}) and connect once by hand (`{by_hand}`)"
        ));
    }
    if has("Host key verification failed") || has("host key is known for") {
        return Some(format!(
            "{target}: the host's key is not known here yet, and nobody has said that it is the right one: connect once by \
             hand (`{by_hand}`), compare the key, then try again"
        ));
    }
    if has("Permission denied") || has("Too many authentication failures") || has("No more authentication methods") {
        return Some(format!(
            "{target}: the host does not let us in{last}: see whether the key is in the agent (ssh-add -l), or keep a \
             password or key in the access entry; `{by_hand}` shows what it asks for"
        ));
    }
    if has("Could not resolve hostname") {
        return Some(format!(
            "{target}: there is no host of that name{last}: mend the entry's address, or the network"
        ));
    }
    if ["Connection refused", "timed out", "No route to host", "unreachable"].iter().any(|words| has(words)) {
        return Some(format!(
            "{target}: the host cannot be reached{last}: see whether it is up, and the way to it open"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(kept: &Kept) -> Host<'_> {
        Host { destination: "web1", user: Some("ann"), port: Some(2222), kept }
    }

    #[test]
    fn a_password_is_told_to_its_own_host_and_once() {
        let kept = Kept { password: Some("hunter2".into()), ..Kept::default() };
        let about = About(vec![("user".into(), "ann".into()), ("hostname".into(), "10.0.0.1".into())]);
        let kept_for = || answers(&about, &host(&kept), || Reply::Refuse);
        let mut answer = kept_for();
        for question in [
            "ann@jump's password: ",
            "root@10.0.0.1's password: ",
            "(ann@jump) Password: ",
            "The authenticity of host '10.0.0.1' can't be established. Are you sure (yes/no/[fingerprint])? ",
            "(ann@10.0.0.1) Verification code: ",
        ] {
            assert_eq!(answer(question), Reply::Refuse, "{question}");
        }
        let password = || Reply::Answer("hunter2".into());
        assert_eq!(answer("ann@10.0.0.1's password: "), password());
        assert_eq!(answer("ann@10.0.0.1's password: "), Reply::Refuse, "asked again it was wrong");
        assert_eq!(kept_for()("(ann@10.0.0.1) Password: "), password());
        let mut where_a_person_is = answers(&about, &host(&kept), || Reply::AskPerson);
        assert_eq!(where_a_person_is("Are you sure (yes/no/[fingerprint])? "), Reply::AskPerson);
        assert_eq!(where_a_person_is("ann@10.0.0.1's password: "), password());
    }

    #[test]
    fn each_failure_is_told_by_its_cause_and_what_to_do() {
        let kept = Kept::default();
        for (said, expected) in [
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n",
                "ssh-keygen -R web1",
            ),
            ("Host key verification failed.\r\n", "`ssh -p 2222 ann@web1`"),
            ("ann@web1: Permission denied (publickey).\r\n", "does not let us in (ann@web1: Permission denied"),
            ("ssh: Could not resolve hostname web1: Name or service not known\n", "no host of that name"),
            ("ssh: connect to host web1 port 2222: Connection refused\r\n", "cannot be reached (ssh: connect"),
            ("", "said nothing"),
            ("kex_exchange_identification: banner line too long\n", "makes no connection (kex"),
        ] {
            let sentence = explain("web1", &host(&kept), said);
            assert!(sentence.starts_with("web1: ") && sentence.contains(expected), "{sentence}");
            assert!(!sentence.contains('\n'));
        }
    }
}
