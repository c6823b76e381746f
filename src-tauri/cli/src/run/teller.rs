//! What happened, in lines for a person: each made from an event, never from a key that was pressed.

use api::{
    Event, Fact,
    wire::{HostStatus, ItemKind, ItemProgress, ItemStatus, RunStatus, RunSummary, RunView},
};

use super::page::Page;
use crate::look::{
    BOLD, DIM, FAIL, Look, counted, cut, duration, local_clock, one_line, size, span, styled, visible, word,
};
use crate::prose::prose;

/// Lines for the events of a run.
pub(crate) struct Teller {
    look: Look,
    /// Expected against observed of the attempt under way.
    expectations: Vec<(String, String, bool)>,
    /// The item whose attempts `retry` counts, and how many there may be.
    last: Option<(String, u64)>,
}

impl Teller {
    /// Nothing was told yet.
    pub(crate) fn new(look: Look) -> Self {
        Self { look, expectations: Vec::new(), last: None }
    }

    /// From now on it looks like this: the terminal has another size.
    pub(crate) fn look_like(&mut self, look: Look) {
        self.look = look;
    }

    /// What an event says, and what it changes in the page's count.
    pub(crate) fn tell(&mut self, event: &Event, page: &mut Page) -> Vec<String> {
        match &event.fact {
            Fact::HostsStarted { hosts, .. } if hosts.is_empty() => {
                vec![styled(DIM, "    asking Ansible on which hosts".to_owned())]
            }
            Fact::HostsStarted { hosts, at_once, batch, .. } => {
                let batch = batch.map(|batch| format!(", {batch} after {batch}")).unwrap_or_default();
                let hosts = counted(hosts.len() as u64, "host", "hosts");
                vec![styled(DIM, format!("    on {hosts}, {at_once} at once{batch}"))]
            }
            Fact::AttemptStarted { host: Some(_), .. } => {
                self.expectations.clear();
                Vec::new()
            }
            Fact::AttemptEnded { host: Some(host), .. } => self.host_ended(host, &event.fact),
            Fact::HostsEnded { .. } => self.hosts_ended(&event.fact, page),
            Fact::AttemptStarted { item, background: true, .. } => {
                let line = format!("    {} runs in the background, until the run ends", label(item, page));
                vec![styled(DIM, cut(self.look, &line, self.look.width))]
            }
            Fact::AttemptStarted { item, attempt, of, .. } => {
                self.expectations.clear();
                self.last = of.map(|of| (item.clone(), of));
                match (attempt, of) {
                    (2.., Some(of)) => vec![styled(DIM, format!("    attempt {attempt} of {of}"))],
                    _ => Vec::new(),
                }
            }
            Fact::Confirmed { what, .. } => self.remark("confirmed", what),
            Fact::Expectation { expected, observed, holds, .. } => {
                self.expectations.push((expected.clone(), observed.clone(), *holds));
                Vec::new()
            }
            Fact::AttemptEnded { .. } => self.attempt_ended(&event.fact, page),
            Fact::CheckTicked { item, note } => {
                page.settle(item, true);
                let answer = format!("done {}", local_clock(&event.at));
                self.settled(item, ItemStatus::Passed, &answer, note.as_deref(), page)
            }
            Fact::CheckUnticked { item, note } => {
                page.settle(item, false);
                self.settled(item, ItemStatus::Pending, "not done after all", note.as_deref(), page)
            }
            Fact::CheckFailed { item, note } => {
                page.settle(item, false);
                let mut lines = self.settled(item, ItemStatus::Failed, "failed", note.as_deref(), page);
                lines.extend(self.advice(item, page));
                lines
            }
            Fact::MessageSent { item, .. } => {
                page.settle(item, true);
                self.settled(item, ItemStatus::Passed, &format!("sent {}", local_clock(&event.at)), None, page)
            }
            Fact::Skipped { item, reason } => {
                page.settle(item, true);
                self.settled(item, ItemStatus::Skipped, "skipped", Some(reason), page)
            }
            Fact::Overridden { item, reason } => {
                page.settle(item, true);
                self.settled(item, ItemStatus::Overridden, "taken as done", Some(reason), page)
            }
            Fact::Undone { item, note } => self.settled(item, ItemStatus::Undone, "undone", note.as_deref(), page),
            Fact::LinkedRun { child, state, .. } => match word(state).as_str() {
                "opened" => self.remark("its run", &child.0),
                // The check says how it ended.
                _ => Vec::new(),
            },
            Fact::RollbackStarted { .. } => {
                page.stand_still();
                vec![String::new(), self.look.rule("ROLLING BACK")]
            }
            Fact::PlanChosen { plan } => {
                let named = plan.iter().enumerate().map(|(place, item)| {
                    let title = page.step_of(item).map(|step| one_line(&step.title)).unwrap_or_default();
                    let line = format!("    {}. {}  {title}", place + 1, label(item, page));
                    styled(DIM, cut(self.look, &line, self.look.width))
                });
                named.collect()
            }
            Fact::Branched { to, .. } => {
                page.go_to(to);
                self.remark("goes on at", to)
            }
            Fact::Deviation { text, reason, .. } => {
                let mut lines = self.remark("changed for this run", reason);
                lines.extend(self.look.script(text));
                lines
            }
            Fact::Marked { .. } => {
                self.remark("marked", &api::mark_words(&event.fact, local_clock).unwrap_or_default())
            }
            Fact::HandedOver { to } => self.remark("handed over to", to),
            Fact::Resumed { .. } => self.remark("taken up by", &event.actor),
            Fact::Note { text, .. } => self.remark("note", text),
            Fact::LinkOpened { url, .. } => self.remark("opened", url),
            Fact::VariablesSet { in_memory, .. } if !in_memory.is_empty() => {
                self.remark("kept in memory alone", &in_memory.join(", "))
            }
            Fact::Stopped { item: Some(item), reason } => {
                self.settled(item, ItemStatus::Failed, "stopped", reason.as_deref(), page)
            }
            _ => Vec::new(),
        }
    }

