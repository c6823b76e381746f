//! The system's git where it speaks with a remote, so that it can be followed, stopped, and never asks. What is fetched runs
//! nothing: no hooks, no submodules, no filters, no helpers that an address names.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    io::Read as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, RecvTimeoutError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use super::source::Told;
use crate::{ApiError, ErrorCode, app::lock, author::git::in_environment};

/// What git may speak. `ext` and the like start what an address says.
const SCHEMES: [&str; 4] = ["https", "ssh", "git", "file"];
/// So much of what git says is kept for a person.
const KEPT: usize = 2_000;

/// A remote that says nothing for so long is given up.
pub(crate) const SILENCE: Duration = Duration::from_secs(60);

/// So long git has to end in order, with what it holds, before it is killed.
const MERCY: Duration = Duration::from_secs(3);

/// How often it is looked whether git is to be ended.
const TURN: Duration = Duration::from_millis(100);

/// The git that fetches now, if one does; one at a time.
#[derive(Default)]
pub(crate) struct Fetching(Mutex<Fetch>, Mutex<()>);

#[derive(Default)]
struct Fetch {
    child: Option<Child>,
    /// Somebody fetches, though git may not be started yet.
    on: bool,
    stopped: bool,
    closed: bool,
    /// When git was told to end.
    ending: Option<Instant>,
}

impl Fetching {
    /// Ends what is fetched now, if anything is; says whether anything was.
    pub(crate) fn stop(&self) -> bool {
        let mut fetch = lock(&self.0);
        fetch.stopped = fetch.on;
        fetch.end();
        fetch.on
    }

    /// The same, and fetches nothing more.
    pub(crate) fn close(&self) {
        lock(&self.0).closed = true;
        self.stop();
        // The program ends next, and nobody is left to insist.
        let until = Instant::now() + MERCY;
        while lock(&self.0).on && Instant::now() < until {
            thread::sleep(TURN / 10);
        }
        lock(&self.0).signal(Signal::SIGKILL);
    }
}

impl Fetch {
    fn begin(&mut self) {
        (self.on, self.stopped, self.ending) = (true, false, None);
    }

    /// Has git end, and what it started, which would keep its end of the pipe open. It takes its lock files away with it.
    fn end(&mut self) {
        if self.child.is_some() && self.ending.is_none() {
            self.ending = Some(Instant::now());
            self.signal(Signal::SIGTERM);
        }
    }

    /// Kills git where it was told to end and did not.
    fn insist(&self) {
        if self.ending.is_some_and(|since| since.elapsed() > MERCY) {
            self.signal(Signal::SIGKILL);
        }
    }

    fn signal(&self, signal: Signal) {
        let group = self.child.as_ref().and_then(|child| i32::try_from(child.id()).ok());
        if let Some(Err(error)) = group.map(|group| killpg(Pid::from_raw(group), signal)) {
            tracing::info!(%error, "git was over");
        }
    }
}

/// The address, if it is one to fetch from.
pub(crate) fn address(typed: &str) -> Result<String, ApiError> {
    let typed = typed.trim();
    let refuse = |why: &str| Err(ApiError::new(ErrorCode::BadInput, format!("\"{typed}\" is not fetched: {why}.")));
    if typed.is_empty() || typed.starts_with('-') || typed.chars().any(char::is_control) {
        return refuse("it is no address of a git repository");
    }
    if let Some((scheme, rest)) = typed.split_once("://") {
        if !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
            return refuse("only https, ssh, git and file addresses are");
        }
        // Programs that are handed a host take one that begins so for an option.
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        if host.starts_with('-') || host.rsplit('@').next().is_some_and(|host| host.starts_with('-')) {
            return refuse("its host begins with a dash");
        }
        return Ok(typed.to_owned());
    }
    if Path::new(typed).is_absolute() {
        return Ok(format!("file://{typed}"));
    }
    match typed.split_once(':') {
        Some((host, path))
            if !host.contains('/')
                && !path.starts_with(':')
                && !host.rsplit('@').next().unwrap_or_default().starts_with('-')
                && !path.is_empty() =>
        {
            Ok(typed.to_owned())
        }
        _ => refuse("write it like https://example.org/team/runbooks.git"),
    }
}

