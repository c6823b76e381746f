//! The commands of a step: what can be run is a block, what cannot is a check by whoever is there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    attributes::Attributes,
    json,
    targets::{Target, Targets},
    variables::Names,
};
use crate::{Difference, markdown};

/// A command as it stands in a runbook.
pub(super) enum Command {
    /// Markdown of a check: its text, and lines that follow.
    Check(String),
    /// A fenced block.
    Block(String),
}

pub(super) struct Commands<'a> {
    names: &'a Names,
    targets: &'a Targets,
    place: &'a str,
    step: &'a Value,
    pub(super) differences: Vec<Difference>,
    pub(super) entries: BTreeSet<String>,
}

impl<'a> Commands<'a> {
    pub(super) fn new(names: &'a Names, targets: &'a Targets, place: &'a str, step: &'a Value) -> Self {
        Self { names, targets, place, step, differences: Vec::new(), entries: BTreeSet::new() }
    }

    /// Each command, in its order. `by_itself`: the path may start it.
    pub(super) fn write(&mut self, by_itself: bool, optional: bool) -> Vec<Command> {
        let all: Vec<&Value> = self.step.get("commands").and_then(Value::as_array).into_iter().flatten().collect();
        let mut written = Vec::new();
        let common = self.common(all.len(), by_itself, optional);
        for (number, command) in all.iter().enumerate() {
            let mut attributes = common.clone();
            if number + 1 == all.len() {
                self.out_args(command, &mut attributes);
            }
            if let Some(said) = json::text(command, "description") {
                written.push(Command::Block(format!("{}\n", markdown::paragraphs(&self.names.in_prose(said)))));
            }
            self.one(command, &attributes, &mut written);
        }
        if written.is_empty() {
            written.push(Command::Check(markdown::inline(self.place)));
            self.says("it has no commands: a person ticks it.");
        }
        written
    }

    fn says(&mut self, sentence: impl Into<String>) {
        self.differences.push(Difference::new(self.place, sentence));
    }

    fn common(&mut self, commands: usize, by_itself: bool, optional: bool) -> Attributes {
        let mut attributes = Attributes::default();
        if let Some(timeout) = self.step["timeout"].as_u64().filter(|timeout| *timeout > 0) {
            attributes.set("timeout", &format!("{timeout}ms"));
            if commands > 1 {
                self.says(format!(
                    "its {commands} commands have the time of {timeout} ms together in the playbook; here each has it."
                ));
            }
        }
        if optional {
            attributes.set("optional", "true");
        }
        if !by_itself {
            attributes.set("excludeFromRunAll", "true");
        }
        attributes
    }

    /// What the step gives back is the output of its last command, where it is one value.
    fn out_args(&mut self, command: &Value, attributes: &mut Attributes) {
        let names: Vec<&str> = json::texts(self.step, "out_args");
        let runs = !matches!(json::text(command, "type"), Some("manual") | None);
        match names.as_slice() {
            [] => {}
            [one] if runs => {
                let name = self.names.put(&format!("{one}:value"), str::to_owned);
                if name.contains(':') {
                    self.says(format!("it gives back `{one}`, which is no variable of the playbook."));
                } else {
                    attributes.set("capture", &name);
                    self.says(format!("`{name}` is what its last command prints."));
                }
            }
            several => {
                self.says(format!(
                    "how its commands set {} is not said in a playbook: set them by `NAME=value` lines in `$ALLGOOD_ENV`.",
                    several.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                ));
            }
        }
    }

    fn one(&mut self, command: &Value, attributes: &Attributes, written: &mut Vec<Command>) {
        let kind = json::text(command, "type").unwrap_or_default();
        let Ok(text) = json::encoded(command, "command", "command_b64") else {
            self.says("a command of it is in base64 and no text: it was not taken over.");
            written.push(Command::Check(format!("Do what the playbook holds as {}", markdown::code(kind))));
            return;
        };
        let text = text.unwrap_or_default();
        if let Some(unknown) = self.names.unknown(&text) {
            self.says(format!("`{unknown}` is no variable of the playbook: it stands as it is."));
        }
        match kind {
            "manual" => written.push(Command::Check(self.by_hand(&text))),
            "bash" => self.shell("bash", &text, attributes, self.agent_host(), written),
            "powershell" => self.shell("powershell", &text, attributes, self.agent_host(), written),
            "ssh" => {
                let hosts = self.hosts();
                if hosts.is_empty() {
                    self.says(
                        "it is for ssh and names no host: it would run on this machine. Write `on=` to its block.",
                    );
                }
                self.shell("bash", &text, attributes, hosts, written);
            }
            "http-api" | "openc2-http" => self.request(command, &text, attributes, written),
            other => {
                let said = match other {
                    "" => "Do this by hand:".to_owned(),
                    other => format!("Do this with {} by hand:", markdown::code(other)),
                };
                let whole = serde_json::to_string_pretty(command).unwrap_or_default();
                let (language, shown) =
                    if text.is_empty() { ("json", whole.as_str()) } else { ("text", text.as_str()) };
                written.push(Command::Check(said));
                written.push(Command::Block(markdown::fence(language, shown)));
                self.says(format!("a command of the kind `{other}` is not run here: a person does it."));
            }
        }
    }

