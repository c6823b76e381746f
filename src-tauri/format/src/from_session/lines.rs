//! Reads the lines of a session: which are commands, which are their output, and which went wrong.

use super::typed::{is_a_known_command, looks_typed};
use crate::shell::Scanner;
use crate::shell::opens_session;

/// A command of the session.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) command: String,
    pub(super) output: Vec<String>,
    /// The other host or person that it ran as, if any.
    pub(super) host: Option<String>,
    pub(super) language: &'static str,
}

impl Entry {
    /// The program, without `sudo`, and what it was told to do.
    pub(super) fn words(&self) -> (&str, Option<&str>) {
        let mut words = self
            .command
            .split_whitespace()
            .skip_while(|word| *word == "sudo" || word.split_once('=').is_some_and(|(name, _)| is_name(name)));
        let program = words.next().unwrap_or("command");
        let verb = words.find(|word| !word.starts_with('-'));
        let verb =
            verb.filter(|word| word.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter)));
        (program.rsplit('/').next().unwrap_or(program), verb)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) entries: Vec<Entry>,
    /// Commands that were left out, and why.
    pub(super) dropped: Vec<(String, &'static str)>,
}

crate::fixed::expression!(
    ESCAPES,
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|[\x00-\x07\x0b-\x1f\x7f]"
);
crate::fixed::expression!(ERASED, r"\x1b\[0?K");
// What shells write before the further lines of a command: bash, and zsh with what is open.
crate::fixed::expression!(
    SECOND,
    r"^(?:(?:for|while|until|if|then|else|elif|do|case|select|function|cursh|subsh|quote|dquote|bquote|heredocd?|cmdsubst|mathsubst|braceparam|pipe|cmdand|cmdor|array) ?)*>(?: |$)"
);
// `script(1)` says when it began and ended.
crate::fixed::expression!(RECORDED, r"^Script (?:started|done)(?: on |, |$)");
crate::fixed::expression!(
    PROMPT,
    r"^(?:\([\w.-]+\) ?)?(?:(?P<at>[\w.-]+@[\w.-]+)(?:[: ][^$#%>]*?)? ?[$#%❯>]|\[(?P<in>[\w.-]+@[\w.-]+)[^\]]*\] ?[$#%]|(?:sh|bash|zsh)-[\d.]+[$#]|➜  [\w~./-]+(?: git:\([^)]*\)(?: ✗)?)?|[➜❯λ»]|[$%]>?|PS [A-Za-z/~][^>]*>|~?[\w~./-]* [$%❯])(?:[ \t]+|$)"
);
crate::fixed::expression!(ROOT, r"^# +(?:[A-Z_]+=|\./|/|[a-z][\w.-]*(?: |$))");
crate::fixed::expression!(
    NUMBERED,
    r"^ *\d+\*? {1,2}(?:\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)? +)?(?P<command>\S.*)$"
);
crate::fixed::expression!(ZSH, r"^: \d{9,}:\d+;(?P<command>.*)$");
crate::fixed::expression!(RIGHT, r"(?: {6,}(?:\[?\d\d:\d\d(?::\d\d)?\]?|[✔✘✓✗][^ ]*(?: .*)?))$");
crate::fixed::expression!(
    SECRET,
    r#"(?i)((?:password|passwd|secret|token|api[_-]?key|access[_-]?key)(?:=|: ?| )["']?|--password[= ]["']?|authorization: (?:bearer|basic) |://[^/\s:@]+:|\bmysql(?:dump|admin)?\b[^\n]*?\s-p)(?P<value>[^\s"'@<$][^\s"'@]{3,})"#
);
crate::fixed::expression!(
    KNOWN_SECRET,
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abp]-[A-Za-z0-9-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)"
);

/// How the lines are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Numbered,
    Zsh,
    Fish,
    Prompted,
    /// Prompts of root's shell alone, which begin like a comment.
    Root,
    Plain,
}

impl Form {
    fn has_prompts(self) -> bool {
        matches!(self, Self::Prompted | Self::Root)
    }
}

/// What ends a session when it is typed.
const LEAVING: &[&str] = &["exit", "logout"];

/// What stands there when a session ends: the shell's word, also after Ctrl-D, or that of `ssh`.
fn says_left(line: &str) -> bool {
    let line = line.trim();
    LEAVING.contains(&line) || (line.starts_with("Connection to ") && line.ends_with(" closed."))
}

