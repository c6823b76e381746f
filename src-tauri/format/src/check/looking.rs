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
    (
        &["kubectl", "oc", "k"],
        &[
            "rollout status",
            "rollout history",
            "auth can-i",
            "auth whoami",
            "config view",
            "config get-contexts",
            "config current-context",
            "adm top",
            "adm node-logs",
            "projects",
            "wait",
        ],
    ),
    (
        &["docker", "podman", "nerdctl"],
        &[
            "ps",
            "logs",
            "inspect",
            "images",
            "stats",
            "version",
            "info",
            "top",
            "port",
            "container ls",
            "container inspect",
            "image ls",
            "image inspect",
            "manifest inspect",
            "network ls",
            "network inspect",
            "volume ls",
            "volume inspect",
        ],
    ),
    (&["helm"], &["list", "ls", "status", "get", "history", "show", "version"]),
    (&["systemctl"], &["status", "is-active", "is-enabled", "is-failed", "list-units", "show", "cat"]),
    (&["journalctl", "dmesg"], &[]),
    (&["git"], &["log", "status", "diff", "show", "blame"]),
    (
        &["ceph"],
        &[
            "status",
            "health",
            "df",
            "-s",
            "versions",
            "osd tree",
            "osd df",
            "osd status",
            "osd stat",
            "osd dump",
            "osd perf",
            "osd lspools",
            "osd blocked-by",
            "pg stat",
            "pg dump",
            "pg ls",
            "pg query",
            "mon stat",
            "mds stat",
            "fs ls",
            "fs status",
            "crash ls",
            "crash info",
        ],
    ),
    // Tools that have no way to change what they show.
    (
        &[
            "cat",
            "df",
            "dig",
            "du",
            "egrep",
            "findmnt",
            "free",
            "getent",
            "grep",
            "head",
            "host",
            "id",
            "iostat",
            "jq",
            "ls",
            "lsblk",
            "lsof",
            "netstat",
            "nslookup",
            "pgrep",
            "ping",
            "ps",
            "pwd",
            "ss",
            "stat",
            "tail",
            "top",
            "traceroute",
            "uname",
            "uptime",
            "vmstat",
            "w",
            "wc",
            "which",
            "who",
            "whoami",
        ],
        &[],
    ),
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

/// Options of `curl` that send or store something.
const SENDING: &[&str] = &[
    "-X",
    "--request",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--json",
    "-F",
    "--form",
    "-T",
    "--upload-file",
    "-o",
    "-O",
    "--output",
    "--remote-name",
];

/// Whether a command is known to change nothing. One that only opens a session changes nothing itself; what is written
/// to be typed there decides.
#[must_use]
pub fn only_looks(item: &Item) -> bool {
    match item.program {
        Program::PowerShell | Program::Interpreter(_) | Program::Playbook => return false,
        Program::Measure(measure) => {
            return crate::measure::only_looks(measure, &item.script, &item.options.measured);
        }
        _ => {}
    }
    let input = item.session_input.join("\n");
    looks(&item.script, 0) && (input.trim().is_empty() || looks(&input, 0))
}

fn looks(script: &str, depth: usize) -> bool {
    if depth > 4 {
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
        // They change nothing, but a block of them alone shows nothing of the system either.
        if matches!(*first, "export" | "cd" | "echo" | "printf")
            || (command.fed && FILTERS.contains(first) && !rest.contains(&"-i"))
        {
            continue;
        }
        if !shell::opens_session(command) && !is_looking(first, rest, depth) {
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

/// Whether each command within `$( )` or backticks of a word only looks.
fn nested_looks(word: &str, depth: usize) -> bool {
    let mut ticks = word.split('`');
    ticks.next();
    // Every second piece stands between two backticks; the last has none behind it.
    let mut inside = true;
    while let Some(piece) = ticks.next() {
        let closed = ticks.clone().next().is_some();
        if inside && (!closed || !looks(piece, depth + 1)) {
            return false;
        }
        inside = !inside;
    }
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

fn is_looking(first: &str, rest: &[&str], depth: usize) -> bool {
    if first == "curl" {
        return !rest.iter().any(|word| {
            // Short options stand together: `-sXPOST`.
            let short = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
            SENDING.iter().any(|option| word.split('=').next() == Some(option))
                || short.is_some_and(|letters| letters.contains(['X', 'd', 'F', 'T', 'o', 'O']))
        });
    }
    // What runs in a container is told behind `--`.
    let told = rest.iter().position(|word| *word == "--");
    if let ("kubectl" | "oc" | "k", Some(at)) = (first, told)
        && sub_commands(rest).first().is_some_and(|verb| matches!(*verb, "exec" | "rsh"))
    {
        return looks(&rest.get(at + 1..).unwrap_or_default().join(" "), depth + 1);
    }
    let mut known = LOOKING.iter().filter(|(programs, _)| programs.contains(&first)).peekable();
    if known.peek().is_some_and(|(_, verbs)| verbs.is_empty()) {
        return !rest.iter().any(|word| {
            word.starts_with("--vacuum")
                || word.starts_with("--rotate")
                || (matches!(first, "dmesg" | "journalctl") && matches!(*word, "-C" | "-c"))
        });
    }
    let said = sub_commands(rest);
    known.flat_map(|(_, verbs)| *verbs).any(|verb| match verb.split_once(' ') {
        Some((group, verb)) => said.first() == Some(&group) && said.get(1) == Some(&verb),
        None => said.first() == Some(verb),
    })
}

/// The words that are no options, nor values of options that stand before the sub-command; `-s` of `ceph -s` is one.
fn sub_commands<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    let mut said = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(word) {
            words.next();
        } else if !word.starts_with('-') || *word == "-s" {
            said.push(*word);
        }
    }
    said
}
