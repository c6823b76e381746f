//! mask: `maskfile.md`, each heading from the second level on a command, its arguments in brackets beside its name, its flags
//! in a list after **OPTIONS** (<https://github.com/jacobdeichert/mask>).

use format::{Block, Heading, Item, Program, Runbook};

use super::{at, item_of, said_of_block, uses_arguments};
use crate::Difference;

/// What mask does otherwise; `None` where it is none of its files: mask goes by the name of the file.
pub(super) fn differences(runbook: &Runbook, text: &str) -> Option<Vec<Difference>> {
    let name = runbook.path.rsplit(['/', '\\']).next().unwrap_or_default();
    if !name.eq_ignore_ascii_case("maskfile.md") {
        return None;
    }
    let mut found = vec![
        Difference::new(
            "",
            "mask goes on after a command of a script that failed; here the script ends there (`set -e`).",
        ),
        Difference::new("", "mask runs where it was called; here the commands begin in the folder of the file."),
    ];
    let headings = format::headings(text.as_bytes());
    for (number, heading) in headings.iter().enumerate().filter(|(_, heading)| heading.level > 1) {
        let end = headings.get(number + 1).map_or(text.len(), |next| next.span.start);
        command(heading, end, runbook, text, &mut found);
    }
    Some(found)
}

fn command(heading: &Heading, end: usize, runbook: &Runbook, text: &str, found: &mut Vec<Difference>) {
    let within = |start: usize| start >= heading.span.start && start < end;
    let blocks: Vec<&Block> = runbook.blocks.iter().filter(|block| within(block.span.start)).collect();
    found.extend(of_several(&blocks, runbook));
    let ours = blocks.iter().find(|block| !is_one_of(block, &WINDOWS) && !is_one_of(block, &["pwsh"]));
    let Some(block) = ours.or(blocks.first()).copied() else { return };
    let item = item_of(runbook, block);
    if !is_one_of(block, &WINDOWS) {
        found.extend(said_of_block(block, item, "mask"));
    }
    let Some(item) = item else { return };
    found.extend(called(heading, runbook, item));
    let shell = item.program.is_shell() && item.program != Program::PowerShell;
    let asked = |name: &str| item.variables.iter().any(|known| known == name);
    for (name, optional) in arguments(&heading.title) {
        if !shell {
            found.push(at(
                heading.line,
                format!("`{name}` is not asked for, because its block is no shell script: write it under `params:` in the front matter."),
            ));
        } else if optional && asked(&name) {
            found.push(at(
                heading.line,
                format!("`{name}` may be left out there; here it is asked for, and may be left empty."),
            ));
        }
    }
    let body = text.get(heading.span.start..block.span.start).unwrap_or_default();
    for (flag, line, number) in flags(body) {
        let line = heading.line + line;
        if shell && asked(&flag) {
            found.push(at(line, format!("the flag `{flag}` is asked for here, and may be left empty.")));
        } else {
            found.push(at(
                line,
                format!("the flag `{flag}` is given by `--param {flag}=…` here, once it stands under `params:` in the front matter."),
            ));
        }
        if number {
            found.push(at(
                line,
                format!("mask tests that `{flag}` is a number; here a `pattern` of the parameter does."),
            ));
        }
    }
    if shell && asked("verbose") {
        found.push(at(
            block.line,
            "`$verbose` is a flag of each command of mask; here it is asked for, and may be left empty.",
        ));
    }
    if item.script.contains("$MASKFILE_DIR") || item.script.contains("${MASKFILE_DIR") {
        found.push(at(
            block.line,
            "`$MASKFILE_DIR` is not set here: the commands begin in the folder of the file, so write `.`.",
        ));
    }
    let calls = item.script.lines().any(|line| {
        let first = line.split_whitespace().next().unwrap_or_default();
        first == "mask" || first == "$MASK" || first == "\"$MASK\""
    });
    if calls || item.script.contains("$MASK ") {
        found.push(at(
            block.line,
            "it calls other commands of the file through mask, which has to be installed; here they are steps of their own.",
        ));
    }
    if let Some(argument) = uses_arguments(item) {
        found.push(at(
            block.line,
            format!("it uses arguments (`{argument}`), which are empty here: give them names, `$NAME`."),
        ));
    }
}

