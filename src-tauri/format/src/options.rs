//! What the attributes of a block mean. A guard never fails open: what cannot be honoured refuses the block.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::On;
use crate::ansible;
use crate::attributes::Info;
use crate::durations;
use crate::expectations;
use crate::fleet;
use crate::measure;
use crate::model::{Confirm, Options, Pattern, PromptEnv};

pub(crate) use crate::spelling::{edits, misspelt};

/// Attributes of ours that this version honours.
const HONOURED: &[&str] = &[
    "name",
    "id",
    "undo",
    "probe",
    "every",
    "within",
    "expect",
    "expect_not",
    "expect_each",
    "expect_number",
    "expect_exit",
    "timeout",
    "optional",
    "interpreter",
    "cwd",
    "on",
    "at_once",
    "batch",
    "max_fail",
    "inventory",
    "ansible-playbook",
    "to",
    "excludeFromRunAll",
    "ignore",
    "confirm",
    "retry",
    "capture",
    "background",
    "interactive",
    "promptEnv",
    "skipPrompts",
    "expect_status",
    "expect_header",
    "expect_json",
    "expect_time",
    "expect_value",
    "expect_rows",
    "write",
    "range",
    "step",
    "ca",
];

/// Every attribute that is read or kept.
#[cfg(test)]
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    HONOURED.iter().chain(KEPT).copied()
}

/// The most further attempts that `retry` takes.
const MOST_RETRIES: u32 = 1000;

/// Runme's attributes that only say how a block is shown or sorted: kept without a meaning.
const KEPT: &[&str] =
    &["tag", "category", "transform", "mimeType", "terminalRows", "closeTerminalOnSuccess", "openTerminalOnError"];

/// The typed attributes of a block, and what is wrong with them.
#[derive(Debug, Default)]
pub(crate) struct ReadOptions {
    /// What is honoured.
    pub(crate) options: Options,
    /// Every attribute, for `show --json`.
    pub(crate) attributes: Map<String, Value>,
    /// `undo` or `undo=true`: the block reverses its step.
    pub(crate) undo: bool,
    /// `probe`.
    pub(crate) probe: bool,
    /// `every` or `within` is written, and `retry` is not.
    pub(crate) tries: bool,
    /// `ignore`: Runme shows such a block and does not run it.
    pub(crate) ignore: bool,
    /// It holds a playbook of Ansible.
    pub(crate) playbook: bool,
    /// `interpreter`.
    pub(crate) interpreter: Option<String>,
    /// Why it must not run: sentences.
    pub(crate) refusals: Vec<String>,
    /// Expressions that do not compile: sentences.
    pub(crate) bad_expressions: Vec<String>,
    /// What is wrong with attributes that mean something in blocks that measure alone: sentences.
    pub(crate) of_measures: Vec<String>,
    /// Attributes that nobody knows.
    pub(crate) unknown: Vec<String>,
    /// The first expectation in words.
    pub(crate) expect: Option<String>,
}

/// Reads the attributes. `timeout` is that of the front matter.
pub(crate) fn read(info: &Info, timeout: Option<Duration>) -> ReadOptions {
    let mut read = ReadOptions {
        options: Options { exit: Some(vec![0]), timeout, ..Options::default() },
        ..ReadOptions::default()
    };
    for (key, value) in &info.attributes {
        let known = HONOURED.contains(&key.as_str());
        if read.attributes.insert(key.clone(), value.clone()).is_some() && known {
            read.refusals.push(format!("the attribute `{key}` stands twice: keep one"));
        }
        if let Err(sentence) = read.attribute(key, value) {
            read.refusals.push(sentence);
        }
    }
    for word in &info.outside {
        // A guard that was meant and stands outside the braces would be lost.
        if let Some((key, _)) = word.split_once('=')
            && HONOURED.contains(&key)
            && !matches!(key, "name" | "id" | "to")
            && !measure::COMMON_WORDS.contains(&key)
        {
            read.refusals
                .push(format!("`{word}` stands outside braces and has no effect: write `{{{word}}}`, or remove it"));
        }
    }
    if read.undo && (read.probe || read.tries) {
        read.refusals.push("a block cannot be both an undo and a probe: remove one of the attributes".to_owned());
    }
    // With `retry` a block is a command, whatever lies between its attempts.
    if read.attributes.contains_key("retry") {
        read.tries = false;
        if read.probe && read.options.retry > 0 {
            read.refusals.push("a probe is tried until it holds: write `within` instead of `retry`".to_owned());
        }
    }
    if read.options.background {
        let with = [
            (read.probe || read.tries, "a probe"),
            (read.undo, "an undo"),
            (read.options.retry > 0, "`retry`"),
            (read.options.capture.is_some(), "`capture`"),
        ];
        for (_, other) in with.iter().filter(|(is, _)| *is) {
            read.refusals.push(format!("`background` does not go with {other}: remove one of the two"));
        }
    }
    // By its language it is one, whatever the attribute says.
    read.playbook |= info.language.eq_ignore_ascii_case(ansible::PLAYBOOK);
    fleet::check(&mut read);
    if read.options.no_return && read.probe {
        read.refusals.push("a probe changes nothing: remove `undo=none` or `probe`".to_owned());
    }
    read
}

