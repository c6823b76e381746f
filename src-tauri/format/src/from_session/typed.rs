//! Whether a line that no sure prompt begins was typed: `# systemctl restart nginx` of root's shell was, `# restart the
//! service` of a script was not.

use crate::words::is_known_command;

/// Commands that are words of a sentence too: what follows them decides.
#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "alias", "cut", "date", "diff", "env", "export", "find", "flux", "fly", "for", "free", "go", "head", "if", "kill",
    "kind", "less", "make", "more", "mount", "pass", "ping", "read", "reboot", "salt", "screen", "service", "snap",
    "sort", "source", "test", "time", "timeout", "top", "touch", "until", "vault", "watch", "while",
];

/// Words that a sentence has and a command hardly ever.
#[rustfmt::skip]
const PROSE: &[&str] = &[
    "after", "an", "and", "are", "before", "is", "it", "its", "must", "of", "our", "should", "that", "the", "these",
    "they", "this", "those", "to", "was", "we", "were", "when", "will", "you", "your",
];

/// What the person of `service NAME …` wants of it.
const WANTED: &[&str] = &["reload", "restart", "start", "status", "stop"];

/// Whether a line is a command: of a program that everybody knows, of one by its path, or one with an option.
pub(super) fn looks_typed(line: &str) -> bool {
    if is_a_known_command(line) {
        return true;
    }
    let Some((first, rest)) = words(line) else { return false };
    let lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter);
    let is_name = first.starts_with(|letter: char| letter.is_ascii_lowercase()) && first.chars().all(lower);
    let by_path = (first.starts_with("./")
        || (first.starts_with('/') && (!rest.is_empty() || first.contains("bin/"))))
        && !first.ends_with([':', ',', '.']);
    !is_prose(&rest) && (by_path || (is_name && rest.iter().any(|word| is_option(word))))
}

/// Whether a line is a command of a program that everybody knows.
pub(super) fn is_a_known_command(line: &str) -> bool {
    let Some((first, rest)) = words(line) else { return false };
    if !is_known_command(first) || is_prose(&rest) {
        return false;
    }
    let alone = rest.len() == 1 && rest.iter().any(|word| word.contains(['.', '-', '_', ':']) || has_digit(word));
    let sure = alone
        || rest.iter().any(|word| {
            is_option(word) || word.contains(['/', '=', '$', '|', '<', '>', '*', ';', '&', '"', '`', '@', '\\'])
        });
    if ENGLISH.contains(&first) {
        return sure
            || rest.is_empty()
            || (first == "service" && rest.last().is_some_and(|last| WANTED.contains(last)));
    }
    sure || rest.len() < 5
}

/// The program of a line, without `sudo` and assignments, and what follows it.
fn words(line: &str) -> Option<(&str, Vec<&str>)> {
    let assigns = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        })
    };
    let mut words = line.split_whitespace().skip_while(|word| *word == "sudo" || assigns(word));
    let first = words.next()?;
    Some((first, words.collect()))
}

fn is_option(word: &str) -> bool {
    word.trim_start_matches('-').starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && (1..=2).contains(&(word.len() - word.trim_start_matches('-').len()))
}

fn has_digit(word: &str) -> bool {
    word.contains(|letter: char| letter.is_ascii_digit())
}

fn is_prose(rest: &[&str]) -> bool {
    let ends = rest.last().is_some_and(|last| {
        last.ends_with([':', '!', '?'])
            || last.strip_suffix('.').is_some_and(|word| word.ends_with(|letter: char| letter.is_alphabetic()))
    });
    ends || rest.iter().any(|word| PROSE.contains(&word.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_from_a_comment() {
        let mut wrong = Vec::new();
        for (line, typed) in [
            ("systemctl restart nginx", true),
            ("restart nginx", false),
            ("df -h", true),
            ("apt update", true),
            ("cp a b", true),
            ("git add .", true),
            ("git is needed", false),
            ("find large files", false),
            ("find / -size +1G", true),
            ("make sure", false),
            ("make -j4", true),
            ("kill 4711", true),
            ("kill the process", false),
            ("service nginx restart", true),
            ("service accounts follow", false),
            ("pveversion -v", true),
            ("/etc/fstab: static file system information.", false),
            ("/etc/hosts", false),
            ("/usr/bin/backup", true),
            ("./deploy.sh", true),
            ("/opt/app/run --all", true),
            ("ping db1", true),
            ("ping somebody", false),
            ("docker ps", true),
            ("docker must be there", false),
            ("HOME=/tmp ls", true),
            ("1. first", false),
            ("", false),
        ] {
            if looks_typed(line) != typed {
                wrong.push((line, typed));
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
