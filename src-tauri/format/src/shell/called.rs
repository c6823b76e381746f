//! The programs that a script calls by name.

use super::{Command, Place, Quote, Scan, commands, placeholders, scan};
use crate::model::Span;

/// What a shell does by itself: the special and regular builtins of POSIX.1-2017 (XCU 2.14, 1.6), of bash 5.2, zsh 5.9 and
/// ksh 93, the words of their grammar, and what is one of them wherever a shell is: `true`, `echo`, `test`, `printf`, `kill`.
const BUILTINS: &[&str] = &[
    "!",
    ".",
    ":",
    "[",
    "[[",
    "]]",
    "alias",
    "autoload",
    "bg",
    "bind",
    "bindkey",
    "break",
    "builtin",
    "caller",
    "case",
    "cd",
    "chdir",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "do",
    "done",
    "echo",
    "elif",
    "else",
    "emulate",
    "enable",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "fi",
    "float",
    "for",
    "function",
    "getopts",
    "hash",
    "help",
    "history",
    "if",
    "in",
    "integer",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "noglob",
    "popd",
    "print",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "rehash",
    "return",
    "select",
    "set",
    "setopt",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "then",
    "time",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unfunction",
    "unset",
    "unsetopt",
    "until",
    "wait",
    "whence",
    "where",
    "which",
    "while",
    "zmodload",
    "{",
    "}",
];

/// A program, or builtin, whose words name another one to start.
struct Starter {
    name: &'static str,
    /// Options whose next word is their value.
    valued: &'static [&'static str],
    /// Options with which it starts nothing.
    idle: &'static [&'static str],
    /// Words of its own that stand before the command: the duration of `timeout`.
    words: usize,
}

const STARTERS: &[Starter] = &[
    Starter {
        name: "sudo",
        valued: &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user", "--group", "--chdir"],
        // A shell, or a look at what is allowed.
        idle: &["-l", "-v", "-k", "-K", "-e", "-i", "-s", "--list", "--edit", "--login", "--shell"],
        words: 0,
    },
    Starter { name: "doas", valued: &["-u", "-C"], idle: &["-L", "-s"], words: 0 },
    Starter { name: "env", valued: &["-u", "-C", "--unset", "--chdir"], idle: &["-S", "--split-string"], words: 0 },
    Starter { name: "command", valued: &[], idle: &["-v", "-V"], words: 0 },
    Starter { name: "exec", valued: &["-a"], idle: &[], words: 0 },
    Starter { name: "builtin", valued: &[], idle: &[], words: 0 },
    Starter { name: "time", valued: &["-f", "-o"], idle: &[], words: 0 },
    Starter { name: "nohup", valued: &[], idle: &[], words: 0 },
    Starter { name: "setsid", valued: &[], idle: &[], words: 0 },
    Starter { name: "nice", valued: &["-n"], idle: &[], words: 0 },
    Starter { name: "ionice", valued: &["-c", "-n"], idle: &["-p", "-P", "-u"], words: 0 },
    Starter { name: "stdbuf", valued: &["-i", "-o", "-e"], idle: &[], words: 0 },
    Starter { name: "timeout", valued: &["-k", "-s", "--kill-after", "--signal"], idle: &[], words: 1 },
    Starter {
        name: "xargs",
        valued: &["-I", "-n", "-P", "-L", "-d", "-E", "-s", "-a", "--max-args", "--max-procs", "--delimiter"],
        idle: &[],
        words: 0,
    },
];

/// Commands within commands, and substitutions within substitutions, are followed so far.
const DEPTH: usize = 8;

/// Adds the names of the programs that a script calls to those that are known; `changes_path` becomes true where what a
/// later name leads to is not certain.
pub(crate) fn called(script: &str, found: &mut Vec<String>, changes_path: &mut bool) {
    let mut reader = Reader { found, changes_path, own: Vec::new() };
    reader.script(script, 0);
}

struct Reader<'a> {
    found: &'a mut Vec<String>,
    changes_path: &'a mut bool,
    /// Functions and aliases that the text defines: it may call them before their line.
    own: Vec<String>,
}

