//! The words of the format, with what they mean in a few words: what an editor offers where the caret stands. That none
//! of the reader's own words is missing here is tested below.

/// A word to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it is written.
    pub word: &'static str,
    /// What it means.
    pub hint: &'static str,
    /// Its possible or usual values, where they are few.
    pub values: &'static [&'static str],
}

const fn word(word: &'static str, hint: &'static str, values: &'static [&'static str]) -> Word {
    Word { word, hint, values }
}

const FLAG: &[&str] = &["true", "false"];

/// Keys of the front matter (FORMAT.md, "Front matter").
pub const KEYS: &[Word] = &[
    word("title", "what it is called; else the first heading", &[]),
    word("kind", "decides which parts the check asks for", &["incident", "routine"]),
    word("summary", "what it is for", &[]),
    word("outcome", "what success looks like", &[]),
    word("severity", "how bad it is when it is needed", &["SEV1", "SEV2", "SEV3"]),
    word("owner", "who keeps it", &[]),
    word("responders", "who takes part: a list of role, who and contact", &[]),
    word("tags", "words to find it by", &[]),
    word("reviewed", "the day of the last review: 2026-11-22", &[]),
    word("review_every", "how long a review holds", &["30d", "90d", "180d", "365d"]),
    word("last_reviewed_on", "the same as reviewed", &[]),
    word("review_in", "the same as review_every", &["30d", "90d", "180d", "365d"]),
    word("update_every", "an incident: how often it is told about, or {SEV1: 15m, SEV2: 30m}", &["15m", "30m", "1h"]),
    word(
        "schedule",
        "when it proposes to run by itself: a cron expression, or {cron: …, zone: …}",
        &["'30 3 * * *'", "'@daily'"],
    ),
    word("params", "what to ask for at the start", &[]),
    word("env", "plain variables for every command", &[]),
    word("access", "secrets by reference: NAME: keychain://entry/field", &[]),
    word("links", "a list of title and url", &[]),
    word("shell", "what runs its shell commands", &["sh", "bash", "zsh", "fish", "ksh", "pwsh"]),
    word("cwd", "the folder that its commands begin in", &[]),
    word("timeout", "ends a command after this", &["30s", "1m", "5m", "1h"]),
    word("on_failure", "what auto does when an item fails", &["stop"]),
    word("runme", "Runme's own settings, kept", &[]),
    word("skipPrompts", "Runme: ask for no variable that is set", FLAG),
    word("category", "Runme: a word to sort by", &[]),
    word("terminalRows", "Runme: lines of a terminal", &[]),
];

/// Attributes of a fence (FORMAT.md, "Fence attributes").
pub const ATTRIBUTES: &[Word] = &[
    word("name", "a stable name", &[]),
    word("id", "the same as name", &[]),
    word("undo", "reverses the step; undo=none: nothing can", &["none"]),
    word("probe", "only looks, and is tried until it holds", &[]),
    word("every", "between two tries", &["5s", "30s", "1m"]),
    word("within", "a probe's patience", &["1m", "5m", "15m"]),
    word("expect", "the output must hold this text or /expression/", &[]),
    word("expect_not", "the output must not hold this", &[]),
    word("expect_each", "every line must match", &[]),
    word("expect_number", "the last number, compared: \"< 5\"", &[]),
    word("expect_exit", "accepted exit statuses", &["0", "0,1", "any"]),
    word("expect_status", "http: accepted statuses", &["200", "2xx", "200,204", "any"]),
    word("expect_header", "http: a header holds this: \"name: text\"", &[]),
    word("expect_json", "http: a value of the answer: \"$.path == 1\"", &[]),
    word("expect_time", "http, sql: how long it takes: \"< 500ms\"", &["< 500ms", "< 1s", "< 5s"]),
    word("expect_value", "sql: the first value: \"> 0\"", &["> 0", "== 0", "!= null"]),
    word("expect_rows", "sql: how many rows there are", &["0", "1", "> 0"]),
    word("range", "promql: so long until now, drawn as a chart", &["15m", "1h", "6h", "1d"]),
    word("step", "promql: between two values of a range", &[]),
    word("write", "sql: the statement may change something", &[]),
    word("ca", "http, sql: certificates to trust instead of this machine's", &[]),
    word("timeout", "ends the attempt after this", &["30s", "1m", "5m", "1h"]),
    word("retry", "further attempts after a failure", &["1", "3", "5"]),
    word("confirm", "asks before; confirm=\"text\" asks to type it", &[]),
    word("optional", "its failure does not fail the run", &[]),
    word(
        "on",
        "where it runs: an access entry, ssh:NAME,NAME or a group, ansible:PATTERN, docker:NAME, k8s:NAMESPACE/POD",
        &[],
    ),
    word("at_once", "many hosts: so many at the same time", &["5", "10", "20"]),
    word("batch", "many hosts: so many, and the next when those have passed", &["1", "2", "10"]),
    word("max_fail", "many hosts: when more fail nothing further is started", &["0", "1", "10%"]),
    word("inventory", "Ansible: the file that names the hosts, instead of that of ansible.cfg", &[]),
    word("ansible-playbook", "yaml: the block is a playbook that is run", &[]),
    word("to", "whom a message is for", &[]),
    word("capture", "its output becomes this variable", &[]),
    word("interpreter", "what runs the script", &["bash", "python3", "node"]),
    word("cwd", "the folder it runs in", &[]),
    word("background", "the path goes on while it runs", FLAG),
    word("interactive", "somebody may type into it", FLAG),
    word("excludeFromRunAll", "a person starts it, auto stops before it", FLAG),
    word("promptEnv", "which variables it asks for", &["yes", "no", "auto"]),
    word("skipPrompts", "asks for no variable that is set", FLAG),
    word("ignore", "shown, never run", FLAG),
    word("tag", "Runme: words to choose by", &[]),
    word("category", "Runme: a word to sort by", &[]),
    word("transform", "Runme: kept without a meaning", FLAG),
    word("mimeType", "Runme: what its output is", &["text/plain", "application/json"]),
    word("terminalRows", "Runme: lines of its terminal", &[]),
    word("closeTerminalOnSuccess", "Runme: kept without a meaning", FLAG),
    word("openTerminalOnError", "Runme: kept without a meaning", FLAG),
];