/// Fetches the newest state, without its history.
pub(super) fn clone(
    address: &str,
    to: &Path,
    environment: &BTreeMap<OsString, OsString>,
    fetching: &Fetching,
    told: Told<'_>,
) -> Result<(), ApiError> {
    speak(
        &Talk { silence: SILENCE, ..cloning(address, to, &["--depth=1", "--no-tags"], environment) },
        fetching,
        told,
    )
}

/// What git is asked that copies a repository into a folder that is not there yet.
pub(crate) fn cloning<'a>(
    address: &'a str,
    to: &'a Path,
    more: &[&'a str],
    environment: &'a BTreeMap<OsString, OsString>,
) -> Talk<'a> {
    let fixed = ["clone", "--single-branch", "--no-recurse-submodules", "--template=", "--progress"];
    let words = fixed.into_iter().chain(more.iter().copied()).chain(["--", address]);
    Talk {
        name: address,
        failed: "was not fetched",
        folder: None,
        settings: &["core.hooksPath=/dev/null", "core.autocrlf=false", "clone.defaultRemoteName=origin"],
        off: Vec::new(),
        own_ssh: false,
        arguments: words.map(OsStr::new).chain([to.as_os_str()]).collect(),
        environment,
        silence: SILENCE,
    }
}

/// What is asked of a git that speaks with a remote.
pub(crate) struct Talk<'a> {
    /// What it is about, for sentences.
    pub(crate) name: &'a str,
    /// What became of that where it fails: `was not fetched`.
    pub(crate) failed: &'a str,
    /// The repository that it is done in; none where one is made.
    pub(crate) folder: Option<&'a Path>,
    /// Settings that hold besides those that always do.
    pub(crate) settings: &'a [&'a str],
    /// Settings of a repository that are switched off, with what stands in their place.
    pub(crate) off: Vec<(String, &'static str)>,
    /// Git's configuration names a program in the place of ssh.
    pub(crate) own_ssh: bool,
    pub(crate) arguments: Vec<&'a OsStr>,
    pub(crate) environment: &'a BTreeMap<OsString, OsString>,
    /// A remote that says nothing for so long is given up.
    pub(crate) silence: Duration,
}

/// Has git speak with a remote, until it is done, stopped or given up. Nothing is ever asked: credentials are those of git's
/// own helpers and of the ssh agent.
pub(crate) fn speak(talk: &Talk<'_>, fetching: &Fetching, told: Told<'_>) -> Result<(), ApiError> {
    let _turn = lock(&fetching.1);
    lock(&fetching.0).begin();
    let done = spoken(talk, fetching, told);
    lock(&fetching.0).on = false;
    done
}