impl Reader<'_> {
    fn script(&mut self, script: &str, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let scan = scan(script);
        let marks = placeholders(script, &scan);
        let all = commands(script, &scan, &marks);
        let lists = lists(script, &scan);
        self.own.extend(all.iter().flat_map(|command| defined(script, command)));
        let mut cases = Cases::default();
        for command in &all {
            let pattern = cases.is_pattern(script, command);
            let in_list = lists.iter().any(|list| (list.start..list.end).contains(&command.span.start));
            if pattern || in_list {
                continue;
            }
            let words: Vec<String> = words(command);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["function", _, rest @ ..] => self.command(rest.strip_prefix(&["{"]).unwrap_or(rest), 0),
                words if defined(script, command).is_empty() => self.command(words, 0),
                _ => {}
            }
        }
        for inner in substitutions(script, &scan) {
            self.script(inner, depth + 1);
        }
    }

    fn command(&mut self, words: &[&str], depth: usize) {
        let assignments = words.iter().take_while(|word| assigned(word).is_some()).count();
        let (before, words) = words.split_at(assignments);
        let Some((first, rest)) = words.split_first() else {
            // Only where it stands alone does an assignment last.
            *self.changes_path |= before.iter().any(|word| assigned(word) == Some("PATH"));
            return;
        };
        match *first {
            "." | "source" | "eval" => *self.changes_path = true,
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                *self.changes_path |= rest.iter().any(|word| assigned(word) == Some("PATH"));
            }
            _ => {}
        }
        if is_certain(first) && !BUILTINS.contains(first) && !self.own.iter().any(|own| own == first) {
            let name = (*first).to_owned();
            if !self.found.contains(&name) {
                self.found.push(name);
            }
        }
        let starter = STARTERS.iter().find(|starter| starter.name == *first).filter(|_| depth < DEPTH);
        if let Some(inner) = starter.and_then(|starter| started(starter, rest)) {
            self.command(inner, depth + 1);
        }
    }
}

/// The words of a command as the shell hands them on, redirections taken off. What the shell fills in stays as it is written,
/// so that it is no name.
fn words(command: &Command<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let mut target = false;
    for word in &command.words {
        if std::mem::take(&mut target) {
            continue;
        }
        let bare = word.raw.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let placeholder = word.raw.starts_with('<') && word.raw.ends_with('>') && word.raw.len() > 2;
        if !placeholder && (bare.starts_with(['<', '>']) || word.raw.starts_with("&>")) {
            target = word.raw.ends_with(['<', '>', '-', '&', '|']) && !word.raw.ends_with("&-");
            continue;
        }
        // `\ls` is `ls` without an alias; quotes around a whole name are nothing to it.
        words.push(word.bare());
    }
    words
}

/// The command that a starter starts, if its words say which.
fn started<'a>(starter: &Starter, words: &'a [&'a str]) -> Option<&'a [&'a str]> {
    let mut at = 0;
    let mut own = starter.words;
    while let Some(word) = words.get(at) {
        if starter.idle.contains(word) {
            return None;
        }
        if *word == "--" {
            at += 1;
            own = own.min(words.len() - at);
            return words.get(at + own..);
        }
        if word.starts_with('-') && word.len() > 1 {
            at += if starter.valued.contains(word) { 2 } else { 1 };
        } else if own > 0 {
            own -= 1;
            at += 1;
        } else {
            return words.get(at..);
        }
    }
    None
}

/// Whether a word is a name that the shell looks up as it stands, or a path from the root.
fn is_certain(word: &str) -> bool {
    let own = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "._+-@:/".contains(letter));
    own && !word.starts_with(['-', '+', ':'])
        && word.chars().any(|letter| letter.is_ascii_alphanumeric())
        && (word.starts_with('/') || !word.contains('/'))
        && (!word.ends_with("++") || matches!(word, "g++" | "c++" | "clang++"))
        && !word.ends_with(':')
}

