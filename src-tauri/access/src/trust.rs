//! Trust of library folders: until a person has looked and trusted one, nothing in it runs (ACCESS.md, "Trust").

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use engine::event::Mode;
use format::{ItemKind, Runbook};

/// How many programs a survey names.
const MOST_PROGRAMS: usize = 20;

/// How a person came to a runbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// From the library, in the window or by its name: the folder it is in, and whether that is trusted.
    Library {
        /// The folder.
        folder: &'a Path,
        /// Whether the person has trusted it.
        trusted: bool,
    },
    /// Named as a file to `allgood run`: the person's own act, wherever the file is (RUNS.md, "The command line").
    NamedFile,
    /// Linked to by a check of a run, and in no folder of the library. The person's act reaches as far as the folder of the
    /// file that they named on the command line, and below it.
    Linked {
        /// The runbook's file, every symbolic link followed.
        file: &'a Path,
        /// The folder of the file that was named; none where no file was.
        named: Option<&'a Path>,
    },
}

/// Nothing of this folder, or not this file, may run yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTrusted {
    /// A folder of the library.
    #[error(
        "the folder {folder} is not trusted yet, so nothing in it is run: look at what is in it and trust it \
         (`allgood library trust {folder}`); until then its runbooks can be read and rehearsed", folder = .0.display()
    )]
    Folder(PathBuf),
    /// A file that a check links to, in no folder of the library.
    #[error(
        "{file} is in no folder of the library, and not below the folder of the file that was named, so it is not run \
         because of a link: add its folder and trust it, or run it by its name", file = .0.display()
    )]
    Linked(PathBuf),
}

/// Whether a runbook may be run this way.
///
/// # Errors
/// When it would execute something from a folder that is not trusted.
pub fn may_run(origin: Origin<'_>, mode: Mode) -> Result<(), NotTrusted> {
    match origin {
        Origin::Library { folder, trusted: false } if mode != Mode::Rehearse => {
            Err(NotTrusted::Folder(folder.to_owned()))
        }
        Origin::Linked { file, named }
            if mode != Mode::Rehearse && !named.is_some_and(|named| file.starts_with(named)) =>
        {
            Err(NotTrusted::Linked(file.to_owned()))
        }
        Origin::Library { .. } | Origin::NamedFile | Origin::Linked { .. } => Ok(()),
    }
}

/// What a person should see before trusting a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many runbooks were looked at.
    pub runbooks: u64,
    /// How many commands they hold: everything that would be executed, probes and undo blocks included.
    pub commands: u64,
    /// The programs that the lines of commands begin with, and how often; most frequent first, at most 20.
    pub programs: Vec<(String, u64)>,
}

/// Looks through runbooks, running nothing. A rough look for a person's eye, not a parse of the shell.
#[must_use]
pub fn survey<'a>(runbooks: impl IntoIterator<Item = &'a Runbook>) -> Survey {
    let mut survey = Survey::default();
    let mut programs: BTreeMap<String, u64> = BTreeMap::new();
    for runbook in runbooks {
        survey.runbooks += 1;
        let items = runbook.phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items);
        for item in items {
            if matches!(item.kind, ItemKind::Command | ItemKind::Probe | ItemKind::Undo) {
                survey.commands += 1;
                for program in programs_of(&item.script) {
                    *programs.entry(program.to_owned()).or_default() += 1;
                }
            }
        }
    }
    let mut programs: Vec<_> = programs.into_iter().collect();
    programs.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    programs.truncate(MOST_PROGRAMS);
    survey.programs = programs;
    survey
}

/// The first word of each command of each line; shell words that run nothing are passed over.
fn programs_of(script: &str) -> Vec<&str> {
    let mut programs = Vec::new();
    let mut continued = false;
    for line in script.lines() {
        if !continued && !line.trim_start().starts_with('#') {
            programs.extend(line.split("&&").flat_map(|part| part.split(['|', ';'])).filter_map(program_of));
        }
        continued = line.ends_with('\\');
    }
    programs
}

fn program_of(command: &str) -> Option<&str> {
    /// A command may follow.
    const BEFORE: [&str; 12] = ["if", "then", "else", "elif", "while", "until", "do", "{", "!", "(", "time", "exec"];
    /// None does.
    const ALONE: [&str; 9] = ["for", "case", "select", "function", "in", "fi", "done", "esac", "}"];
    let first = command.split_whitespace().find(|word| !BEFORE.contains(word) && !is_assignment(word))?;
    let name = first.trim_matches(['(', ')', '"', '\'', '`']);
    let runs = !ALONE.contains(&name) && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    runs.then_some(name)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_untrusted_folder_runs() {
        let folder = Path::new("/books");
        for mode in [Mode::Hand, Mode::Auto] {
            let refusal = may_run(Origin::Library { folder, trusted: false }, mode).unwrap_err();
            let sentence = refusal.to_string();
            assert!(sentence.contains("allgood library trust /books"), "{sentence}");
            assert_eq!(may_run(Origin::Library { folder, trusted: true }, mode), Ok(()));
        }
    }

    #[test]
    fn a_runbook_of_an_untrusted_folder_can_be_rehearsed() {
        assert_eq!(may_run(Origin::Library { folder: Path::new("/books"), trusted: false }, Mode::Rehearse), Ok(()));
    }

    #[test]
    fn naming_a_file_is_the_persons_own_act() {
        for mode in [Mode::Hand, Mode::Auto, Mode::Rehearse] {
            assert_eq!(may_run(Origin::NamedFile, mode), Ok(()));
        }
    }

    #[test]
    fn the_programs_of_a_script_are_its_first_words() {
        for (script, expected) in [
            ("kubectl drain web1", vec!["kubectl"]),
            ("sudo systemctl stop x", vec!["sudo"]),
            ("# a comment\n  # another\ndf -h", vec!["df"]),
            ("A=1 B='2' make x 2>&1 | tee log", vec!["make", "tee"]),
            ("cd /tmp && rm -rf x || true; ls", vec!["cd", "rm", "true", "ls"]),
            ("curl https://x \\\n  --fail \\\n  -o y\nls", vec!["curl", "ls"]),
            ("for x in a b; do\n  echo $x\ndone", vec!["echo"]),
            ("if ! test -f x; then exit 1; fi", vec!["test", "exit"]),
            ("(cd x)", vec!["cd"]),
            ("X=$(date)", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(programs_of(script), expected, "{script:?}");
        }
    }

    #[test]
    fn a_survey_counts_what_would_be_executed_and_names_the_commonest_programs_first() {
        let text = "# One\n\n## Steps\n\n```sh\nls\nls\n```\n\n```sh probe\ntest -f x\n```\n\n- [ ] look\n";
        let runbook = format::parse("one.md", text.as_bytes());
        let survey = survey([&runbook, &runbook]);
        assert_eq!((survey.runbooks, survey.commands), (2, 4));
        assert_eq!(survey.programs, [("ls".to_owned(), 4), ("test".to_owned(), 2)]);
    }

    #[test]
    fn a_survey_of_nothing_is_empty() {
        assert_eq!(survey([]), Survey::default());
    }
}
