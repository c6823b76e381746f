//! What is known of a run before it starts, in lines: all of it (`--plan`), or what a person has to know before the first item.

use api::wire::{
    AskedKind, AskedValue, CannotRun, Mode, RunPreparation, RunbookView, StepView, StepWayBack, Usual, WayBack,
};

use crate::look::{BOLD, DIM, FAIL, Look, NEED, PLAIN, counted, cut, duration, one_line, styled, time, width};

/// How many names stand in one brief line before the rest is counted.
const NAMED: usize = 4;

/// All of it.
pub(crate) fn whole(
    look: Look,
    book: &RunbookView,
    step: Option<&StepView>,
    plan: &RunPreparation,
    mode: Mode,
) -> Vec<String> {
    let mut lines = vec![styled(BOLD, one_line(&book.title))];
    let row = |name: &str, says: &str| look.row(&format!("  {name}"), says);
    lines.push(row("revision", plan.revision.get(..8).unwrap_or_default()));
    lines.extend(step.map(|step| row("only step", &one_line(&step.title))));
    lines.push(row("mode", mode_says(mode, plan)));
    if let Some(environment) = &plan.environment {
        let guard = if environment.guard && mode != Mode::Rehearse { ", asks for its name" } else { "" };
        lines.push(row("environment", &format!("{}{guard}", one_line(&environment.name))));
    }
    lines.extend(state_of_file(plan).map(|says| row("file", &says)));
    lines.extend(review(plan).map(|says| row("review", &says)));
    lines.push(row("past runs", &past(plan.usual.as_ref())));
    if let Some(refused) = &book.refused {
        lines.extend(heading(look, "IT CANNOT BE STARTED"));
        lines.extend(look.wrapped(&one_line(refused), 2));
    }
    if !plan.cannot.is_empty() {
        lines.extend(heading(look, "CANNOT BE RUN AS IT IS WRITTEN"));
        lines.extend(plan.cannot.iter().flat_map(|one| cannot_line(look, one)));
    }
    parameters(look, book, plan, &mut lines);
    if !plan.access.is_empty() {
        lines.extend(heading(look, "ACCESS"));
        for access in &plan.access {
            lines.push(look.row(&format!("  {}", one_line(&access.name)), &one_line(&access.reference)));
            let problem = access.problem.as_deref().filter(|problem| book.refused.as_deref() != Some(*problem));
            lines.extend(problem.into_iter().flat_map(|problem| look.wrapped(&one_line(problem), 4)));
            let warning =
                access.warning.as_deref().into_iter().flat_map(|warning| look.wrapped(&one_line(warning), 4));
            lines.extend(warning.map(|line| styled(NEED, line)));
            if access.asks && access.problem.is_none() {
                lines.push("    asked about before it starts: its library has not used this entry yet".to_owned());
            }
        }
    }
    targets(look, plan, &mut lines);
    if !plan.tools.is_empty() {
        lines.extend(heading(look, "TOOLS"));
        for tool in &plan.tools {
            let (shape, style) = match tool.path {
                Some(_) => (look.or("✔", "+"), PLAIN),
                None => (look.or("▲", "!"), NEED),
            };
            let place = tool.path.as_deref().map_or_else(
                || format!("not found on this machine; {}", names(tool.items.iter().map(String::as_str))),
                one_line,
            );
            lines.push(look.row(&format!("  {} {}", styled(style, shape), one_line(&tool.name)), &place));
        }
        if plan.tools_uncertain {
            lines.push(styled(DIM, "  A command changes where tools are looked for: one after it may find more."));
        }
    }
    if !plan.asked.is_empty() {
        lines.extend(heading(look, "ASKED FOR ON THE WAY"));
        let asked = plan.asked.iter().map(|asked| look.row(&format!("  {}", name_of(asked)), &one_line(&asked.item)));
        lines.extend(asked);
    }
    lines.extend(heading(look, "WAY BACK"));
    lines.push(format!("  {}.", back_says(plan)));
    lines.extend(plan.way_back.iter().map(|back| back_line(look, back)));
    lines
}

