//! What goes through Ansible: `on=ansible:PATTERN`, and blocks that hold a playbook (FORMAT.md, "Fence attributes").

use serde::de::IgnoredAny;

use crate::{
    On,
    model::{Item, ItemKind, Program},
    options::ReadOptions,
};

/// What is handed to Ansible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ansible<'a> {
    /// The block's script, for the hosts of a pattern.
    Pattern(&'a str),
    /// The block itself, which says what is done on which hosts.
    Playbook,
}

/// What of an item is handed to Ansible, if anything is.
#[must_use]
pub fn ansible(item: &Item) -> Option<Ansible<'_>> {
    match (&item.program, &item.options.on) {
        (Program::Playbook, _) => Some(Ansible::Playbook),
        (_, Some(On::Ansible(pattern))) => Some(Ansible::Pattern(pattern)),
        _ => None,
    }
}

/// Whether a rehearsal that a person asks to look starts an item: a probe, which changes nothing, and a playbook, in check
/// mode.
#[must_use]
pub fn rehearses(item: &Item) -> bool {
    match item.kind {
        ItemKind::Probe => true,
        ItemKind::Command => item.program == Program::Playbook,
        _ => false,
    }
}

/// The language of a block that holds a playbook, and the attribute that makes a block of YAML one.
pub(crate) const PLAYBOOK: &str = "ansible-playbook";

/// Whether a text can be a pattern of hosts, and is neither an option of Ansible nor the name of a file to read.
pub(crate) fn is_pattern(written: &str) -> bool {
    let first = written.trim_start();
    !first.is_empty() && !first.starts_with(['-', '@']) && !written.chars().any(char::is_control)
}

/// Reads `inventory=FILE`.
///
/// # Errors
/// One sentence, when Ansible would take it for something else than a file.
pub(crate) fn inventory(written: &str) -> Result<String, String> {
    let is_file = !written.starts_with('-') && !written.contains(',') && !written.chars().any(char::is_control);
    if is_file && !written.is_empty() {
        return Ok(written.to_owned());
    }
    Err(format!("`inventory={written}` names no file: write the path of one, from the runbook's folder on"))
}

/// Attributes that a block cannot have because of Ansible, or has without it: a sentence each.
pub(crate) fn unfit(program: &Program, read: &ReadOptions) -> Vec<String> {
    let has = |key: &str| read.attributes.contains_key(key);
    let is_playbook = *program == Program::Playbook;
    let mut sentences = Vec::new();
    if read.playbook && !is_playbook {
        sentences.push(format!("`{PLAYBOOK}` is for a block of `yaml`: write that before the braces, or remove it"));
    }
    if has("inventory") && !is_playbook && !matches!(read.options.on, Some(On::Ansible(_))) {
        sentences.push("`inventory` is for Ansible: write `on=ansible:PATTERN` beside it, or remove it".to_owned());
    }
    if is_playbook {
        let refused = [
            ("on", "the playbook says on which hosts it works: remove it"),
            ("cwd", "Ansible begins in the runbook's folder: remove it"),
            ("interpreter", "Ansible runs it: remove it"),
        ];
        let refused = refused.iter().filter(|(key, _)| has(key));
        sentences.extend(refused.map(|(key, why)| format!("`{key}` does not go with a playbook: {why}")));
    }
    sentences
}

/// Why a text is no playbook, if it is none: it is a list of plays.
pub(crate) fn wrong(text: &str) -> Option<String> {
    match serde_saphyr::from_str::<Vec<std::collections::BTreeMap<String, IgnoredAny>>>(text) {
        Ok(plays) if plays.is_empty() => Some("it holds no play: write `- hosts: …` and its `tasks`".to_owned()),
        Ok(plays) => {
            let known = ["hosts", "import_playbook", "ansible.builtin.import_playbook"];
            let without = plays.iter().position(|play| !known.iter().any(|key| play.contains_key(*key)))?;
            Some(format!("play {} has neither `hosts` nor `import_playbook`: write one of them", without + 1))
        }
        Err(error) => {
            let said = error.to_string();
            let first = said.lines().next().unwrap_or_default();
            Some(format!("it is no list of plays ({first}): mend it"))
        }
    }
}

