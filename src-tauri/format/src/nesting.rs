//! Where quoting for one shell is not enough, because what stands there is read by another shell or program too.

use crate::model::{Program, Quoting};
use crate::shell::{Command, Mark, Quote, Scan, Word};

/// Commands that read all of their words as a script once more.
const READ_AGAIN: &[&str] = &[
    "eval",
    "alias",
    "trap",
    "watch",
    "let",
    "declare",
    "typeset",
    "local",
    "readonly",
    "integer",
    "float",
    "unset",
    "at",
    "batch",
    "parallel",
    "script",
    "complete",
    "[[",
    "((",
    "su",
    "read",
    "mapfile",
    "readarray",
    "getopts",
    "make",
    "gmake",
    "tmux",
    "screen",
    "expect",
    "runuser",
    "crontab",
    "flock",
    "pdsh",
    "pssh",
    "dsh",
    "clush",
    "mosh",
    "ansible",
    "salt",
    "hyperfine",
    "heroku",
    "xterm",
];

/// Commands of zsh and ksh that calculate with their words: `a[$(…)]` runs there.
const CALCULATE: &[&str] =
    &["test", "[", "exit", "return", "shift", "break", "continue", "printf", "print", "sleep", "ulimit", "alarm"];

/// Programs with an `ssh` of their own, which takes no host: every word behind it is read by the shell over there.
const OWN_SSH: &[&str] = &[
    "minikube",
    "docker-machine",
    "machine",
    "colima",
    "compute",
    "bosh",
    "cf",
    "knife",
    "vagrant",
    "crc",
    "limactl",
    "tsh",
    "kops",
    "eb",
    "codespace",
    "cs",
    "console",
];

/// Programs that read a word after `-c` or `-e`, or their first word, as a script.
const READ_A_SCRIPT: &[&str] = &[
    "sh", "bash", "zsh", "ksh", "dash", "ash", "fish", "pwsh", "awk", "gawk", "mawk", "sed", "perl", "python",
    "python2", "python3", "ruby", "node", "php", "lua", "vagrant", "virtctl", "fly", "flyctl", "scp",
];

/// Looks at marks in their order, at each command once.
pub(crate) struct Nesting<'a> {
    program: &'a Program,
    commands: &'a [Command<'a>],
    scan: &'a Scan,
    /// Nothing of the script can be quoted for certain.
    hopeless: bool,
    /// A variable is declared as a number, so that assignments calculate.
    integers: bool,
    last: Option<(usize, Reading)>,
}

/// From which word of a command on a value is read once more.
#[derive(Clone, Copy)]
struct Reading {
    /// Everything behind this word is.
    again: usize,
    /// Behind this word, what is quoted or part of a word is.
    script: usize,
}