impl ReadOptions {
    fn attribute(&mut self, key: &str, value: &Value) -> Result<(), String> {
        match key {
            "name" | "id" => self.options.name = Some(text(key, value)?),
            "undo" => match value {
                Value::String(word) if word == "none" => self.options.no_return = true,
                _ => {
                    self.undo = truth(key, value).map_err(|_| {
                        format!(
                            "`undo={}` is unknown: write `undo`, or `undo=none` for what cannot be undone",
                            show(value)
                        )
                    })?
                }
            },
            "probe" => self.probe = truth(key, value)?,
            "optional" => self.options.optional = truth(key, value)?,
            "every" => {
                self.options.every = Some(duration(key, value)?);
                self.tries = true;
            }
            "within" => {
                self.options.within = Some(duration(key, value)?);
                self.tries = true;
            }
            "timeout" => self.options.timeout = Some(duration(key, value)?),
            "cwd" => self.options.cwd = Some(text(key, value)?),
            "on" => self.options.on = Some(On::read(&scalar(key, value)?)?),
            "at_once" | "batch" | "max_fail" => fleet::attribute(&mut self.options.fleet, key, &scalar(key, value)?)?,
            "inventory" => self.options.inventory = Some(ansible::inventory(&scalar(key, value)?)?),
            ansible::PLAYBOOK => self.playbook = truth(key, value)?,
            "interpreter" => self.interpreter = Some(text(key, value)?),
            "to" => {
                text(key, value)?;
            }
            "expect" | "expect_not" | "expect_each" => {
                let written = text(key, value)?;
                match expectations::pattern(&written) {
                    Ok(pattern) => self.expectation(key, pattern, &written),
                    Err(error) => {
                        self.bad_expressions
                            .push(format!("`{key}={written}` is no valid expression ({error}): mend it"));
                        return Err(format!("`{key}={written}` is no valid expression: mend it"));
                    }
                }
            }
            "expect_number" => {
                let written = scalar(key, value)?;
                let expectation = expectations::number(&written).ok_or_else(|| {
                    format!("`expect_number={written}` cannot be read: write a comparison like `\"< 5\"`")
                })?;
                self.expect.get_or_insert(format!("a number {written}"));
                self.options.expectations.push(expectation);
            }
            _ if measure::COMMON_WORDS.contains(&key) => {
                let written = value.as_bool().map_or_else(|| scalar(key, value), |truth| Ok(truth.to_string()));
                let read = written.and_then(|written| measure::read(&mut self.options.measured, key, &written));
                self.of_measures.extend(read.err());
            }
            _ if measure::ATTRIBUTES.iter().any(|(known, _)| *known == key) => {
                let written = scalar(key, value)?;
                measure::read(&mut self.options.measured, key, &written)?;
                if let Some(what) = key.strip_prefix("expect_") {
                    self.expect.get_or_insert(format!("{what} {written}"));
                }
            }
            "expect_exit" => {
                self.options.exit = expectations::exit(value).ok_or_else(|| {
                    format!("`expect_exit={}` cannot be read: write `0`, `0,1` or `any`", show(value))
                })?;
            }
            "ignore" => self.ignore = truth(key, value)?,
            "excludeFromRunAll" => self.options.by_hand = truth(key, value)?,
            "retry" => {
                let written = scalar(key, value)?;
                let times = written.parse().ok().filter(|times| *times <= MOST_RETRIES);
                self.options.retry = times.ok_or_else(|| {
                    format!("`retry={written}` cannot be read: write a number from 0 to {MOST_RETRIES}")
                })?;
            }
            "confirm" => {
                self.options.confirm = match truth(key, value) {
                    Ok(true) => Some(Confirm::Ask),
                    Ok(false) => None,
                    Err(_) => Some(Confirm::Type(scalar(key, value)?)),
                };
            }
            "capture" => {
                let name = scalar(key, value)?;
                if !is_name(&name) {
                    return Err(format!(
                        "`capture={name}` is no name of a variable: write letters, digits and _, no digit first"
                    ));
                }
                self.options.capture = Some(name);
            }
            "background" => self.options.background = truth(key, value)?,
            "interactive" => self.options.no_input = !truth(key, value)?,
            "promptEnv" => self.options.prompt_env = prompt_env(value)?,
            "skipPrompts" => {
                if truth(key, value)? {
                    self.options.prompt_env = PromptEnv::Never;
                }
            }
            "terminalRows" => {
                let rows = scalar(key, value).ok().and_then(|rows| rows.parse().ok());
                self.options.terminal_rows = rows.filter(|rows| (1..=500).contains(rows));
            }
            _ if KEPT.contains(&key) || is_highlight(key) || key.starts_with('.') => {}
            _ => {
                let ours: Vec<&str> = HONOURED.iter().chain(KEPT).copied().collect();
                match misspelt(key, &ours) {
                    Some(meant) => {
                        return Err(format!(
                            "the attribute `{key}` is unknown: if `{meant}` is meant, write that, else choose another name"
                        ));
                    }
                    None => self.unknown.push(key.to_owned()),
                }
            }
        }
        Ok(())
    }

