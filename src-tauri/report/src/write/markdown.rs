//! Markdown that reads well as text, and in which nothing that was printed or typed means anything.

use crate::model::{Attempt, Incident, Item, Kind, Output, Part, Report, Rollback, Step};

/// The report as Markdown (CommonMark, without HTML).
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut page = Page::default();
    page.heading(1, &format!("{}: {}", report.verdict.heading, report.title));
    page.paragraph(&prose(&report.verdict.sentence));
    if let Some(partial) = &report.verdict.partial {
        page.paragraph(&format!("**{}**", prose(partial)));
    }
    if let Some(incident) = &report.incident {
        self::incident(&mut page, incident);
    }
    page.heading(2, "What was run");
    for fact in &report.facts {
        let value = if fact.literal { code(&fact.value) } else { prose(&fact.value) };
        page.bullet(&format!("{}: {value}", fact.name));
    }
    page.end();
    parameters(&mut page, report);
    page.heading(2, "What was done");
    page.paragraph("In the order of the runbook; the timeline has the order in which it happened.");
    for section in &report.sections {
        let heading = section.heading.as_ref().map(|heading| format!(": {heading}")).unwrap_or_default();
        page.heading(3, &format!("{}{heading}", section.phase));
        section.steps.iter().for_each(|step| self::step(&mut page, step));
    }
    if let Some(rollback) = &report.rollback {
        self::rollback(&mut page, rollback);
    }
    left(&mut page, report);
    timeline(&mut page, report);
    evidence(&mut page, report);
    page.heading(2, "Whether the record holds");
    let again = code(&format!("allgood verify {}", report.run));
    page.paragraph(&format!(
        "{} {again} checks it anew where the run is kept.",
        prose(&report.verification.sentence)
    ));
    if let Some(hash) = &report.verification.last_hash {
        page.paragraph(&format!("The last hash is {}.", code(hash)));
    }
    page.text
}

/// Builds a page, block by block.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn heading(&mut self, level: usize, text: &str) {
        self.paragraph(&format!("{} {}", "#".repeat(level), prose(text)));
    }

    fn paragraph(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push_str("\n\n");
    }

    fn bullet(&mut self, text: &str) {
        self.text.push_str("- ");
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Ends a list.
    fn end(&mut self) {
        self.text.push('\n');
    }

    /// Text of a machine, as it is.
    fn literal(&mut self, text: &str) {
        let fence = "`".repeat(longest_run(text).max(2) + 1);
        let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
        self.paragraph(&format!("{fence}text\n{text}{end}{fence}"));
    }

    /// What a person wrote, with its lines.
    fn quotation(&mut self, text: &str) {
        let lines: Vec<String> =
            text.lines().map(|line| format!("> {}", prose(line)).trim_end().to_owned()).collect();
        self.paragraph(&lines.join("  \n"));
    }
}