impl<'a> Nesting<'a> {
    pub(crate) fn new(program: &'a Program, script: &str, commands: &'a [Command<'a>], scan: &'a Scan) -> Self {
        // In fish `\'` does not end what `'` began, so that another place is quoted than it seems.
        let escapes =
            script.bytes().zip(&scan.places).any(|(byte, place)| byte == b'\\' && place.quote == Quote::Single);
        let hopeless = *program == Program::PowerShell || (*program == Program::Fish && escapes);
        let integers =
            commands.iter().any(|command| {
                command.words.first().is_some_and(|word| word.raw == "integer" || word.raw == "float")
                    || (command.words.first().is_some_and(|word| {
                        matches!(word.raw, "declare" | "typeset" | "local" | "export" | "readonly")
                    }) && command
                        .words
                        .iter()
                        .any(|word| word.raw.starts_with(['-', '+']) && word.raw.contains(['i', 'E', 'F'])))
            });
        Self { program, commands, scan, hopeless, integers, last: None }
    }

    /// The quoting that a value needs in the place of a mark, with the command around it looked at.
    pub(crate) fn quoting(&mut self, mark: &Mark) -> Quoting {
        if self.hopeless || mark.quoting == Quoting::Uncertain {
            return Quoting::Uncertain;
        }
        if mark.quoting == Quoting::HereDocument {
            return self.here_document(mark);
        }
        let at = self.commands.partition_point(|command| command.span.end <= mark.span.start);
        let Some(command) = self.commands.get(at).filter(|command| command.span.start <= mark.span.start) else {
            return Quoting::Uncertain;
        };
        let reading = match self.last {
            Some((index, reading)) if index == at => reading,
            _ => read(&command.words, matches!(self.program, Program::Zsh | Program::Ksh)),
        };
        self.last = Some((at, reading));
        let own = command.words.partition_point(|word| word.span.end < mark.span.end);
        let Some(word) = command.words.get(own).filter(|word| word.span.start <= mark.span.start) else {
            return Quoting::Uncertain;
        };
        let quoted = self.scan.places.get(mark.span.start).is_some_and(|place| place.quote != Quote::Bare);
        let part = quoted || word.span != mark.span;
        let before = word.raw.get(..mark.span.start.saturating_sub(word.span.start)).unwrap_or_default();
        // `a[…]=` calculates what stands between the brackets; an integer's value is calculated.
        let calculated = before.contains('[') || (self.integers && before.contains('='));
        if calculated || own > reading.again || (part && own > reading.script) || word.raw.starts_with("--command=") {
            Quoting::Uncertain
        } else {
            mark.quoting
        }
    }

    /// A document that a shell reads as a script is quoted for nobody.
    fn here_document(&self, mark: &Mark) -> Quoting {
        let Some(document) = self.scan.document(mark.span) else { return Quoting::Uncertain };
        // All commands of the pipe that the document goes into.
        let first = self.commands.partition_point(|command| command.span.end <= document.operator);
        let mut last = first;
        while self.commands.get(last).is_some_and(|command| command.piped) && last < first + LONGEST_PIPE {
            last += 1;
        }
        let Some(pipe) = self.commands.get(first..=last) else { return Quoting::Uncertain };
        let reads = pipe.iter().flat_map(|command| command.words.iter().take(LONGEST_PIPE)).any(|word| {
            let text = word.bare();
            let name = text.rsplit('/').next().unwrap_or_default();
            READ_AGAIN.contains(&name) || READ_A_SCRIPT.contains(&name) || matches!(name, "ssh" | "rsh" | "chroot")
        });
        let too_long = last == first + LONGEST_PIPE || pipe.iter().any(|command| command.words.len() > LONGEST_PIPE);
        if reads || too_long { Quoting::Uncertain } else { Quoting::HereDocument }
    }
}

/// Longest pipe, and longest command in it, that is looked through for each mark in its document.
const LONGEST_PIPE: usize = 64;

fn read(words: &[Word<'_>], calculates: bool) -> Reading {
    let mut reading = Reading { again: usize::MAX, script: usize::MAX };
    for (index, word) in words.iter().enumerate() {
        if index >= reading.again {
            break;
        }
        let text = word.bare();
        // A program may stand behind others: `sudo`, `xargs`, `kubectl exec … --`.
        let name = text.rsplit('/').next().unwrap_or_default();
        if READ_A_SCRIPT.contains(&name) {
            reading.script = reading.script.min(index);
        }
        let option = reading.script < index && is_script_option(&text);
        // The name of a variable is read as `name[$(…)]`.
        let names =
            matches!(name, "printf" | "test" | "[") && words.get(index + 1).is_some_and(|next| next.raw == "-v");
        let splits = name == "env" && words.get(index + 1).is_some_and(|next| next.raw.starts_with("-S"));
        // OpenSSH gives the command after `-o ProxyCommand=` to a shell.
        let proxy = text == "-o" && words.get(index + 1).is_some_and(|next| next.raw.contains("Command"));
        let own_ssh = name == "ssh"
            && index
                .checked_sub(1)
                .and_then(|before| words.get(before))
                .is_some_and(|before| OWN_SSH.contains(&before.bare().as_str()));
        let given =
            matches!(text.as_str(), "--command" | "--commands" | "--scripts" | "--script" | "--run" | "--eval");
        let calculates = calculates && CALCULATE.contains(&name) && !prints_text(words, index);
        if READ_AGAIN.contains(&name) || option || names || splits || proxy || own_ssh || given || calculates {
            reading.again = index;
            break;
        }
        if name == "ssh"
            && let Some(host) = host(words, index)
        {
            reading.again = host;
        }
    }
    reading
}

/// `printf '%s\n' …` and `print …` take their words as text.
fn prints_text(words: &[Word<'_>], index: usize) -> bool {
    let name = words.get(index).map(|word| word.raw).unwrap_or_default();
    let format = words.get(index + 1).map(|word| word.raw).unwrap_or_default();
    match name {
        "print" => !format.starts_with('-'),
        "printf" => {
            !format.starts_with('-')
                && !format.contains(['$', '`', '*'])
                && format.split('%').skip(1).all(|rest| rest.starts_with(['s', 'b', 'q']) || rest.is_empty())
        }
        _ => false,
    }
}

/// `-c`, `-e`, `-lc`, `-ne`.
fn is_script_option(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| !letters.starts_with('-') && letters.ends_with(['c', 'e', 'C']) && letters.len() <= 4)
}

/// `ssh HOST words`: the host's shell reads the words behind it again.
fn host(words: &[Word<'_>], ssh: usize) -> Option<usize> {
    let mut valued = false;
    for (index, word) in words.iter().enumerate().skip(ssh + 1) {
        if std::mem::take(&mut valued) {
            continue;
        }
        match word.raw.strip_prefix('-') {
            Some(letters) => valued = letters.len() == 1 && "BbcDEeFIiJLlmOopQRSWw".contains(letters),
            None => return Some(index),
        }
    }
    None
}