    /// The text of a check. What is more than a line stands below it.
    fn by_hand(&mut self, text: &str) -> String {
        let text = markdown::paragraphs(&self.names.in_prose(text));
        if text.is_empty() { markdown::inline(self.place) } else { text }
    }

    fn shell(
        &mut self,
        language: &str,
        text: &str,
        attributes: &Attributes,
        hosts: Vec<String>,
        written: &mut Vec<Command>,
    ) {
        let mut attributes = attributes.clone();
        match hosts.as_slice() {
            [] => {}
            [one] => attributes.set("on", one),
            several => attributes.set("on", &format!("ssh:{}", several.join(","))),
        }
        self.entries.extend(hosts);
        let (script, fits) = if language == "powershell" {
            (self.names.put(text, |name| format!("${{env:{name}}}")), true)
        } else {
            self.names.in_shell(text)
        };
        if !fits {
            self.says("a variable in a quoted here-document stays as it is: nothing can be put in there.");
        }
        written.push(Command::Block(markdown::fence(&attributes.after(language), &script)));
    }

    /// Where the agent runs its commands, where that is another host.
    fn agent_host(&self) -> Vec<String> {
        let agent = json::text(self.step, "agent").and_then(|id| self.targets.get(id));
        match agent {
            Some(Target::Entry(entry)) => vec![entry.clone()],
            _ => Vec::new(),
        }
    }

    /// The hosts that a command is for: its targets, else its agent.
    fn hosts(&self) -> Vec<String> {
        let ids = json::texts(self.step, "targets");
        let hosts = ids.iter().filter_map(|id| match self.targets.get(id) {
            Some(Target::Entry(entry)) => Some(entry.clone()),
            _ => None,
        });
        let hosts: Vec<String> = hosts.collect();
        if hosts.is_empty() { self.agent_host() } else { hosts }
    }

    fn request(&mut self, command: &Value, text: &str, attributes: &Attributes, written: &mut Vec<Command>) {
        let mut words = text.split_whitespace();
        let (method, mut path) = (words.next().unwrap_or("GET"), words.next().unwrap_or_default());
        if path.to_ascii_uppercase().starts_with("HTTP/") {
            path = "";
        }
        let Ok(body) = json::encoded(command, "content", "content_b64") else {
            self.says("what it sends is no text: it was not taken over.");
            let shown = serde_json::to_string_pretty(command).unwrap_or_default();
            written.push(Command::Check("Send this request by hand:".to_owned()));
            written.push(Command::Block(markdown::fence("json", &shown)));
            return;
        };
        let ids = json::texts(self.step, "targets");
        let ids = if ids.is_empty() { json::text(self.step, "agent").into_iter().collect() } else { ids };
        let mut bases: Vec<(Option<&str>, String)> = Vec::new();
        if path.contains("://") {
            bases.push((None, String::new()));
        } else {
            bases.extend(ids.iter().filter_map(|id| match self.targets.get(id) {
                Some(Target::Web(base)) => Some((Some(*id), base.clone())),
                _ => None,
            }));
        }
        if bases.is_empty() {
            self.says("the playbook does not say which server it is sent to: write the server into its address.");
            bases.push((None, "https://SERVER".to_owned()));
        }
        for (id, base) in bases {
            if let Some(how) = id.and_then(|id| self.targets.signs_in(id)) {
                let how = how.to_owned();
                self.says(format!(
                    "the server wants to know who asks (`{how}`): add a header `Authorization` with a variable of `access`."
                ));
            }
            let mut attributes = attributes.clone();
            // One attribute of ours, or the block would be shown and not sent.
            if attributes.is_empty() {
                attributes.set("expect_status", "2xx,3xx");
            }
            let slash = if base.is_empty() || path.starts_with(['/', '?']) || path.is_empty() { "" } else { "/" };
            let mut request = format!("{method} {base}{slash}{path}\n");
            for (name, values) in json::members(command, "headers") {
                let values = match values {
                    Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
                    Value::String(one) => vec![one.as_str()],
                    _ => Vec::new(),
                };
                for value in values {
                    request
                        .push_str(&format!("{name}: {}\n", value.split_whitespace().collect::<Vec<_>>().join(" ")));
                }
            }
            if let Some(body) = &body {
                request.push_str(&format!("\n{body}\n"));
            }
            let request = self.names.in_prose(&request);
            written.push(Command::Block(markdown::fence(&attributes.after("http"), &request)));
        }
    }
}
