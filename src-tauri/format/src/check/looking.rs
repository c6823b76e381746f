//! Commands that only look: a runbook whose commands all do needs no way back. Only programs whose sub-command says so are
//! believed; everything else counts as changing something (RUNS.md, "Going forward").

use crate::model::{Item, Program};
use crate::shell;

/// Programs, and the sub-commands with which they change nothing.
const LOOKING: &[(&[&str], &[&str])] = &[
    (
        &["kubectl", "oc", "k"],
        &[
            "get",
            "describe",
            "logs",
            "top",
            "explain",
            "version",
            "cluster-info",
            "api-resources",
            "api-versions",
            "events",
            "status",
            "whoami",
            "diff",
        ],
    ),
    (&["docker", "podman", "nerdctl"], &["ps", "logs", "inspect", "images", "stats", "version", "info", "top"]),
    (&["helm"], &["list", "ls", "status", "get", "history", "show", "version"]),
    (&["systemctl"], &["status", "is-active", "is-enabled", "is-failed", "list-units", "show", "cat"]),
    (&["journalctl", "dmesg"], &[]),
    (&["git"], &["log", "status", "diff", "show", "blame"]),
    (&["ceph"], &["status", "health", "df", "-s", "versions"]),
    (&["velero"], &["get", "describe", "version"]),
    (&["argocd"], &["list", "get", "version"]),
];

/// What may stand behind a pipe, and changes nothing there.
const FILTERS: &[&str] = &[
    "grep", "egrep", "jq", "yq", "awk", "sed", "sort", "uniq", "head", "tail", "wc", "cut", "tr", "column", "less",
    "more", "cat",
];

/// Options that take the next word as their value, and stand before the sub-command.
const WITH_VALUE: &[&str] =
    &["-n", "--namespace", "--context", "--kubeconfig", "--cluster", "-l", "--as", "-c", "-C", "-H"];

/// Whether a command is known to change nothing.
pub(super) fn only_looks(item: &Item) -> bool {
    !matches!(item.program, Program::PowerShell | Program::Interpreter(_))
        && !item.opens_session
        && looks(&item.script, 0)
}

fn looks(script: &str, depth: usize) -> bool {
    if depth > 4 || script.contains('`') {
        return false;
    }
    let scan = shell::scan(script);
    let marks = shell::placeholders(script, &scan);
    let commands = shell::commands(script, &scan, &marks);
    let mut looked = false;
    for command in &commands {
        let words: Vec<&str> = command.words.iter().map(|word| word.raw).collect();
        let assigned = words.iter().take_while(|word| is_assignment(word)).count();
        let own = words.get(assigned..).unwrap_or_default();
        if own.iter().any(|word| writes(word)) || !words.iter().all(|word| nested_looks(word, depth)) {
            return false;
        }
        let Some((first, rest)) = own.split_first() else {
            looked |= words.iter().any(|word| word.contains("$("));
            continue;
        };
        if matches!(*first, "export" | "cd") || (command.fed && FILTERS.contains(first) && !rest.contains(&"-i")) {
            continue;
        }
        if !is_looking(first, rest) {
            return false;
        }
        looked = true;
    }
    looked
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Output that goes into a file.
fn writes(word: &str) -> bool {
    let bare = word.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '&');
    bare.strip_prefix('>').is_some_and(|rest| !rest.starts_with('&') && rest != "/dev/null")
}

/// Whether each command within `$( )` of a word only looks.
fn nested_looks(word: &str, depth: usize) -> bool {
    let mut rest = word;
    while let Some(start) = rest.find("$(") {
        let inside = rest.get(start + 2..).unwrap_or_default();
        let mut open = 1_usize;
        let end = inside.char_indices().find_map(|(at, letter)| {
            match letter {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            (open == 0).then_some(at)
        });
        let Some(end) = end else { return false };
        if !looks(inside.get(..end).unwrap_or_default(), depth + 1) {
            return false;
        }
        rest = inside.get(end..).unwrap_or_default();
    }
    true
}

fn is_looking(first: &str, rest: &[&str]) -> bool {
    let Some((_, verbs)) = LOOKING.iter().find(|(programs, _)| programs.contains(&first)) else { return false };
    if verbs.is_empty() {
        return !rest.iter().any(|word| {
            word.starts_with("--vacuum") || word.starts_with("--rotate") || matches!(*word, "-C" | "-c")
        });
    }
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if verbs.contains(word) {
            return true;
        }
        if WITH_VALUE.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            return false;
        }
    }
    false
}