fn spoken(talk: &Talk<'_>, fetching: &Fetching, told: Told<'_>) -> Result<(), ApiError> {
    let Talk { name, failed, environment, silence, .. } = talk;
    let failed = |why: String| ApiError::new(ErrorCode::File, format!("{name} {failed}: {why}."));
    let mut command = Command::new("git");
    command.env_clear().envs(*environment);
    for name in environment.keys() {
        // Set for another repository, or for a hook that this was started from.
        if name.as_encoded_bytes().starts_with(b"GIT_") && name != "GIT_SSH_COMMAND" && name != "GIT_SSH" {
            command.env_remove(name);
        }
    }
    let asks = ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| environment.contains_key(&OsString::from(name)));
    if !asks && !talk.own_ssh {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    // Nothing asks: no terminal, no window of its own, and no ssh that a person set up without batch mode.
    command.env("GIT_ASKPASS", "").env("SSH_ASKPASS", "false").env("SSH_ASKPASS_REQUIRE", "force");
    command.envs(in_environment(&talk.off));
    // Stands above whatever a configuration allows.
    command.env("GIT_ALLOW_PROTOCOL", SCHEMES.join(":"));
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_LFS_SKIP_SMUDGE", "1").env("LC_ALL", "C");
    let allowed = SCHEMES.map(|scheme| format!("protocol.{scheme}.allow=always"));
    let settings = [
        "core.fsmonitor=false",
        "credential.interactive=false",
        "protocol.allow=never",
        "protocol.ext.allow=never",
        "submodule.recurse=false",
    ];
    let settings = settings.into_iter().chain(talk.settings.iter().copied());
    for setting in settings.chain(allowed.iter().map(String::as_str)) {
        command.args(["-c", setting]);
    }
    command.args(&talk.arguments);
    if let Some(folder) = talk.folder {
        command.current_dir(folder);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    // With what it starts: a helper would keep its output open.
    command.process_group(0);
    let mut fetch = lock(&fetching.0);
    let stopped = || ApiError::new(ErrorCode::State, format!("{name} {}: it was stopped.", talk.failed));
    if fetch.stopped || fetch.closed {
        return Err(stopped());
    }
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed("there is no git on this machine: install it".to_owned()),
        _ => failed(error.to_string()),
    })?;
    let said = child.stderr.take();
    fetch.child = Some(child);
    drop(fetch);
    let insist = || lock(&fetching.0).insist();
    let heard = said.map_or_else(|| Ok(String::new()), |said| listen(&follow(said), *silence, told, insist));
    if heard.is_err() {
        lock(&fetching.0).end();
    }
    let (status, was_stopped) = ended(fetching);
    let status = status.map_err(|error| failed(error.to_string()))?;
    if was_stopped {
        return Err(stopped());
    }
    let Ok(last) = heard else {
        let seconds = silence.as_secs();
        return Err(failed(format!("it says nothing for {seconds} seconds: see whether it can be reached")));
    };
    match status {
        Some(status) if status.success() => Ok(()),
        _ => {
            let why = last.trim().trim_end_matches('.').replace('\n', " ");
            Err(failed(if why.is_empty() {
                "git failed and did not say why".to_owned()
            } else {
                format!("git says: {why}")
            }))
        }
    }
}

/// How git ended, which says no more, so that it is over or about to be; and whether it was stopped.
fn ended(fetching: &Fetching) -> (std::io::Result<Option<ExitStatus>>, bool) {
    loop {
        let mut fetch = lock(&fetching.0);
        let status = fetch.child.as_mut().map_or(Ok(None), Child::try_wait);
        if !matches!(status, Ok(None)) || fetch.child.is_none() {
            fetch.child = None;
            // Said by whoever stops it while the lock is held, so that it is not taken for git's own failure.
            return (status, fetch.stopped);
        }
        fetch.insist();
        drop(fetch);
        thread::sleep(TURN / 10);
    }
}