/// Reads a history or a scroll-back.
pub(super) fn read(text: &str) -> Session {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.lines().map(clean).filter(|line| !RECORDED.is_match(line)).collect();
    let form = form(&lines);
    let mut session = Session::default();
    let mut hosts: Vec<String> = Vec::new();
    let mut home: Option<String> = None;
    let mut scanner = Scanner::default();
    let mut open: Option<Entry> = None;
    let mut left = false;
    for line in &lines {
        if let Some(entry) = &mut open
            && scanner.is_open()
        {
            let part = if form.has_prompts() { continued(line).unwrap_or(line) } else { line };
            entry.command.push('\n');
            entry.command.push_str(part);
            scanner.line(&format!("{part}\n"));
            continue;
        }
        // A loop or a condition is open too; bash says so before each line of it.
        if let Some(entry) = &mut open
            && form.has_prompts()
            && entry.output.is_empty()
            && let Some(part) = continued(line)
        {
            entry.command.push('\n');
            entry.command.push_str(part);
            scanner.line(&format!("{part}\n"));
            continue;
        }
        let Some((command, at)) = command(line, form) else {
            // Elsewhere these words are output like any other.
            let within = form.has_prompts()
                && says_left(line)
                && (!hosts.is_empty()
                    || left
                    || open
                        .as_ref()
                        .is_some_and(|entry| LEAVING.contains(&entry.command.as_str()) || opens(&entry.command)));
            if within {
                let said = open.as_ref().is_some_and(|entry| LEAVING.contains(&entry.command.as_str()));
                finish(&mut session, open.take(), &mut hosts);
                // What was typed, what the shell says and what `ssh` says are one leaving.
                if !said && !left {
                    hosts.pop();
                }
                left = true;
                continue;
            }
            if let Some(entry) = &mut open {
                entry.output.push(hide(line.trim_end()));
            }
            continue;
        };
        finish(&mut session, open.take(), &mut hosts);
        left = false;
        let command = command.trim();
        if command.is_empty() || command == "^C" || command.starts_with('#') {
            continue;
        }
        // Where the prompt says where it is, it is believed.
        let host = match at {
            Some(at) => {
                // The first name is this machine's, unless a session was opened from a prompt without one.
                if home.is_none() && hosts.is_empty() {
                    home = Some(at.clone());
                }
                (home.as_ref() != Some(&at)).then_some(at)
            }
            None => hosts.last().cloned(),
        };
        if host.is_none() && form.has_prompts() {
            hosts.clear();
        }
        let language = if line.starts_with("PS ") { "powershell" } else { "sh" };
        scanner = Scanner::default();
        scanner.line(&format!("{command}\n"));
        open = Some(Entry { command: command.to_owned(), output: Vec::new(), host, language });
    }
    finish(&mut session, open, &mut hosts);
    session
}

/// Keeps a command, or says why not.
fn finish(session: &mut Session, entry: Option<Entry>, hosts: &mut Vec<String>) {
    let Some(mut entry) = entry else { return };
    while entry.output.last().is_some_and(|line| line.is_empty()) {
        entry.output.pop();
    }
    let plain = hide(&entry.command);
    let why = if entry
        .output
        .iter()
        .take(3)
        .any(|line| line.contains("command not found") || line.contains("Unknown command"))
    {
        Some("it was mistyped")
    } else if entry.command.ends_with("^C") || entry.output.iter().any(|line| line.trim() == "^C") {
        Some("it was broken off")
    } else if ["exit", "logout", "clear", "history"].contains(&entry.command.as_str()) {
        if LEAVING.contains(&entry.command.as_str()) {
            hosts.pop();
        }
        return;
    } else if session.entries.last().is_some_and(|last| last.command == plain && last.host == entry.host) {
        Some("it was run again")
    } else {
        None
    };
    if let Some(why) = why {
        session.dropped.push((plain, why));
        return;
    }
    if opens(&entry.command) {
        let place = entry.command.split_whitespace().rev().find(|word| !word.starts_with('-')).unwrap_or("another");
        hosts.push(if entry.command.starts_with("sudo") || entry.command.starts_with("su ") {
            "root".to_owned()
        } else {
            place.to_owned()
        });
        let command = entry.command.clone();
        session.dropped.push((hide(&command), "it opens a session: its commands stand under the host"));
        return;
    }
    entry.command = plain;
    session.entries.push(entry);
}

