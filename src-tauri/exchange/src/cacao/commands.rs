//! The commands of a step: what can be run is a block, what cannot is a check by whoever is there.

use std::collections::{BTreeMap, BTreeSet};

use format::measure::http;
use serde_json::Value;

use super::{
    LARGEST,
    attributes::Attributes,
    flow, items, json,
    targets::{self, Target, Targets},
    variables::Names,
};
use crate::{Difference, markdown};

/// A command as it stands in a runbook.
pub(super) enum Command {
    /// Markdown of a check: its text, and lines that follow.
    Check(String),
    /// A fenced block, or prose.
    Block(String),
}

/// Where a command is run.
#[derive(Clone)]
struct Where {
    /// The entries of its hosts; none: on this machine.
    hosts: Vec<String>,
    /// Whether a run may start it there by itself.
    certain: bool,
}

pub(super) struct Commands<'a> {
    names: &'a Names,
    targets: &'a Targets,
    place: &'a str,
    step: &'a Value,
    taken: &'a mut format::Taken,
    /// Where its commands run; those of `ssh` under `true`.
    places: BTreeMap<bool, Where>,
    written: Vec<Command>,
    /// Bytes that were written.
    length: usize,
    pub(super) differences: Vec<Difference>,
    pub(super) entries: BTreeSet<String>,
}

impl<'a> Commands<'a> {
    /// `taken`: the names of blocks that there are.
    pub(super) fn new(
        names: &'a Names,
        targets: &'a Targets,
        place: &'a str,
        step: &'a Value,
        taken: &'a mut format::Taken,
    ) -> Self {
        let (written, differences, entries) = (Vec::new(), Vec::new(), BTreeSet::new());
        let places = BTreeMap::new();
        Self { names, targets, place, step, taken, places, written, length: 0, differences, entries }
    }

    /// Each command, in its order. `by_itself`: the path may start it.
    pub(super) fn write(&mut self, by_itself: bool, optional: bool) -> Vec<Command> {
        let all: Vec<&Value> = self.step.get("commands").and_then(Value::as_array).into_iter().flatten().collect();
        let common = self.common(all.len(), by_itself, optional);
        self.done_by();
        for (number, command) in all.iter().enumerate() {
            let mut attributes = common.clone();
            let mut asked = Vec::new();
            if number + 1 == all.len() {
                asked = self.out_args(command, &mut attributes);
            }
            if let Some(said) = json::text(command, "description") {
                self.block(format!("{}\n", markdown::paragraphs(&self.names.in_prose(said))));
            }
            self.one(command, &attributes);
            for name in asked {
                if self.length > LARGEST {
                    break;
                }
                let mut attributes = common.clone();
                attributes.set("capture", &name);
                self.fence("sh", &attributes, &items::asking(&name));
            }
            // Each of many commands may name as many hosts.
            if self.length > LARGEST {
                break;
            }
        }
        if self.written.is_empty() {
            self.check(markdown::inline(self.place));
            self.says("it has no commands: a person ticks it.");
        }
        std::mem::take(&mut self.written)
    }

    fn says(&mut self, sentence: impl Into<String>) {
        self.differences.push(Difference::new(self.place, sentence));
    }

    fn check(&mut self, text: String) {
        self.length += text.len();
        self.written.push(Command::Check(text));
    }

    fn block(&mut self, block: String) {
        self.length += block.len();
        self.written.push(Command::Block(block));
    }

