//! Two commits put together as a tree, without a file of the folder being touched: by git's own merge, and where that
//! leaves a text in conflict by the merge of the format, as saving does it.

use std::{collections::BTreeMap, ffi::OsStr, os::unix::ffi::OsStrExt as _, path::Path};

use format::Merge;

use super::{
    changes::{Differs, differing},
    repository::{Repository, no_git},
};
use crate::{
    ApiError, ErrorCode,
    author::{
        git::{self, COMMIT, Git},
        place::is_markdown,
        text::{bytes_of, text_of},
    },
    wire::{Decided, Decision, PlaceChoice, TeamChange, TeamConflict, TeamPlace},
};

/// Within so many bytes a NUL makes a file binary.
const BINARY: usize = 8000;
/// What git calls a merge driver that somebody configured: a program, in whose place its own merge is done.
const OWN_MERGE: &str = "git merge-file --marker-size=%L %A %O %B";

/// What became of putting two commits together.
pub(super) enum Merged {
    /// The tree, and the files that both sides had changed.
    Tree { tree: String, both: Vec<String> },
    /// A person has to decide.
    Conflicts(Vec<TeamConflict>),
}

/// One version of a file.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) mode: String,
    pub(super) blob: String,
}

/// A path that git left in conflict: what both began from, this side, the other.
type Stages = [Option<Stage>; 3];

/// What becomes of a path.
pub(super) enum Outcome {
    Keep(Stage),
    Write { mode: String, bytes: Vec<u8> },
    Remove,
}

/// Puts two commits together.
pub(super) fn merge(
    repository: &Repository<'_>,
    mine: &str,
    theirs: &str,
    decisions: &[Decision],
) -> Result<Merged, ApiError> {
    let mut arguments: Vec<String> = Vec::new();
    // Attributes of the repository may name them.
    let settings = git::configured(&repository.git, &repository.root);
    let drivers = settings.iter().filter(|one| one.name.starts_with("merge.") && one.name.ends_with(".driver"));
    for driver in drivers {
        arguments.extend(["-c".to_owned(), format!("{}={OWN_MERGE}", driver.name)]);
    }
    for setting in ["merge.default=text", "merge.renormalize=false", "merge.conflictStyle=merge"] {
        arguments.extend(["-c".to_owned(), setting.to_owned()]);
    }
    arguments.extend(["merge-tree", "--write-tree", "-z", "--no-messages", mine, theirs].map(str::to_owned));
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    let answer = repository.answer(&arguments, &[])?;
    if !matches!(answer.status, Some(0 | 1)) {
        return Err(repository.failed("git cannot put the two sides together", &answer));
    }
    let mut lines = answer.out.split(|byte| *byte == 0);
    let tree = String::from_utf8_lossy(lines.next().unwrap_or_default()).trim().to_owned();
    let mut found: BTreeMap<Vec<u8>, Stages> = BTreeMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let Some(tab) = line.iter().position(|byte| *byte == b'\t') else { continue };
        let (head, path) = (String::from_utf8_lossy(line.get(..tab).unwrap_or_default()), line.get(tab + 1..));
        let mut words = head.split(' ').map(str::to_owned);
        let (Some(mode), Some(blob), Some(stage), Some(path)) = (words.next(), words.next(), words.next(), path)
        else {
            continue;
        };
        let place = stage.parse::<usize>().ok().and_then(|stage| stage.checked_sub(1));
        let stages = found.entry(path.to_vec()).or_default();
        if let Some(slot) = place.and_then(|place| stages.get_mut(place)) {
            *slot = Some(Stage { mode, blob });
        }
    }
    texts_of_both(repository, mine, theirs, &mut found)?;
    if answer.success && found.is_empty() {
        return Ok(Merged::Tree { tree, both: Vec::new() });
    }
    let (mut outcomes, mut conflicts, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for (path, stages) in found {
        let shown = String::from_utf8_lossy(&path).into_owned();
        let decision = decisions.iter().find(|decision| decision.path == shown).map(|decision| &decision.take);
        match resolve(repository, &shown, &stages, decision)? {
            Ok(outcome) => {
                both.push(shown);
                outcomes.push((path, outcome));
            }
            Err(conflict) => conflicts.push(conflict),
        }
    }
    if !conflicts.is_empty() {
        return Ok(Merged::Conflicts(conflicts));
    }
    Ok(Merged::Tree { tree: with(repository, &tree, outcomes)?, both })
}

