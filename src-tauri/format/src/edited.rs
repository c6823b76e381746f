//! An item whose command was edited for one run: the same block with another text.

use crate::{Item, ItemKind, Program};

/// The item with another script. Everything but what follows from the script is as it was: its name, its attributes,
/// its guards. Placeholders, doubts and variables are those of the new text.
///
/// # Errors
/// One sentence: the text is empty, the item runs nothing, or the text does not read as a command.
pub fn edited(item: &Item, text: &str) -> Result<Item, &'static str> {
    if !matches!(item.kind, ItemKind::Command | ItemKind::Probe | ItemKind::Undo) {
        return Err("this is nothing that runs: there is no command to edit");
    }
    let script = text.trim_end_matches(['\r', '\n']);
    if script.trim().is_empty() {
        return Err("the edited command is empty: write what is to run, or skip the item");
    }
    let language = match &item.program {
        // The languages of sessions stand for a shell with prompts before its lines; what is edited has none.
        Program::AnyShell => "shell",
        _ => item.language.as_str(),
    };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let block = format!("{fence}{language} {{name=edited}}\n{script}\n{fence}\n");
    let runbook = crate::parse("", block.as_bytes());
    let Some((_, _, read)) = runbook.items().find(|(_, _, read)| read.id == "edited") else {
        return Err("the edited text does not read as a command: it is empty, or holds only comments or output");
    };
    Ok(Item {
        script: read.script.clone(),
        placeholders: read.placeholders.clone(),
        placeholder_spans: read.placeholder_spans.clone(),
        doubts: read.doubts.clone(),
        doubt_spans: read.doubt_spans.clone(),
        variables: read.variables.clone(),
        sets: read.sets.clone(),
        session_input: read.session_input.clone(),
        input_placeholders: read.input_placeholders.clone(),
        input_spans: read.input_spans.clone(),
        opens_session: read.opens_session,
        sample: None,
        hash: read.hash.clone(),
        ..item.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Item {
        let runbook = crate::parse("a.md", text.as_bytes());
        let item = runbook.items().next().map(|(_, _, item)| item.clone());
        item.unwrap()
    }

    #[test]
    fn an_edited_command_keeps_its_block_and_takes_what_follows_from_its_text() {
        let before = item("```sh {name=copy timeout=5s retry=2}\ncp <from> /tmp\n```\n");
        let after = edited(&before, "cp -a <from> \"<to>\"\necho `date` ```\n").unwrap();
        assert_eq!(after.script, "cp -a <from> \"<to>\"\necho `date` ```");
        assert_eq!(after.placeholders, ["from", "to"]);
        assert_eq!((after.id.as_str(), after.kind), ("copy", ItemKind::Command));
        assert_eq!(after.options, before.options);
        assert_ne!(after.hash, before.hash);
    }

    #[test]
    fn a_session_is_edited_without_its_prompts() {
        let before = item("```console\n$ uname -a\nLinux\n```\n");
        let after = edited(&before, "uname -r").unwrap();
        assert_eq!((after.script.as_str(), after.sample), ("uname -r", None));
        assert_eq!(after.program, Program::AnyShell);
    }

    #[test]
    fn what_is_no_command_is_refused_with_a_sentence() {
        let command = item("```sh\ntrue\n```\n");
        assert!(edited(&command, " \n").unwrap_err().contains("empty"));
        assert!(edited(&item("- [ ] look\n"), "true").unwrap_err().contains("nothing that runs"));
    }
}