/// What git says, as it comes. Its thread ends when git and all that it started are over.
fn follow(mut said: ChildStderr) -> Receiver<Vec<u8>> {
    let (sender, receiver) = sync_channel(64);
    thread::spawn(move || {
        let mut some = [0; 4096];
        while let Ok(length @ 1..) = said.read(&mut some) {
            if sender.send(some.iter().take(length).copied().collect()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// It said nothing for too long.
struct Silent;

/// Tells how far git is; gives what it said last but for that. `turn` is done again and again meanwhile.
fn listen(said: &Receiver<Vec<u8>>, silence: Duration, told: Told<'_>, turn: impl Fn()) -> Result<String, Silent> {
    let (mut line, mut kept, mut last) = (Vec::new(), String::new(), Instant::now());
    loop {
        turn();
        let some = match said.recv_timeout(TURN) {
            Ok(some) => some,
            Err(RecvTimeoutError::Timeout) if last.elapsed() >= silence => return Err(Silent),
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        last = Instant::now();
        for byte in some {
            if byte != b'\n' && byte != b'\r' {
                line.push(byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            match progress(&text) {
                Some((done, total)) => told(done, total),
                None if text.starts_with("Cloning into") || is_chatter(&text) => {}
                None if kept.len() < KEPT => {
                    kept.push_str(&text);
                    kept.push('\n');
                }
                None => {}
            }
        }
    }
    kept.push_str(&String::from_utf8_lossy(&line));
    Ok(kept)
}

/// What a remote says of how it is getting on; the rest that it says may be why it refuses.
fn is_chatter(line: &str) -> bool {
    let Some(said) = line.strip_prefix("remote:").map(str::trim) else { return false };
    said.is_empty()
        || ["Enumerating objects", "Counting objects", "Compressing objects", "Total "]
            .iter()
            .any(|word| said.starts_with(word))
}

/// `Receiving objects:  42% (12/28), 1.20 MiB` and the like.
fn progress(line: &str) -> Option<(u64, u64)> {
    let (_, counts) = line.split_once("% (")?;
    let (done, total) = counts.split_once(')')?.0.split_once('/')?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_start_nothing_are_fetched() {
        for (typed, fetched) in [
            ("https://example.org/team/runbooks.git", true),
            ("HTTPS://example.org/a", true),
            ("ssh://git@example.org:22/a.git", true),
            ("git@example.org:team/a.git", true),
            ("host:a.git", true),
            ("git://example.org/a", true),
            ("file:///srv/a", true),
            ("/srv/a", true),
            ("http://example.org/a", false),
            ("ext::sh -c touch% /tmp/x", false),
            ("ext::sh", false),
            ("fd::17", false),
            ("-u./evil", false),
            ("--upload-pack=evil", false),
            ("ssh://-oProxyCommand=evil/a", false),
            ("ssh://git@-oProxyCommand=evil/a", false),
            ("-oProxyCommand=evil:a", false),
            ("git@-oProxyCommand=evil:a", false),
            ("javascript://example.org", false),
            ("relative/path", false),
            ("", false),
            ("https://example.org/\nx", false),
        ] {
            assert_eq!(address(typed).is_ok(), fetched, "{typed}");
        }
    }

    #[test]
    fn a_remote_that_says_nothing_is_given_up() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("git://{}/runbooks", silent.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let environment: BTreeMap<_, _> = std::env::vars_os().filter(|(name, _)| name == "PATH").collect();
        let fetching = Fetching::default();
        let to = folder.path().join("to");
        let talk = Talk { silence: Duration::from_millis(300), ..cloning(&address, &to, &[], &environment) };
        let done = speak(&talk, &fetching, &mut |_, _| ());
        let error = done.unwrap_err();
        assert!(error.message.contains("says nothing"), "{error}");
        assert_eq!(error.code, ErrorCode::File);
    }

    #[test]
    fn a_git_that_is_stopped_ends_in_order_and_one_that_does_not_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let path = std::env::var("PATH").unwrap();
        let environment = BTreeMap::from([("PATH".into(), format!("{}:{path}", folder.path().display()).into())]);
        for (on_term, says, tidied) in
            [("rm lock; exit 143", ":", true), ("", ":", false), ("", "echo remote: still here >&2", false)]
        {
            let script = format!(
                "#!/bin/sh\ncd '{}'\ntrap '{on_term}' TERM\ntouch lock begun\nwhile :; do {says}; sleep 0.05; done\n",
                folder.path().display()
            );
            std::fs::write(at("git"), script).unwrap();
            std::fs::set_permissions(at("git"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
            let (fetching, to) = (Fetching::default(), at("to"));
            let error = thread::scope(|scope| {
                scope.spawn(|| {
                    while !at("begun").exists() {
                        thread::sleep(TURN);
                    }
                    assert!(fetching.stop());
                });
                speak(&cloning("https://example.org/a", &to, &[], &environment), &fetching, &mut |_, _| ())
                    .unwrap_err()
            });
            assert!(error.message.contains("it was stopped"), "{error}");
            assert_eq!(at("lock").exists(), !tidied, "{on_term}");
            std::fs::remove_file(at("begun")).unwrap();
        }
    }

    #[test]
    fn how_far_git_is_is_read_from_what_it_says() {
        assert_eq!(progress("Receiving objects:  42% (12/28), 1.20 MiB | 2 MiB/s"), Some((12, 28)));
        assert_eq!(progress("remote: Counting objects: 100% (3/3), done."), Some((3, 3)));
        assert_eq!(progress("fatal: repository not found"), None);
    }
}
