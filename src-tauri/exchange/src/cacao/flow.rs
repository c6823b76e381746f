//! The workflow: what leads to what becomes one path, numbered in the order in which it is done.
//!
//! What is done in any case is started by the path. What is done only if something is so is started by a person, because a
//! path has no branches: nothing of it is ever started by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::{
    Known, LARGEST,
    commands::{Command, Commands},
    json,
    numbered::Numbered,
    targets::Targets,
    variables::Names,
};
use crate::{Difference, markdown};

/// Branches within branches that are followed. A graph that is deeper is taken apart into parts that a person finds below.
const DEEPEST: usize = 40;

/// The longest text, in letters, by which a step or a condition is named elsewhere.
const LONGEST: usize = 120;

pub(super) struct Flow<'a> {
    playbook: &'a Value,
    /// By what each step is called elsewhere.
    called: BTreeMap<&'a str, String>,
    names: &'a Names,
    targets: &'a Targets,
    known: Known<'a>,
    /// The steps that were written.
    written: BTreeSet<&'a str>,
    /// The steps that several lead to.
    shared: BTreeSet<&'a str>,
    /// Those of them that wait until the branches that lead to them are written, in order.
    waiting: Vec<&'a str>,
    /// What waits, or did: whether only branches lead there that are not done in any case.
    awaited: BTreeMap<&'a str, bool>,
    /// Those whose turn it is.
    due: BTreeSet<&'a str>,
    /// Whether it is the path that is being written, as against what stands after it.
    on_path: bool,
    /// Where those lead that are written after the path, and why they are.
    aside: Vec<(&'a str, String)>,
    put_aside: BTreeSet<&'a str>,
    out: Numbered<'a>,
    /// The names of blocks that there are.
    taken: format::Taken,
    pub(super) differences: Vec<Difference>,
    /// The names of the entries that commands run on.
    pub(super) entries: BTreeSet<String>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(playbook: &'a Value, names: &'a Names, targets: &'a Targets, known: Known<'a>) -> Self {
        let steps = json::members(playbook, "workflow");
        let called = steps.map(|(id, step)| (id.as_str(), short(&whole_name(id, step)))).collect();
        Self {
            playbook,
            called,
            names,
            targets,
            known,
            written: BTreeSet::new(),
            shared: shared(playbook),
            waiting: Vec::new(),
            awaited: BTreeMap::new(),
            due: BTreeSet::new(),
            on_path: true,
            aside: Vec::new(),
            put_aside: BTreeSet::new(),
            out: Numbered::default(),
            taken: format::Taken::default(),
            differences: Vec::new(),
            entries: BTreeSet::new(),
        }
    }

    /// All steps, as Markdown: the path, then what is off it.
    pub(super) fn path(&mut self) -> String {
        let start = json::id(self.playbook, "workflow_start").filter(|id| self.step(id).is_some());
        let first = start.or_else(|| {
            let mut steps = json::members(self.playbook, "workflow");
            steps.find(|(id, _)| self.kind(id) == "start").map(|(id, _)| id.as_str())
        });
        match first {
            Some(first) => self.branch(first, &[], 0),
            None => self.differences.push(Difference::new(
                "",
                "the playbook does not say where it begins: its steps stand below, in the order of the file.",
            )),
        }
        self.on_path = false;
        if let Some(exception) = json::id(self.playbook, "workflow_exception") {
            self.later(exception, "If anything else fails".to_owned());
        }
        let mut done = 0;
        while done < self.aside.len() {
            let (id, why) = self.aside[done].clone();
            done += 1;
            if self.is_written(id) || self.kind(id) == "end" {
                continue;
            }
            if self.step(id).is_none() {
                self.missing(id);
                continue;
            }
            let _ = write!(self.out, "\n## Additional: {}\n", markdown::inline(&why));
            self.branch(id, &[], 0);
        }
        self.unreached();
        let out = std::mem::take(&mut self.out);
        out.finish(|id| markdown::inline(&self.name(id)))
    }

    fn step(&self, id: &str) -> Option<&'a Value> {
        self.playbook.get("workflow")?.get(id)
    }

    /// What kind of a step it is: by its `type`, else by its identifier.
    fn kind(&self, id: &str) -> &'a str {
        let found = self.playbook.get("workflow").and_then(Value::as_object).and_then(|all| all.get_key_value(id));
        let Some((id, step)) = found else { return "" };
        kind(id, step)
    }

    fn is_written(&self, id: &str) -> bool {
        self.written.contains(id)
    }

    fn is_full(&self) -> bool {
        self.out.length() > LARGEST
    }

    fn missing(&mut self, id: &str) {
        let sentence =
            format!("`{}` is named and not there: what it would do is missing.", short(&id.replace('`', "'")));
        self.differences.push(Difference::new("", sentence));
    }

    fn later(&mut self, id: &'a str, why: String) {
        if self.put_aside.insert(id) {
            self.aside.push((id, why));
        }
    }

    /// Steps that lead to each other, until an end or one that stands elsewhere. `only_if` are the conditions under which
    /// they are done at all.
    fn branch(&mut self, first: &'a str, only_if: &[String], depth: usize) {
        let mut next = Some(first);
        while let Some(id) = next {
            if self.kind(id) == "end" || self.is_full() {
                break;
            }
            if self.is_written(id) {
                self.goes_on(id, only_if.last().filter(|_| id == first));
                break;
            }
            let Some(step) = self.step(id) else {
                self.missing(id);
                break;
            };
            // Where several branches lead to one step it stands after all of them: within the first it would seem to be part of
            // that one alone.
            if depth > 0 && self.shared.contains(id) && !self.due.contains(id) {
                let sometimes = !only_if.is_empty();
                match self.awaited.get_mut(id) {
                    Some(only) => *only &= sometimes,
                    None => {
                        self.awaited.insert(id, sometimes);
                        self.waiting.push(id);
                    }
                }
                self.goes_on(id, only_if.last().filter(|_| id == first));
                break;
            }
            self.written.insert(id);
            self.one(id, step, only_if, depth);
            next = json::id(step, "on_completion").or_else(|| json::id(step, "on_success"));
            if depth == 0 {
                self.shared_steps(next);
            }
        }
        if depth == 0 {
            self.shared_steps(None);
        }
    }

    /// The steps that the branches before lead to, but the one that follows anyhow.
    fn shared_steps(&mut self, next: Option<&'a str>) {
        let mut done = 0;
        // What they lead to may be added.
        while let Some(id) = self.waiting.get(done).copied() {
            done += 1;
            if Some(id) == next || self.is_written(id) {
                continue;
            }
            let only_sometimes = self.awaited.get(id).copied().unwrap_or(true);
            let only_if = if only_sometimes { vec!["a step before leads here".to_owned()] } else { Vec::new() };
            self.due.insert(id);
            self.branch(id, &only_if, 1);
        }
        self.waiting.clear();
    }

    fn goes_on(&mut self, id: &'a str, condition: Option<&String>) {
        let before = match condition {
            Some(condition) => format!("\nIf {condition}, go on with "),
            None => "\nThen go on with ".to_owned(),
        };
        let _ = write!(self.out, "{before}");
        self.out.reference(id);
        let _ = writeln!(self.out, ".");
        self.differences.push(Difference::new(
            self.name(id),
            "the playbook leads to it from several places; here it stands once, and the others name it.",
        ));
    }

    /// By what a step is called elsewhere.
    fn name(&self, id: &str) -> String {
        self.called.get(id).cloned().unwrap_or_else(|| short(kind_of_id(id)))
    }

    fn one(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        match self.kind(id) {
            "start" => {}
            "action" => self.action(id, step, only_if),
            "playbook-action" => self.other_playbook(id, step, only_if),
            "parallel" => self.parallel(id, step, only_if, depth),
            "if-condition" => self.condition(id, step, only_if, depth),
            "while-condition" => self.repeat(id, step, only_if, depth),
            "switch-condition" => self.switch(id, step, only_if, depth),
            other => {
                self.heading(id, step, only_if);
                let _ = write!(self.out, "\n- [ ] Do what the playbook calls {}\n", markdown::code(other));
                let sentence = format!(
                    "a step of the kind `{}` is not of CACAO 2.0: it is done by hand.",
                    other.replace('`', "'")
                );
                self.differences.push(Difference::new(self.name(id), sentence));
            }
        }
        self.when_it_fails(id, step);
    }

    /// The heading of a step, its description, and when it is done at all.
    fn heading(&mut self, id: &'a str, step: &'a Value, only_if: &[String]) {
        let whole = whole_name(id, step);
        // A heading that is a word such as `Rollback` would begin another part of the runbook, which the path does not lead through
        // or which it does.
        let phase = format::phase_of_numbered(&whole).filter(|phase| {
            !(self.on_path && only_if.is_empty() && matches!(phase, format::Phase::Steps | format::Phase::Validation))
        });
        let name = markdown::inline(&whole);
        let name = if phase.is_some() { format!("Step “{name}”") } else { name };
        let _ = write!(self.out, "\n### ");
        self.out.heading(id);
        let _ = writeln!(self.out, ". {name}");
        if let Some(description) = json::text(step, "description") {
            let text = markdown::paragraphs(&self.names.in_prose(description));
            let _ = write!(self.out, "\n{text}\n");
        }
        if !only_if.is_empty() {
            let _ = write!(self.out, "\n**Only if** {}; else skip it.\n", only_if.join(", and "));
        }
        if let Some(links) = step.get("external_references").and_then(Value::as_array) {
            for link in links {
                if let Some(url) = json::text(link, "url")
                    .filter(|url| !url.contains(|one: char| matches!(one, '<' | '>' | ' ') || one.is_control()))
                {
                    let name = json::text(link, "name").unwrap_or(url);
                    let _ = write!(self.out, "\n[{}](<{url}>)\n", markdown::inline(name));
                }
            }
        }
        if step.get("owner").is_some_and(Value::is_string) {
            let sentence =
                "who is responsible for the step was not taken over: it is the `id` of somebody in another file.";
            self.differences.push(Difference::new(self.name(id), sentence));
        }
        if step.get("step_extensions").and_then(Value::as_object).is_some_and(|members| !members.is_empty()) {
            self.differences.push(Difference::new(
                self.name(id),
                "an extension of the step was not taken over: what it does with the answer is not done here.",
            ));
        }
        if let Some(delay) = step["delay"].as_u64().filter(|delay| *delay > 0) {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a wait")]
            let seconds = delay as f64 / 1_000.0;
            let hand = if only_if.is_empty() { "" } else { " excludeFromRunAll=true" };
            let wait = markdown::fence(&format!("sh {{timeout=24h{hand}}}"), &format!("sleep {seconds}"));
            let _ = write!(self.out, "\nWait before it:\n\n{wait}");
        }
    }

    fn action(&mut self, id: &'a str, step: &'a Value, only_if: &[String]) {
        self.heading(id, step, only_if);
        let name = self.name(id);
        let mut commands = Commands::new(self.names, self.targets, &name, step, &mut self.taken);
        let optional = json::id(step, "on_failure").is_some_and(|id| json::id(step, "on_success") == Some(id));
        let written = commands.write(only_if.is_empty(), optional);
        self.differences.append(&mut commands.differences);
        self.entries.append(&mut commands.entries);
        for command in written {
            match command {
                // One paragraph, or a terminal would show its first alone; its lines stay lines.
                Command::Check(text) => {
                    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                    let _ = write!(self.out, "\n- [ ] {}\n", lines.join("\\\n      "));
                }
                Command::Block(block) => {
                    let _ = write!(self.out, "\n{block}");
                }
            }
        }
    }

    fn other_playbook(&mut self, id: &'a str, step: &'a Value, only_if: &[String]) {
        self.heading(id, step, only_if);
        let playbook = json::text(step, "playbook_id").unwrap_or_default();
        match (self.known)(playbook) {
            Some(file) => {
                let _ = write!(self.out, "\n- [ ] [{}](<{file}>)\n", markdown::inline(&self.name(id)));
            }
            None => {
                let _ = write!(self.out, "\n- [ ] Run the playbook {}\n", markdown::code(playbook));
                let sentence = format!(
                    "it runs another playbook, `{playbook}`, which did not come along: bring both in from one folder, and \
                     this step leads to it."
                );
                self.differences.push(Difference::new(self.name(id), sentence));
            }
        }
    }

    fn parallel(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        let branches = json::ids(step, "next_steps");
        self.differences.push(Difference::new(
            self.name(id),
            format!(
                "its {} branches are done at the same time in the playbook; here one after the other.",
                branches.len()
            ),
        ));
        for branch in branches {
            self.inner(branch, only_if, depth, "a branch of steps");
        }
    }

    fn condition(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        let (so, not_so) = self.decision(id, step, only_if);
        for (key, said) in [("on_true", so), ("on_false", not_so)] {
            for branch in json::ids(step, key) {
                let inner = with(only_if, said.clone());
                self.inner(branch, &inner, depth, &said);
            }
        }
    }

    fn repeat(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        let (so, _) = self.decision(id, step, only_if);
        for branch in json::ids(step, "on_true") {
            let inner = with(only_if, so.clone());
            self.inner(branch, &inner, depth, &so);
        }
        let _ = write!(self.out, "\nGo back to ");
        self.out.reference(id);
        let _ = writeln!(self.out, " for as long as {so}.");
        self.differences.push(Difference::new(
            self.name(id),
            "the playbook repeats its steps by itself; here a person starts them again.",
        ));
    }

    fn switch(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        self.heading(id, step, only_if);
        let written = json::text(step, "switch").unwrap_or_default();
        let (asked, value) = match written {
            "" => {
                let name = markdown::inline(&self.name(id));
                (format!("Decide which of the values holds: {name}"), format!("what “{name}” asks for"))
            }
            written => {
                let value = self.names.put(written, str::to_owned);
                (format!("Look which value {} has", markdown::code(&value)), markdown::code(&short(&value)))
            }
        };
        let values = self.values(written);
        let _ = write!(self.out, "\n- [ ] {asked}{values}\n");
        self.decided(id);
        for (case, _) in json::members(step, "cases") {
            let said = match case.as_str() {
                "default" => format!("{value} is none of the other values"),
                "" => format!("{value} is empty"),
                case => format!("{value} is {}", markdown::code(&short(case))),
            };
            for branch in step.get("cases").map(|cases| json::ids(cases, case)).unwrap_or_default() {
                let inner = with(only_if, said.clone());
                self.inner(branch, &inner, depth, &said);
            }
        }
    }

    /// The check by which a person decides; gives what is said where it is so, and where it is not.
    fn decision(&mut self, id: &'a str, step: &'a Value, only_if: &[String]) -> (String, String) {
        self.heading(id, step, only_if);
        self.decided(id);
        let Some(written) = json::text(step, "condition") else {
            let name = markdown::inline(&self.name(id));
            let _ = write!(self.out, "\n- [ ] Decide: {name}\n");
            self.differences.push(Difference::new(self.name(id), "the playbook does not say by what it is decided."));
            return (format!("“{name}” is answered with yes"), format!("“{name}” is answered with no"));
        };
        let condition = self.names.put(written, str::to_owned);
        let values = self.values(written);
        let _ = write!(self.out, "\n- [ ] Decide whether {} is so{values}\n", markdown::code(&condition));
        let condition = markdown::code(&short(&condition));
        (format!("{condition} is so"), format!("{condition} is not so"))
    }

    /// The values of the variables that a condition names, as the run knows them then.
    fn values(&self, condition: &str) -> String {
        let used = self.names.used(condition);
        let said: Vec<String> = used.iter().map(|name| format!("{name} is “{{{{{name}}}}}”")).collect();
        if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
    }

    fn decided(&mut self, id: &str) {
        self.differences.push(Difference::new(
            self.name(id),
            "the playbook decides by itself which steps follow; here a person does, and starts or skips them.",
        ));
    }

    fn inner(&mut self, branch: &'a str, only_if: &[String], depth: usize, why: &str) {
        if depth < DEEPEST {
            self.branch(branch, only_if, depth + 1);
        } else {
            let _ = write!(self.out, "\nThen go on with ");
            self.out.reference(branch);
            let _ = writeln!(self.out, ".");
            self.later(branch, format!("{why}, from within many branches").replace('`', ""));
        }
    }

    fn when_it_fails(&mut self, id: &'a str, step: &'a Value) {
        let Some(target) = json::id(step, "on_failure") else { return };
        let goes_on = json::id(step, "on_success");
        if Some(target) == goes_on {
            return;
        }
        // What holds for a step that has steps of its own would stand under the last of these.
        if matches!(self.kind(id), "action" | "playbook-action") {
            let _ = write!(self.out, "\n**If it fails**: ");
            if self.kind(target) == "end" {
                let _ = writeln!(self.out, "the playbook ends.");
            } else {
                let _ = write!(self.out, "go on with ");
                self.out.reference(target);
                let _ = writeln!(self.out, ".");
            }
        } else {
            self.differences.push(Difference::new(
                self.name(id),
                "the playbook says what follows where one of its steps fails; here a person decides it.",
            ));
        }
        if self.kind(target) != "end" {
            let why = format!("if “{}” fails", self.name(id));
            self.later(target, why);
            self.differences.push(Difference::new(
                self.name(id),
                "the playbook goes on elsewhere by itself where it fails; here a person is told where.",
            ));
        }
    }

    /// What nothing leads to is there all the same.
    fn unreached(&mut self) {
        let steps = json::members(self.playbook, "workflow").map(|(id, _)| id.as_str());
        let rest: Vec<&str> =
            steps.filter(|id| !matches!(self.kind(id), "start" | "end") && !self.is_written(id)).collect();
        if rest.is_empty() {
            return;
        }
        let mut names: Vec<String> = rest.iter().take(10).map(|id| self.name(id)).collect();
        if rest.len() > names.len() {
            names.push(format!("and {} more", rest.len() - names.len()));
        }
        self.differences.push(Difference::new(
            "",
            format!("nothing in the playbook leads to {}: it stands after the path.", names.join(", ")),
        ));
        let _ = write!(self.out, "\n## Additional: what nothing leads to\n");
        for id in rest {
            if !self.is_written(id) {
                self.branch(id, &[], 0);
            }
        }
    }
}

