//! The workflow: what leads to what becomes one path, numbered in the order in which it is done.
//!
//! What is done in any case is started by the path. What is done only if something is so is started by a person, because a
//! path has no branches: nothing of it is ever started by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::{
    commands::{Command, Commands},
    json,
    targets::Targets,
    variables::Names,
};
use crate::{Difference, markdown};

/// Branches within branches that are followed. A graph that is deeper is taken apart into parts that a person finds below.
const DEEPEST: usize = 40;

pub(super) struct Flow<'a> {
    playbook: &'a Value,
    names: &'a Names,
    targets: &'a Targets,
    known: &'a BTreeMap<String, String>,
    /// The steps that were written.
    written: BTreeSet<&'a str>,
    /// Where those lead that are written after the path, and why they are.
    aside: Vec<(&'a str, String)>,
    out: String,
    pub(super) differences: Vec<Difference>,
    /// The names of the entries that commands run on.
    pub(super) entries: BTreeSet<String>,
}

/// Stands for the number of a step until all have one. No text of a playbook gets it through: control characters are white
/// space in what is written.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

impl<'a> Flow<'a> {
    pub(super) fn new(
        playbook: &'a Value,
        names: &'a Names,
        targets: &'a Targets,
        known: &'a BTreeMap<String, String>,
    ) -> Self {
        Self {
            playbook,
            names,
            targets,
            known,
            written: BTreeSet::new(),
            aside: Vec::new(),
            out: String::new(),
            differences: Vec::new(),
            entries: BTreeSet::new(),
        }
    }

    /// All steps, as Markdown: the path, then what is off it.
    pub(super) fn path(&mut self) -> String {
        let start = json::text(self.playbook, "workflow_start").filter(|id| self.step(id).is_some());
        let first = start.or_else(|| {
            let mut steps = json::members(self.playbook, "workflow");
            steps.find(|(_, step)| step["type"] == "start").map(|(id, _)| id.as_str())
        });
        match first {
            Some(first) => self.branch(first, &[], 0),
            None => self.differences.push(Difference::new(
                "",
                "the playbook does not say where it begins: its steps stand below, in the order of the file.",
            )),
        }
        if let Some(exception) = json::text(self.playbook, "workflow_exception") {
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
        self.numbered()
    }

    fn step(&self, id: &str) -> Option<&'a Value> {
        self.playbook.get("workflow")?.get(id)
    }