/// Runbooks that both sides changed are joined by the format, also where git would join them: what touches is for a person to
/// decide, whatever the repository's attributes say of how its files are merged.
fn texts_of_both(
    repository: &Repository<'_>,
    mine: &str,
    theirs: &str,
    found: &mut BTreeMap<Vec<u8>, Stages>,
) -> Result<(), ApiError> {
    let bases = repository.line(&["merge-base", "--all", mine, theirs], &[])?;
    // Of several no one is what both began with: there git's own answer stands.
    let mut bases = bases.lines();
    let (Some(base), None) = (bases.next(), bases.next()) else { return Ok(()) };
    let mut others = differing(repository, base, theirs)?;
    for (path, here) in differing(repository, base, mine)? {
        let Some(there) = others.remove(&path).filter(|there| there.after != here.after) else { continue };
        let plain = |side: &Differs| side.change == TeamChange::Changed && side.mode.starts_with("100");
        if is_markdown(&path) && plain(&here) && plain(&there) {
            let stage = |mode: &str, blob: &str| Some(Stage { mode: mode.to_owned(), blob: blob.to_owned() });
            let stages =
                [stage(&there.mode, &there.before), stage(&here.mode, &here.after), stage(&there.mode, &there.after)];
            found.insert(path.as_os_str().as_bytes().to_vec(), stages);
        }
    }
    Ok(())
}