/// What mask runs on Windows and nowhere else.
const WINDOWS: [&str; 3] = ["powershell", "batch", "cmd"];

fn is_one_of(block: &Block, languages: &[&str]) -> bool {
    languages.iter().any(|language| block.language.eq_ignore_ascii_case(language))
}

/// Which of the blocks of a command mask runs, where it is not each that is run here: the last one, and on Windows alone what is
/// written for it.
fn of_several(blocks: &[&Block], runbook: &Runbook) -> Vec<Difference> {
    let elsewhere = blocks.iter().rposition(|block| !is_one_of(block, &WINDOWS));
    let is_run = blocks.iter().any(|block| !is_one_of(block, &WINDOWS) && item_of(runbook, block).is_some());
    let said = |(number, block): (usize, &&Block)| {
        let item = item_of(runbook, block);
        let sentence = if is_one_of(block, &WINDOWS) {
            let what = match item {
                Some(_) => "it is run by PowerShell (`pwsh`) here too",
                None if !is_run => "it is shown here and not run",
                None => "the other block of the command is run here, and this one is shown",
            };
            format!("mask runs a block of `{}` on Windows alone; {what}.", block.language)
        } else if is_one_of(block, &["pwsh"]) && item.is_none() && blocks.len() > 1 {
            "PowerShell beside another block of its command is shown here and not run; mask runs the last of them."
                .to_owned()
        } else if item.is_some() && elsewhere > Some(number) {
            "mask runs the last block of a command and none before it; here this one is run.".to_owned()
        } else {
            return None;
        };
        Some(at(block.line, sentence))
    };
    blocks.iter().enumerate().filter_map(said).collect()
}

/// What to type for a command whose heading names its arguments.
fn called(heading: &Heading, runbook: &Runbook, item: &Item) -> Option<Difference> {
    let name = format::command_name(&heading.title)?;
    let (_, step, _) = runbook.item(&item.id)?;
    let short = format::slug(name, "");
    let is_it = runbook.step_meant(&short).is_some_and(|meant| meant.id == step.id);
    let typed = if is_it { short } else { step.id.clone() };
    Some(at(
        heading.line,
        format!("`mask {name}` is `--step {typed}` here, and its arguments are given by `--param NAME=…`."),
    ))
}

/// The arguments beside the name of a command: `(file)`, and `[file]`, which may be left out.
fn arguments(title: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut rest = title;
    while let Some(at) = rest.find(['(', '[']) {
        let optional = rest[at..].starts_with('[');
        let after = &rest[at + 1..];
        let Some(end) = after.find(if optional { ']' } else { ')' }) else { break };
        let name = after[..end].trim();
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            found.push((name.to_owned(), optional));
        }
        rest = &after[end + 1..];
    }
    found
}

/// The flags after **OPTIONS**: name, line below the heading, and whether it must be a number.
fn flags(body: &str) -> Vec<(String, usize, bool)> {
    let mut found: Vec<(String, usize, bool)> = Vec::new();
    let mut options = false;
    for (number, line) in body.lines().enumerate() {
        let plain = line.trim();
        if plain.trim_matches('*').trim_end_matches(':').eq_ignore_ascii_case("options") {
            options = true;
        } else if options && let Some(entry) = plain.strip_prefix(['*', '-', '+']) {
            let entry = entry.trim();
            if line.starts_with(['*', '-', '+']) {
                found.push((entry.to_owned(), number, false));
            } else if let (Some(last), Some(kind)) = (found.last_mut(), entry.strip_prefix("type:")) {
                last.2 = kind.trim() == "number";
            }
        }
    }
    found.retain(|(name, ..)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    found
}
