//! Which programs an item calls by name, as far as its text says so: what a machine has to have before it is started
//! there. Only what is certain is said: a name that a shell would make up (`$TOOL`, `<tool>`, a glob) is left out, and so is
//! what is written for another place, the lines for a session.

use crate::{
    On,
    model::{Item, ItemKind, Program},
    shell,
};

/// What an item calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// Names that a shell looks up on `PATH`, and absolute paths, in the order in which the text calls them, each once.
    pub called: Vec<String>,
    /// It changes `PATH`, or reads a file of commands (`.`, `source`): what a later command finds is not certain.
    pub changes_path: bool,
}

/// The programs that an item calls: none for a check or a message, or for a block that is refused.
///
/// Builtins, functions, aliases and keywords of a shell are no programs, nor is a path that begins anywhere but at `/`, which
/// is another one from another directory. A program that starts another (`sudo`, `env`, `timeout`, `xargs`) counts, and so
/// does the one that it starts. Of fish and PowerShell, which read otherwise, only the shell itself is named.
#[must_use]
pub fn programs(item: &Item) -> Programs {
    if matches!(item.kind, ItemKind::Check | ItemKind::Message) || item.refused.is_some() {
        return Programs::default();
    }
    if let Some(on) = item.elsewhere() {
        // What it calls is looked up there; here it needs what leads there.
        let leads = match on {
            On::Entry(_) | On::Hosts(_) => "ssh",
            On::Ansible(_) => "ansible",
            On::Docker(_) => "docker",
            On::Podman(_) => "podman",
            On::Pod { .. } => "kubectl",
        };
        return Programs { called: vec![leads.to_owned()], changes_path: false };
    }
    let own = match &item.program {
        Program::Sh | Program::AnyShell => None,
        Program::Bash => Some("bash"),
        Program::Zsh => Some("zsh"),
        Program::Ksh => Some("ksh"),
        Program::Fish => Some("fish"),
        // Which of the two names there is is the shell's own business.
        Program::PowerShell | Program::Measure(_) => None,
        Program::Playbook => Some("ansible-playbook"),
        Program::Interpreter(words) => words.first().map(String::as_str),
    };
    let mut found = Programs { called: own.map(str::to_owned).into_iter().collect(), changes_path: false };
    let is_shell =
        matches!(item.program, Program::Sh | Program::AnyShell | Program::Bash | Program::Zsh | Program::Ksh);
    if is_shell {
        shell::called(&item.script, &mut found.called, &mut found.changes_path);
        found.called.retain(|name| !item.doubts.iter().any(|doubt| name.contains(doubt.as_str())));
    }
    found
}
