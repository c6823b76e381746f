//! What a fence's language means: which program runs it, and whether anything does (FORMAT.md, "Items").

use crate::{ansible, measure::Measure};

/// What runs an item's script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Program {
    /// `sh`.
    #[default]
    Sh,
    /// `bash`.
    Bash,
    /// `bash` where there is one, else `sh` (`shell`, `console`, `terminal`, a guess).
    AnyShell,
    /// `zsh`.
    Zsh,
    /// `fish`.
    Fish,
    /// `ksh`.
    Ksh,
    /// `pwsh` or `powershell`.
    PowerShell,
    /// A program that takes the script's file as its last argument: the words to call it by.
    Interpreter(Vec<String>),
    /// `ansible-playbook`, which reads the text as a playbook.
    Playbook,
    /// Nothing is run: something is asked for and measured.
    Measure(Measure),
}

impl Program {
    /// Whether it is a shell.
    #[must_use]
    pub fn is_shell(&self) -> bool {
        !matches!(self, Self::Interpreter(_) | Self::Measure(_) | Self::Playbook)
    }
}

/// A fence's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// A shell.
    Shell(Shell),
    /// A program that runs only when the block asks for it; the word to call it by.
    Script(&'static str),
    /// None, or one that only says "a command": judged by its text.
    Unsaid,
    /// Something to ask for and measure; runs only when the block asks for it by an attribute of ours.
    Measure(Measure),
    /// A playbook of Ansible.
    Playbook,
    /// Text to send.
    Message,
    /// Shown, never run.
    Other,
}

/// A shell language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    Sh,
    Bash,
    Zsh,
    Fish,
    Ksh,
    Any,
    Pwsh,
}

impl Language {
    /// Judges a language as written, without regard to case.
    pub(crate) fn of(written: &str) -> Self {
        match written.to_lowercase().as_str() {
            "sh" => Self::Shell(Shell::Sh),
            "bash" => Self::Shell(Shell::Bash),
            "zsh" => Self::Shell(Shell::Zsh),
            "fish" => Self::Shell(Shell::Fish),
            "ksh" => Self::Shell(Shell::Ksh),
            "shell" | "console" | "shell-session" | "terminal" => Self::Shell(Shell::Any),
            "powershell" | "pwsh" => Self::Shell(Shell::Pwsh),
            "python" => Self::Script("python3"),
            "ruby" => Self::Script("ruby"),
            "perl" => Self::Script("perl"),
            "lua" => Self::Script("lua"),
            "php" => Self::Script("php"),
            "node" | "javascript" => Self::Script("node"),
            "typescript" => Self::Script("ts-node"),
            "deno" => Self::Script("deno"),
            "" | "command" | "commands" | "cmd" => Self::Unsaid,
            "http" => Self::Measure(Measure::Http),
            ansible::PLAYBOOK => Self::Playbook,
            "sql" => Self::Measure(Measure::Sql),
            "promql" => Self::Measure(Measure::Promql),
            "message" => Self::Message,
            _ => Self::Other,
        }
    }

    /// Whether a block in it can ever run.
    pub(crate) fn is_runnable(self) -> bool {
        matches!(self, Self::Shell(_) | Self::Script(_))
    }
}

impl Shell {
    /// The program that runs it; `default` is the front matter's `shell`, for languages that leave it open.
    pub(crate) fn program(self, default: Option<&str>) -> Program {
        match self {
            Self::Sh => Program::Sh,
            Self::Bash => Program::Bash,
            Self::Zsh => Program::Zsh,
            Self::Fish => Program::Fish,
            Self::Ksh => Program::Ksh,
            Self::Pwsh => Program::PowerShell,
            Self::Any => default.map_or(Program::AnyShell, |words| interpreter(words).unwrap_or(Program::AnyShell)),
        }
    }
}

/// The program for a script of that language.
pub(crate) fn script_program(word: &str) -> Program {
    let words: &[&str] = if word == "deno" { &["deno", "run"] } else { &[word] };
    Program::Interpreter(words.iter().map(|word| (*word).to_owned()).collect())
}

/// The program that words such as `bash`, `/bin/sh` or `python3 -u` name; `None` where there are no words.
pub(crate) fn interpreter(words: &str) -> Option<Program> {
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let name = words.first()?.rsplit('/').next().unwrap_or_default().to_owned();
    let plain = words.len() == 1;
    Some(match name.as_str() {
        "sh" if plain => Program::Sh,
        "bash" if plain => Program::Bash,
        "zsh" if plain => Program::Zsh,
        "fish" if plain => Program::Fish,
        "ksh" if plain => Program::Ksh,
        "pwsh" | "powershell" if plain => Program::PowerShell,
        _ => Program::Interpreter(words),
    })
}

/// The program that a script's `#!` line names.
pub(crate) fn shebang(script: &str) -> Option<Program> {
    let line = script.lines().next()?.strip_prefix("#!")?.trim();
    let named = line.strip_prefix("/usr/bin/env ").map_or(line, str::trim_start);
    let named = named.strip_prefix("-S ").map_or(named, str::trim_start);
    interpreter(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_s_first_line_names_its_program() {
        for (script, expected) in [
            ("#!/bin/bash\nx", Some(Program::Bash)),
            ("#!/usr/bin/env bash\nx", Some(Program::Bash)),
            ("#!/bin/sh\n", Some(Program::Sh)),
            ("#!/usr/bin/env -S python3 -u\n", Some(Program::Interpreter(vec!["python3".into(), "-u".into()]))),
            ("echo", None),
        ] {
            assert_eq!(shebang(script), expected, "{script}");
        }
    }

    #[test]
    fn languages_are_read_without_regard_to_case() {
        assert_eq!(Language::of("Bash"), Language::Shell(Shell::Bash));
        assert_eq!(Language::of("yaml"), Language::Other);
    }
}