/// How many backticks follow each other at most.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A text on one line that means nothing but itself (CommonMark 0.31, "Backslash escapes"; what GFM links by itself is
/// cut in two as well).
fn prose(text: &str) -> String {
    let text = text.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ");
    let mut safe = String::with_capacity(text.len() + 8);
    for (at, character) in text.char_indices() {
        let before = safe.chars().next_back();
        let escaped = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '$' | '@' | '!' => true,
            // `http://…` and `www.…` become links by themselves.
            ':' => text[at..].starts_with("://"),
            '.' => text[..at].to_ascii_lowercase().ends_with("www") || is_number(&text, at),
            ')' => is_number(&text, at),
            // At the beginning of a line they make a list, a rule or a heading of what stands above.
            '-' | '+' | '=' => before.is_none(),
            _ => false,
        };
        if escaped {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}

/// Whether what stands before this character is a number that it would make an entry of a list.
fn is_number(text: &str, at: usize) -> bool {
    let before = !text[..at].is_empty() && text[..at].bytes().all(|byte| byte.is_ascii_digit());
    before && text[at + 1..].chars().next().is_none_or(char::is_whitespace)
}

/// `by a, b`, or that nobody did it.
fn by(who: &[String]) -> String {
    if who == ["sensed"] { "sensed".to_owned() } else { format!("by {}", prose(&who.join(", "))) }
}

/// A text of a machine within a line.
fn code(text: &str) -> String {
    let text = text.split(['\n', '\r']).collect::<Vec<_>>().join(" ");
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // A blank at both ends is taken off by a reader; one that the text has itself has to stay.
    let blank = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let blank = if blank { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn incident(page: &mut Page, incident: &Incident) {
    page.heading(2, "Incident");
    if let Some(name) = &incident.name {
        page.bullet(&format!("Incident: {}", prose(name)));
    }
    let severity = incident.severity.as_deref().map_or_else(|| "not given".to_owned(), prose);
    let changed = incident.changed.as_deref().map(|changed| format!(", {}", prose(changed))).unwrap_or_default();
    page.bullet(&format!("Severity: {severity}{changed}"));
    let responders: Vec<String> = incident.responders.iter().map(|name| prose(name)).collect();
    let responders = if responders.is_empty() { "not given".to_owned() } else { responders.join("; ") };
    page.bullet(&format!("Responders: {responders}"));
    for time in &incident.times {
        let marked = time.at.as_ref().zip(time.by.as_ref());
        let remark = time.remark.as_deref().map(|remark| format!(", {}", prose(remark))).unwrap_or_default();
        let marked =
            marked.map(|(at, by)| format!(" (marked {at} UTC by {}{remark})", prose(by))).unwrap_or_default();
        page.bullet(&format!("{}: {}{marked}", time.name, time.text));
    }
    if let Some(updates) = &incident.updates {
        page.bullet(&format!("Updates: {}", prose(updates)));
    }
    page.end();
}

fn parameters(page: &mut Page, report: &Report) {
    if !report.parameters.is_empty() {
        page.heading(2, "Values");
        for parameter in &report.parameters {
            let value = parameter.value.as_deref().map_or_else(|| "kept out of every record".to_owned(), code);
            page.bullet(&format!("{} = {value} (from: {})", code(&parameter.name), prose(&parameter.from)));
        }
        page.end();
    }
    page.heading(2, "Secrets");
    if report.secrets.is_empty() {
        page.paragraph("None is known to have been used.");
    } else {
        page.paragraph("By name; no value of them is in the record or in this report.");
        report.secrets.iter().for_each(|name| page.bullet(&code(name)));
        page.end();
    }
}

fn step(page: &mut Page, step: &Step) {
    if !step.titled {
        step.items.iter().for_each(|item| self::item(page, item));
        return;
    }
    let number = step.number.as_ref().map(|number| format!("{number}. ")).unwrap_or_default();
    let took = step.took.as_ref().map(|took| format!(", {took}")).unwrap_or_default();
    page.heading(4, &format!("{number}{} ({}{took})", step.title, step.state));
    step.items.iter().for_each(|item| self::item(page, item));
}

fn item(page: &mut Page, item: &Item) {
    let mut said = vec![format!("{}, line {}", kind(item.kind), item.line), format!("**{}**", item.state)];
    if !item.who.is_empty() {
        said.push(by(&item.who));
    }
    said.extend(when(item.started.as_deref(), item.ended.as_deref()));
    said.extend(item.took.clone());
    if !item.result.is_empty() {
        said.push(prose(&item.result));
    }
    page.paragraph(&format!("**{}** ({})", prose(&item.label), said.join(", ")));
    if let Some(remark) = item.remark.as_ref().filter(|remark| **remark != item.result) {
        page.quotation(remark);
    }
    for what in &item.confirmed {
        page.paragraph(&format!("Confirmed before it started: {}", prose(what)));
    }
    for edit in &item.edits {
        let why = if edit.reason.is_empty() { String::new() } else { format!(": {}", prose(&edit.reason)) };
        page.paragraph(&format!("Edited for this run alone by {} at {} UTC{why}", prose(&edit.by), edit.at));
        page.literal(&edit.text);
    }
    if let Some(sent) = &item.sent {
        page.paragraph("Sent:");
        page.quotation(sent);
    }
    if let Some(script) = &item.script {
        let what = if item.kind == Kind::Message { "sent" } else { "run" };
        page.paragraph(&format!("What the runbook says, which was not {what}:"));
        page.literal(script);
    }
    for host in &item.hosts {
        let exit = if host.exit.is_empty() { String::new() } else { format!(", {}", prose(&host.exit)) };
        let took = host.took.as_ref().map(|took| format!(", {took}")).unwrap_or_default();
        page.bullet(&format!("{}: **{}**{exit}{took}", prose(&host.name), host.state));
    }
    if !item.hosts.is_empty() {
        page.end();
    }
    item.attempts.iter().for_each(|attempt| self::attempt(page, attempt, item.attempts.len()));
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Check => "check",
        Kind::Probe => "probe",
        Kind::Command => "command",
        Kind::Undo => "undo",
        Kind::Message => "message",
    }
}

/// `2026-11-22 15:04:05 to 15:04:06 UTC`.
fn when(started: Option<&str>, ended: Option<&str>) -> Option<String> {
    let started = started?;
    let day = started.split(' ').next().unwrap_or_default();
    let until = ended.filter(|ended| *ended != started).map(|ended| {
        let clock = ended.strip_prefix(day).map_or(ended, str::trim);
        format!(" to {clock}")
    });
    Some(format!("{started}{} UTC", until.unwrap_or_default()))
}

fn attempt(page: &mut Page, attempt: &Attempt, of: usize) {
    let number = if of > 1 { format!("Try {}", attempt.number) } else { "Ran".to_owned() };
    let beside = if attempt.background { " in the background" } else { "" };
    let place = format!("on {} in {}", prose(&attempt.target), code(&attempt.cwd));
    let time = when(Some(&attempt.started), attempt.ended.as_deref()).unwrap_or_default();
    let took = attempt.took.as_ref().map(|took| format!(", {took}")).unwrap_or_default();
    let exit = if attempt.exit.is_empty() { String::new() } else { format!(", {}", prose(&attempt.exit)) };
    let end = format!("**{}**{exit}", attempt.state);
    page.paragraph(&format!("{number}{beside} {place}, {time}{took}: {end}"));
    if attempt.same_command {
        page.paragraph("The same command as before.");
    } else {
        page.literal(&attempt.command);
    }
    for one in &attempt.expectations {
        let holds = if one.holds { "holds" } else { "**does not hold**" };
        page.bullet(&format!("expected {}, observed {}: {holds}", prose(&one.expected), prose(&one.observed)));
    }
    if !attempt.expectations.is_empty() {
        page.end();
    }
    if let Some(note) = &attempt.note {
        page.paragraph(&prose(note));
    }
    if attempt.typed {
        page.paragraph("Something was typed into it; what is never recorded.");
    }
    match &attempt.output {
        None => page.paragraph("It printed nothing."),
        Some(output) => self::output(page, output),
    }
}

fn output(page: &mut Page, output: &Output) {
    page.paragraph(&format!("It printed {}:", crate::text::counted(output.bytes, "byte", "bytes")));
    for part in &output.parts {
        match part {
            Part::Text(text) => page.literal(text),
            Part::LeftOut(why) => page.paragraph(&format!("({})", prose(why))),
        }
    }
}

fn rollback(page: &mut Page, rollback: &Rollback) {
    page.heading(2, "Rollback");
    page.paragraph(&format!("Begun by {} at {} UTC. The plan, in order:", prose(&rollback.by), rollback.at));
    for entry in &rollback.entries {
        let step = if entry.step.is_empty() { String::new() } else { format!(" of \"{}\"", prose(&entry.step)) };
        page.bullet(&format!("{}{step}, {}: **{}**", prose(&entry.label), entry.how, entry.state));
    }
    page.end();
    if !rollback.without.is_empty() {
        let steps: Vec<String> = rollback.without.iter().map(|step| prose(step)).collect();
        page.paragraph(&format!("Begun, and the runbook does not say how it is undone: {}", steps.join("; ")));
    }
}

fn left(page: &mut Page, report: &Report) {
    if report.left.is_empty() {
        return;
    }
    page.heading(2, report.left_heading);
    for left in &report.left {
        let reason = left.reason.as_ref().map(|reason| format!(": {}", prose(reason))).unwrap_or_default();
        page.bullet(&format!("{} (\"{}\", {}{reason})", prose(&left.label), prose(&left.step), left.state));
    }
    page.end();
}

fn timeline(page: &mut Page, report: &Report) {
    page.heading(2, "Timeline");
    page.paragraph(&format!(
        "All {} of the journal, in UTC. What one try printed, in however many events, is one line.",
        crate::text::counted(report.events, "event", "events")
    ));
    let mut day = "";
    for moment in &report.timeline {
        if moment.day != day {
            page.bullet(&format!("**{}**", prose(&moment.day)));
            day = &moment.day;
        }
        let item = moment.item.as_ref().map(|item| format!("{}: ", prose(item))).unwrap_or_default();
        let detail = moment.detail.as_ref().map(|detail| format!(": {}", code(detail))).unwrap_or_default();
        let line = format!("{item}{}{detail}", prose(&moment.text));
        page.bullet(&format!("{} {}: {line}", moment.clock, prose(&moment.actor)));
    }
    page.end();
}

fn evidence(page: &mut Page, report: &Report) {
    if report.evidence.is_empty() {
        return;
    }
    page.heading(2, "Evidence");
    for one in &report.evidence {
        let lines = one.lines.map(|lines| format!(", {}", crate::text::counted(lines, "line", "lines")));
        let hash = one.sha256.as_ref().map(|hash| format!(", SHA-256 {}", code(hash))).unwrap_or_default();
        let bytes = crate::text::counted(one.bytes, "byte", "bytes");
        page.bullet(&format!("{}: {bytes}{}{hash}", code(&one.name), lines.unwrap_or_default()));
    }
    page.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_means_nothing_but_itself() {
        for (text, expected) in [
            ("plain text, 3.5 s (ok)", "plain text, 3.5 s (ok)"),
            ("# heading\nnext", "\\# heading next"),
            ("- item", "\\- item"),
            ("1. first", "1\\. first"),
            ("9.5", "9.5"),
            ("12) first", "12\\) first"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("![x](http://a.example/x.png)", "\\!\\[x\\](http\\://a.example/x.png)"),
            ("<img src=x onerror=alert(1)>", "\\<img src=x onerror=alert(1)\\>"),
            ("www.example.org a@b.example", "www\\.example.org a\\@b.example"),
            ("a_b*c`d|e~f&amp;", "a\\_b\\*c\\`d\\|e\\~f\\&amp;"),
        ] {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn a_literal_has_a_fence_that_it_cannot_close() {
        let mut page = Page::default();
        page.literal("a\n````\nb");
        assert_eq!(page.text, "`````text\na\n````\nb\n`````\n\n");
        for (text, expected) in [("x", "`x`"), ("a`b", "``a`b``"), ("`x`", "`` `x` ``"), (" ", "")] {
            assert_eq!(code(text), expected);
        }
    }
}