/// What becomes of a path, or why a person has to decide.
fn resolve(
    repository: &Repository<'_>,
    path: &str,
    stages: &Stages,
    decision: Option<&Decided>,
) -> Result<Result<Outcome, TeamConflict>, ApiError> {
    let [base, mine, theirs] = stages;
    let side = |stage: &Option<Stage>| stage.clone().map_or(Outcome::Remove, Outcome::Keep);
    match decision {
        Some(Decided::Mine) => return Ok(Ok(side(mine))),
        Some(Decided::Theirs) => return Ok(Ok(side(theirs))),
        _ => {}
    }
    let file = repository.root.join(path);
    let conflict =
        |base: Option<String>, mine_text: Option<String>, theirs_text: Option<String>, places: Vec<TeamPlace>| {
            let shown = mine_text.as_deref().or(theirs_text.as_deref()).filter(|_| is_markdown(&file));
            Ok(Err(TeamConflict {
                path: path.to_owned(),
                file: file.display().to_string(),
                title: shown
                    .map(|text| format::parse_with(path, text.as_bytes(), &format::Knowledge::default()).title),
                base,
                mine: mine_text,
                theirs: theirs_text,
                removed_here: mine.is_none(),
                removed_there: theirs.is_none(),
                places,
            }))
        };
    let read = |stage: &Option<Stage>| match stage {
        Some(stage) if stage.mode.starts_with("100") => blob(repository, &stage.blob).map(Some),
        _ => Ok(None),
    };
    let (base_bytes, mine_bytes, their_bytes) = (read(base)?, read(mine)?, read(theirs)?);
    let text = |bytes: &Option<Vec<u8>>| bytes.as_deref().filter(|bytes| !is_binary(bytes)).map(text_of);
    let (mine_text, their_text) = (text(&mine_bytes), text(&their_bytes));
    if let (Some(Decided::Text { text }), Some(stage)) = (decision, mine.as_ref().or(theirs.as_ref())) {
        return Ok(Ok(Outcome::Write { mode: stage.mode.clone(), bytes: bytes_of(text) }));
    }
    match (mine, theirs) {
        (None, None) => return Ok(Ok(Outcome::Remove)),
        (None, Some(_)) | (Some(_), None) => return conflict(text(&base_bytes), mine_text, their_text, Vec::new()),
        (Some(_), Some(_)) => {}
    }
    let (Some(ours), Some(others), Some(stage), Some(their_stage)) = (&mine_text, &their_text, mine, theirs) else {
        return conflict(None, mine_text, their_text, Vec::new());
    };
    let base_text = base_bytes.as_deref().map(text_of).unwrap_or_default();
    let merged = format::merge(&base_text, ours, others);
    let unchanged = base.as_ref().is_some_and(|base| base.mode == stage.mode);
    let mode = if unchanged { their_stage.mode.clone() } else { stage.mode.clone() };
    if merged.conflicts.is_empty() {
        return Ok(Ok(Outcome::Write { mode, bytes: bytes_of(&merged.text) }));
    }
    if let Some(Decided::Places { choices: sides }) = decision {
        if sides.len() != merged.conflicts.len() {
            let sentence = format!(
                "{path} has {} places to decide, and {} were decided: decide each.",
                merged.conflicts.len(),
                sides.len()
            );
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        return Ok(Ok(Outcome::Write { mode, bytes: bytes_of(&put(&merged, others, sides)) }));
    }
    let part = |text: &str, span: format::Span| text.get(span.start..span.end).unwrap_or_default().to_owned();
    let places = merged.conflicts.iter().map(|place| TeamPlace {
        line: ours.get(..place.ours.start).unwrap_or_default().matches('\n').count() as u64 + 1,
        base: part(&base_text, place.base),
        mine: part(ours, place.ours),
        theirs: part(others, place.theirs),
    });
    let places = places.collect();
    conflict(Some(base_text.clone()), mine_text.clone(), their_text.clone(), places)
}

/// The merged text, each place as it was decided.
fn put(merged: &Merge, theirs: &str, sides: &[PlaceChoice]) -> String {
    let (mut text, mut done) = (String::new(), 0);
    for (place, side) in merged.conflicts.iter().zip(sides) {
        text.push_str(merged.text.get(done..place.merged.start).unwrap_or_default());
        let mine = merged.text.get(place.merged.start..place.merged.end).unwrap_or_default();
        let others = theirs.get(place.theirs.start..place.theirs.end).unwrap_or_default();
        if *side != PlaceChoice::Theirs {
            text.push_str(mine);
        }
        if *side == PlaceChoice::Both && !mine.is_empty() && !mine.ends_with('\n') && !others.is_empty() {
            text.push('\n');
        }
        if *side != PlaceChoice::Mine {
            text.push_str(others);
        }
        done = place.merged.end;
    }
    text.push_str(merged.text.get(done..).unwrap_or_default());
    text
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(BINARY).any(|byte| *byte == 0)
}

fn blob(repository: &Repository<'_>, name: &str) -> Result<Vec<u8>, ApiError> {
    repository.bytes(&["cat-file", "blob", name], &[])
}

/// The tree with these paths as they come out.
pub(super) fn with(
    repository: &Repository<'_>,
    tree: &str,
    outcomes: Vec<(Vec<u8>, Outcome)>,
) -> Result<String, ApiError> {
    let wrong = |error: std::io::Error| no_git(&error);
    let place = tempfile::tempdir().map_err(wrong)?;
    let git = Git::new(repository.git.environment, Some(place.path().join("index")));
    let run = |arguments: &[&str], input: &[u8]| {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let answer = git.still(&repository.root, &arguments, input, COMMIT).map_err(wrong)?;
        if answer.success {
            Ok(answer.out)
        } else {
            Err(repository.failed("git cannot put the two sides together", &answer))
        }
    };
    run(&["read-tree", tree], &[])?;
    let mut lines = Vec::new();
    for (path, outcome) in outcomes {
        let (mode, blob) = match outcome {
            Outcome::Keep(stage) => (stage.mode, stage.blob),
            Outcome::Write { mode, bytes } => (mode, repository.line(&["hash-object", "-w", "--stdin"], &bytes)?),
            Outcome::Remove => ("0".to_owned(), "0".repeat(tree.len())),
        };
        lines.extend_from_slice(format!("{mode} {blob}\t").as_bytes());
        lines.extend_from_slice(Path::new(OsStr::from_bytes(&path)).as_os_str().as_bytes());
        lines.push(0);
    }
    run(&["update-index", "-z", "--index-info"], &lines)?;
    Ok(String::from_utf8_lossy(&run(&["write-tree"], &[])?).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_becomes_what_was_decided_and_the_rest_is_of_both_sides() {
        let base = "one\ntwo\nthree\nfour\nfive\nsix\n";
        let ours = "ONE\ntwo\nthree\nfour mine\nfive\nsix mine\n";
        let theirs = "one\ntwo their\nthree\nfour their\nfive\nsix their\n".replace("two their", "two");
        let merged = format::merge(base, ours, &theirs);
        assert_eq!(merged.conflicts.len(), 2);
        let decided = |sides: [PlaceChoice; 2]| put(&merged, &theirs, &sides);
        assert_eq!(
            decided([PlaceChoice::Theirs, PlaceChoice::Both]),
            "ONE\ntwo\nthree\nfour their\nfive\nsix mine\nsix their\n"
        );
        assert_eq!(
            decided([PlaceChoice::Mine, PlaceChoice::Theirs]),
            "ONE\ntwo\nthree\nfour mine\nfive\nsix their\n"
        );
    }

    #[test]
    fn both_sides_of_a_last_line_without_an_end_stay_two_lines() {
        let (base, ours, theirs) = ("a\n\nb", "a\n\nmine", "a\n\ntheirs");
        let merged = format::merge(base, ours, theirs);
        assert_eq!(put(&merged, theirs, &[PlaceChoice::Both]), "a\n\nmine\ntheirs");
    }
}