    /// A block that runs. It always has a name: one without an attribute is only shown where it does not look like a command.
    fn fence(&mut self, language: &str, attributes: &Attributes, text: &str) {
        let name = self.taken.take_numbered(&targets::slug(self.place, "step"));
        let mut named = Attributes::default();
        named.set("name", &name);
        named.append(attributes);
        self.block(markdown::fence(&named.after(language), text));
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

    /// People who do it are named; whoever is there does it here.
    fn done_by(&mut self) {
        let people = self.agent().filter(|agent| agent.is_people()).map(|agent| agent.name.clone());
        if let Some(people) = people {
            self.says(format!("`{}` does it in the playbook.", people.replace('`', "'")));
        }
    }

    /// What the step gives back is the output of its last command, where it is one value. What a person gives back is asked for:
    /// the names of those variables.
    fn out_args(&mut self, command: &Value, attributes: &mut Attributes) -> Vec<String> {
        let keys: Vec<&str> = json::texts(self.step, "out_args");
        let runs = !matches!(json::text(command, "type"), Some("manual") | None);
        let mut names = Vec::new();
        for key in keys {
            match self.names.used(&format!("{key}:value")).first() {
                Some(name) => names.push((*name).to_owned()),
                None => self.says(format!("it gives back `{key}`, which is no variable of the playbook.")),
            }
        }
        match names.as_slice() {
            [] => {}
            [one] if runs && self.place(json::text(command, "type").unwrap_or_default()).hosts.len() > 1 => {
                self.says(format!(
                    "nothing sets `{one}` here: its last command runs on several hosts, and each prints something else."
                ));
            }
            [one] if runs => {
                attributes.set("capture", one);
                self.says(format!("`{one}` is what its last command prints."));
            }
            several if runs => {
                let several: Vec<String> = several.iter().map(|name| format!("`{name}`")).collect();
                self.says(format!(
                    "how its commands set {} is not said in a playbook: set them by `NAME=value` lines in `$ALLGOOD_ENV`.",
                    several.join(", ")
                ));
            }
            _ => return names,
        }
        Vec::new()
    }

    fn one(&mut self, command: &Value, attributes: &Attributes) {
        let kind = json::text(command, "type").unwrap_or_default();
        let Ok(text) = json::encoded(command, "command", "command_b64") else {
            self.says("a command of it is no text: a person does it.");
            self.by_hand("Do what the playbook holds:".to_owned(), command, "");
            return;
        };
        let text = text.unwrap_or_default();
        if let Some(unknown) = self.names.unknown(&text) {
            self.says(format!("`{unknown}` is no variable of the playbook: it stands as it is."));
        }
        match kind {
            "bash" | "powershell" | "ssh" if text.is_empty() => {
                self.says(format!("a command of the kind `{kind}` holds nothing: a person ticks it."));
                self.check(markdown::inline(self.place));
            }
            "manual" => {
                let text = markdown::paragraphs(&self.names.in_prose(&text));
                self.check(if text.is_empty() { markdown::inline(self.place) } else { text });
            }
            "bash" | "powershell" | "ssh" => {
                let place = self.place(kind);
                self.shell(if kind == "ssh" { "bash" } else { kind }, &text, attributes, place);
            }
            "http-api" | "openc2-http" => self.request(command, &text, attributes),
            other => {
                let said = match other {
                    "" => "Do this by hand:".to_owned(),
                    other => format!("Do this with {} by hand:", markdown::code(other)),
                };
                self.by_hand(said, command, &text);
                self.says(match other {
                    "" => "a command of it has no kind: a person does it.".to_owned(),
                    other => {
                        format!(
                            "a command of the kind `{}` is not run here: a person does it.",
                            other.replace('`', "'")
                        )
                    }
                });
            }
        }
    }

    /// A check with what the playbook holds: its text where that is all of it.
    fn by_hand(&mut self, said: String, command: &Value, text: &str) {
        self.check(said);
        let other = ["content", "content_b64", "headers"].iter().any(|key| command.get(*key).is_some());
        if text.is_empty() || other {
            let compact = command.to_string();
            let whole = match compact.len() {
                ..65_536 => serde_json::to_string_pretty(command).unwrap_or(compact),
                // Indented it could be many times as long.
                _ => compact,
            };
            self.block(markdown::fence("json", &whole));
        } else {
            self.block(markdown::fence("text", text));
        }
    }

    fn shell(&mut self, kind: &str, text: &str, attributes: &Attributes, place: Where) {
        let mut attributes = attributes.clone();
        if !place.certain {
            attributes.set_once("excludeFromRunAll", "true");
        }
        match place.hosts.as_slice() {
            [] => {}
            [one] => attributes.set("on", one),
            several => attributes.set("on", &format!("ssh:{}", several.join(","))),
        }
        self.entries.extend(place.hosts);
        let text = text.replace("\r\n", "\n");
        let (script, fits) =
            if kind == "powershell" { (self.names.in_powershell(&text), true) } else { self.names.in_shell(&text) };
        if !fits {
            self.says("a variable in a quoted here-document stays as it is: nothing can be put in there.");
        }
        if is_read_as(kind, &script) {
            self.fence(kind, &attributes, &script);
        } else {
            self.says("a command of it would be something else in a runbook: a person runs it.");
            self.check("Run this by hand:".to_owned());
            self.block(markdown::fence("text", &script));
        }
    }

    fn agent(&self) -> Option<&'a Target> {
        let targets = self.targets;
        json::text(self.step, "agent").and_then(|id| targets.get(id.trim()))
    }