/// Languages of a fence that are more than text (FORMAT.md, "Items").
pub const LANGUAGES: &[Word] = &[
    word("sh", "a command for the shell", &[]),
    word("bash", "a command for bash", &[]),
    word("zsh", "a command for zsh", &[]),
    word("fish", "a command for fish", &[]),
    word("ksh", "a command for ksh", &[]),
    word("shell", "a command for bash, or sh where there is none", &[]),
    word("console", "commands after `$ `, with their output", &[]),
    word("pwsh", "a command for PowerShell", &[]),
    word("http", "a request to send and measure; needs an attribute, such as expect_status", &[]),
    word("ansible-playbook", "a playbook; a rehearsal with probes runs it in check mode", &[]),
    word("sql", "a query of the database that `on` names", &[]),
    word("promql", "a query of the Prometheus that `on` names", &[]),
    word("message", "text to be sent", &[]),
    word("python", "a script; runs when an attribute asks for it", &[]),
    word("ruby", "a script; runs when an attribute asks for it", &[]),
    word("perl", "a script; runs when an attribute asks for it", &[]),
    word("lua", "a script; runs when an attribute asks for it", &[]),
    word("php", "a script; runs when an attribute asks for it", &[]),
    word("node", "a script; runs when an attribute asks for it", &[]),
    word("typescript", "a script; runs when an attribute asks for it", &[]),
    word("deno", "a script; runs when an attribute asks for it", &[]),
];

/// Headings that open a phase (FORMAT.md, "Phases and steps").
pub const HEADINGS: &[Word] = &[
    word("Overview", "reading matter, not part of the path", &[]),
    word("Impact", "reading matter: who notices", &[]),
    word("Communication", "reading matter: who hears what, when", &[]),
    word("Preconditions", "what must hold before the first step", &[]),
    word("Diagnosis", "looking, without changing anything", &[]),
    word("Steps", "the work itself", &[]),
    word("Validation", "how success is recognised", &[]),
    word("Rollback", "the way back, not part of the path", &[]),
    word("Escalation", "reading matter: whom to call next", &[]),
    word("Links", "reading matter: where to look further", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headings;
    use crate::languages::Language;
    use crate::options;

    fn has(words: &[Word], wanted: &str) -> bool {
        words.iter().any(|word| word.word == wanted)
    }

    #[test]
    fn every_attribute_that_is_read_is_offered_and_no_other() {
        for name in options::known() {
            assert!(has(ATTRIBUTES, name), "{name}");
        }
        for word in ATTRIBUTES {
            assert!(options::known().any(|name| name == word.word), "{}", word.word);
        }
    }

    #[test]
    fn every_key_and_value_that_is_offered_is_understood() {
        for word in KEYS {
            for value in word.values {
                let text = format!("---\n{}: {value}\n---\n# X\n", word.word);
                let problems = crate::parse("x.md", text.as_bytes()).problems;
                let wrong: Vec<_> = problems.iter().filter(|problem| problem.code == "front-matter").collect();
                assert!(wrong.is_empty(), "{}: {value}: {wrong:?}", word.word);
            }
        }
        for word in ATTRIBUTES.iter().filter(|word| word.word != "on") {
            for value in word.values {
                let (language, with, what) = match word.hint.split([':', ',']).next() {
                    Some("http") => ("http", "", "GET http://shop.example/"),
                    Some("sql") => ("sql", "on=db ", "SELECT 1"),
                    Some("promql") => ("promql", "on=metrics ", "up"),
                    // Of many hosts, which alone some are for.
                    _ if crate::fleet::ATTRIBUTES.contains(&word.word) => ("sh", "on=ssh:web ", "echo 1"),
                    _ => ("sh", "", "echo 1"),
                };
                let text = format!("```{language} {{{with}{}=\"{value}\"}}\n{what}\n```\n", word.word);
                let problems = crate::parse("x.md", text.as_bytes()).problems;
                let wrong: Vec<_> = problems.iter().filter(|problem| problem.code.starts_with("attribute")).collect();
                assert!(wrong.is_empty(), "{}={value}: {wrong:?}", word.word);
            }
        }
    }

    #[test]
    fn every_language_and_heading_that_is_offered_means_something() {
        for word in LANGUAGES {
            assert!(!matches!(Language::of(word.word), Language::Other | Language::Unsaid), "{}", word.word);
        }
        for word in HEADINGS {
            assert!(headings::read(word.word).phase.is_some(), "{}", word.word);
        }
    }
}
