//! Values that come back in several commands of a session: they become parameters, so that the draft can be run again
//! for another host, folder or day. Only what is surely a value is taken: a host, an address, a path, an id, a date.

use std::collections::BTreeMap;

use super::lines::Entry;
use crate::check::parameter_name;
use crate::shell::{Quote, scan};

/// More parameters than this would be asked for without anybody knowing what they are.
const MOST: usize = 6;

crate::fixed::expression!(
    VALUE,
    r"(?x)
      (?P<date>\b20\d\d-[01]\d-[0-3]\d\b)
    | (?P<address>\b\d{1,3}(?:\.\d{1,3}){3}\b)
    | (?P<id>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)
    | (?P<path>/[A-Za-z0-9_.@+-]+(?:/[A-Za-z0-9_.@+-]+)+)
    | (?P<word>[A-Za-z0-9][A-Za-z0-9_.@-]*[A-Za-z0-9])"
);

/// Endings that make a name with dots a file and no host.
const FILES: &[&str] = &[
    "bak", "conf", "cfg", "css", "csv", "db", "deb", "env", "gz", "html", "ini", "jar", "js", "json", "log", "md",
    "pem", "php", "pid", "py", "rb", "rpm", "rs", "service", "sh", "sock", "socket", "sql", "sqlite", "tar", "tgz",
    "timer", "toml", "ts", "txt", "xml", "yaml", "yml", "zip",
];

/// What the name of a host ends in, but for the two letters of a country (RFC 1591, 2606, 6762 and the names of old use).
const DOMAINS: &[&str] = &[
    "arpa",
    "biz",
    "cloud",
    "com",
    "corp",
    "dev",
    "edu",
    "example",
    "gov",
    "home",
    "info",
    "int",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "mil",
    "net",
    "online",
    "org",
    "site",
    "tech",
    "test",
    "xyz",
];

/// Two letters that are a country's, and in names with dots more often the kind of a file.
const FILES_NOT_COUNTRIES: &[&str] = &["ac", "am", "cc", "in", "la", "ml", "mo", "pl", "po", "ps", "so"];

/// Words that the name of a host has hardly ever, and that of a file often.
const FILE_WORDS: &[&str] = &["backup", "conf", "config", "default", "env", "log", "logs", "settings", "values"];

/// Folders that are the same on every machine, and what lies directly in them.
const SYSTEM: &[&str] = &["bin", "dev", "etc", "lib", "proc", "sbin", "sys", "usr"];

/// A value that comes back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    /// The name of its variable.
    pub(super) name: String,
    /// What is asked for.
    pub(super) prompt: String,
    pub(super) value: String,
}

/// A value within a command.
struct Found<'a> {
    kind: &'static str,
    at: usize,
    text: &'a str,
}