/// What a person has to know before the first item: only what is not as it should be, and how long it takes.
pub(crate) fn brief(look: Look, plan: &RunPreparation) -> Vec<String> {
    let mut lines = Vec::new();
    if plan.usual.is_some() {
        lines.push(past(plan.usual.as_ref()));
    }
    if !plan.way_back.is_empty() {
        lines.push(back_says(plan));
    }
    let asked: Vec<String> = plan.asked.iter().map(name_of).collect();
    if !plan.targets.is_empty() {
        let places = plan.targets.iter().map(|target| target.target.as_str());
        lines.push(format!("runs on {} too", names(places)));
    }
    if !asked.is_empty() {
        lines.push(format!("asks on the way for {}", names(asked.iter().map(String::as_str))));
    }
    lines.extend(state_of_file(plan).filter(|_| plan.git.as_ref().is_some_and(|git| git.state != "clean")));
    lines.extend(
        review(plan).filter(|_| plan.review_days.is_some_and(|days| days < 0)).map(|says| format!("review {says}")),
    );
    let mut lines: Vec<String> =
        lines.iter().flat_map(|line| look.wrapped(line, 2)).map(|line| styled(DIM, line)).collect();
    lines.extend(plan.cannot.iter().flat_map(|one| cannot_line(look, one)));
    let targets = plan.targets.iter().filter_map(|target| target.warning.as_deref());
    for warning in plan.access.iter().filter_map(|access| access.warning.as_deref()).chain(targets) {
        lines.push(format!("  {} {}", styled(NEED, look.or("▲", "!")), one_line(warning)));
    }
    let missing: Vec<&str> =
        plan.tools.iter().filter(|tool| tool.path.is_none()).map(|tool| tool.name.as_str()).collect();
    if !missing.is_empty() {
        let (shape, is) = (look.or("▲", "!"), if missing.len() == 1 { "is" } else { "are" });
        let text = format!("{} {is} not found on this machine", names(missing.into_iter()));
        lines.push(format!("  {} {text}", styled(NEED, shape)));
    }
    lines
}

/// What a run would stop at.
fn cannot_line(look: Look, one: &CannotRun) -> Vec<String> {
    let undoing = if one.way_back { ", on the way back" } else { "" };
    let says = format!("{} (line {}{undoing}) cannot be run: {}", one_line(&one.item), one.line, one_line(&one.why));
    let wrapped = look.wrapped(&says, 4);
    let shape = styled(FAIL, look.or("☒", "X"));
    let mut lines = wrapped.into_iter();
    let first = lines.next().map(|line| format!("  {shape} {}", line.trim_start()));
    first.into_iter().chain(lines).collect()
}

/// Where commands run that do not run here.
fn targets(look: Look, plan: &RunPreparation, lines: &mut Vec<String>) {
    if plan.targets.is_empty() {
        return;
    }
    lines.extend(heading(look, "TARGETS"));
    for target in &plan.targets {
        let place = one_line(target.place.as_deref().unwrap_or(&target.target));
        lines.push(look.row(&format!("  {place}"), &names(target.items.iter().map(String::as_str))));
        lines.extend(target.problem.iter().flat_map(|problem| look.wrapped(&one_line(problem), 4)));
        let warning = target.warning.iter().flat_map(|warning| look.wrapped(&one_line(warning), 4));
        lines.extend(warning.map(|line| styled(NEED, line)));
        if target.asks && target.problem.is_none() {
            lines.push("    asked about before it starts: its library has not used this entry yet".to_owned());
        }
    }
}

fn heading(look: Look, words: &str) -> [String; 2] {
    [String::new(), look.rule(words)]
}

fn mode_says(mode: Mode, plan: &RunPreparation) -> &'static str {
    match mode {
        Mode::Hand => "by hand: you start each item",
        Mode::Rehearse => "rehearse: nothing is executed",
        Mode::Auto if plan.needs_person == 0 => "auto: nothing asks for a person, unless it fails",
        Mode::Auto => "auto: by itself, until a person is needed",
    }
}

