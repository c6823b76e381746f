//! Runme: its attributes are read as it reads them; `docs/runme.md` has each, with its test.

use format::{Item, PromptEnv, Runbook};
use serde_json::Value;

use super::{at, commands};
use crate::Difference;

/// Attributes of a block that Runme alone has.
const OWN: &[&str] = &[
    "background",
    "category",
    "closeTerminalOnSuccess",
    "excludeFromRunAll",
    "interactive",
    "mimeType",
    "openTerminalOnError",
    "promptEnv",
    "terminalRows",
    "transform",
];

/// Those that are kept and change nothing, and what Runme does by them.
const IDLE: &[(&str, &str)] = &[
    ("category", "Runme runs all blocks of a category at once"),
    ("tag", "Runme runs all blocks of a tag at once"),
    ("mimeType", "Runme shows output of that type as a picture or a page; here it is shown as the terminal has it"),
    ("transform", "Runme takes its output apart with it"),
];

/// What Runme does otherwise; `None` where it is none of its files.
pub(super) fn differences(runbook: &Runbook) -> Option<Vec<Difference>> {
    let own = |item: &&Item| OWN.iter().any(|key| item.attributes.contains_key(*key));
    let front = ["runme", "skipPrompts", "terminalRows"].iter().any(|key| runbook.front_matter.contains_key(*key));
    // A runbook that was made of a playbook keeps what only a person starts by a word of Runme, and is none of its files.
    let ours = runbook.front_matter.contains_key("cacao");
    if !front && (ours || commands(runbook).filter(own).count() == 0) {
        return None;
    }
    let mut found = Vec::new();
    for item in commands(runbook) {
        for (key, meant) in IDLE {
            if item.attributes.contains_key(*key) {
                found.push(at(item.line, format!("`{key}` is kept and changes nothing: {meant}.")));
            }
        }
        let asks = item.options.prompt_env == PromptEnv::Unset && !item.attributes.contains_key("promptEnv");
        let exports = format::exports(item);
        if asks && !exports.is_empty() && !runbook.settings.skip_prompts {
            let names: Vec<String> = exports.iter().map(|export| format!("`{}`", export.name)).collect();
            found.push(at(
                item.line,
                format!(
                    "Runme asks for {} before it starts; here the value stands as it is written. Write `promptEnv=auto` to be \
                     asked.",
                    names.join(", ")
                ),
            ));
        }
        if let Some(refused) = &item.refused {
            found.push(at(item.line, format!("it does not run here: {refused}.")));
        }
    }
    for (key, value) in &runbook.front_matter {
        if matches!(key.as_str(), "category" | "tag") && *value != Value::Null {
            found.push(Difference::new("", format!("`{key}` of the front matter is kept and changes nothing.")));
        }
    }
    Some(found)
}
