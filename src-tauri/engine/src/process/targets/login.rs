//! A person's own way to where an access entry leads: the program that leads there, in a terminal of the person's, with what was
//! kept for it. Nothing of it is shared with runs.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    Links, Reach, Target, container,
    ssh::{self, About, Host},
};
use crate::process::{Asked, Attempt, Launch, Reply};

/// What a container is entered by.
const SHELL: &str = "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi";

/// How ssh ends where it, and nothing there, has failed.
const OF_SSH: i32 = 255;

/// What ssh says when a connection that was there is so no longer.
const LOST: [&str; 6] = [
    "closed by remote host",
    "Broken pipe",
    "Connection reset",
    "Timeout, server",
    "not responding",
    "Connection timed out",
];

/// What leads to a target, and what answers it meanwhile. Dropping it ends the agent that holds a kept key.
#[derive(Debug)]
pub struct Login {
    /// The program and its arguments. No secret is among them.
    pub words: Vec<OsString>,
    /// Its environment, without any secret too.
    pub environment: BTreeMap<OsString, OsString>,
    target: Target,
    _asked: Option<Asked>,
    _agent: Option<Attempt>,
    /// Holds the sockets.
    _links: Links,
}

impl Login {
    /// Makes ready what leads to a target; `more` is run there instead of a shell. What is kept answers what OpenSSH asks for
    /// this very host, and its agent has a kept key. Everything else is asked of the person, at the terminal in which the
    /// words are started. `here` says that this process has that terminal too.
    ///
    /// # Errors
    /// One sentence: a kept key cannot be used, or there is no place for a socket.
    pub fn to(target: Target, more: &[OsString], like: &Launch, here: bool) -> Result<Self, String> {
        let links = Links::default();
        let mut environment = target.around.clone();
        let Some(host) = Host::of(&target.reach) else {
            let words = words(&target.reach, more, like.interactive);
            return Ok(Self { words, environment, target, _asked: None, _agent: None, _links: links });
        };
        let about = About::of(&target, &host);
        let mut with = about.defaults();
        let (mut asked, mut agent) = (None, None);
        if !host.kept.is_empty() {
            let folder = links
                .folder(&like.scratch)
                .map_err(|error| format!("{}: no folder can be made for the connection: {error}", target.name))?;
            let failed = |error| format!("{}: {} cannot be written to: {error}", target.name, folder.display());
            let there = Arc::new(AtomicBool::new(here));
            let is_there = Arc::clone(&there);
            let asks = move || if is_there.load(Ordering::Acquire) { Reply::AskPerson } else { Reply::Refuse };
            let answers = Asked::at(&folder.join("p"), ssh::answers(&about, &host, asks)).map_err(failed)?;
            environment.extend(answers.variables(&like.supervisor));
            if let Some(key) = &host.kept.key {
                let (holds, socket) = ssh::agent_with(key, &target, like, &folder.join("a"), &environment)?;
                with.push(ssh::agent_option(&socket));
                agent = Some(holds);
            }
            // From here on it is asked in the terminal of the connection.
            there.store(true, Ordering::Release);
            asked = Some(answers);
        }
        let words = host.login(with, more);
        Ok(Self { words, environment, target, _asked: asked, _agent: agent, _links: links })
    }

    /// Why ssh ended with that status, from what was shown of it last, where that has to do with the way there: one sentence.
    #[must_use]
    pub fn explain(&self, status: i32, said: &str) -> Option<String> {
        let name = &self.target.name;
        let host = Host::of(&self.target.reach).filter(|_| status == OF_SSH)?;
        // It says that a connection is closed after it has said why.
        let plain = crate::text::plain_text(said.as_bytes());
        let mut last = plain.lines().rev().map(str::trim).filter(|line| !line.is_empty()).take(3);
        let lost = |line: &&str| {
            LOST.iter().any(|words| line.contains(words))
                && !line.contains("kex_exchange")
                && !line.contains("connect to host")
        };
        if let Some(line) = last.find(lost) {
            // What was typed last may stand before it.
            let line = line.rfind("Connection to ").and_then(|at| line.get(at..)).unwrap_or(line);
            let line: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
            return Some(format!("{name}: the connection was lost ({})", line.trim_end_matches('.')));
        }
        ssh::known_cause(name, &host, said)
    }
}

/// The words that lead to a target, as a person would type them, without what only this program adds.
#[must_use]
pub fn words(reach: &Reach, more: &[OsString], terminal: bool) -> Vec<OsString> {
    if let Some(host) = Host::of(reach) {
        return host.login(Vec::new(), more);
    }
    let (command, more): (_, Vec<OsString>) = match more {
        [] => (SHELL, Vec::new()),
        more => ("exec \"$@\"", [OsString::from("sh")].into_iter().chain(more.iter().cloned()).collect()),
    };
    let words = container::words(reach, command, terminal).unwrap_or_default();
    words.into_iter().chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Kept;

    fn target(reach: Reach) -> Target {
        Target { name: "there".to_owned(), reach, around: BTreeMap::new(), folder: "/".into(), attended: true }
    }

    fn login(reach: Reach) -> Login {
        let (words, links) = (words(&reach, &[], true), Links::default());
        Login {
            words,
            environment: BTreeMap::new(),
            target: target(reach),
            _asked: None,
            _agent: None,
            _links: links,
        }
    }

    fn host() -> Reach {
        let (destination, user) = ("db1".to_owned(), Some("ann".to_owned()));
        Reach::Ssh { destination, user, port: Some(2222), kept: Kept::default() }
    }

    #[test]
    fn the_words_are_those_that_a_person_would_type() {
        let typed = |reach: &Reach, more: &[&str]| {
            let more: Vec<OsString> = more.iter().map(OsString::from).collect();
            words(reach, &more, true).join(&OsString::from("|")).into_string().unwrap()
        };
        assert_eq!(typed(&host(), &[]), "ssh|-l|ann|-p|2222|--|db1");
        assert_eq!(typed(&host(), &["uptime", "-p"]), "ssh|-l|ann|-p|2222|--|db1|uptime|-p");
        assert!(
            typed(&Reach::Docker("web".to_owned()), &[]).starts_with("docker|exec|-it|web|sh|-c|if command -v bash")
        );
        assert!(typed(&Reach::Docker("web".to_owned()), &["ls", "a b"]).ends_with("sh|-c|exec \"$@\"|sh|ls|a b"));
    }

    #[test]
    fn a_connection_that_was_lost_is_told_from_one_that_was_never_made_and_from_what_failed_there() {
        let ssh = login(host());
        let lost = ssh.explain(255, "ann@db1:~$ \r\nclient_loop: send disconnect: Broken pipe\r\n").unwrap();
        assert_eq!(lost, "there: the connection was lost (client_loop: send disconnect: Broken pipe)");
        let closed =
            "ann@db1:~$ kill Connection to 10.0.0.1 closed by remote host.\r\nConnection to 10.0.0.1 closed.\r\n";
        let closed = ssh.explain(255, closed).unwrap();
        assert_eq!(closed, "there: the connection was lost (Connection to 10.0.0.1 closed by remote host)");
        let refused = ssh.explain(255, "ssh: connect to host db1 port 22: Connection refused\r\n").unwrap();
        assert!(refused.contains("cannot be reached"), "{refused}");
        assert_eq!(ssh.explain(1, "Broken pipe"), None, "what ran there ended so");
        assert_eq!(ssh.explain(0, ""), None);
        assert_eq!(ssh.explain(255, "ann@db1:~$ exit 255\r\nlogout\r\n"), None, "who knows");
    }
}
