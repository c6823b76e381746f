//! The keys of the front matter that decide what its commands do. A value that cannot be read keeps them from running.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{about, periods, scalar, schedule, yaml_options};
use crate::durations;
use crate::model::{Kind, Param, Settings, Span};
use crate::problems::Problems;
use crate::source::Source;

/// Reads the typed keys.
pub(super) struct Reader<'a, 'p> {
    pub(super) source: &'a Source,
    pub(super) content: Span,
    pub(super) yaml: bool,
    pub(super) problems: &'a mut Problems<'p>,
    pub(super) settings: Settings,
    pub(super) values: &'a Map<String, Value>,
}

impl Reader<'_, '_> {
    /// Fills the settings; gives `title` and `kind`.
    pub(super) fn read(&mut self) -> (Option<String>, Option<Kind>) {
        let title = self.text("title", false).filter(|title| !title.is_empty());
        for key in ["summary", "outcome", "severity", "owner"] {
            self.text(key, false);
        }
        let kind = self.kind();
        self.lists();
        self.review();
        self.updates();
        self.schedule();
        self.settings.shell = self.text("shell", true);
        self.settings.cwd = self.text("cwd", true);
        if let Some(text) = self.text("timeout", true) {
            self.settings.timeout = durations::read(&text);
            if self.settings.timeout.is_none() {
                self.refuse(
                    "timeout",
                    format!("`timeout: {text}` is no length of time: write one like `30s`, `5m` or `1h`"),
                );
            }
        }
        self.runme();
        self.on_failure();
        self.env();
        self.params();
        self.access();
        self.misspelt();
        (title, kind)
    }

    /// A key that is nearly one of ours: it has no effect, and is kept.
    fn misspelt(&mut self) {
        const OURS: &[&str] = &[
            "summary",
            "outcome",
            "severity",
            "responders",
            "reviewed",
            "review_every",
            "update_every",
            "schedule",
            "params",
            "access",
            "timeout",
            "on_failure",
        ];
        let known = ["last_reviewed_on", "review_in", "category", "links", "owner", "title"];
        for key in self.values.keys().filter(|key| !known.contains(&key.as_str())) {
            if let Some(ours) = crate::options::misspelt(key, OURS) {
                let span = self.key_span(key);
                let message =
                    format!("the key `{key}` is unknown and has no effect: write `{ours}` if that is meant");
                self.problems.hint("unknown-attribute", span, message);
            }
        }
    }

    fn kind(&mut self) -> Option<Kind> {
        let text = self.text("kind", false)?;
        match text.to_lowercase().as_str() {
            "incident" => Some(Kind::Incident),
            "routine" => Some(Kind::Routine),
            _ => {
                self.wrong("kind", format!("`kind: {text}` is unknown: write `incident` or `routine`"));
                None
            }
        }
    }

    fn lists(&mut self) {
        for (key, what) in
            [("tags", "a list, or words with commas between"), ("responders", "a list"), ("links", "a list")]
        {
            let wrong = match self.values.get(key) {
                None | Some(Value::Null | Value::Array(_)) => false,
                Some(value) => key != "tags" || scalar(value).is_none(),
            };
            if wrong {
                self.wrong(key, format!("`{key}` has the wrong type: write {what}"));
            }
        }
        let entries = |key: &str| self.values.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let responders = entries("responders").iter().any(|entry| about::responder(entry).is_none());
        let links = entries("links").iter().any(|entry| about::link(entry).is_none());
        if responders {
            self.wrong(
                "responders",
                "an entry of `responders` says nobody: write `{role: …, who: …, contact: …}`".to_owned(),
            );
        }
        if links {
            self.wrong("links", "an entry of `links` has no address: write `{title: …, url: …}`".to_owned());
        }
    }

    fn updates(&mut self) {
        if self.values.get("update_every").is_some_and(|value| about::update_every(value).is_none()) {
            let message = "`update_every` is no length of time of a minute or more: write one like `30m`, `never`, or one \
                for each severity, `{SEV1: 15m, SEV3: never}`";
            self.wrong("update_every", message.to_owned());
        }
    }

    fn schedule(&mut self) {
        let found = self.values.get("schedule").map(schedule::read);
        if let Some(Err(message)) = found {
            self.wrong("schedule", message);
        }
    }

    fn review(&mut self) {
        for key in ["review_every", "review_in"] {
            if let Some(text) = self.text(key, false)
                && !periods::is_period(&text)
            {
                self.wrong(key, format!("`{key}: {text}` is no period: write one like `90d`"));
            }
        }
        for key in ["reviewed", "last_reviewed_on"] {
            if let Some(text) = self.text(key, false)
                && periods::date(&text).is_none()
            {
                self.wrong(key, format!("`{key}: {text}` is no date: write one like `2026-11-22`"));
            }
        }
    }