    /// Its targets that the playbook defines.
    fn of_targets(&self) -> Vec<&'a Target> {
        let targets = self.targets;
        json::ids(self.step, "targets").into_iter().filter_map(|id| targets.get(id)).collect()
    }

    /// Whether it says what it is for, be it something that nobody knows.
    fn has_targets(&self) -> bool {
        match self.step.get("targets") {
            None | Some(Value::Null) => false,
            Some(Value::Array(list)) => !list.is_empty(),
            Some(_) => true,
        }
    }

    /// Says which of its targets a command does not reach.
    fn unreached(&mut self) {
        let mut seen = BTreeSet::new();
        for id in json::ids(self.step, "targets").into_iter().filter(|id| seen.insert(*id)) {
            let shown = |name: &str| flow::short(&name.replace('`', "'"));
            match self.targets.get(id) {
                None => self.says(format!("its target `{}` is not defined: it is not run there.", shown(id))),
                Some(target) if !target.here && target.entry.is_none() => self.says(format!(
                    "the playbook does not say where its target `{}` is: it is not run there.",
                    shown(&target.name)
                )),
                Some(_) => {}
            }
        }
    }

    /// Where commands of this kind run. All of a step run at one place, which is looked for once.
    fn place(&mut self, kind: &str) -> Where {
        let remote = kind == "ssh";
        if let Some(known) = self.places.get(&remote) {
            return known.clone();
        }
        let mut place = match kind {
            "ssh" => self.remote(),
            "bash" | "powershell" => self.agents_machine(),
            _ => return Where { hosts: Vec::new(), certain: true },
        };
        let mut seen = BTreeSet::new();
        place.hosts.retain(|host| seen.insert(host.clone()));
        self.places.insert(remote, place.clone());
        place
    }

    /// Where a command of a shell runs: where its agent is. An agent that is another program, or people, is no machine that is
    /// known here: then its targets are, and where there are none nobody but a person starts it.
    fn agents_machine(&mut self) -> Where {
        match self.agent() {
            Some(agent) if agent.here => return Where { hosts: Vec::new(), certain: true },
            Some(agent) if agent.is_host() => {
                return Where { hosts: agent.entry.iter().cloned().collect(), certain: true };
            }
            _ => {}
        }
        let agent = self.agent().map_or_else(
            || "an agent that it does not define".to_owned(),
            |agent| format!("`{}`", agent.name.replace('`', "'")),
        );
        let hosts: Vec<&Target> = self.of_targets().into_iter().filter(|target| target.is_host()).collect();
        let entries: Vec<String> = hosts.iter().filter_map(|host| host.entry.clone()).collect();
        if hosts.is_empty() || entries.len() < hosts.len() && !entries.is_empty() {
            self.says(format!(
                "the playbook has it run by {agent}: which machine that is, is not said, so a person starts it here. Write `on=` \
                 to its block where it is another."
            ));
            return Where { hosts: Vec::new(), certain: false };
        }
        self.unreached();
        self.says(format!("the playbook has it run by {agent} on its targets; here it is run there by ssh."));
        Where { hosts: entries, certain: true }
    }

    /// The hosts that a command is for: its targets, or its agent where it has none. Where none of them is known it needs an
    /// entry: it is never run on this machine for want of another.
    fn remote(&mut self) -> Where {
        let targets = self.of_targets();
        let reached: Vec<&Target> =
            targets.iter().copied().filter(|target| target.here || target.entry.is_some()).collect();
        let reached = if self.has_targets() {
            self.unreached();
            reached
        } else {
            self.agent().into_iter().filter(|agent| agent.is_host()).collect()
        };
        let hosts: Vec<String> = reached.iter().filter_map(|target| target.entry.clone()).collect();
        if hosts.is_empty() && !reached.is_empty() {
            return Where { hosts, certain: true };
        }
        if hosts.len() < reached.len() {
            self.says("one of its targets is this machine, which is none of the hosts of `on`: run it here too.");
        }
        if !hosts.is_empty() {
            return Where { hosts, certain: true };
        }
        let named = if self.has_targets() { targets.first().copied() } else { self.agent() };
        let entry = targets::slug(named.map_or("host", |target| &target.name), "host");
        Where { hosts: vec![self.targets.elsewhere(entry)], certain: true }
    }

    fn request(&mut self, command: &Value, text: &str, attributes: &Attributes) {
        let mut words = text.split_whitespace();
        let (method, mut path) = (words.next().unwrap_or("GET"), words.next().unwrap_or_default());
        if path.to_ascii_uppercase().starts_with("HTTP/") {
            path = "";
        }
        let Ok(body) = json::encoded(command, "content", "content_b64") else {
            self.says("what it sends is no text: it was not taken over.");
            self.by_hand("Send this request by hand:".to_owned(), command, "");
            return;
        };
        let targets = self.of_targets();
        let targets = if targets.is_empty() { self.agent().into_iter().collect() } else { targets };
        let mut attributes = attributes.clone();
        let mut bases: Vec<(Option<&Target>, String)> = Vec::new();
        if path.contains("://") {
            bases.push((None, String::new()));
        }
        for target in targets.into_iter().filter(|_| !path.contains("://")) {
            let Some((base, guessed)) = &target.base else { continue };
            if *guessed {
                let shown = self.names.in_request(base);
                let sentence =
                    format!("the playbook does not say whether it is `http` or `https`: `{shown}` was taken.");
                self.differences.push(Difference::new(&target.name, sentence));
            }
            bases.push((Some(target), base.clone()));
        }
        if bases.is_empty() {
            self.says("the playbook does not say which server it is sent to: write the server into its address.");
            attributes.set_once("excludeFromRunAll", "true");
            bases.push((None, "https://SERVER".to_owned()));
        }
        if !path.starts_with("__") && !self.names.used(path.split('?').next().unwrap_or_default()).is_empty() {
            self.says("the value of a variable in an address is percent-encoded here: a `/` in it parts nothing.");
        }
        for (target, base) in bases {
            if let Some(how) = target.and_then(|target| target.signs_in.as_deref()) {
                self.says(format!(
                    "the server wants to know who asks (`{how}`): add a header `Authorization` with a variable of `access`."
                ));
            }
            let slash = if base.is_empty() || path.starts_with(['/', '?']) || path.is_empty() { "" } else { "/" };
            let request = request_text(command, method, &format!("{base}{slash}{path}"), body.as_deref());
            if let Some(literal) = Names::read_as_variable(&request) {
                self.says(format!("`{literal}` in what it sends is a variable here."));
            }
            let request = self.names.in_request(&request);
            match http::read(&request) {
                Ok(_) => self.fence("http", &attributes, &request),
                Err(why) => {
                    self.says(format!("its request cannot be sent from here: {why}."));
                    self.check("Send this request by hand:".to_owned());
                    self.block(markdown::fence("text", &request));
                }
            }
            if self.length > LARGEST {
                return;
            }
        }
    }
}

/// Whether a block with this script is read as a command that is just this: prompts are taken off one, and what follows the
/// command of another shell is typed into it.
fn is_read_as(kind: &str, script: &str) -> bool {
    let block = markdown::fence(&format!("{kind} {{name=a}}"), script);
    let runbook = format::parse("a.md", block.as_bytes());
    let items: Vec<_> =
        runbook.phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items).collect();
    matches!(items.as_slice(), [item] if item.script.trim_end() == script.trim_end() && item.session_input.is_empty())
}

/// A request as it stands in a block.
fn request_text(command: &Value, method: &str, address: &str, body: Option<&str>) -> String {
    let mut request = format!("{method} {address}\n");
    for (name, values) in json::members(command, "headers") {
        let values = match values {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
            Value::String(one) => vec![one.as_str()],
            _ => Vec::new(),
        };
        for value in values {
            request.push_str(&format!("{name}: {}\n", value.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    if let Some(body) = body {
        request.push_str(&format!("\n{body}\n"));
    }
    request
}