    fn attempt_ended(&mut self, fact: &Fact, page: &mut Page) -> Vec<String> {
        let Fact::AttemptEnded { item, attempt, state, exit, signal, note, again, duration_ms, .. } = fact else {
            return Vec::new();
        };
        let known = page.item(item);
        // What runs beside the path is stopped when it is needed no longer: that is no failure.
        let beside = known.is_some_and(|item| item.background) && word(state) == "stopped";
        let passed = word(state) == "passed" || beside;
        let expectations = std::mem::take(&mut self.expectations);
        let took = duration(*duration_ms);
        if *again {
            let observed = expectations.last().map(|(_, observed, _)| one_line(observed)).unwrap_or_default();
            let line = match self.last.as_ref().filter(|(last, _)| last == item) {
                Some((_, of)) => format!("    attempt {attempt} of {of} failed: {observed}"),
                None => format!("    try {attempt}: {observed}"),
            };
            return vec![styled(DIM, cut(self.look, &line, self.look.width))];
        }
        let ended = match (exit, signal) {
            (_, Some(signal)) => format!(", {signal}"),
            (Some(status), None) if *status != 0 => format!(", exit {status}"),
            _ => String::new(),
        };
        let tries = if *attempt > 1 { format!(", try {attempt}") } else { String::new() };
        let status = if passed { ItemStatus::Passed } else { ItemStatus::Failed };
        let optional = page.item(item).is_some_and(|item| item.optional);
        page.settle(item, passed || optional);
        let answer = format!("{}{ended}{tries}  {took}", word(state));
        let mut lines = self.settled(item, status, &answer, note.as_deref(), page);
        let all = expectations.iter();
        lines.extend(self.compared(all.map(|(expected, observed, holds)| (&**expected, &**observed, *holds))));
        if !passed {
            lines.extend(self.advice(item, page));
        }
        lines
    }