    /// Runme's keys that change what happens; what cannot be read changes nothing.
    fn runme(&mut self) {
        match self.text("skipPrompts", false).as_deref() {
            None => {}
            Some("true") => self.settings.skip_prompts = true,
            Some("false") => {}
            Some(other) => {
                self.wrong("skipPrompts", format!("`skipPrompts: {other}` is unknown: write `true` or `false`"));
            }
        }
        if let Some(text) = self.text("terminalRows", false) {
            self.settings.terminal_rows = text.parse().ok().filter(|rows| *rows > 0);
            if self.settings.terminal_rows.is_none() {
                self.wrong(
                    "terminalRows",
                    format!("`terminalRows: {text}` is no number of lines: write one like `20`"),
                );
            }
        }
        if self.values.get("category").is_some_and(Value::is_object) {
            self.wrong(
                "category",
                "`category` has the wrong type: write a list, or words with commas between".to_owned(),
            );
        }
    }

    fn on_failure(&mut self) {
        match self.text("on_failure", true).as_deref() {
            None | Some("stop") => {}
            Some("rollback") => self.not_yet(
                "on_failure",
                "`on_failure: rollback` is not honoured by this version yet: write `on_failure: stop` or remove it",
            ),
            Some(other) => {
                let message = format!("`on_failure: {other}` is unknown: write `stop` or `rollback`");
                self.refuse("on_failure", message);
            }
        }
    }

    fn env(&mut self) {
        if !self.is_present("env") {
            return;
        }
        match self.typed::<OnlyEnv>("env") {
            Ok(OnlyEnv { env: Some(env) }) => {
                for (name, value) in env.0 {
                    if name.is_empty() || name.contains(['=', '\0']) {
                        self.refuse(
                            "env",
                            format!("`env` holds the name `{name}`, which no variable can have: mend it"),
                        );
                    } else {
                        self.settings.env.push((name, value.unwrap_or_default()));
                    }
                }
            }
            Ok(OnlyEnv { env: None }) => {}
            Err(()) => self.refuse(
                "env",
                "`env` has the wrong type: write one `NAME: value` a line, each value text or a number".to_owned(),
            ),
        }
    }

    fn params(&mut self) {
        if !self.is_present("params") {
            return;
        }
        let Ok(OnlyParams { params: Some(params) }) = self.typed::<OnlyParams>("params") else {
            self.refuse("params", "`params` has the wrong type: write `name: {prompt: …, default: …, choices: […], pattern: …, required: true, secret: true}`, or `name: \"default\"`".to_owned());
            return;
        };
        for (name, written) in params.0 {
            match param(&name, written.unwrap_or_default().0, self.values) {
                Ok(param) => self.settings.params.push(param),
                Err(message) => self.refuse("params", message),
            }
        }
    }

    fn access(&mut self) {
        match self.values.get("access") {
            None | Some(Value::Null) => {}
            Some(Value::Object(entries)) => {
                for (name, value) in entries {
                    match value.as_str() {
                        Some(reference) if names_a_secret(reference) => {
                            self.settings.access.push((name.clone(), reference.to_owned()));
                        }
                        _ => {
                            let message = format!(
                                "`access` must say where `{name}` is kept: write `{name}: keychain://entry/field`, or \
                                 `{name}: op://vault/item/field` for a secret of 1Password"
                            );
                            self.refuse("access", message);
                        }
                    }
                }
            }
            Some(_) => self.refuse(
                "access",
                "`access` has the wrong type: write one `NAME: keychain://entry/field` a line".to_owned(),
            ),
        }
    }

    fn is_present(&self, key: &str) -> bool {
        !matches!(self.values.get(key), None | Some(Value::Null))
    }

    /// A key's text. Numbers count as text; lists and maps are the problem `front-matter`.
    fn text(&mut self, key: &str, guards: bool) -> Option<String> {
        let value = self.values.get(key).filter(|value| !value.is_null())?;
        let text = scalar(value);
        // `owner` may be a list or a map of people: it is for reading only.
        if text.is_none() && key != "owner" && key != "severity" {
            let message = format!("`{key}` has the wrong type: write text");
            if guards { self.refuse(key, message) } else { self.wrong(key, message) }
        }
        text
    }

    /// Reads one key with its scalars as they are written: `VERSION: 1.10` is `1.10`.
    fn typed<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Result<T, ()> {
        if self.yaml {
            return serde_saphyr::from_str_with_options(self.source.slice(self.content), yaml_options())
                .map_err(|_| ());
        }
        let only =
            self.values.get(key).map(|value| Value::Object([(key.to_owned(), texts(value))].into_iter().collect()));
        serde_json::from_value(only.unwrap_or_default()).map_err(|_| ())
    }

    fn wrong(&mut self, key: &str, message: String) {
        let span = self.key_span(key);
        self.problems.error("front-matter", span, message);
    }

    fn refuse(&mut self, key: &str, message: String) {
        self.settings.refused.get_or_insert_with(|| message.clone());
        self.wrong(key, message);
    }