/// The name in front of `=`, if a word is an assignment.
fn assigned(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    let name = name.split('[').next().unwrap_or(name);
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
    (first && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')).then_some(name)
}

/// The functions and aliases that a command begins to define.
fn defined(script: &str, command: &Command<'_>) -> Vec<String> {
    let words: Vec<String> = command.words.iter().map(super::Word::bare).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["function", name, ..] => vec![(*name).to_owned()],
        ["alias", rest @ ..] => rest.iter().filter_map(|word| Some(word.split_once('=')?.0.to_owned())).collect(),
        [name]
            if script.get(command.span.end..).is_some_and(|rest| {
                rest.strip_prefix('(').is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(')'))
            }) =>
        {
            vec![(*name).to_owned()]
        }
        _ => Vec::new(),
    }
}

fn is_plain(place: Option<&Place>) -> bool {
    place.is_some_and(|place| place.quote == Quote::Bare && !place.nested && !place.escaped)
}

/// What stands between the brackets of `name=( … )` and `(( … ))`: words and sums, no commands.
fn lists(script: &str, scan: &Scan) -> Vec<Span> {
    let text = script.as_bytes();
    let mut found = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (index, byte) in text.iter().enumerate() {
        if !is_plain(scan.places.get(index)) {
            continue;
        }
        match (byte, &mut open) {
            (b'(', Some((_, depth))) => *depth += 1,
            (b'(', None) if index > 0 && matches!(text.get(index - 1), Some(b'=' | b'(')) => open = Some((index, 1)),
            (b')', Some((start, 1))) => {
                found.push(Span { start: *start, end: index });
                open = None;
            }
            (b')', Some((_, depth))) => *depth -= 1,
            _ => {}
        }
    }
    // One that does not end reaches to the end: nothing after it is certain.
    found.extend(open.map(|(start, _)| Span { start, end: script.len() }));
    found
}

/// The texts of `$( … )` and of backticks at the top of a script.
fn substitutions<'a>(script: &'a str, scan: &Scan) -> Vec<&'a str> {
    let text = script.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let place = scan.places.get(at);
        let expands = place
            .is_some_and(|place| matches!(place.quote, Quote::Bare | Quote::Double | Quote::Here) && !place.escaped);
        let rest = script.get(at..).filter(|_| expands).unwrap_or_default();
        let inner = if rest.starts_with("$((") {
            None
        } else if let Some(rest) = rest.strip_prefix("$(").or_else(|| rest.strip_prefix("<(")) {
            Some((2, closing(rest)))
        } else {
            rest.strip_prefix('`').map(|rest| (1, rest.find('`').unwrap_or(rest.len())))
        };
        match inner {
            Some((opening, length)) => {
                found.extend(script.get(at + opening..at + opening + length));
                at += opening + length + 1;
            }
            None => at += 1,
        }
    }
    found
}

