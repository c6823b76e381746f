//! Prompts: which lines of a block are commands, which are their output, and which are meant for another shell
//! (FORMAT.md, "Prompts" and "Another shell").

use regex::RegexSet;
use std::sync::LazyLock;

use crate::shell::{Scanner, commands, opens_session, placeholders, reads_on, scan};
use crate::words::is_known_command;

/// A block's text taken apart.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Peeled {
    /// What would run.
    pub(crate) script: String,
    /// What stood among the prompts.
    pub(crate) sample: Option<String>,
    /// Lines for the session that the script's last command opens.
    pub(crate) session_input: Vec<String>,
    /// Whether its last command opens one.
    pub(crate) opens_session: bool,
    /// Whether there were prompts.
    pub(crate) prompted: bool,
}

/// The first line that is neither blank nor a comment, without the blanks before it.
pub(crate) fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with('#'))
}

/// What follows a prompt of this shell: `$ `, `% ` or `$> `. `$HOME/bin/tool` is a command.
pub(crate) fn after_prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("$>").or_else(|| line.strip_prefix('$')).or_else(|| line.strip_prefix('%'))?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix([' ', '\t'])
}

static OTHER: LazyLock<RegexSet> = LazyLock::new(|| {
    crate::fixed::set(&[
        // ann@web1:~$, [ann@web1 ~]#, (venv) ann@web1 $
        r"^(?:\([\w.-]+\) ?)?[\w.-]+@[\w.-]+(?::[^\s$#%>]*| [~/][^\s$#%>]*)? ?[$#%>](?:\s|$)",
        r"^\[[^\]\s]+@[^\]]*\] ?[$#%](?:\s|$)",
        // sh-5.1#, bash-4.2$
        r"^(?:sh|bash|ash|dash|ksh|zsh)-[\d.]+[$#%](?:\s|$)",
        // app=#, app-#, app=>
        r"^[\w.-]+[=(*'-][#>](?:\s|$)",
        // MariaDB [(none)]>, irb(main):001:0>, 127.0.0.1:6379>, >>>, PS C:\>
        r"^[A-Za-z][\w.-]* ?[\[(]+[^\])]*[\])]+[\w:.*]*>(?:\s|$)",
        r"^[\w.-]+:\d+(?:\[\d+\])?>(?:\s|$)",
        r"^>(?:>>)?(?:\s|$)",
        r"^PS(?: [^>]*)?>(?:\s|$)",
        r"^[A-Z]:\\[^>]*>",
        // / #, ~ $, ➜, ❯
        r"^[~/][^\s$#%]* [$#](?:\s|$)",
        r"^[➜❯λ»](?:\s|$)",
        r"^\([\w.-]+\) ?[$#%](?:\s|$)",
    ])
});

crate::fixed::expression!(PROGRAM, r"^([A-Za-z][\w.-]*)>(?:\s|$)");
crate::fixed::expression!(OTHER_PROMPT_END, r"^.{0,80}?[$#%>]+\s+");

/// Programs that prompt with their name.
const PROMPTING: &[&str] = &[
    "mysql",
    "sftp",
    "ftp",
    "psql",
    "irb",
    "mongo",
    "mongosh",
    "redis",
    "redis-cli",
    "sqlite3",
    "node",
    "telnet",
    "cqlsh",
];

/// Whether a line begins with the prompt of another place or program.
pub(crate) fn is_other_prompt(line: &str) -> bool {
    if OTHER.is_match(line) {
        return true;
    }
    let name = PROGRAM.get().and_then(|regex| regex.captures(line)).and_then(|found| found.get(1));
    // `cat> file` is a redirection.
    name.is_some_and(|name| PROMPTING.contains(&name.as_str()) || !is_known_command(name.as_str()))
}

/// Whether a block is meant for another shell: it begins with another prompt, or has `# ` lines only.
pub(crate) fn is_for_another_shell(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty()).peekable();
    let root_only = lines.peek().is_some() && lines.all(|line| line.starts_with("# "));
    root_only || first_line(text).is_some_and(is_other_prompt)
}

/// Whether the block's commands are written after prompts. `%` must stand first: progress bars begin with it too.
pub(crate) fn is_prompted(text: &str) -> bool {
    if first_line(text).is_some_and(|line| after_prompt(line).is_some()) {
        return true;
    }
    if !text.lines().any(|line| line.trim_start().starts_with('$')) {
        return false;
    }
    let mut scanner = Scanner::default();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if !scanner.is_open()
            && bare.trim_start().starts_with('$')
            && after_prompt(bare).is_some_and(|rest| !rest.is_empty())
        {
            return true;
        }
        scanner.line(line);
    }
    false
}