    fn kind(&self, id: &str) -> &'a str {
        self.step(id).and_then(|step| json::text(step, "type")).unwrap_or_default()
    }

    fn is_written(&self, id: &str) -> bool {
        self.written.contains(id)
    }

    fn missing(&mut self, id: &str) {
        let sentence = format!("`{id}` is named and not there: what it would do is missing.");
        self.differences.push(Difference::new("", sentence));
    }

    fn later(&mut self, id: &'a str, why: String) {
        if !self.aside.iter().any(|(known, _)| *known == id) {
            self.aside.push((id, why));
        }
    }

    /// Steps that lead to each other, until an end or one that stands elsewhere. `only_if` are the conditions under which
    /// they are done at all.
    fn branch(&mut self, first: &'a str, only_if: &[String], depth: usize) {
        let mut next = Some(first);
        while let Some(id) = next {
            if self.kind(id) == "end" {
                return;
            }
            if self.is_written(id) {
                let _ = match only_if.last().filter(|_| id == first) {
                    Some(condition) => write!(self.out, "\nIf {condition}, go on with {}.\n", reference(id)),
                    None => write!(self.out, "\nThen go on with {}.\n", reference(id)),
                };
                self.differences.push(Difference::new(
                    self.name(id),
                    "the playbook leads to it from several places; here it stands once, and the others name it.",
                ));
                return;
            }
            let Some(step) = self.step(id) else {
                self.missing(id);
                return;
            };
            self.written.insert(id);
            self.one(id, step, only_if, depth);
            next = json::text(step, "on_completion").or_else(|| json::text(step, "on_success"));
        }
    }

    fn name(&self, id: &str) -> String {
        let step = self.step(id);
        let named = step.and_then(|step| json::text(step, "name"));
        named.unwrap_or_else(|| id.split("--").next().unwrap_or(id)).split_whitespace().collect::<Vec<_>>().join(" ")
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
                let sentence = format!("a step of the kind `{other}` is not of CACAO 2.0: it is done by hand.");
                self.differences.push(Difference::new(self.name(id), sentence));
            }
        }
        self.when_it_fails(id, step);
    }

    /// The heading of a step, its description, and when it is done at all.
    fn heading(&mut self, id: &'a str, step: &'a Value, only_if: &[String]) {
        let name = markdown::inline(&self.name(id));
        let _ = write!(self.out, "\n### {OPEN}{id}{CLOSE}. {name}\n");
        if let Some(description) = json::text(step, "description") {
            let text = markdown::paragraphs(&self.names.in_prose(description));
            let _ = write!(self.out, "\n{text}\n");
        }
        if !only_if.is_empty() {
            let _ = write!(self.out, "\n**Only if** {}; else skip it.\n", only_if.join(", and "));
        }
        if let Some(links) = step.get("external_references").and_then(Value::as_array) {
            for link in links {
                if let Some(url) = json::text(link, "url").filter(|url| !url.contains(['<', '>', '\n', ' '])) {
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
        let mut commands = Commands::new(self.names, self.targets, &name, step);
        let optional = step.get("on_failure").is_some() && step.get("on_failure") == step.get("on_success");
        let written = commands.write(only_if.is_empty(), optional);
        self.differences.append(&mut commands.differences);
        self.entries.append(&mut commands.entries);
        for command in written {
            match command {
                Command::Check(text) => {
                    let mut lines = text.lines().map(str::trim_end);
                    let _ = write!(self.out, "\n- [ ] {}\n", lines.next().unwrap_or_default());
                    let rest: Vec<&str> = lines.collect();
                    for line in rest {
                        let _ = match line {
                            "" => writeln!(self.out),
                            line => writeln!(self.out, "      {line}"),
                        };
                    }
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
        match self.known.get(playbook) {
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
        let branches = json::texts(step, "next_steps");
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
        let condition = self.decision(id, step, only_if);
        for (key, said) in [("on_true", "is so"), ("on_false", "is not so")] {
            let Some(branch) = json::text(step, key) else { continue };
            let mut inner = only_if.to_vec();
            inner.push(format!("{condition} {said}"));
            self.inner(branch, &inner, depth, &format!("{condition} {said}"));
        }
    }

    fn repeat(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        let condition = self.decision(id, step, only_if);
        let Some(branch) = json::text(step, "on_true") else { return };
        let mut inner = only_if.to_vec();
        inner.push(format!("{condition} is so"));
        self.inner(branch, &inner, depth, &format!("{condition} is so"));
        let _ = write!(self.out, "\nGo back to {} for as long as {condition} is so.\n", reference(id));
        self.differences.push(Difference::new(
            self.name(id),
            "the playbook repeats its steps by itself; here a person starts them again.",
        ));
    }

    fn switch(&mut self, id: &'a str, step: &'a Value, only_if: &[String], depth: usize) {
        self.heading(id, step, only_if);
        let written = json::text(step, "switch").unwrap_or_default();
        let value = markdown::code(&self.names.put(written, str::to_owned));
        let _ = write!(self.out, "\n- [ ] Look which value {value} has{}\n", self.values(written));
        self.decided(id);
        for (case, branch) in json::members(step, "cases") {
            let Some(branch) = branch.as_str() else { continue };
            let said = match case.as_str() {
                "default" => format!("{value} is none of the other values"),
                case => format!("{value} is {}", markdown::code(case)),
            };
            let mut inner = only_if.to_vec();
            inner.push(said.clone());
            self.inner(branch, &inner, depth, &said);
        }
    }

    /// The check by which a person decides; gives the condition as code.
    fn decision(&mut self, id: &'a str, step: &'a Value, only_if: &[String]) -> String {
        self.heading(id, step, only_if);
        let written = json::text(step, "condition").unwrap_or_default();
        let condition = markdown::code(&self.names.put(written, str::to_owned));
        let _ = write!(self.out, "\n- [ ] Decide whether {condition} is so{}\n", self.values(written));
        self.decided(id);
        condition
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
            let _ = write!(self.out, "\nThen go on with {}.\n", reference(branch));
            self.later(branch, format!("{why}, from within many branches").replace('`', ""));
        }
    }

    fn when_it_fails(&mut self, id: &'a str, step: &'a Value) {
        let Some(target) = json::text(step, "on_failure") else { return };
        let goes_on = json::text(step, "on_success");
        if Some(target) == goes_on {
            return;
        }
        let said = match self.kind(target) {
            "end" => "the playbook ends.".to_owned(),
            _ => format!("go on with {}.", reference(target)),
        };
        // What holds for a step that has steps of its own would stand under the last of these.
        if matches!(self.kind(id), "action" | "playbook-action") {
            let _ = write!(self.out, "\n**If it fails**: {said}\n");
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
        let names: Vec<String> = rest.iter().map(|id| self.name(id)).collect();
        self.differences.push(Difference::new(
            "",
            format!("nothing in the playbook leads to {}: it stands after the path.", names.join(", ")),
        ));
        self.out.push_str("\n## Additional: what nothing leads to\n");
        for id in rest {
            if !self.is_written(id) {
                self.branch(id, &[], 0);
            }
        }
    }

    /// The text with the numbers of its steps, in the order in which they stand in it.
    fn numbered(&self) -> String {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let marker = format!("### {OPEN}");
        for found in self.out.split(&marker).skip(1) {
            if let Some((id, _)) = found.split_once(CLOSE) {
                let next = numbers.len() + 1;
                numbers.entry(id).or_insert(next);
            }
        }
        let mut out = String::with_capacity(self.out.len());
        let mut rest = self.out.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            out.push_str(before);
            let Some((id, after)) = after.split_once(CLOSE) else { break };
            let heading = before.ends_with("### ");
            let _ = match numbers.get(id) {
                Some(number) if heading => write!(out, "{number}"),
                Some(number) => write!(out, "step {number}, “{}”", markdown::inline(&self.name(id))),
                None => write!(out, "“{}”", markdown::inline(&self.name(id))),
            };
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

fn reference(id: &str) -> String {
    format!("{OPEN}{id}{CLOSE}")
}
