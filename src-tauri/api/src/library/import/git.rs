//! Fetching a repository with the system's git, so that nothing of it is run: no hooks, no submodules, no filters, no
//! helpers that an address names.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{BufReader, Read as _},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use super::source::Told;
use crate::{ApiError, ErrorCode, app::lock};

/// What git may speak. `ext` and the like start what an address says.
const SCHEMES: [&str; 4] = ["https", "ssh", "git", "file"];
/// So much of what git says is kept for a person.
const KEPT: usize = 2_000;

/// The git that fetches now, if one does.
#[derive(Default)]
pub(crate) struct Fetching {
    child: Mutex<Option<Child>>,
    stopped: AtomicBool,
}

impl Fetching {
    /// Ends it.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(child) = lock(&self.child).as_mut() {
            drop(child.kill());
        }
    }
}

/// The address, if it is one to fetch from.
pub(super) fn address(typed: &str) -> Result<String, ApiError> {
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
    let failed = |why: String| ApiError::new(ErrorCode::File, format!("{address} was not fetched: {why}."));
    let mut command = Command::new("git");
    command.env_clear().envs(environment);
    for name in environment.keys() {
        // Set for another repository, or for a hook that this was started from.
        if name.as_encoded_bytes().starts_with(b"GIT_") && name != "GIT_SSH_COMMAND" && name != "GIT_SSH" {
            command.env_remove(name);
        }
    }
    let asks = ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| environment.contains_key(&OsString::from(name)));
    if !asks {
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_LFS_SKIP_SMUDGE", "1").env("LC_ALL", "C");
    let allowed = SCHEMES.map(|scheme| format!("protocol.{scheme}.allow=always"));
    let settings = [
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.autocrlf=false",
        "credential.interactive=false",
        "protocol.allow=never",
        "protocol.ext.allow=never",
        "submodule.recurse=false",
    ];
    for setting in settings.into_iter().chain(allowed.iter().map(String::as_str)) {
        command.args(["-c", setting]);
    }
    command.args(["clone", "--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template="]);
    command.args(["--progress", "--", address]).arg(to);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    fetching.stopped.store(false, Ordering::Relaxed);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed("there is no git on this machine: install it".to_owned()),
        _ => failed(error.to_string()),
    })?;
    let said = child.stderr.take();
    *lock(&fetching.child) = Some(child);
    let last = said.map(|said| listen(said, told)).unwrap_or_default();
    // It says no more, so that it is over or about to be.
    let child = lock(&fetching.child).take();
    let status = child.map(|mut child| child.wait()).transpose().map_err(|error| failed(error.to_string()))?;
    if fetching.stopped.load(Ordering::Relaxed) {
        return Err(failed("it was stopped".to_owned()));
    }
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

/// Tells how far git is; gives what it said last but for that.
fn listen(said: ChildStderr, told: Told<'_>) -> String {
    let (mut line, mut kept) = (Vec::new(), String::new());
    for byte in BufReader::new(said).bytes() {
        let Ok(byte) = byte else { break };
        if byte != b'\n' && byte != b'\r' {
            line.push(byte);
            continue;
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        match progress(&text) {
            Some((done, total)) => told(done, total),
            None if text.starts_with("Cloning into") || text.starts_with("remote: ") => {}
            None if kept.len() < KEPT => {
                kept.push_str(&text);
                kept.push('\n');
            }
            None => {}
        }
    }
    kept.push_str(&String::from_utf8_lossy(&line));
    kept
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
    fn how_far_git_is_is_read_from_what_it_says() {
        assert_eq!(progress("Receiving objects:  42% (12/28), 1.20 MiB | 2 MiB/s"), Some((12, 28)));
        assert_eq!(progress("remote: Counting objects: 100% (3/3), done."), Some((3, 3)));
        assert_eq!(progress("fatal: repository not found"), None);
    }
}