/// Takes prompts and sample output off, and what is meant for another shell.
pub(crate) fn peel(text: &str) -> Peeled {
    if is_prompted(text) { peel_prompted(text) } else { peel_plain(text) }
}

/// Behind a prompt nobody types a loop or a pipe longer than that, in bytes; it bounds how often one is read again.
const LONGEST: usize = 16 * 1024;

/// Of each line of a script whether it goes on with the command of the line before, as it would be read behind prompts.
pub(crate) fn continued(script: &str) -> Vec<bool> {
    let mut scanner = Scanner::default();
    let mut command = String::new();
    let lines = script.split('\n').map(|line| {
        let continued = scanner.is_open() || !command.is_empty();
        let before = command.len();
        command.push_str(line);
        command.push('\n');
        scanner.line(command.get(before..).unwrap_or_default());
        if !(scanner.is_open() || (command.len() <= LONGEST && reads_on(&command))) {
            command.clear();
            scanner = Scanner::default();
        }
        continued
    });
    lines.collect()
}

fn peel_prompted(text: &str) -> Peeled {
    let mut peeled = Peeled { prompted: true, ..Peeled::default() };
    let percent = first_line(text).is_some_and(|line| line.starts_with('%'));
    let mut sample = String::new();
    let mut scanner = Scanner::default();
    let mut command = String::new();
    for line in text.lines() {
        let rest = after_prompt(line).filter(|_| percent || !line.trim_start().starts_with('%'));
        if peeled.opens_session {
            let input = rest.or_else(|| other_input(line)).map(str::trim).filter(|input| !input.is_empty());
            match input {
                Some(input) => peeled.session_input.push(input.to_owned()),
                None => push_sample(&mut sample, line),
            }
            continue;
        }
        let continued = scanner.is_open() || (rest.is_none() && !command.is_empty());
        let part = match rest {
            _ if continued => line.strip_prefix("> ").or_else(|| (line == ">").then_some("")).unwrap_or(line),
            Some(rest) if rest.trim().is_empty() => continue,
            Some(rest) => rest,
            None if line.trim_start().starts_with('#') => continue,
            None => {
                push_sample(&mut sample, line);
                continue;
            }
        };
        // Another prompt: what was read on for has not come.
        if !continued {
            peeled.script.push_str(&std::mem::take(&mut command));
        }
        let before = command.len();
        command.push_str(part);
        command.push('\n');
        scanner.line(command.get(before..).unwrap_or_default());
        let reads_on = scanner.is_open() || (command.len() <= LONGEST && reads_on(&command));
        if !reads_on {
            peeled.opens_session = opens(&command);
            peeled.script.push_str(&command);
            command.clear();
            scanner = Scanner::default();
        }
    }
    peeled.script.push_str(&command);
    peeled.script = peeled.script.trim_end_matches('\n').to_owned();
    let sample = sample.trim_end();
    peeled.sample = (!sample.trim().is_empty()).then(|| sample.to_owned());
    peeled
}

/// A line after another shell's prompt, which is input once that shell is open.
fn other_input(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if !is_other_prompt(line) {
        return None;
    }
    let end = OTHER_PROMPT_END.get()?.find(line)?.end();
    line.get(end..)
}

fn push_sample(sample: &mut String, line: &str) {
    if !sample.is_empty() || !line.trim().is_empty() {
        sample.push_str(line);
        sample.push('\n');
    }
}

fn opens(command: &str) -> bool {
    let scan = scan(command);
    let marks = placeholders(command, &scan);
    commands(command, &scan, &marks).iter().any(opens_session)
}