/// What is asked for at the start, and what is known of it.
fn parameters(look: Look, book: &RunbookView, plan: &RunPreparation, lines: &mut Vec<String>) {
    if book.params.is_empty() {
        return;
    }
    lines.extend(heading(look, "PARAMETERS"));
    for param in &book.params {
        let remembered = plan.remembered.as_ref().and_then(|before| before.values.get(&param.name));
        let known = match (&param.default, remembered) {
            _ if param.secret => "secret, asked for each time".to_owned(),
            (_, Some(value)) => format!("{} in the last run", one_line(value)),
            (Some(value), None) => format!("{} by default", one_line(value)),
            (None, None) if param.required => "needed".to_owned(),
            (None, None) => "may be left out".to_owned(),
        };
        let unfit = plan.unfit.get(&param.name).map(|sentence| styled(FAIL, one_line(sentence)));
        lines.push(look.row(&format!("  {}", one_line(&param.name)), unfit.as_deref().unwrap_or(&known)));
        let choices = (!param.choices.is_empty()).then(|| format!("one of {}", param.choices.join(", ")));
        let rule = choices.or_else(|| param.pattern.as_ref().map(|pattern| format!("matches /{pattern}/")));
        let says: Vec<String> =
            [param.prompt.clone(), rule].into_iter().flatten().map(|text| one_line(&text)).collect();
        if !says.is_empty() {
            lines.extend(look.wrapped(&says.join("; "), 4).into_iter().map(|line| styled(DIM, line)));
        }
    }
    if let Some(before) = plan.remembered.as_ref().filter(|before| !before.values.is_empty()) {
        let when = time(&before.started_at);
        lines.push(styled(DIM, format!("  The last run here began {when} (UTC); --param gives other values.")));
    }
}

fn past(usual: Option<&Usual>) -> String {
    let Some(usual) = usual else { return "none yet".to_owned() };
    let time = usual.median_ms.map(|ms| format!("usually {}, ", duration(ms))).unwrap_or_default();
    match (usual.runs, usual.passed) {
        (1, 0) => format!("{time}the last run did not pass"),
        (1, _) => format!("{time}the last run passed"),
        (runs, passed) => format!("{time}{passed} of the last {runs} runs passed"),
    }
}

fn state_of_file(plan: &RunPreparation) -> Option<String> {
    let git = plan.git.as_ref()?;
    let says = match git.state.as_str() {
        "clean" => "committed",
        "modified" | "staged" => "changed, not committed",
        "untracked" => "not in git",
        "ignored" => "ignored by git",
        _ => "in a merge conflict",
    };
    Some(format!("{says}, {}", one_line(&git.branch)))
}

fn review(plan: &RunPreparation) -> Option<String> {
    let (due, days) = (plan.review_due.as_ref()?, plan.review_days?);
    let over =
        if days < 0 { format!(", {} over", counted(days.unsigned_abs(), "day", "days")) } else { String::new() };
    Some(format!("due {}{over}", one_line(due)))
}

/// `2 of 4 steps can be undone, 1 by hand`.
fn back_says(plan: &RunPreparation) -> String {
    let count = |way: WayBack| plan.way_back.iter().filter(|back| back.way == way).count();
    let all = plan.way_back.len();
    if all == 0 {
        return "nothing in it is known to change anything".to_owned();
    }
    let steps = if all == 1 { "step" } else { "steps" };
    let mut says = format!("{} of {all} {steps} can be undone", count(WayBack::Undo));
    let by_hand = count(WayBack::ByHand);
    if by_hand > 0 {
        says.push_str(&format!(", {by_hand} by hand"));
    }
    if plan.rollback_phase {
        says.push_str(", then its rollback phase");
    }
    says
}

fn back_line(look: Look, back: &StepWayBack) -> String {
    let (shape, says) = match back.way {
        WayBack::Undo => (look.or("↺", "<"), "undo"),
        WayBack::ByHand => (look.or("⊥", "|"), "by hand, a point of no return"),
        WayBack::Refused => (look.or("☒", "X"), "its undo cannot be run"),
        WayBack::Unsaid => (look.or("◌", "."), "no undo written"),
    };
    let number = back.number.as_ref().map(|number| format!("{}. ", one_line(number))).unwrap_or_default();
    let room = look.width.saturating_sub(width(says) + 10);
    let title = cut(look, &format!("{number}{}", one_line(&back.title)), room);
    look.row(&format!("  {shape} {title}"), says)
}

fn name_of(asked: &AskedValue) -> String {
    let name = one_line(&asked.name);
    match asked.kind {
        AskedKind::Placeholder => format!("<{name}>"),
        AskedKind::Variable => format!("${name}"),
        AskedKind::Doubt => name,
    }
}

/// `a, b, c, d and 2 more`.
fn names<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let shown: Vec<String> = all.take(NAMED).map(one_line).collect();
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_names_is_cut_and_counted() {
        assert_eq!(names(["a"].into_iter()), "a");
        assert_eq!(names(["a", "b", "c", "d"].into_iter()), "a, b, c, d");
        assert_eq!(names(["a", "b", "c", "d", "e", "f"].into_iter()), "a, b, c, d and 2 more");
    }
}