    fn expectation(&mut self, key: &str, pattern: Pattern, written: &str) {
        use crate::model::Expectation::{Absent, Contains, Each};
        let (expectation, words) = match key {
            "expect" => (Contains(pattern), written.to_owned()),
            "expect_not" => (Absent(pattern), format!("not {written}")),
            _ => (Each(pattern), format!("each line {written}")),
        };
        self.options.expectations.push(expectation);
        self.expect.get_or_insert(words);
    }
}

/// Lines that a site generator marks, `{1,3-5}`: no attribute of a block that runs.
pub(crate) fn is_highlight(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'-'))
}

fn text(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(_) => Err(format!("the attribute `{key}` is empty: give it a value, or remove it")),
        _ => Err(format!("the attribute `{key}` needs text as its value: write `{key}=\"…\"`")),
    }
}

fn scalar(key: &str, value: &Value) -> Result<String, String> {
    text(key, value).map(|text| text.trim().to_owned())
}

fn truth(key: &str, value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(format!("`{key}={}` cannot be read: write `{key}` alone, or `{key}=false`", show(value))),
    }
}

fn duration(key: &str, value: &Value) -> Result<Duration, String> {
    let written = scalar(key, value)?;
    durations::read(&written)
        .ok_or_else(|| format!("`{key}={written}` is no length of time: write one like `30s`, `5m` or `1h`"))
}

/// Runme's values of `promptEnv`.
fn prompt_env(value: &Value) -> Result<PromptEnv, String> {
    let word = match value {
        Value::Bool(truth) => truth.to_string(),
        other => show(other).to_lowercase(),
    };
    match word.as_str() {
        "auto" => Ok(PromptEnv::Exported),
        "true" | "yes" | "always" | "prompt" | "1" => Ok(PromptEnv::Always),
        "false" | "no" | "never" | "skip" | "skip-prompt" | "0" => Ok(PromptEnv::Never),
        _ => Err(format!("`promptEnv={}` cannot be read: write `auto`, `yes` or `no`", show(value))),
    }
}