fn peel_plain(text: &str) -> Peeled {
    let script = text.trim_end_matches(['\n', '\r']);
    let mut peeled = Peeled { script: script.to_owned(), ..Peeled::default() };
    let scan = scan(script);
    let marks = placeholders(script, &scan);
    let Some(opener) = commands(script, &scan, &marks).into_iter().find(opens_session) else { return peeled };
    peeled.opens_session = true;
    let Some(end) = script.get(opener.span.end..).and_then(|rest| rest.find('\n')).map(|at| opener.span.end + at)
    else {
        return peeled;
    };
    peeled.session_input = script
        .get(end..)
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.trim_end().to_owned())
        .collect();
    peeled.script.truncate(end);
    peeled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_are_valid() {
        assert!(!OTHER.is_empty() && PROGRAM.get().is_some() && OTHER_PROMPT_END.get().is_some());
    }

    #[test]
    fn only_what_follows_a_prompt_runs() {
        for (text, script, sample) in [
            ("# newest first\n$ git log -3\na1b2 fix\n", "git log -3", Some("a1b2 fix")),
            ("# all\n$ oc get nodes\n# one\n$ oc describe node n1\n", "oc get nodes\noc describe node n1", None),
            ("$ a \\\n  b\n$ c\n", "a \\\n  b\nc", None),
            ("$ a \\\n> b\nout\n", "a \\\nb", Some("out")),
            ("$ cat <<EOF\nx\nEOF\nout\n", "cat <<EOF\nx\nEOF", Some("out")),
            ("$ cat <<EOF\n> x\n> EOF\nout\n", "cat <<EOF\nx\nEOF", Some("out")),
            ("$ echo 'a\nb'\nout\n", "echo 'a\nb'", Some("out")),
            ("% ls\nfile\n", "ls", Some("file")),
            ("$ for x in a; do\n> echo $x\n> done\nout\n", "for x in a; do\necho $x\ndone", Some("out")),
            ("$ if a; then\n  b\nfi\nout\n", "if a; then\n  b\nfi", Some("out")),
            ("$ case x in\n> a) b;;\n> esac\n", "case x in\na) b;;\nesac", None),
            ("$ a |\n> b\nout\n", "a |\nb", Some("out")),
            ("$ for x in a; do\n$ b\nout\n", "for x in a; do\nb", Some("out")),
            // What npm prints is no continuation.
            ("$ npm run build\n\n> app@1.0.0 build\n> tsc\n", "npm run build", Some("> app@1.0.0 build\n> tsc")),
            ("$> ls\nfile\n", "ls", Some("file")),
            ("$ curl x\n  % Total    % Received\n", "curl x", Some("  % Total    % Received")),
            ("  $ ls\n  file\n", "ls", Some("  file")),
            ("$HOME/bin/tool\n${BIN} run\n", "$HOME/bin/tool\n${BIN} run", None),
            ("ls\n$ rm x\n", "rm x", Some("ls")),
            ("cat <<EOF\n$ x\nEOF\n", "cat <<EOF\n$ x\nEOF", None),
            ("$ ls\n$\n", "ls", None),
        ] {
            let peeled = peel(text);
            assert_eq!((peeled.script.as_str(), peeled.sample.as_deref()), (script, sample), "{text}");
        }
    }

    #[test]
    fn what_follows_another_shell_is_its_input() {
        for (text, script, input) in [
            (
                "$ oc debug node/<node>\n$ chroot /host\n$ top -b -n1\n",
                "oc debug node/<node>",
                vec!["chroot /host", "top -b -n1"],
            ),
            ("$ oc rsh x\nsh-4.4# ls /\nbin\n", "oc rsh x", vec!["ls /"]),
            ("ssh web1\nuptime\n\nexit\n", "ssh web1", vec!["uptime", "exit"]),
            ("cd x\nssh web1 uptime\nls\n", "cd x\nssh web1 uptime\nls", vec![]),
            ("for h in a; do\n  ssh $h\ndone\n", "for h in a; do\n  ssh $h\ndone", vec![]),
            ("ssh web1 <<EOF\nuptime\nEOF\nls\n", "ssh web1 <<EOF\nuptime\nEOF\nls", vec![]),
        ] {
            let peeled = peel(text);
            assert_eq!(
                (peeled.script.as_str(), peeled.session_input),
                (script, input.iter().map(|line| (*line).to_owned()).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_prompt_of_another_place_is_known() {
        for line in [
            "ann@web1:~$ ls",
            "[root@web1 ~]# ls",
            "sh-5.1# chroot /host",
            "bash-4.2$ ls",
            "app=# show pools;",
            "mysql> x",
            "sftp> get",
            "irb(main):001:0> x",
            "> info keyspace",
            "MariaDB [(none)]> x",
            "127.0.0.1:6379> x",
            ">>> x",
            "PS C:\\> dir",
            "/ # ls",
            "postgres=> x",
            "root@pod:/# ls",
        ] {
            assert!(is_other_prompt(line), "{line}");
        }
        for line in [
            "ls > file",
            "cat> file",
            "echo a",
            "ssh ann@web1 'echo $ x'",
            "$ ls",
            "ls # x",
            "scp a@b:c .",
            "x=1",
            "/bin/ls -l",
            "git log a..b",
        ] {
            assert!(!is_other_prompt(line), "{line}");
        }
    }
}
