//! `allgood show`: what Allgood understands of a runbook.

use api::{
    App,
    commands::PathArgument,
    wire::{ItemKind, ItemView, RunbookView, SectionView, Severity},
};

use crate::{
    arguments::ShowArguments,
    look::{BOLD, DIM, FAIL, Look, counted, cut, one_line, styled, visible, word},
    out::Out,
    prose::prose,
    status::{Failure, Status},
};

/// Prints a runbook's outline, or all of it as JSON (FORMAT.md, "What `allgood show FILE --json` prints").
pub(crate) fn show(app: &App, out: &mut Out, arguments: &ShowArguments) -> Result<Status, Failure> {
    if arguments.json {
        out.json(&app.show(&arguments.file)?)?;
        return Ok(Status::Good);
    }
    let runbook = app.runbook(PathArgument { path: arguments.file.display().to_string() })?;
    head(out, &runbook);
    let mut phase = None;
    for section in runbook.sections.iter().filter(|section| !section.steps.is_empty()) {
        if phase.replace(section.phase) != Some(section.phase) {
            out.line("");
            out.line(&out.look.rule(&word(section.phase).to_uppercase()));
        }
        outline(out, &runbook, section);
    }
    foot(out, &runbook);
    Ok(Status::Good)
}

fn head(out: &mut Out, runbook: &RunbookView) {
    let look = out.look;
    let about = [&runbook.kind, &runbook.severity, &runbook.owner];
    let about: Vec<String> = about.into_iter().flatten().map(|text| one_line(text)).collect();
    let about = styled(DIM, about.join(look.or(" · ", " - ")));
    out.line(&look.row(&styled(BOLD, one_line(&runbook.title)), &about));
    for text in [&runbook.summary, &runbook.outcome].into_iter().flatten() {
        out.line("");
        look.wrapped(&visible(text), 2).iter().for_each(|line| out.line(line));
    }
    if let Some(refused) = &runbook.refused {
        out.line("");
        look.wrapped(&visible(refused), 2).iter().for_each(|line| out.line(&styled(FAIL, line)));
    }
    for param in &runbook.params {
        let default = param.default.as_ref().map(|text| format!(" = {}", one_line(text))).unwrap_or_default();
        let prompt = param.prompt.as_deref().map(one_line).unwrap_or_default();
        out.line(&look.row(&format!("  parameter {}{default}", one_line(&param.name)), &prompt));
    }
}

fn outline(out: &mut Out, runbook: &RunbookView, section: &SectionView) {
    let look = out.look;
    let wide = Look { width: 10_000, ..look };
    let heading = prose(wide, &section.heading, 0).lines.join(" ");
    let heading = anstream::adapter::strip_str(&heading).to_string();
    let only = section.steps.len() == 1 && section.steps.iter().all(|step| one_line(&step.title) == heading);
    if !heading.is_empty() && section.level > 1 && !only {
        out.line("");
        out.line(&styled(DIM, heading));
    }
    for step in &section.steps {
        let number = step.number.as_ref().map(|number| format!("{}. ", one_line(number))).unwrap_or_default();
        let back = match (step.no_return, step.can_undo) {
            (true, _) => "no way back",
            (false, true) => "can be undone",
            (false, false) => "",
        };
        out.line("");
        out.line(&look.row(&styled(BOLD, format!("{number}{}", one_line(&step.title))), back));
        for item in step.items.iter().filter_map(|id| runbook.items.get(id)) {
            self::item(out, item);
        }
    }
}

fn item(out: &mut Out, item: &ItemView) {
    let look = out.look;
    let mark = look.kind(item.kind);
    let line = styled(DIM, format!("line {}", item.line));
    if matches!(item.kind, ItemKind::Check | ItemKind::Message) {
        let text = cut(look, &one_line(&item.text), look.width.saturating_sub(20));
        return out.line(&look.row(&format!("  {mark} {text}"), &line));
    }
    out.line(&look.row(&format!("  {mark} {}", one_line(&item.id)), &line));
    let script: Vec<&str> = item.script.lines().collect();
    for text in script.iter().take(3) {
        out.line(&format!("      {}", cut(look, &visible(text), look.width.saturating_sub(6))));
    }
    if script.len() > 3 {
        let more = counted(script.len() as u64 - 3, "line more", "lines more");
        out.line(&styled(DIM, format!("      {} {more}", look.or("…", "..."))));
    }
    let lists = [("asks for", &item.placeholders), ("in doubt", &item.doubts), ("not set", &item.variables)];
    for (what, names) in lists.into_iter().filter(|(_, names)| !names.is_empty()) {
        let names: Vec<String> = names.iter().map(|name| one_line(name)).collect();
        out.line(&styled(DIM, format!("      {what}: {}", names.join(", "))));
    }
    if !item.expects.is_empty() {
        let expects: Vec<String> = item.expects.iter().map(|text| one_line(text)).collect();
        out.line(&styled(DIM, format!("      expects {}", expects.join(", "))));
    }
    if let Some(refused) = &item.refused {
        look.wrapped(&visible(refused), 6).iter().for_each(|line| out.line(&styled(FAIL, line)));
    }
}

fn foot(out: &mut Out, runbook: &RunbookView) {
    let count = |severity| runbook.problems.iter().filter(|problem| problem.severity == severity).count() as u64;
    let counts = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Hint), "hint", "hints"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| counted(number, one, many))
        .collect();
    if !counts.is_empty() {
        out.line("");
        out.line(&styled(DIM, format!("{}: allgood check shows them", counts.join(", "))));
    }
}
