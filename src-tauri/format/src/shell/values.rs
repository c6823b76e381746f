//! What a script waits for: placeholders, doubts, and variables that nobody set (FORMAT.md, "Items").

use std::collections::{HashMap, HashSet};

use super::{Command, Place, Quote, Scan};
use crate::fixed::expression;
use crate::model::{Quoting, Span};

/// Something that stands in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its name: a placeholder's without the brackets.
    pub(crate) name: String,
    /// Where.
    pub(crate) span: Span,
    /// How the place is quoted, before the commands around it are looked at.
    pub(crate) quoting: Quoting,
}

expression!(PLACEHOLDER, r#"<(?:\p{Alphabetic}|["'][^<>=@\n]*[^<>=@\s]|\p{Alphabetic}[^<>=@\n]*[^<>=@\s])>"#);
expression!(
    DOUBT,
    r"\[[A-Z][A-Z0-9]+(?:[_-][A-Z0-9]+)*\]|\[[A-Za-z][A-Za-z0-9_-]*(?: [A-Za-z0-9_-]+)+\]|\{[A-Za-z][A-Za-z0-9_-]*\}|YOUR[_-][A-Z0-9][A-Z0-9_-]*|your[_-][a-z0-9][a-z0-9_-]*|X{3,}|=\.\.\."
);
expression!(ASSIGNMENT, r"^([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\+?=");

/// Names that stand for nothing rather than for a value.
const NO_VALUES: &[&str] = &["none", "nil", "unknown"];

/// Every placeholder, in order.
pub(crate) fn placeholders(script: &str, scan: &Scan) -> Vec<Mark> {
    if !script.contains('<') {
        return Vec::new();
    }
    let Some(regex) = PLACEHOLDER.get() else { return Vec::new() };
    let mut marks = Vec::new();
    let mut from = 0;
    while let Some(found) = regex.find_at(script, from) {
        let span = Span { start: found.start(), end: found.end() };
        from = span.start + 1;
        let name = script.get(span.start + 1..span.end - 1).unwrap_or_default();
        let Some(place) = scan.places.get(span.start) else { break };
        // `<<EOF>`, `\<word>` and comments are no places to fill; nor is what spans two quotings, such as
        // `<in "$(x)" >`.
        let redirects = script.as_bytes().get(span.start.wrapping_sub(1)) == Some(&b'<');
        let whole =
            scan.places.get(span.end - 1).is_some_and(|end| end.quote == place.quote && end.nested == place.nested);
        let bare_escape = place.escaped && place.quote == Quote::Bare;
        // `\<word\>` is an expression's.
        if redirects
            || name.ends_with('\\')
            || !whole
            || bare_escape
            || place.quote == Quote::Comment
            || NO_VALUES.contains(&name.to_lowercase().as_str())
        {
            continue;
        }
        from = span.end;
        marks.push(Mark { name: name.to_owned(), span, quoting: quoting(script, span, *place) });
    }
    marks
}

/// Every doubt that is not within a placeholder, in order. Its name is its text as it stands.
pub(crate) fn doubts(script: &str, scan: &Scan, placeholders: &[Mark], commands: &[Command<'_>]) -> Vec<Mark> {
    let Some(regex) = DOUBT.get() else { return Vec::new() };
    let mut marks = Vec::new();
    let mut from = 0;
    while let Some(found) = regex.find_at(script, from) {
        let span = Span { start: found.start(), end: found.end() };
        from = span.start + 1;
        let Some(place) = scan.places.get(span.start) else { break };
        let text = found.as_str();
        if matches!(place.quote, Quote::Single | Quote::Ansi | Quote::Comment | Quote::QuotedHere) || place.escaped {
            continue;
        }
        let after = script.get(span.end..).and_then(|rest| rest.chars().next());
        if text.starts_with('=') {
            if after.is_some_and(|letter| letter == '.' || letter.is_alphanumeric()) {
                continue;
            }
        } else {
            let before = script.get(..span.start).and_then(|text| text.chars().next_back());
            let joined = |letter: char| letter.is_alphanumeric() || letter == '_';
            let worded = text.starts_with(char::is_alphabetic);
            if before.is_some_and(|letter| joined(letter) || "$#%[]{}()<>".contains(letter))
                || (worded && after.is_some_and(joined))
                || (worded && text.starts_with('X') && is_template(commands, span))
                || (text.starts_with('{') && after == Some('}'))
            {
                continue;
            }
        }
        from = span.end;
        let next = placeholders.partition_point(|mark| mark.span.end <= span.start);
        if placeholders.get(next).is_some_and(|mark| mark.span.start < span.end) {
            continue;
        }
        marks.push(Mark { name: text.to_owned(), span, quoting: quoting(script, span, *place) });
    }
    marks
}

/// `mktemp` replaces a row of X itself.
fn is_template(commands: &[Command<'_>], span: Span) -> bool {
    let at = commands.partition_point(|command| command.span.end <= span.start);
    commands.get(at).is_some_and(|command| command.words.iter().any(|word| word.raw.ends_with("mktemp")))
}

fn quoting(script: &str, span: Span, place: Place) -> Quoting {
    let before = script.get(..span.start).unwrap_or_default();
    // What a value becomes behind `$` or a backslash depends on its first letter.
    let joined = before.ends_with(['$', '\\']) && place.quote != Quote::Single;
    match place.quote {
        _ if place.nested || joined || place.escaped => Quoting::Uncertain,
        Quote::Bare => Quoting::Bare,
        Quote::Double => Quoting::Double,
        Quote::Single => Quoting::Single,
        Quote::Here => Quoting::HereDocument,
        Quote::Ansi | Quote::Comment | Quote::QuotedHere => Quoting::Uncertain,
    }
}

/// Variables that a shell sets by itself, or that Allgood sets for every command.
const OWN: &[&str] = &[
    "ALLGOOD_ENV",
    "ALLGOOD_RUN",
    "ALLGOOD_RUNBOOK",
    "ALLGOOD_STEP",
    "BASH",
    "BASHPID",
    "BASH_COMMAND",
    "BASH_LINENO",
    "BASH_REMATCH",
    "BASH_SOURCE",
    "BASH_VERSINFO",
    "BASH_VERSION",
    "COLUMNS",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "LINENO",
    "LINES",
    "MACHTYPE",
    "MAPFILE",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PIPESTATUS",
    "PPID",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "UID",
    "_",
];

/// Variables that a script uses without a default and has not set before, in order, each once.
pub(crate) fn variables(script: &str, scan: &Scan, sets: &[(String, usize)]) -> Vec<String> {
    let bytes = script.as_bytes();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut since: HashMap<&str, usize> = HashMap::new();
    for (name, from) in sets {
        let first = since.entry(name).or_insert(*from);
        *first = (*first).min(*from);
    }
    for (index, byte) in bytes.iter().enumerate() {
        let place = scan.places.get(index);
        let quoted = place.is_none_or(|place| {
            place.escaped || matches!(place.quote, Quote::Single | Quote::Ansi | Quote::Comment | Quote::QuotedHere)
        });
        if *byte != b'$' || quoted {
            continue;
        }
        let Some(name) = used(script.get(index + 1..).unwrap_or_default()) else { continue };
        let set = since.get(name).is_some_and(|from| *from <= index);
        if !set && !OWN.contains(&name) && seen.insert(name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// The name that an expansion needs; `None` where it has a default or is none.
fn used(after: &str) -> Option<&str> {
    let (inside, braced) = match after.strip_prefix('{') {
        Some(inside) => (inside.strip_prefix(['#', '!']).filter(|rest| begins_name(rest)).unwrap_or(inside), true),
        None => (after, false),
    };
    if !begins_name(inside) {
        return None;
    }
    let end = inside.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(inside.len());
    let (name, rest) = inside.split_at(end);
    let rest = rest.strip_prefix(':').filter(|rest| rest.starts_with(['-', '=', '+'])).unwrap_or(rest);
    let defaulted = braced && rest.starts_with(['-', '=', '+']);
    (!defaulted).then_some(name)
}

fn begins_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
}

/// Variables that a script sets, with the place from which on they are set.
pub(crate) fn assigned(script: &str, scan: &Scan, commands: &[Command<'_>]) -> Vec<(String, usize)> {
    let mut sets = Vec::new();
    for command in commands {
        let mut words = command.words.iter().peekable();
        let mut prefix = Vec::new();
        while let Some(word) = words.next_if(|word| ASSIGNMENT.is_match(word.raw)) {
            prefix.extend(assignment(word.raw).map(|name| (name, command.span.end)));
        }
        let Some(first) = words.next() else {
            // `NAME=value` alone stays; before a command it is set for that command only.
            sets.extend(prefix);
            continue;
        };
        match first.raw {
            "export" | "local" | "declare" | "typeset" | "readonly" | "integer" => {
                for word in words {
                    sets.extend(assignment(word.raw).map(|name| (name, word.span.end)));
                    if matches!(first.raw, "local" | "declare" | "typeset") && is_name(word.raw) {
                        sets.push((word.raw.to_owned(), word.span.end));
                    }
                }
            }
            "read" | "mapfile" | "readarray" | "getopts" | "let" => {
                for word in words.filter(|word| !word.raw.starts_with('-')) {
                    let name = assignment(word.raw).unwrap_or_else(|| word.bare());
                    if is_name(&name) {
                        sets.push((name, command.span.end));
                    }
                }
            }
            "for" | "select" => {
                if let Some(word) = words.next().filter(|word| is_name(word.raw)) {
                    sets.push((word.raw.to_owned(), command.span.end));
                }
            }
            // fish
            "set" => {
                if let Some(word) = words.find(|word| !word.raw.starts_with('-')).filter(|word| is_name(word.raw)) {
                    sets.push((word.raw.to_owned(), command.span.end));
                }
            }
            "printf" => {
                if words.next().is_some_and(|word| word.raw == "-v")
                    && let Some(word) = words.next().filter(|word| is_name(word.raw))
                {
                    sets.push((word.raw.to_owned(), command.span.end));
                }
            }
            _ => {}
        }
    }
    sets.extend(assigned_inside(script, scan));
    sets
}

/// `${NAME:=default}` sets its variable too.
fn assigned_inside(script: &str, scan: &Scan) -> Vec<(String, usize)> {
    let mut sets = Vec::new();
    for (index, _) in script.match_indices("${") {
        if scan
            .places
            .get(index)
            .is_none_or(|place| place.escaped || matches!(place.quote, Quote::Single | Quote::QuotedHere))
        {
            continue;
        }
        let inside = script.get(index + 2..).unwrap_or_default();
        let end =
            inside.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(inside.len());
        let (name, rest) = inside.split_at(end);
        if is_name(name) && (rest.starts_with(":=") || rest.starts_with('=')) {
            sets.push((name.to_owned(), index));
        }
    }
    sets
}

fn assignment(word: &str) -> Option<String> {
    let captures = ASSIGNMENT.get()?.captures(word)?;
    captures.get(1).map(|name| name.as_str().to_owned())
}

fn is_name(text: &str) -> bool {
    begins_name(text) && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::super::{commands, scan};
    use super::*;

    fn names(marks: &[Mark]) -> Vec<&str> {
        marks.iter().map(|mark| mark.name.as_str()).collect()
    }

    #[test]
    fn the_expressions_are_valid() {
        assert!(PLACEHOLDER.get().is_some() && DOUBT.get().is_some() && ASSIGNMENT.get().is_some());
    }

    #[test]
    fn placeholders_are_told_from_redirections() {
        for (script, expected) in [
            ("get <pod name>", vec!["pod name"]),
            ("mysql -u<user> -h \"<db host>\" < dump.sql > out.log", vec!["user", "db host"]),
            ("echo '<a>' <b>/<c>", vec!["a", "b", "c"]),
            ("git commit --author \"Ann <ann@example.org>\"", vec![]),
            ("cert=\"$(base64 <in.crt)\" >/dev/null", vec![]),
            ("sort <in >out", vec![]),
            ("x <none> <nil> <unknown> <None>", vec![]),
            ("cat <<EOF >file\nEOF", vec![]),
            ("diff <(a) <(b)", vec![]),
            ("x <\"quoted name\">", vec!["\"quoted name\""]),
            ("x # <later>\ny <now>", vec!["now"]),
            ("grep '\\<word\\>' \\<x>", vec![]),
            ("x <a=b> <1>", vec![]),
            ("x <größe>", vec!["größe"]),
            ("x $(y <a>) `z <b>`", vec!["a", "b"]),
        ] {
            assert_eq!(names(&placeholders(script, &scan(script))), expected, "{script}");
        }
    }

    #[test]
    fn the_place_of_a_placeholder_is_known() {
        for (script, expected) in [
            ("x <a>", Quoting::Bare),
            ("x -u<a>", Quoting::Bare),
            ("x \"<a>\"", Quoting::Double),
            ("x '<a>'", Quoting::Single),
            ("cat <<E\n<a>\nE", Quoting::HereDocument),
            ("cat <<'E'\n<a>\nE", Quoting::Uncertain),
            ("x $(y <a>)", Quoting::Uncertain),
            ("x `y <a>`", Quoting::Uncertain),
            ("x ${y:-<a>}", Quoting::Uncertain),
            ("x $'<a>'", Quoting::Uncertain),
            ("x $<a>", Quoting::Uncertain),
            ("x \"$<a>\"", Quoting::Uncertain),
            ("x \"\\<a>\"", Quoting::Uncertain),
            ("x $((<a>))", Quoting::Uncertain),
        ] {
            assert_eq!(placeholders(script, &scan(script))[0].quoting, expected, "{script}");
        }
    }

    #[test]
    fn doubts_are_what_looks_like_a_value_to_be_written() {
        for (script, expected) in [
            (
                "kubectl -n [NAMESPACE] get pod {pod-name} -o jsonpath='{range .items[*]}{end}'",
                vec!["[NAMESPACE]", "{pod-name}"],
            ),
            (
                "x [two words] YOUR_TOKEN your-cluster XXX --token=...",
                vec!["[two words]", "YOUR_TOKEN", "your-cluster", "XXX", "=..."],
            ),
            ("[ -f x ] && [[ -n y ]]", vec![]),
            ("ls [a-z]* [A-Z]* {a,b} {1..3} {}", vec![]),
            ("echo ${NAME} $YOUR_X #{x} %{x} arr[INDEX]", vec![]),
            ("echo {{ x }} {{x}}", vec![]),
            ("go test ./... a=....", vec![]),
            ("mktemp -d /tmp/x.XXXXXX", vec![]),
            ("echo 10.XXX.0.1 MYXXX", vec!["XXX"]),
            ("# [NAME]\nx '[NAME]' \"[NAME]\"", vec!["[NAME]"]),
            ("x <your-name>", vec![]),
        ] {
            let scan = scan(script);
            let marks = placeholders(script, &scan);
            let found = commands(script, &scan, &marks);
            assert_eq!(names(&doubts(script, &scan, &marks, &found)), expected, "{script}");
        }
    }

    #[test]
    fn variables_that_nobody_set_are_found() {
        for (script, expected) in [
            ("oc get co $OPERATOR -o yaml\necho '$HOME2' \"${LEVEL:-1}\"", vec!["OPERATOR"]),
            ("export NS=web\nkubectl -n $NS get", vec![]),
            ("kubectl -n $NS get; NS=web", vec!["NS"]),
            ("NS=web kubectl -n $NS get", vec!["NS"]),
            ("for x in $A; do echo $x; done", vec!["A"]),
            ("for i in a; do for k in $B; do echo $i $k; done; done", vec!["B"]),
            ("if a; then for k in b; do echo $k; done; fi; echo $l", vec!["l"]),
            ("f() { for k in b; do echo $k; done; }", vec![]),
            ("true && for k in b; do echo $k; done", vec![]),
            ("for i in a; do for k in b; do :; done; done; for m in $k; do echo $m; done", vec![]),
            ("while read -r a b; do echo $a $b; done < f", vec![]),
            ("echo \"$(x $A)\" ${B%.*} ${#C} ${D?no} ${E:+x}", vec!["A", "B", "C", "D"]),
            (": ${A:=1}; echo $A", vec![]),
            ("echo \\$A \"\\$B\" $1 $? $$ $RANDOM $ALLGOOD_ENV", vec![]),
            ("cat <<EOF\n$A\nEOF\ncat <<'EOF'\n$B\nEOF", vec!["A"]),
            ("awk '{print $x}' # $y", vec![]),
            ("if true; then A=1; fi; echo $A", vec![]),
            ("echo $A $A", vec!["A"]),
        ] {
            let scan = scan(script);
            let found = commands(script, &scan, &[]);
            let sets = assigned(script, &scan, &found);
            assert_eq!(variables(script, &scan, &sets), expected, "{script}");
        }
    }
}