    /// A line for a host on which an item has ended; where it failed, with why.
    fn host_ended(&mut self, host: &str, fact: &Fact) -> Vec<String> {
        let Fact::AttemptEnded { state, exit, signal, note, duration_ms, .. } = fact else { return Vec::new() };
        let expectations = std::mem::take(&mut self.expectations);
        let passed = word(state) == "passed";
        let (shape, style) = self.look.item(if passed { ItemStatus::Passed } else { ItemStatus::Failed });
        let ended = match (exit, signal) {
            (_, Some(signal)) => format!(", {signal}"),
            (Some(status), None) if *status != 0 => format!(", exit {status}"),
            _ => String::new(),
        };
        let answer = format!("{}{ended}  {}", word(state), duration(*duration_ms));
        let room = self.look.width.saturating_sub(answer.len() + 12).max(16);
        let left = format!("    {} {}", styled(style, shape), cut(self.look, &one_line(host), room));
        let answer = if passed { answer } else { styled(style, answer) };
        let mut lines = vec![self.look.row(&left, &answer)];
        let broken = expectations.iter().find(|(expected, _, holds)| !holds && !expected.starts_with("exit "));
        if let (false, Some((expected, observed, _))) = (passed, broken) {
            let why = format!("      expected {}, observed {}", one_line(expected), one_line(observed));
            lines.push(styled(FAIL, cut(self.look, &why, self.look.width)));
        }
        if let Some(note) = note.as_deref().filter(|note| !note.trim().is_empty()) {
            lines.extend(self.look.wrapped(&visible(note), 6));
        }
        lines
    }

    /// An item that has ended on each of its hosts, or goes no further.
    fn hosts_ended(&mut self, fact: &Fact, page: &mut Page) -> Vec<String> {
        let Fact::HostsEnded { item, state, passed, failed, not_reached, note, again, duration_ms } = fact else {
            return Vec::new();
        };
        let all = *passed + (failed.len() + not_reached.len()) as u64;
        let count = format!("{passed} of {}", counted(all, "host", "hosts"));
        if *again {
            let line = format!("    passed on {count}; the others are tried again");
            return vec![styled(DIM, cut(self.look, &line, self.look.width))];
        }
        let ok = word(state) == "passed";
        let optional = page.item(item).is_some_and(|item| item.optional);
        page.settle(item, ok || optional);
        let status = if ok { ItemStatus::Passed } else { ItemStatus::Failed };
        let answer = match word(state).as_str() {
            // It was never known on which hosts.
            state if all == 0 => format!("{state}  {}", duration(*duration_ms)),
            "stopped" => format!("stopped, passed on {count}  {}", duration(*duration_ms)),
            _ => format!("passed on {count}  {}", duration(*duration_ms)),
        };
        let mut lines = self.settled(item, status, &answer, note.as_deref(), page);
        if !ok {
            lines.extend(self.advice(item, page));
        }
        lines
    }

    /// An item at the left, its answer at the right, a remark below.
    fn settled(
        &self,
        item: &str,
        status: ItemStatus,
        answer: &str,
        remark: Option<&str>,
        page: &Page,
    ) -> Vec<String> {
        let (shape, style) = self.look.item(status);
        let label = label(item, page);
        let room = self.look.width.saturating_sub(answer.len() + 10).max(16);
        let left = format!("  {} {}", styled(style, shape), cut(self.look, &label, room));
        let answer = if status == ItemStatus::Failed { styled(style, answer) } else { answer.to_owned() };
        let mut lines = vec![self.look.row(&left, &answer)];
        if let Some(remark) = remark.filter(|remark| !remark.trim().is_empty()) {
            lines.extend(self.look.wrapped(&visible(remark), 4));
        }
        lines
    }