/// Finds the values that at least two commands hold and puts variables in their places. A value of which one place
/// cannot be replaced for certain (in quotes, in a substitution, in a here-document) stays everywhere.
pub(super) fn parameters(entries: &mut [Entry]) -> Vec<Repeat> {
    let mut seen: BTreeMap<String, (&'static str, Option<String>, Vec<usize>)> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.language == "sh") {
        for found in values(&entry.command) {
            let before = entry.command.get(..found.at).unwrap_or_default();
            let (_, option, holders) =
                seen.entry(found.text.to_owned()).or_insert_with(|| (found.kind, None, Vec::new()));
            *option = option.take().or_else(|| option_before(before));
            if holders.last() != Some(&number) {
                holders.push(number);
            }
        }
    }
    let taken: Vec<String> = entries.iter().map(|entry| entry.command.clone()).collect();
    let mut repeats: Vec<(usize, usize, Repeat)> = Vec::new();
    for (value, (_, _, holders)) in &mut seen {
        // Also within a longer path.
        let holds = |entry: &Entry| entry.language == "sh" && places(&entry.command, value).next().is_some();
        *holders = (0..entries.len()).filter(|number| entries.get(*number).is_some_and(holds)).collect();
    }
    let mut candidates: Vec<_> = seen.into_iter().filter(|(_, (_, _, holders))| holders.len() > 1).collect();
    // What more commands hold first, then what is longer: a path before the day in it.
    candidates.sort_by_key(|(value, (_, _, holders))| std::cmp::Reverse((holders.len(), value.len())));
    for (value, (kind, option, holders)) in candidates {
        let places = |command: &String| all_replaceable(command, &value);
        // A longer value that holds one of them changes with it.
        let holds_another = repeats.iter().any(|(_, _, repeat)| value.contains(&repeat.value));
        if repeats.len() == MOST || holds_another || !entries.iter().map(|entry| &entry.command).all(places) {
            continue;
        }
        let prompt = option.unwrap_or_else(|| kind.to_owned());
        let is_free = |name: &str, repeats: &[(usize, usize, Repeat)]| {
            !taken.iter().any(|command| command.contains(name))
                && !repeats.iter().any(|(_, _, repeat)| repeat.name == name)
        };
        let base = parameter_name(&prompt);
        let names = std::iter::once(base.clone()).chain((2..=MOST + 1).map(|number| format!("{base}_{number}")));
        let Some(name) = names.into_iter().find(|name| is_free(name, &repeats)) else { continue };
        let first = holders.first().copied().unwrap_or_default();
        repeats.push((first, value.len(), Repeat { name, prompt, value }));
    }
    // Longer values first, so that one within another is left to it.
    let mut order: Vec<&Repeat> = repeats.iter().map(|(_, _, repeat)| repeat).collect();
    order.sort_by_key(|repeat| std::cmp::Reverse(repeat.value.len()));
    for repeat in order {
        for entry in entries.iter_mut().filter(|entry| entry.language == "sh") {
            let places: Vec<usize> = places(&entry.command, &repeat.value).collect();
            for at in places.into_iter().rev() {
                entry.command.replace_range(at..at + repeat.value.len(), &format!("\"${{{}}}\"", repeat.name));
            }
        }
    }
    // A value that stood only within a longer one that was replaced has no place left.
    repeats.retain(|(_, _, repeat)| {
        entries.iter().any(|entry| entry.command.contains(&format!("\"${{{}}}\"", repeat.name)))
    });
    repeats.sort_by_key(|(first, ..)| *first);
    repeats.into_iter().map(|(_, _, repeat)| repeat).collect()
}

/// What looks like a value in a command, and what it is called.
fn values(command: &str) -> Vec<Found<'_>> {
    let Some(expression) = VALUE.get() else { return Vec::new() };
    let mut found = Vec::new();
    for captures in expression.captures_iter(command) {
        let Some(whole) = captures.get(0) else { continue };
        let before = command.get(..whole.start()).unwrap_or_default();
        let inside = before.ends_with(|letter: char| letter.is_alphanumeric() || "_.~$<{}".contains(letter));
        let text = whole.as_str();
        let kind = ["date", "address", "id", "path", "word"].into_iter().find(|kind| captures.name(kind).is_some());
        let kind = match kind {
            _ if inside || names_a_variable(command, whole.end()) => None,
            Some("path") => is_own_path(text).then(|| if has_ending(text) { "file" } else { "folder" }),
            Some("word") => word(before, text),
            other => other,
        };
        // The day in the name of a file or folder is a value of its own.
        if kind.is_some_and(|kind| matches!(kind, "file" | "folder"))
            && let Some(day) = expression.captures_iter(text.trim_start_matches('/')).find_map(|one| one.name("date"))
        {
            let at = whole.start() + 1 + day.start();
            found.push(Found { kind: "date", at, text: day.as_str() });
        }
        if let Some(kind) = kind {
            found.push(Found { kind, at: whole.start(), text });
        }
    }
    found
}

/// `NAME=`: the name of a variable is no value.
fn names_a_variable(command: &str, end: usize) -> bool {
    command.get(end..).is_some_and(|rest| rest.starts_with('='))
}