/// Whether a name can be that of a variable.
fn is_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn show(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether an attribute is one of ours that means something, or is most likely meant to be.
pub(crate) fn is_ours(key: &str) -> bool {
    HONOURED.contains(&key) || misspelt(key, HONOURED).is_some()
}

/// The attribute of ours that a name is most likely meant to be.
pub(crate) fn meant(key: &str) -> Option<&'static str> {
    let ours: Vec<&'static str> = HONOURED.iter().chain(KEPT).copied().collect();
    misspelt(key, &ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes;
    use crate::model::{Comparison, Expectation};

    fn of(attributes: &str) -> ReadOptions {
        read(&attributes::read(&format!("sh {{{attributes}}}")), None)
    }

    #[test]
    fn a_guard_that_cannot_be_kept_refuses_the_block() {
        for attributes in [
            "on",
            "on=\"\"",
            "on=lxc:web1",
            "on=docker:",
            "on=docker:-it",
            "on=k8s:web-0",
            "on=k8s:shop/",
            "on=-oProxyCommand=x",
            "retry=often",
            "retry=-1",
            "retry=1001",
            "retry",
            "confirm=\"\"",
            "capture",
            "capture=\"\"",
            "capture=1X",
            "capture=my-name",
            "background=perhaps",
            "background capture=X",
            "background retry=2",
            "background probe",
            "background undo",
            "background every=5s",
            "probe retry=2",
            "interactive=perhaps",
            "promptEnv=perhaps",
            "skipPrompts=perhaps",
            "captrue=X",
            "confirm confirm=x",
            "confrim=yes",
            "tiemout=5s",
            "Timeout=5s",
            "time-out=5s",
            "expct=a",
            "expect-not=a",
            "expectNot=a",
            "undoo",
            "udno",
            "rtery=2",
            "cdw=/x",
            "onn=web1",
            "no=web1",
            "excludeFromRunAl",
            "timeout=soon",
            "timeout=0",
            "every=x",
            "within",
            "expect=\"\"",
            "expect",
            "expect_number=\"about 5\"",
            "expect_number=\"< many\"",
            "expect_exit=maybe",
            "expect_exit=300",
            "expect_exit=\"\"",
            "undo=maybe",
            "probe=perhaps",
            "optional=2",
            "expect=/[/",
            "timeout=5s timeout=1h",
            "undo probe",
            "name=a name=b",
            "undo=none probe",
            "cwd=\"\"",
            "interpreter=\"\"",
            "excludeFromRunAll=maybe",
        ] {
            assert!(!of(attributes).refusals.is_empty(), "{attributes}");
        }
    }

    #[test]
    fn what_is_not_a_guard_refuses_nothing() {
        for attributes in [
            "",
            "name=a",
            "id=a",
            "undo",
            "undo=none",
            "undo=true",
            "undo=false",
            "probe",
            "probe=false",
            "optional",
            "every=5s within=2m",
            "timeout=5m",
            "expect=ok",
            "expect=/^ok$/",
            "expect_not=error",
            "expect_each=/x/",
            "expect_number=\"< 5\"",
            "expect_exit=0,1",
            "expect_exit=any",
            "cwd=/tmp",
            "interpreter=bash",
            "category=a",
            "tag=a",
            "terminalRows=20",
            "mimeType=text/plain",
            "excludeFromRunAll=true",
            "ignore=true",
            "interactive=false",
            "background=false",
            "retry=0",
            "promptEnv=false",
            "on=web1",
            "on=\"Web 1 (prod)\"",
            "on=docker:web",
            "on=podman:web_1.a",
            "on=k8s:shop/web-0",
            "retry=3",
            "retry=3 every=1s within=1m",
            "confirm",
            "confirm=false",
            "confirm=\"orders-prod\"",
            "capture=X",
            "probe capture=X",
            "background",
            "background=true",
            "promptEnv=always",
            "skipPrompts=true",
            "terminalRows=many",
            "foo=bar",
            "owner=me",
            "color=red",
            "title=\"x\"",
            "linenums=1",
            "1,3",
            "date=x",
            "env=prod",
            "hl_lines=2",
        ] {
            assert_eq!(of(attributes).refusals, Vec::<String>::new(), "{attributes}");
        }
    }

    #[test]
    fn a_guard_outside_the_braces_refuses_the_block() {
        assert!(!read(&attributes::read("sh timeout=5s"), None).refusals.is_empty());
        assert!(read(&attributes::read("sh title=\"x\""), None).refusals.is_empty());
    }

    #[test]
    fn values_are_typed() {
        let read = of(
            "every=5s within=2m expect=/^a b$/ expect_not=error expect_number=\">= -1.5\" expect_exit=0,1 timeout=1m optional cwd=x",
        );
        assert_eq!(read.options.every, Some(Duration::from_secs(5)));
        assert_eq!(read.options.within, Some(Duration::from_secs(120)));
        assert_eq!(
            read.options.expectations,
            [
                Expectation::Contains(Pattern::Expression("^a b$".to_owned())),
                Expectation::Absent(Pattern::Text("error".to_owned())),
                Expectation::Number(Comparison::AtLeast, -1.5),
            ]
        );
        assert_eq!(read.options.exit, Some(vec![0, 1]));
        assert_eq!(read.expect.as_deref(), Some("/^a b$/"));
        assert!(read.options.optional && read.tries && !read.probe);
        assert_eq!(of("expect_exit=any").options.exit, None);
        assert_eq!(of("").options.exit, Some(vec![0]));
    }

    #[test]
    fn a_bad_expression_is_named() {
        assert_eq!(of("expect=/[/").bad_expressions.len(), 1);
    }

    #[test]
    fn the_timeout_of_the_front_matter_holds_where_the_block_names_none() {
        let minute = Some(Duration::from_secs(60));
        assert_eq!(read(&attributes::read("sh"), minute).options.timeout, minute);
        assert_eq!(read(&attributes::read("sh {timeout=5s}"), minute).options.timeout, Some(Duration::from_secs(5)));
    }
}