/// Whether what follows a command runs elsewhere.
fn opens(command: &str) -> bool {
    let scan = crate::shell::scan(command);
    let marks = crate::shell::placeholders(command, &scan);
    crate::shell::commands(command, &scan, &marks).iter().any(opens_session)
}

fn form(lines: &[String]) -> Form {
    let said: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.trim().is_empty()).collect();
    let count = |is: &dyn Fn(&str) -> bool| said.iter().filter(|line| is(line)).count();
    let matches = |fixed: &'static crate::fixed::Fixed| move |line: &str| fixed.is_match(line);
    if count(&matches(&ZSH)) > 0 {
        Form::Zsh
    } else if count(&|line| line.starts_with("- cmd: ")) > 0 {
        Form::Fish
    } else if count(&matches(&NUMBERED)) * 3 > said.len() * 2 {
        Form::Numbered
    } else if count(&matches(&PROMPT)) > 0 {
        Form::Prompted
    } else if is_roots(&said) {
        Form::Root
    } else {
        Form::Plain
    }
}

/// Whether a session is one of root's shell alone: it begins at a prompt, most of what stands behind one looks typed, and
/// no command stands behind none, as in a script with comments.
fn is_roots(said: &[&str]) -> bool {
    let (prompted, others): (Vec<&str>, Vec<&str>) = said.iter().partition(|line| line.starts_with("# "));
    let typed = prompted.iter().filter(|line| roots(line).is_some()).count();
    said.first().is_some_and(|line| roots(line).is_some())
        && typed * 2 > prompted.len()
        && !others.iter().any(|line| line.contains(' ') && is_a_known_command(line))
}

/// The command behind a prompt of root's shell, if it looks like one and not like a comment.
fn roots(line: &str) -> Option<&str> {
    let command = line.strip_prefix('#')?.trim();
    (ROOT.is_match(line) && (LEAVING.contains(&command) || looks_typed(command))).then_some(command)
}

/// The command of a line, and where its prompt says that it is.
fn command(line: &str, form: Form) -> Option<(String, Option<String>)> {
    let named = |fixed: &crate::fixed::Fixed| {
        let found = fixed.get()?.captures(line)?;
        Some((found.name("command")?.as_str().to_owned(), None))
    };
    match form {
        Form::Zsh => named(&ZSH),
        Form::Numbered => named(&NUMBERED),
        Form::Fish => line.strip_prefix("- cmd: ").map(|rest| (rest.replace("\\n", "\n"), None)),
        Form::Plain => (!line.trim().is_empty()).then(|| (line.to_owned(), None)),
        Form::Root if line == "#" => Some((String::new(), None)),
        Form::Root => roots(line).map(|command| (command.to_owned(), None)),
        Form::Prompted => {
            if let Some(command) = roots(line) {
                return Some((command.to_owned(), None));
            }
            let found = PROMPT.get()?.captures(line)?;
            let at = found.name("at").or(found.name("in")).map(|at| at.as_str().to_owned());
            let rest = line.get(found.get(0)?.end()..)?;
            let rest = RIGHT.get().map_or(rest.into(), |right| right.replace(rest, ""));
            Some((rest.into_owned(), at))
        }
    }
}

/// The line behind the prompt of a further line.
fn continued(line: &str) -> Option<&str> {
    let found = SECOND.get()?.find(line)?;
    line.get(found.end()..)
}

/// Stands for "erase to the end of the line" until the line is drawn: of Unicode's private use.
const ERASE: char = '\u{f8ff}';

/// A line as it stood on the screen at the end: what was taken back while typing is gone.
fn clean(line: &str) -> String {
    let (Some(escapes), Some(erased)) = (ESCAPES.get(), ERASED.get()) else { return line.to_owned() };
    let line = erased.replace_all(line, ERASE.encode_utf8(&mut [0; 4]) as &str);
    let line = escapes.replace_all(&line, "");
    let mut screen: Vec<char> = Vec::new();
    let mut at: usize = 0;
    for letter in line.chars() {
        match letter {
            '\u{8}' => at = at.saturating_sub(1),
            ERASE => screen.truncate(at),
            _ => {
                if let Some(cell) = screen.get_mut(at) {
                    *cell = letter;
                } else {
                    screen.push(letter);
                }
                at += 1;
            }
        }
    }
    screen.into_iter().collect::<String>().trim_end().to_owned()
}