/// Whether a path is of this machine or team, and not one that every machine has.
fn is_own_path(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    parts.next().is_some_and(|first| !SYSTEM.contains(&first))
}

fn has_ending(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| FILES.contains(&ending))
}

/// What a bare word is: a host with a domain, or an id that letters and digits make together.
fn word(before: &str, text: &str) -> Option<&'static str> {
    let is_option = before.ends_with('-') && before.trim_end_matches('-').ends_with([' ', '\t', '\n']);
    if is_option || before.is_empty() {
        return None;
    }
    let host = text.rsplit_once('@').map_or(text, |(_, host)| host);
    if is_host(host, text.contains('@')) {
        return Some("host");
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let parts = text.split(['-', '_']).collect::<Vec<_>>();
    // `web-7d4b9c5f6-x2x1q`, `i-0abc12345`, `1048576`: not `v1.29`, `python3`, `utf-8`.
    let mixed = parts
        .iter()
        .any(|part| part.len() > 4 && part.chars().any(|letter| letter.is_ascii_digit()) && !part.contains('.'));
    (digits > 2 && text.len() > 6 && mixed && !text.contains(['.', '@'])).then_some("id")
}

/// `db1.example.org`, not `app.config.old`. What stands behind `@` may be shorter.
fn is_host(host: &str, behind_at: bool) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let ending = labels.last().copied().unwrap_or_default();
    let country = ending.len() == 2
        && ending.bytes().all(|byte| byte.is_ascii_lowercase())
        && !FILES.contains(&ending)
        && !FILES_NOT_COUNTRIES.contains(&ending);
    labels.len() > if behind_at { 1 } else { 2 }
        && (country || DOMAINS.contains(&ending))
        && !host.contains('_')
        && !labels.iter().any(|label| label.is_empty() || FILE_WORDS.contains(label))
}

/// `namespace` of `--namespace ` or `--namespace=`.
fn option_before(before: &str) -> Option<String> {
    let word = before.strip_suffix('=').or_else(|| before.strip_suffix(' '))?.rsplit([' ', '\t', '\n']).next()?;
    let name = word.strip_prefix("--")?;
    let plain = name.len() > 1 && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
    plain.then(|| name.replace('-', " "))
}

/// Where a value stands in a command as a whole.
fn places<'a>(command: &'a str, value: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '@');
    command.match_indices(value).map(|(at, _)| at).filter(move |at| {
        let before = command.get(..*at).unwrap_or_default().chars().next_back();
        let rest = command.get(at + value.len()..).unwrap_or_default();
        let mut after = rest.chars();
        let (next, second) = (after.next(), after.next());
        let dotted = next == Some('.') && second.is_some_and(char::is_alphanumeric);
        let is_day = value.len() == 10 && value.starts_with("20");
        let joined = before.is_some_and(|letter| part_of(letter) || letter == '.' || letter == '~');
        is_day || !(joined || next.is_some_and(part_of) || dotted)
    })
}

