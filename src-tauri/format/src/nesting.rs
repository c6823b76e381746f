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
];

/// Programs that read a word after `-c` or `-e`, or their first word, as a script.
const READ_A_SCRIPT: &[&str] = &[
    "sh", "bash", "zsh", "ksh", "dash", "ash", "fish", "pwsh", "awk", "gawk", "mawk", "sed", "perl", "python",
    "python2", "python3", "ruby", "node", "php", "lua",
];

/// The quoting that a value needs in the place of a mark, with the command around it looked at.
pub(crate) fn quoting(program: &Program, mark: &Mark, commands: &[Command<'_>], scan: &Scan) -> Quoting {
    if *program == Program::PowerShell || mark.quoting == Quoting::Uncertain {
        return Quoting::Uncertain;
    }
    if mark.quoting == Quoting::HereDocument {
        return here_document(mark, commands, scan);
    }
    let at = commands.partition_point(|command| command.span.end <= mark.span.start);
    let Some(command) = commands.get(at).filter(|command| command.span.start <= mark.span.start) else {
        return Quoting::Uncertain;
    };
    if reads_again(command, mark, scan) { Quoting::Uncertain } else { mark.quoting }
}

fn reads_again(command: &Command<'_>, mark: &Mark, scan: &Scan) -> bool {
    let Some(own) =
        command.words.iter().position(|word| word.span.start <= mark.span.start && mark.span.end <= word.span.end)
    else {
        return true;
    };
    let whole = command.words.get(own).is_some_and(|word| word.span == mark.span);
    let quoted = scan.places.get(mark.span.start).is_some_and(|place| place.quote != Quote::Bare);
    let mut script = false;
    for (index, word) in command.words.iter().enumerate() {
        let text = word.bare();
        let name = text.rsplit('/').next().unwrap_or_default();
        // A program may stand behind others: `sudo`, `xargs`, `kubectl exec … --`.
        if index < own && READ_AGAIN.contains(&name) {
            return true;
        }
        if index < own && READ_A_SCRIPT.contains(&name) {
            script = true;
        }
        if script && index < own && is_script_option(&text) {
            return true;
        }
        if index < own && name == "ssh" && behind_the_host(&command.words, index, own) {
            return true;
        }
        if index < own && matches!(text.as_str(), "--command" | "-S") {
            return true;
        }
        // The name of a variable is read as `name[$(…)]`.
        if index < own
            && matches!(name, "printf" | "test" | "[")
            && command.words.get(index + 1).is_some_and(|next| next.raw == "-v")
        {
            return true;
        }
    }
    let option = command.words.get(own).is_some_and(|word| word.raw.starts_with("--command="));
    option || (script && (quoted || !whole))
}

/// `-c`, `-e`, `-lc`, `-ne`.
fn is_script_option(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| !letters.starts_with('-') && letters.ends_with(['c', 'e']) && letters.len() <= 4)
}

/// `ssh HOST words`: the host's shell reads the words again.
fn behind_the_host(words: &[Word<'_>], ssh: usize, own: usize) -> bool {
    let mut valued = false;
    for word in words.get(ssh + 1..own).unwrap_or_default() {
        if std::mem::take(&mut valued) {
            continue;
        }
        match word.raw.strip_prefix('-') {
            Some(letters) => valued = letters.len() == 1 && "BbcDEeFIiJLlmOopQRSWw".contains(letters),
            None => return true,
        }
    }
    false
}

/// A document that a shell reads as a script is quoted for nobody.
fn here_document(mark: &Mark, commands: &[Command<'_>], scan: &Scan) -> Quoting {
    let document = scan
        .documents
        .iter()
        .find(|document| document.body.start <= mark.span.start && mark.span.end <= document.body.end);
    let Some(document) = document else { return Quoting::Uncertain };
    // All commands of the pipe that the document goes into.
    let first = commands.partition_point(|command| command.span.end <= document.operator);
    let mut last = first;
    while commands.get(last).is_some_and(|command| command.piped) {
        last += 1;
    }
    let reads =
        commands.get(first..=last).unwrap_or_default().iter().flat_map(|command| &command.words).any(|word| {
            let text = word.bare();
            let name = text.rsplit('/').next().unwrap_or_default();
            READ_AGAIN.contains(&name) || READ_A_SCRIPT.contains(&name) || matches!(name, "ssh" | "rsh" | "chroot")
        });
    if reads || commands.get(first).is_none() { Quoting::Uncertain } else { Quoting::HereDocument }
}