/// Where the bracket that closes a substitution stands, from its beginning.
fn closing(text: &str) -> usize {
    let scan = scan(text);
    let mut depth = 0_usize;
    for (index, byte) in text.bytes().enumerate() {
        if !is_plain(scan.places.get(index)) {
            continue;
        }
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return index,
            b')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Follows `case … in pattern) … ;; esac`: its patterns look like commands and are none.
#[derive(Default)]
struct Cases {
    open: usize,
    pattern: bool,
    end: usize,
}

impl Cases {
    fn is_pattern(&mut self, script: &str, command: &Command<'_>) -> bool {
        let gap = script.get(self.end..command.span.start).unwrap_or_default();
        self.end = command.span.end;
        if self.open > 0 {
            self.pattern |= gap.contains(";;") || gap.contains(";&");
            let ended = gap.split(|letter: char| !letter.is_alphanumeric()).filter(|word| *word == "esac").count();
            if ended > 0 {
                self.open = self.open.saturating_sub(ended);
                self.pattern = false;
            }
        }
        let closes = script.as_bytes().get(command.span.end) == Some(&b')');
        if command.words.first().is_some_and(|word| word.raw == "case") {
            self.open += 1;
            self.pattern = !closes;
            return true;
        }
        let pattern = self.pattern;
        if pattern && closes {
            self.pattern = false;
        }
        pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(script: &str) -> String {
        let (mut found, mut changes_path) = (Vec::new(), false);
        called(script, &mut found, &mut changes_path);
        format!("{}{}", found.join(" "), if changes_path { " +path" } else { "" })
    }

    #[test]
    fn the_names_that_a_shell_would_look_up_are_found_and_no_others() {
        for (script, expected) in [
            ("df -h /var; ls -l && cd /x", "df ls"),
            ("A=1 B=2 make all", "make"),
            ("A=1", ""),
            ("kubectl get pods | grep -c Running | wc -l", "kubectl grep wc"),
            ("grep a <<EOF\nawk b\nEOF\nsed c", "grep sed"),
            ("# jq is not called\necho 'jq; yq' \"awk\"", ""),
            ("x=$(jq -r .a \"$(yq b)\") y", "y jq yq"),
            ("echo \"$(date +%s) and `uname -n`\"", "date uname"),
            ("echo $((3 * count)); (( total += 1 )); for ((i = 0; i < 3; i++)); do sleep 1; done", "sleep"),
            ("hosts=(web1 web2\n web3)\nfor host in \"${hosts[@]}\"; do ssh \"$host\" uptime; done", "ssh"),
            ("if command -v jq >/dev/null; then jq .; fi", "jq"),
            ("if which docker; then :; fi; type podman; hash git", ""),
            ("function say { cowsay hi; }\nsay", "cowsay"),
            ("wait_for () {\n  until curl -sf \"$1\"; do sleep 1; done\n}\nwait_for x", "curl sleep"),
            ("alias k=kubectl\nk get pods", ""),
            ("sudo -u postgres psql -c 'select 1'", "sudo psql"),
            ("sudo -i", "sudo"),
            ("sudo -- systemctl restart nginx", "sudo systemctl"),
            ("timeout -k 5 30s curl -sf x", "timeout curl"),
            ("find . -name x -print0 | xargs -0 -n 1 rm", "find xargs rm"),
            ("env -u A B=1 terraform plan", "env terraform"),
            ("nohup nice -n 5 pg_dump x > out 2>&1 &", "nohup nice pg_dump"),
            ("$TOOL run; \"${BIN}/x\"; <tool> get; *.sh; ~/bin/x; ./deploy.sh; scripts/x", ""),
            ("/usr/sbin/nginx -t; \"/opt/a/b\" c", "/usr/sbin/nginx /opt/a/b"),
            ("> out date; 2>/dev/null ls; < in sort", "date ls sort"),
            (
                "case $1 in\n  start|go) nginx ;;\n  stop) killall nginx ;;\n  *) exit 1 ;;\nesac\ncurl x",
                "nginx killall curl",
            ),
            ("case \"$a\" in b) jq . ;; esac; ls", "jq ls"),
            ("( cd /x && tar cf y . )", "tar"),
            ("while read -r line; do echo \"$line\"; done < <(journalctl -u x)", "journalctl"),
            ("time make; ! grep x y", "make grep"),
            ("PATH=/opt/bin:$PATH\nacmectl", "acmectl +path"),
            ("export PATH=\"$HOME/bin:$PATH\"; acmectl", "acmectl +path"),
            (". ./venv/bin/activate\npip install x", "pip +path"),
            ("PATH=/opt/bin make", "make"),
            ("cat <<'EOF' | kubectl apply -f -\napiVersion: v1\nEOF", "cat kubectl"),
            ("\\ls; 'git' status; g++ x.cc", "ls git g++"),
        ] {
            assert_eq!(names(script), expected, "{script}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_every_name_stands_in_it(script in "[a-z$`(){};|&<>'\"=\\\\ \n#/.-]{0,200}") {
            let (mut found, mut changes_path) = (Vec::new(), false);
            called(&script, &mut found, &mut changes_path);
            let bare: String = script.chars().filter(|letter| !matches!(letter, '"' | '\'' | '\\')).collect();
            for name in found {
                proptest::prop_assert!(bare.contains(&name), "{name}");
            }
        }
    }
}
