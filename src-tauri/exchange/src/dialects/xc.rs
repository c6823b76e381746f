//! xc: tasks below a heading `Tasks`, each with attributes as lines of text (<https://xcfile.dev/task-syntax/>).

use format::{Block, Heading, Runbook};

use super::{at, item_of, said_of_block, uses_arguments};
use crate::Difference;

/// A task.
struct Task<'a> {
    name: &'a str,
    line: usize,
    /// Each attribute, lower case, with its value and line.
    attributes: Vec<(String, String, usize)>,
    block: Option<&'a Block>,
}

/// The words of attributes, and the word that is meant.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("requires", "requires"),
    ("req", "requires"),
    ("env", "env"),
    ("environment", "env"),
    ("inputs", "inputs"),
    ("dir", "directory"),
    ("directory", "directory"),
    ("run", "run"),
    ("rundeps", "rundeps"),
    ("interactive", "interactive"),
    ("hidden", "hidden"),
];

/// What xc does otherwise; `None` where it is none of its files.
pub(super) fn differences(runbook: &Runbook, text: &str) -> Option<Vec<Difference>> {
    let headings = format::headings(text.as_bytes());
    let marked = |heading: &Heading| {
        let mut lines = text.lines().skip(heading.line - 1);
        lines.next().is_some_and(|line| line.contains("xc-heading"))
            || lines.next().is_some_and(|line| line.contains("xc-heading"))
    };
    let section = headings
        .iter()
        .find(|heading| marked(heading))
        .or_else(|| headings.iter().find(|heading| heading.title.trim().eq_ignore_ascii_case("tasks")))?;
    let own: Vec<&Heading> = headings
        .iter()
        .filter(|one| {
            one.level == section.level + 1 && one.span.start > section.span.start && one.span.end <= section.span.end
        })
        .collect();
    let tasks: Vec<Task<'_>> = own.iter().map(|heading| task(heading, runbook, text)).collect();
    let is_xc = tasks.iter().any(|task| task.block.is_some())
        && (marked(section) || text.contains("xcfile.dev") || tasks.iter().any(|task| !task.attributes.is_empty()));
    if !is_xc {
        return None;
    }
    let mut found = Vec::new();
    for (number, task) in tasks.iter().enumerate() {
        one(task, &tasks[..number], runbook, &mut found);
    }
    Some(found)
}

fn task<'a>(heading: &'a Heading, runbook: &'a Runbook, text: &str) -> Task<'a> {
    let block = runbook.blocks.iter().find(|block| {
        block.span.start > heading.span.start && block.span.end <= heading.span.end && !block.language.eq("org")
    });
    let end = block.map_or(heading.span.end, |block| block.span.start);
    let body = text.get(heading.span.start..end).unwrap_or_default();
    let lines = body.lines().enumerate().skip(1);
    let attributes = lines.filter_map(|(number, line)| {
        let (key, value) = line.split_once(':')?;
        let key = key.trim().trim_matches(['*', '_', '`']).to_ascii_lowercase();
        let (_, meant) = ATTRIBUTES.iter().find(|(word, _)| *word == key)?;
        Some((
            (*meant).to_owned(),
            value.trim().trim_matches(['*', '_', '`']).trim().to_owned(),
            heading.line + number,
        ))
    });
    Task { name: heading.title.trim(), line: heading.line, attributes: attributes.collect(), block }
}

fn one(task: &Task<'_>, before: &[Task<'_>], runbook: &Runbook, found: &mut Vec<Difference>) {
    for (key, value, line) in &task.attributes {
        let sentence = match key.as_str() {
            "requires" => {
                let needed: Vec<&str> = value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
                let stands = |name: &&str| before.iter().any(|other| other.name.eq_ignore_ascii_case(name));
                let later: Vec<&str> = needed.iter().filter(|name| !stands(name)).copied().collect();
                if later.is_empty() {
                    format!(
                        "xc runs {} before `{}` each time; here they come before it on the path, and are not started when this \
                         step is run alone.",
                        names(&needed),
                        task.name
                    )
                } else {
                    format!(
                        "xc runs {} before `{}`; here they stand after it, and the path comes to them later: move them above it.",
                        names(&later),
                        task.name
                    )
                }
            }
            "env" => format!(
                "xc sets `{value}` for this task; here write it under `env:` in the front matter, or be asked for it."
            ),
            "directory" if value.contains("$PWD") => {
                "xc runs it where xc was called; here it runs in the folder of the file.".to_owned()
            }
            "directory" => format!("xc runs it in `{value}`; here write `cwd={value}` into the braces of its block."),
            "rundeps" if value.eq_ignore_ascii_case("async") => {
                "xc runs what it requires at the same time; here one runs after the other.".to_owned()
            }
            "hidden" if value.eq_ignore_ascii_case("true") => {
                "xc hides it in its list; here it is a step like the others.".to_owned()
            }
            _ => continue,
        };
        found.push(at(*line, sentence));
    }
    let Some(block) = task.block else {
        let only = task.attributes.iter().any(|(key, ..)| key == "requires");
        if only {
            found.push(at(
                task.line,
                format!("`{}` has nothing of its own to run: here it is no step, or a check.", task.name),
            ));
        }
        return;
    };
    let item = item_of(runbook, block);
    found.extend(said_of_block(block, item, "xc"));
    if let Some(argument) = item.and_then(uses_arguments) {
        found.push(at(
            block.line,
            format!(
                "it uses the arguments of `xc {}` (`{argument}`), which are empty here: give them names, `$NAME`.",
                task.name
            ),
        ));
    }
}

fn names(all: &[&str]) -> String {
    all.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