    /// Why an item failed, for whoever has not seen it fail.
    pub(crate) fn why_it_failed(&self, view: &RunView, item: &str, page: &Page) -> Vec<String> {
        let Some(progress) = view.progress.iter().find(|progress| progress.item == item) else { return Vec::new() };
        let mut lines = Vec::new();
        if let Some(remark) = &progress.remark {
            lines.extend(self.look.wrapped(&format!("failed: {}", visible(remark)), 4));
        }
        if !progress.hosts.is_empty() {
            lines.push(styled(FAIL, format!("    failed {}", local_clock(&progress.at))));
            lines.extend(self.why_on_hosts(progress));
        } else if let Some(note) = &progress.hosts_note {
            lines.push(styled(FAIL, format!("    failed {}", local_clock(&progress.at))));
            lines.extend(self.look.wrapped(&visible(note), 4));
        } else if let Some(attempt) = progress.attempts.last() {
            let ended = match (attempt.exit, &attempt.signal) {
                (_, Some(signal)) => format!(", {signal}"),
                (Some(status), None) if status != 0 => format!(", exit {status}"),
                _ => String::new(),
            };
            let tries = if attempt.number > 1 { format!(", try {}", attempt.number) } else { String::new() };
            lines.push(styled(FAIL, format!("    failed {}{ended}{tries}", local_clock(&progress.at))));
            lines.extend(attempt.note.iter().flat_map(|note| self.look.wrapped(&visible(note), 4)));
            let all = attempt.expectations.iter();
            lines.extend(self.compared(all.map(|one| (&*one.expected, &*one.observed, one.holds))));
        }
        lines.extend(self.advice(item, page));
        lines
    }

    /// Where an item has not passed, and that it goes on there alone.
    fn why_on_hosts(&self, progress: &ItemProgress) -> Vec<String> {
        let on = |of: &[HostStatus]| -> Vec<String> {
            progress.hosts.iter().filter(|host| of.contains(&host.status)).map(|host| one_line(&host.name)).collect()
        };
        let all = progress.hosts.len();
        let mut said = vec![format!("passed on {} of {all}", on(&[HostStatus::Passed]).len())];
        for (what, hosts) in [
            ("failed on", on(&[HostStatus::Failed, HostStatus::Stopped])),
            ("nobody knows how it ended on", on(&[HostStatus::Interrupted, HostStatus::Running])),
            ("not begun on", on(&[HostStatus::Waiting, HostStatus::NotReached])),
        ] {
            if !hosts.is_empty() {
                said.push(format!("{what} {}", hosts.join(", ")));
            }
        }
        said.push("tried again it runs on those alone on which it has not passed".to_owned());
        let note = progress.hosts_note.iter().flat_map(|note| self.look.wrapped(&visible(note), 4));
        self.look.wrapped(&said.join("; "), 4).into_iter().chain(note).collect()
    }