/// The variables that a playbook looks up in its environment, `lookup('env', 'NAME')`, in order, each once.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for call in text.split("lookup(").skip(1) {
        let mut words = call.split(')').next().unwrap_or_default().split(['\'', '"']);
        let is_env = words.nth(1).is_some_and(|plugin| matches!(plugin, "env" | "ansible.builtin.env"));
        let Some(name) = words.nth(1).filter(|_| is_env) else { continue };
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if is_name && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Runbook;

    const PLAY: &str = "- hosts: web\n  tasks:\n    - ansible.builtin.ping:\n";

    fn parsed(block: &str) -> Runbook {
        crate::parse("x.md", format!("# X\n\n## Steps\n\n{block}").as_bytes())
    }

    fn item(opening: &str, text: &str) -> Item {
        let runbook = parsed(&format!("```{opening}\n{text}\n```\n"));
        runbook.items().next().map(|(_, _, item)| item.clone()).unwrap_or_default()
    }

    #[test]
    fn a_pattern_and_a_playbook_are_read() {
        let one = item("sh {on=\"ansible:web:&prod:!db1\" inventory=hosts.ini at_once=5 batch=2}", "uptime");
        assert_eq!((ansible(&one), one.refused.clone()), (Some(Ansible::Pattern("web:&prod:!db1")), None));
        assert_eq!(one.options.inventory.as_deref(), Some("hosts.ini"));
        for opening in ["ansible-playbook", "yaml {ansible-playbook}", "yml {ansible-playbook batch=2 max_fail=10%}"]
        {
            let one = item(opening, PLAY);
            assert_eq!((ansible(&one), one.refused.clone()), (Some(Ansible::Playbook), None), "{opening}");
            assert_eq!((one.kind, one.language.as_str()), (ItemKind::Command, "ansible-playbook"));
        }
        let shown = parsed("```yaml\n- hosts: all\n```\n");
        assert!(shown.items().all(|(_, _, item)| item.kind == ItemKind::Check), "a playbook that is only shown");
    }

    #[test]
    fn what_ansible_cannot_be_given_refuses_the_block() {
        for opening in [
            "sh {on=ansible:}",
            "sh {on=ansible:-i}",
            "sh {on=ansible:@file}",
            "sh {on=ansible:web inventory=web1,web2}",
            "sh {on=ansible:web inventory=--private-key}",
            "sh {on=ansible:web capture=X}",
            "sh {inventory=hosts.ini}",
            "sh {ansible-playbook}",
            "ansible-playbook {on=web1}",
            "ansible-playbook {cwd=/tmp}",
            "ansible-playbook {background}",
            "ansible-playbook {interpreter=python3}",
            "ansible-playbook {inventry=x}",
            "ansible-playbook {bacth=2}",
        ] {
            assert!(item(opening, PLAY).refused.is_some(), "{opening}");
        }
        for text in ["hosts: web", "- tasks: []", "[]", "- hosts: [", "just a word"] {
            let one = item("ansible-playbook", text);
            assert!(one.refused.as_deref().is_some_and(|why| why.contains("playbook")), "{text}: {:?}", one.refused);
        }
    }

    #[test]
    fn a_playbook_asks_for_what_it_looks_up_in_its_environment() {
        let text = "a: \"{{ lookup('env', 'VERSION') }} {{ lookup(\"env\", \"VERSION\") }} {{ lookup('file', 'x') }}\"\n\
                    b: '{{ lookup(\"ansible.builtin.env\", \"_TO\") }}' # lookup('env', bad)";
        assert_eq!(variables(text), ["VERSION", "_TO"]);
    }
}