/// Whether each place of a value is a word of the script itself, in no quotes.
fn all_replaceable(command: &str, value: &str) -> bool {
    let scan = scan(command);
    places(command, value).all(|at| {
        (at..at + value.len()).all(|byte| {
            scan.places.get(byte).is_some_and(|place| place.quote == Quote::Bare && !place.nested && !place.escaped)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_is_valid() {
        assert!(VALUE.get().is_some());
    }

    fn offered(commands: &[&str]) -> (Vec<String>, Vec<String>) {
        let entry =
            |command: &&str| Entry { command: (*command).to_owned(), output: Vec::new(), host: None, language: "sh" };
        let mut entries: Vec<Entry> = commands.iter().map(entry).collect();
        let repeats = parameters(&mut entries);
        let told = repeats.into_iter().map(|repeat| format!("{}={}", repeat.name, repeat.value)).collect();
        (told, entries.into_iter().map(|entry| entry.command).collect())
    }

    #[test]
    fn values_that_come_back_become_parameters() {
        let mut wrong = Vec::new();
        for (commands, expected, changed) in [
            (
                &["ping db1.example.org", "scp x ann@web.example.org:/tmp", "dig db1.example.org"][..],
                &["HOST=db1.example.org"][..],
                &["ping \"${HOST}\"", "scp x ann@web.example.org:/tmp", "dig \"${HOST}\""][..],
            ),
            (
                &["ls /srv/app/current", "du -sh /srv/app/current/log"],
                &["FOLDER=/srv/app/current"],
                &["ls \"${FOLDER}\"", "du -sh \"${FOLDER}\"/log"],
            ),
            (
                &[
                    "kubectl describe pod web-7d4b9c5f6-x2x1q --namespace shop-20417",
                    "kubectl logs web-7d4b9c5f6-x2x1q --namespace=shop-20417",
                ],
                &["ID=web-7d4b9c5f6-x2x1q", "NAMESPACE=shop-20417"],
                &[
                    "kubectl describe pod \"${ID}\" --namespace \"${NAMESPACE}\"",
                    "kubectl logs \"${ID}\" --namespace=\"${NAMESPACE}\"",
                ],
            ),
            (
                &["tar czf /backup/2026-11-22.tgz .", "ls /backup/2026-11-22.tgz", "grep 2026-11-22 log"],
                &["DATE=2026-11-22"],
                &["tar czf /backup/\"${DATE}\".tgz .", "ls /backup/\"${DATE}\".tgz", "grep \"${DATE}\" log"],
            ),
            (
                &["ping web.example.de", "dig web.example.de"],
                &["HOST=web.example.de"],
                &["ping \"${HOST}\"", "dig \"${HOST}\""],
            ),
            (
                &["ssh ann@db1.lan uptime", "ssh ann@db1.lan df"],
                &["HOST=ann@db1.lan"],
                &["ssh \"${HOST}\" uptime", "ssh \"${HOST}\" df"],
            ),
            (
                &["ping 10.0.0.7", "ssh-keygen -R 10.0.0.7", "ping 10.0.0.71"],
                &["ADDRESS=10.0.0.7"],
                &["ping \"${ADDRESS}\"", "ssh-keygen -R \"${ADDRESS}\"", "ping 10.0.0.71"],
            ),
            (
                &["dig a.example.org b.example.org", "ping a.example.org", "ping b.example.org; echo $HOST"],
                &["HOST_2=a.example.org", "HOST_3=b.example.org"],
                &["dig \"${HOST_2}\" \"${HOST_3}\"", "ping \"${HOST_2}\"", "ping \"${HOST_3}\"; echo $HOST"],
            ),
        ] {
            let (told, after) = offered(commands);
            if told != expected || after != changed {
                wrong.push(format!("{commands:?}: {told:?}, {after:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_no_value_for_certain_stays() {
        let mut wrong = Vec::new();
        for commands in [
            &["ping db1.example.org", "ls"][..],
            &["systemctl restart nginx", "systemctl status nginx"],
            &["cat /etc/nginx/nginx.conf", "vi /etc/nginx/nginx.conf"],
            &["python3 a.py", "python3 b.py"],
            &["apt install postgresql-16", "apt show postgresql-16"],
            &["grep 'db1.example.org' x", "ping db1.example.org"],
            &["ssh web 'rm /srv/app/tmp'", "ls /srv/app/tmp"],
            &["X=$(cat /srv/app/id)", "cat /srv/app/id"],
            &["cat <<'EOF'\n10.0.0.7\nEOF", "ping 10.0.0.7"],
            &["tail app.log.1", "cat app.log.1"],
            &["cp app.config app.config.old", "rm app.config.old"],
            &["vi values.prod.dev", "cat values.prod.dev"],
            &["cp Makefile.am.in x", "rm Makefile.am.in"],
            &["java com.example.app.Main", "pgrep com.example.app.Main"],
            &["export TOKEN20417X=1", "echo $TOKEN20417X"],
        ] {
            let (told, after) = offered(commands);
            if !told.is_empty() || after != commands {
                wrong.push(format!("{told:?}, {after:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