    /// Expected above observed, so that a difference is seen at a glance. Where one does not hold, those that do are a line
    /// each, below it.
    fn compared<'a>(&self, all: impl Iterator<Item = (&'a str, &'a str, bool)>) -> Vec<String> {
        let room = self.look.width.saturating_sub(14);
        let all: Vec<_> = all.collect();
        let some_broken = all.iter().any(|(.., holds)| !holds);
        let (mut lines, mut held) = (Vec::new(), Vec::new());
        for (expected, observed, holds) in all {
            if some_broken && holds {
                let both = format!("{}: {}", one_line(expected), one_line(observed));
                held.push(styled(DIM, format!("    holds    {}", cut(self.look, &both, room))));
                continue;
            }
            let expected = cut(self.look, &one_line(expected), room);
            let observed = cut(self.look, &one_line(observed), room);
            let observed = if holds { observed } else { styled(FAIL, observed) };
            lines.push(format!("    {} {expected}", styled(DIM, "expected")));
            lines.push(format!("    {} {observed}", styled(DIM, "observed")));
        }
        lines.extend(held);
        lines
    }

    /// What the author says for the case that it fails.
    fn advice(&self, item: &str, page: &Page) -> Vec<String> {
        let advice = page.step_of(item).and_then(|step| step.if_it_fails.as_deref());
        advice.map(|html| prose(self.look, html, 4).lines).unwrap_or_default()
    }

    fn remark(&self, what: &str, text: &str) -> Vec<String> {
        self.look.wrapped(&format!("{what}: {}", visible(text)), 4)
    }

    /// What stands above a run.
    pub(crate) fn header(&self, page: &Page, with_prose: bool) -> Vec<String> {
        let runbook = &page.runbook;
        let about = [runbook.kind.clone(), runbook.severity.clone(), runbook.owner.clone()];
        let about: Vec<String> = about.into_iter().flatten().map(|text| one_line(&text)).collect();
        let about = about.join(self.look.or(" · ", " - "));
        let mut lines = vec![self.look.row(&styled(BOLD, one_line(&runbook.title)), &styled(DIM, about))];
        if with_prose {
            for text in [&runbook.summary, &runbook.outcome].into_iter().flatten() {
                lines.push(String::new());
                lines.extend(self.look.wrapped(&visible(text), 2));
            }
        }
        lines
    }

    /// What stands below a run.
    pub(crate) fn verdict(&self, run: &RunSummary, reason: Option<&str>, page: &Page) -> Vec<String> {
        let (shape, style) = self.look.run(run.state);
        let state = match run.state {
            RunStatus::Paused => "put aside".to_owned(),
            RunStatus::Passed if run.rescued => "passed, after a failure was rescued".to_owned(),
            state => word(state),
        };
        let mut lines = vec![String::new(), self.look.rule("")];
        let left = format!("{} {}", styled(style, shape), styled(BOLD, state));
        // A rollback goes through other items than the path.
        let done = if page.stands_still() { String::new() } else { page.done() };
        lines.push(self.look.row(&left, &done));
        if let Some(reason) = reason.filter(|reason| !reason.trim().is_empty()) {
            lines.extend(self.look.wrapped(&visible(reason), 2));
        }
        lines.push(styled(DIM, format!("  the record: allgood show-run {}", run.id)));
        let goes_on = matches!(run.state, RunStatus::Paused | RunStatus::Failed | RunStatus::Interrupted);
        if goes_on {
            lines.push(styled(DIM, format!("  going on: allgood resume {}", run.id)));
        }
        lines
    }

    /// Output that could not be shown in time.
    pub(crate) fn left_out(&self, bytes: u64) -> String {
        let mark = self.look.or("…", "...");
        styled(DIM, format!("[{mark} {} not shown here; the record has it, as far as it is kept]", size(bytes)))
    }
}

/// How an item is called in a line: a check by its text, a command by its name.
pub(crate) fn label(id: &str, page: &Page) -> String {
    match page.item(id) {
        Some(item) if matches!(item.kind, ItemKind::Check) && !item.text.is_empty() => one_line(&item.text),
        _ => one_line(id),
    }
}

/// What an item's block says beside its command: `expects /ok/, ends after 1 min 0 s`.
pub(crate) fn conditions(item: &api::wire::ItemView, look: Look) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(on) = &item.on {
        said.push(format!("runs on {}", one_line(on)));
    }
    if !item.expects.is_empty() {
        said.push(format!(
            "expects {}",
            item.expects.iter().map(|text| one_line(text)).collect::<Vec<_>>().join(", ")
        ));
    }
    if item.kind == ItemKind::Probe {
        let period = item.every_ms.map(|every| format!("every {}", span(every)));
        let patience = item.within_ms.map(|within| format!("for {}", span(within)));
        let tried: Vec<String> = period.into_iter().chain(patience).collect();
        said.push(format!("tried {}", tried.join(" ")));
    }
    if let Some(timeout) = item.timeout_ms {
        said.push(format!("ends after {}", span(timeout)));
    }
    if item.retry > 0 {
        let every = item.every_ms.map_or_else(String::new, |every| format!(", every {}", span(every)));
        said.push(format!("up to {} attempts{every}", item.retry + 1));
    }
    if item.confirm {
        said.push("asks before it starts".to_owned());
    }
    if item.background {
        said.push("runs in the background".to_owned());
    }
    if let Some(name) = &item.capture {
        said.push(format!("its output becomes {name}"));
    }
    if item.optional {
        said.push("optional".to_owned());
    }
    if item.guessed {
        said.push("taken for a command: look before you run it".to_owned());
    }
    let lines = item.sample.as_ref().map_or(0, |sample| sample.lines().count() as u64);
    if lines > 0 {
        said.push(format!("{} of sample output", counted(lines, "line", "lines")));
    }
    if said.is_empty() { Vec::new() } else { look.wrapped(&said.join(look.or(" · ", " - ")), 4) }
}