/// Values that look like credentials are replaced.
fn hide(text: &str) -> String {
    let hidden = SECRET.get().map_or(text.into(), |secret| secret.replace_all(text, "$1<password>"));
    KNOWN_SECRET
        .get()
        .map_or_else(|| hidden.to_string(), |known| known.replace_all(&hidden, "<password>").into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_are_valid() {
        for fixed in
            [&ESCAPES, &ERASED, &SECOND, &RECORDED, &PROMPT, &ROOT, &NUMBERED, &ZSH, &RIGHT, &SECRET, &KNOWN_SECRET]
        {
            assert!(fixed.get().is_some());
        }
    }

    fn commands(text: &str) -> Vec<String> {
        read(text).entries.into_iter().map(|entry| entry.command).collect()
    }

    #[test]
    fn histories_and_terminals_of_all_kinds_give_their_commands() {
        let mut wrong = Vec::new();
        for (text, expected) in [
            ("  101  cd /srv\n  102  ls -l\n", vec!["cd /srv", "ls -l"]),
            ("  7  2026-11-22 10:00:01 df -h\n  8  2026-11-22 10:00:02 du -sh .\n", vec!["df -h", "du -sh ."]),
            (
                ": 1700000000:0;df -h\n: 1700000001:0;for i in 1 2; do\\\necho $i\\\ndone\n",
                vec!["df -h", "for i in 1 2; do\\\necho $i\\\ndone"],
            ),
            ("- cmd: df -h\n  when: 1700000000\n- cmd: ls\n  when: 1700000001\n", vec!["df -h", "ls"]),
            ("df -h\ncat <<EOF > x\na\nEOF\nls\n", vec!["df -h", "cat <<EOF > x\na\nEOF", "ls"]),
            ("ann@web1:~/x$ df -h\nFilesystem Size\n/dev/sda1 20G\nann@web1:~/x$ ls\na\n", vec!["df -h", "ls"]),
            ("[root@db1 ~]# systemctl restart nginx\n[root@db1 ~]# \n", vec!["systemctl restart nginx"]),
            ("❯ git pull\nAlready up to date.\n", vec!["git pull"]),
            ("➜  app git:(main) ✗ make test\nok\n", vec!["make test"]),
            ("PS C:\\> Get-Service\nRunning\n", vec!["Get-Service"]),
            ("% ls\nfile\n", vec!["ls"]),
            ("$ ls \\\n> -l\ntotal 0\n", vec!["ls \\\n-l"]),
            ("\x1b[32mann@web1\x1b[0m:\x1b[34m~\x1b[0m$ \x1b[1mdf\x1b[0m -h\r\nout\r\n", vec!["df -h"]),
            (
                "root@web1:~# for i in 1 2; do\n> echo $i\n> done\n1\n2\nroot@web1:~# ls\n",
                vec!["for i in 1 2; do\necho $i\ndone", "ls"],
            ),
            (
                "% echo 'a\nquote> b'\na\nb\n% for x in a; do\nfor> ls $x\nfor> done\n",
                vec!["echo 'a\nb'", "for x in a; do\nls $x\ndone"],
            ),
            ("  498* vi x\n  499  HISTTIMEFORMAT= history\n", vec!["vi x", "HISTTIMEFORMAT= history"]),
            (
                "Script started on 2026-11-22 10:00:00+00:00 [TERM=\"xterm\"]\n\x1b[?2004hann@web1:~$ lss\x08\x1b[K -l\x08\x08\x08 -a\r\n\x1b[?2004l\r.\r\nann@web1:~$ exit\r\n\nScript done on 2026-11-22 10:01:00+00:00 [COMMAND_EXIT_CODE=\"0\"]\n",
                vec!["ls -a"],
            ),
            ("$ df -h                    10:02:33\nout\n", vec!["df -h"]),
            // Root's prompt begins a comment elsewhere.
            (
                "# systemctl stop app\n# df -h\nFilesystem Size\n/dev/sda1 20G\n#\n",
                vec!["systemctl stop app", "df -h"],
            ),
            (
                "# apt update\n# echo \"a\n> b\"\n# pveversion -v\npve/8\n",
                vec!["apt update", "echo \"a\nb\"", "pveversion -v"],
            ),
            ("# Look at the disk\ndf -h\n# then the logs\njournalctl -u app\n", vec!["df -h", "journalctl -u app"]),
            ("# find large files\nfind / -size +1G\n", vec!["find / -size +1G"]),
            ("# systemctl stop app\nsystemctl restart app\n", vec!["systemctl restart app"]),
            ("#!/bin/sh\n# df -h\nls\n", vec!["ls"]),
            (
                "$ cat /etc/fstab\n# /etc/fstab: static file system information.\n# make sure it is there\n$ ls\n",
                vec!["cat /etc/fstab", "ls"],
            ),
            ("$ sudo -i\n# systemctl restart app\n# exit\n$ ls\n", vec!["systemctl restart app", "ls"]),
        ] {
            let found = commands(text);
            if found != expected {
                wrong.push(format!("{text:?}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_prompt_that_names_no_host_stays_with_the_session_that_was_opened() {
        let bye = "Connection to db1 closed.\n";
        for (text, expected) in [
            ("$ ssh db1\n$ df\n$ du\n$ exit\n$ ls\n".to_owned(), vec![Some("db1"), Some("db1"), None]),
            (format!("$ ssh db1\n$ df\n$ exit\nlogout\n{bye}$ ls\n"), vec![Some("db1"), None]),
            (format!("$ ssh db1\n$ df\n$ logout\n{bye}$ ls\n"), vec![Some("db1"), None]),
            // Ctrl-D leaves no command.
            (format!("$ ssh db1\n$ df\nout\nlogout\n{bye}$ ls\n"), vec![Some("db1"), None]),
            (format!("$ ssh db1\n$ df\n$ \n{bye}$ ls\n"), vec![Some("db1"), None]),
            (format!("$ ssh db1\n{bye}$ ls\n"), vec![None]),
            // One session within another is left alone.
            (
                format!("$ ssh jump\n$ ssh db1\n$ df\n$ exit\nlogout\n{bye}$ uptime\n$ exit\n$ ls\n"),
                vec![Some("db1"), Some("jump"), None],
            ),
            ("$ cat x\nexit\nrest\n$ ls\n".to_owned(), vec![None, None]),
            ("ann@pc:~$ ssh db1\n$ df\nann@pc:~$ ls\n".to_owned(), vec![Some("db1"), None]),
            ("$ ssh db1\nann@db1:~$ df\nann@db1:~$ exit\n$ ls\n".to_owned(), vec![Some("ann@db1"), None]),
        ] {
            let session = read(&text);
            let hosts: Vec<_> = session.entries.iter().map(|entry| entry.host.as_deref()).collect();
            assert_eq!(hosts, expected, "{text}");
        }
        assert_eq!(read("$ cat x\nexit\nrest\n$ ls\n").entries[0].output, ["exit", "rest"]);
    }

    #[test]
    fn what_went_wrong_is_left_out_and_said() {
        let session = read("$ sl\nbash: sl: command not found\n$ sleep 9\n^C\n$ ls\n$ ls\n$ clear\n");
        assert_eq!(session.entries.len(), 1);
        assert_eq!(
            session.dropped,
            [
                ("sl".to_owned(), "it was mistyped"),
                ("sleep 9".to_owned(), "it was broken off"),
                ("ls".to_owned(), "it was run again")
            ]
        );
    }

    #[test]
    fn credentials_are_replaced() {
        for (text, expected) in [
            ("export DB_PASSWORD=hunter22", "export DB_PASSWORD=<password>"),
            ("mysql -u root -phunter22", "mysql -u root -p<password>"),
            ("curl -H 'Authorization: Bearer abcdef123'", "curl -H 'Authorization: Bearer <password>'"),
            ("psql postgres://app:hunter22@db/x", "psql postgres://app:<password>@db/x"),
            ("echo ghp_0123456789012345678901234567890123456789", "echo <password>"),
            ("mkdir -p /srv", "mkdir -p /srv"),
            ("ssh -p2222 ann@db1 uptime", "ssh -p2222 ann@db1 uptime"),
            ("echo $PASSWORD", "echo $PASSWORD"),
        ] {
            assert_eq!(hide(text), expected);
        }
    }
}