    /// A guard that this version cannot keep yet.
    fn not_yet(&mut self, key: &str, message: &str) {
        self.settings.refused.get_or_insert_with(|| message.to_owned());
        let span = self.key_span(key);
        self.problems.error("attribute-refused", span, message);
    }

    /// The line where a key stands, in any of the three notations.
    fn key_span(&self, key: &str) -> Span {
        let mut at = self.content.start;
        for line in self.source.slice(self.content).split_inclusive('\n') {
            let bare = line.trim_start().trim_start_matches(['"', '\'', '[', '{']).trim_start_matches(['"', '\'']);
            if bare.strip_prefix(key).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\'', ' ', ']', '.']).starts_with([':', '=', '\n', '\r'])
            }) {
                return Span { start: at, end: at + line.trim_end().len() };
            }
            at += line.len();
        }
        self.content
    }
}

fn param(name: &str, written: ParamWritten, values: &Map<String, Value>) -> Result<Param, String> {
    if !is_identifier(name) {
        return Err(format!(
            "the parameter `{name}` cannot be a variable: use letters, digits and `_`, and no digit first"
        ));
    }
    // A misspelt guard must not be lost: `secrt: true` would show the value.
    let keys = values.get("params").and_then(|params| params.get(name)).and_then(Value::as_object);
    for key in keys.into_iter().flat_map(|keys| keys.keys()) {
        if let Some(ours) =
            crate::options::misspelt(key, &["prompt", "default", "choices", "pattern", "required", "secret"])
        {
            return Err(format!("`{key}` of the parameter `{name}` is unknown: write `{ours}`, or remove it"));
        }
    }
    let truth = |key: &str, text: Option<String>| match text.as_deref().map(str::trim) {
        None => Ok(false),
        Some("true" | "yes") => Ok(true),
        Some("false" | "no") => Ok(false),
        Some(other) => Err(format!("`{key}: {other}` of the parameter `{name}` is unknown: write `true` or `false`")),
    };
    if let Some(pattern) = &written.pattern
        && regex::Regex::new(pattern).is_err()
    {
        return Err(format!("the pattern of the parameter `{name}` is no valid expression: mend `{pattern}`"));
    }
    let choices = written.choices.unwrap_or_default();
    if let Some(default) = &written.default
        && !choices.is_empty()
        && !choices.contains(default)
    {
        return Err(format!(
            "the default of the parameter `{name}` is none of its choices: add `{default}` to them, or change it"
        ));
    }
    Ok(Param {
        name: name.to_owned(),
        prompt: written.prompt,
        default: written.default,
        choices,
        pattern: written.pattern,
        required: truth("required", written.required)?,
        secret: truth("secret", written.secret)?,
    })
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// All scalars within a value as text, for notations that have typed them already.
fn texts(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(texts).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), texts(value))).collect(),
        Value::Null => Value::Null,
        other => scalar(other).map_or(Value::Null, Value::String),
    }
}

#[derive(Deserialize)]
struct OnlyEnv {
    env: Option<Pairs<String>>,
}

#[derive(Deserialize)]
struct OnlyParams {
    params: Option<Pairs<ParamOrDefault>>,
}

/// A parameter: `NAME: {default: web}`, or `NAME: web` for the same. A bare number is not taken, since `1.10` would have
/// become `1.1` by then.
#[derive(Default)]
struct ParamOrDefault(ParamWritten);

impl<'de> Deserialize<'de> for ParamOrDefault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor;
        impl<'de> Visitor<'de> for EitherVisitor {
            type Value = ParamOrDefault;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a map or a text")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ParamOrDefault, E> {
                Ok(ParamOrDefault(ParamWritten { default: Some(text.to_owned()), ..ParamWritten::default() }))
            }
            fn visit_unit<E: serde::de::Error>(self) -> Result<ParamOrDefault, E> {
                Ok(ParamOrDefault::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ParamOrDefault, A::Error> {
                ParamWritten::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(ParamOrDefault)
            }
        }
        deserializer.deserialize_any(EitherVisitor)
    }
}

/// A parameter with its scalars as written.
#[derive(Default, Deserialize)]
struct ParamWritten {
    prompt: Option<String>,
    default: Option<String>,
    choices: Option<Vec<String>>,
    pattern: Option<String>,
    required: Option<String>,
    secret: Option<String>,
}

/// A map in the file's order.
struct Pairs<T>(Vec<(String, Option<T>)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor(std::marker::PhantomData))
    }
}

/// Whether a text refers to a secret: `keychain://entry/field`, or `op://vault/item/field` with a section or without.
fn names_a_secret(reference: &str) -> bool {
    let parts = |rest: &str| -> Option<usize> {
        let parts: Vec<&str> = rest.split('/').collect();
        parts.iter().all(|part| !part.trim().is_empty() && !part.chars().any(char::is_control)).then_some(parts.len())
    };
    let keychain = reference.strip_prefix("keychain://").and_then(parts) == Some(2);
    keychain || matches!(reference.strip_prefix("op://").and_then(parts), Some(3 | 4))
}