/// The steps that more than one edge leads to.
fn shared(playbook: &Value) -> BTreeSet<&str> {
    let (mut once, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for (_, step) in json::members(playbook, "workflow") {
        let edges = ["on_completion", "on_success", "on_true", "on_false", "next_steps"];
        let cases = json::members(step, "cases").map(|(case, _)| (&step["cases"], case.as_str()));
        for (object, key) in edges.iter().map(|key| (step, *key)).chain(cases) {
            for id in json::ids(object, key) {
                if !once.insert(id) {
                    shared.insert(id);
                }
            }
        }
    }
    shared
}

fn with(only_if: &[String], condition: String) -> Vec<String> {
    only_if.iter().cloned().chain([condition]).collect()
}

/// Of what kind a step is.
fn kind<'a>(id: &'a str, step: &'a Value) -> &'a str {
    json::text(step, "type").unwrap_or_else(|| kind_of_id(id))
}

/// What an `id` says of the kind of what it is of.
fn kind_of_id(id: &str) -> &str {
    id.split("--").next().unwrap_or_default()
}

fn whole_name(id: &str, step: &Value) -> String {
    let named = json::text(step, "name").unwrap_or_else(|| match kind(id, step) {
        "if-condition" => "Decide",
        "while-condition" => "Decide whether to repeat",
        "switch-condition" => "Decide what follows",
        "parallel" => "Branches",
        "playbook-action" => "Another playbook",
        "action" => "Step without a name",
        _ => kind_of_id(id),
    });
    named.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text, where it is long.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
