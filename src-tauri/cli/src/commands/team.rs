//! `allgood library clone|status|pull|commit|push`: a library that a team shares by git.

use std::path::{Path, PathBuf};

use api::{
    App, ErrorCode,
    commands::{IdArgument, Nothing},
    wire::{
        CloneLibrary, Decided, Decision, LibraryFolder, PlaceChoice, TeamAuthor, TeamChange, TeamCommit,
        TeamConflict, TeamFile, TeamFiles, TeamPlace, TeamPull, TeamPullDone, TeamPulled, TeamState,
    },
};

use super::{files::whole, library::find, sharing};
use crate::{
    arguments::{LibraryClone, LibraryCommit, LibraryOne, LibraryPull, LibraryStatus, TakeSide},
    look::{DIM, counted, one_line, styled},
    out::{Out, message, person_is_there},
    progress::Progress,
    run,
    status::{Failure, Status},
};

/// So many files are shown of a list.
const SHOWN: usize = 20;

/// Clones a repository and adds its folder.
pub(super) fn clone(app: &App, out: &mut Out, arguments: &LibraryClone) -> Result<Status, Failure> {
    let url = arguments.url.trim();
    // A path is meant from here; an address is not.
    let local = !url.contains(':') && Path::new(url).exists();
    let url = if local { whole(Path::new(url))?.display().to_string() } else { url.to_owned() };
    let folder = match &arguments.folder {
        Some(folder) => whole(folder)?,
        None => whole(Path::new(&named_after(&url)?))?,
    };
    let progress = Progress::follow(app);
    let done = app.library_clone(CloneLibrary { url, folder: folder.display().to_string() })?;
    drop(progress);
    let runbooks = super::library::runbooks(&done);
    out.line(&format!("{} was cloned and added: {runbooks}.", one_line(&done.path)));
    let path = one_line(&done.path);
    message(&format!("Its runbooks can be read. To run them, and to pull: allgood library trust {path}"));
    Ok(Status::Good)
}

/// The name of a repository: `runbooks` of `git@example.org:team/runbooks.git`.
fn named_after(url: &str) -> Result<String, Failure> {
    let name = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(name);
    if name.is_empty() || name.starts_with(['-', '.']) {
        let sentence = format!("{url} does not say how its folder is called: name one after it.");
        return Err(Failure::new(Status::Input, sentence));
    }
    Ok(name.to_owned())
}

/// Says how folders stand.
pub(super) fn status(app: &App, out: &mut Out, arguments: &LibraryStatus) -> Result<Status, Failure> {
    let folders = match &arguments.path {
        Some(path) => vec![find(app, path)?],
        None => in_git(app)?,
    };
    let mut states = Vec::new();
    for folder in folders {
        let id = IdArgument { id: folder.id };
        let _progress = arguments.fetch.then(|| Progress::follow(app));
        states.push(if arguments.fetch { app.team_fetch(id)? } else { app.team_state(id)? });
    }
    if arguments.json {
        out.json(&states)?;
        return Ok(Status::Good);
    }
    if states.is_empty() {
        message("No trusted folder of the library is in git: allgood library clone URL");
    }
    states.iter().for_each(|state| say(out, state));
    Ok(Status::Good)
}

fn say(out: &mut Out, state: &TeamState) {
    let branch = state.branch.as_deref().unwrap_or("no branch");
    let follows = state.upstream.as_deref().map_or_else(String::new, |upstream| format!(", follows {upstream}"));
    out.line(&format!("{} ({}{})", one_line(&state.path), one_line(branch), one_line(&follows)));
    if let Some(remote) = &state.remote {
        let when = state.fetched_at.as_deref().map_or_else(String::new, |at| format!(", answered last {at}"));
        out.line(&styled(DIM, format!("  {}{when}", one_line(remote))));
    }
    let mut nothing = true;
    if state.behind > 0 {
        let commits = counted(state.behind, "commit", "commits");
        let used = match state.used {
            0 => String::new(),
            used => format!(", {} you use", counted(used, "runbook", "runbooks")),
        };
        out.line(&format!("  {commits} to take in: {}{used}", counted(state.incoming.len() as u64, "file", "files")));
        list(out, &state.incoming);
        nothing = false;
    }
    if state.ahead > 0 {
        out.line(&format!("  {} to push", counted(state.ahead, "commit", "commits")));
        nothing = false;
    }
    if !state.changes.is_empty() {
        out.line(&format!("  {} to commit", counted(state.changes.len() as u64, "file", "files")));
        list(out, &state.changes);
        nothing = false;
    }
    if state.records.due > 0 {
        out.line(&format!("  {} to share", counted(state.records.due, "record of a run", "records of runs")));
        nothing = false;
    }
    if nothing {
        out.line("  nothing to commit, to push or to take in");
    }
}

fn list(out: &mut Out, files: &[TeamFile]) {
    for file in files.iter().take(SHOWN) {
        let what = match file.change {
            TeamChange::Added => "new",
            TeamChange::Changed => "changed",
            TeamChange::Removed => "removed",
            TeamChange::Conflict => "in conflict",
        };
        let title = file.title.as_deref().map_or_else(String::new, |title| format!("  {}", one_line(title)));
        out.line(&format!("    {what:<11} {}{}", one_line(&file.path), styled(DIM, title)));
    }
    if files.len() > SHOWN {
        out.line(&styled(DIM, format!("    and {} more", files.len() - SHOWN)));
    }
}

/// Takes in what others pushed.
pub(super) fn pull(app: &App, out: &mut Out, arguments: &LibraryPull) -> Result<Status, Failure> {
    let folder = one(app, arguments.path.as_deref())?;
    let mut pull = TeamPull { library: folder.id, between: None, decisions: Vec::new() };
    loop {
        let progress = Progress::follow(app);
        let TeamPullDone { files, records } = app.team_pull(pull)?;
        drop(progress);
        if let Some(records) = &records {
            sharing::taken(out, records);
        }
        match files {
            TeamPulled::Current => {
                out.line(&format!("{} has all that others pushed.", one_line(&folder.path)));
                return Ok(Status::Good);
            }
            TeamPulled::Taken { commits, files, joined, both } => {
                let commits = counted(commits, "commit", "commits");
                let changed = counted(files.len() as u64, "file", "files");
                out.line(&format!("{commits} taken in, {changed} of {} changed.", one_line(&folder.path)));
                list(out, &files);
                if joined {
                    let both = both.iter().map(|path| one_line(path)).collect::<Vec<_>>().join(", ");
                    let changed =
                        if both.is_empty() { String::new() } else { format!(" Both sides had changed: {both}.") };
                    out.line(&styled(DIM, format!("  Joined with what was committed here.{changed}")));
                }
                return Ok(Status::Good);
            }
            TeamPulled::Conflicts { between, files } => {
                let Some(decisions) = decide(out, &files, arguments.conflicts)? else {
                    message("Nothing was changed.");
                    return Ok(Status::Stopped);
                };
                pull = TeamPull { library: folder.id, between: Some(between), decisions };
            }
        }
    }
}

/// What a person decides of each file; none when they think better of it.
fn decide(out: &mut Out, files: &[TeamConflict], side: Option<TakeSide>) -> Result<Option<Vec<Decision>>, Failure> {
    if side.is_none() && !person_is_there() {
        for file in files {
            let places = match file.places.len() {
                0 => "can only be taken as a whole".to_owned(),
                places => counted(places as u64, "place", "places"),
            };
            message(&format!("{}: {places}", one_line(&file.path)));
        }
        return Err(Failure::new(
            Status::Person,
            "Both sides changed the same places, which is for a person to decide: run this in a terminal, or say \
             --conflicts mine, theirs or both. Nothing was changed.",
        ));
    }
    let mut decisions = Vec::new();
    for file in files {
        let Some(take) = decided(out, file, side)? else { return Ok(None) };
        decisions.push(Decision { path: file.path.clone(), take });
    }
    Ok(Some(decisions))
}

fn decided(out: &mut Out, file: &TeamConflict, side: Option<TakeSide>) -> Result<Option<Decided>, Failure> {
    let choice = |side: TakeSide| match side {
        TakeSide::Mine => PlaceChoice::Mine,
        TakeSide::Theirs => PlaceChoice::Theirs,
        TakeSide::Both => PlaceChoice::Both,
    };
    if file.places.is_empty() {
        if let Some(side) = side {
            let (decided, says) = match (side, file.removed_here, file.removed_there) {
                (TakeSide::Theirs, _, true) => (Decided::Theirs, "removed, as it is there"),
                (TakeSide::Theirs, _, false) => (Decided::Theirs, "taken as it is there"),
                (_, true, _) => (Decided::Mine, "still removed, as it is here"),
                (_, false, _) => (Decided::Mine, "kept as it is here"),
            };
            let says = format!("  {} can only be taken as a whole: {says}.", one_line(&file.path));
            out.line(&styled(DIM, says));
            return Ok(Some(decided));
        }
        let gone = |gone: bool, text: &str| if gone { format!("{text}: it is removed") } else { text.to_owned() };
        let choices = [gone(file.removed_here, "Mine"), gone(file.removed_there, "Theirs")];
        out.flush();
        let chosen = run::choose_alone(&format!("{} can only be taken as a whole", file.path), &choices)?;
        return Ok(chosen.map(|chosen| if chosen == 0 { Decided::Mine } else { Decided::Theirs }));
    }
    let mut choices = Vec::new();
    for (number, place) in file.places.iter().enumerate() {
        if let Some(side) = side {
            choices.push(choice(side));
            continue;
        }
        show(out, file, place, number + 1);
        let offered = ["Mine", "Theirs", "Both, mine first"].map(str::to_owned);
        let chosen = run::choose_alone(&format!("{}, place {}", file.path, number + 1), &offered)?;
        choices.push(match chosen {
            None => return Ok(None),
            Some(0) => PlaceChoice::Mine,
            Some(1) => PlaceChoice::Theirs,
            Some(_) => PlaceChoice::Both,
        });
    }
    Ok(Some(Decided::Places { choices }))
}

fn show(out: &mut Out, file: &TeamConflict, place: &TeamPlace, number: usize) {
    let title = file.title.as_deref().map_or_else(String::new, |title| format!(" ({})", one_line(title)));
    out.line(&format!(
        "{}{title}, place {number} of {}, line {}",
        one_line(&file.path),
        file.places.len(),
        place.line
    ));
    for (name, text) in [("mine", &place.mine), ("theirs", &place.theirs)] {
        out.line(&styled(DIM, format!("  {name}:")));
        if text.is_empty() {
            out.line(&styled(DIM, "    (nothing)".to_owned()));
        }
        text.lines().for_each(|line| out.line(&format!("    {}", one_line(line))));
    }
    out.flush();
}

/// Commits files.
pub(super) fn commit(app: &App, out: &mut Out, arguments: &LibraryCommit) -> Result<Status, Failure> {
    let (folder, files) = chosen(app, &arguments.paths)?;
    if files.is_empty() {
        out.line(&format!("{} has nothing to commit.", one_line(&folder.path)));
        return Ok(Status::Good);
    }
    let suggested = app.team_suggest(TeamFiles { library: folder.id, files: files.clone() })?;
    let text = match &arguments.message {
        Some(text) => text.clone(),
        None if person_is_there() => {
            match run::text_alone("Message", "Enter commits, Esc goes back", &suggested.message)? {
                Some(text) => text,
                None => return Ok(not_committed()),
            }
        }
        None => suggested.message,
    };
    let mut commit = TeamCommit { library: folder.id, files, message: Some(text), author: None };
    if suggested.author.is_none() && person_is_there() {
        let Some(author) = who()? else { return Ok(not_committed()) };
        commit.author = Some(author);
    }
    let done = app.team_commit(commit)?;
    let files = counted(done.files, "file", "files");
    out.line(&format!("{files} committed as {}: {}", done.commit, one_line(&done.message)));
    out.line(&styled(DIM, format!("  to others with: allgood library push {}", one_line(&folder.path))));
    Ok(Status::Good)
}

fn not_committed() -> Status {
    message("Nothing was committed.");
    Status::Stopped
}

/// Who commits, as the person says.
fn who() -> Result<Option<TeamAuthor>, Failure> {
    message("git does not know who you are. What you say is kept for this repository.");
    let ask = |question: &str| run::text_alone(question, "Enter keeps it, Esc goes back", "");
    let Some(name) = ask("Your name")? else { return Ok(None) };
    let Some(email) = ask("Your e-mail address")? else { return Ok(None) };
    Ok(Some(TeamAuthor { name, email }))
}

/// The folder that the paths are in, and which of its changes are meant.
fn chosen(app: &App, paths: &[PathBuf]) -> Result<(LibraryFolder, Vec<String>), Failure> {
    let mut found: Option<LibraryFolder> = None;
    let mut files = Vec::new();
    let folders = app.library_folders(Nothing {})?;
    for path in paths {
        let path = std::fs::canonicalize(path).map_or_else(|_| whole(path), Ok)?;
        let folder = folders.iter().filter(|folder| path.starts_with(&folder.path)).max_by_key(|one| one.path.len());
        let Some(folder) = folder else {
            let sentence = format!("{} is in no folder of the library: allgood library add FOLDER", path.display());
            return Err(Failure::new(Status::Input, sentence));
        };
        if found.as_ref().is_some_and(|found| found.id != folder.id) {
            return Err(Failure::new(
                Status::Input,
                "These files are in several folders: commit each folder by itself.",
            ));
        }
        let state = app.team_state(IdArgument { id: folder.id })?;
        let inside = path.strip_prefix(&folder.path).unwrap_or(&path);
        let meant = |file: &&TeamFile| Path::new(&file.path).starts_with(inside);
        let before = files.len();
        files.extend(state.changes.iter().filter(meant).map(|file| file.path.clone()));
        if files.len() == before && !path.is_dir() {
            let sentence =
                format!("{} has nothing to commit: it is as it was committed, or ignored.", path.display());
            return Err(Failure::new(Status::Input, sentence));
        }
        found = Some(folder.clone());
    }
    files.sort();
    files.dedup();
    found.map(|folder| (folder, files)).ok_or_else(|| Failure::new(Status::Input, "Name what is to be committed."))
}

/// Pushes.
pub(super) fn push(app: &App, out: &mut Out, arguments: &LibraryOne) -> Result<Status, Failure> {
    let folder = one(app, arguments.path.as_deref())?;
    let progress = Progress::follow(app);
    let done = app.team_push(IdArgument { id: folder.id })?;
    drop(progress);
    out.line(&match done.commits {
        0 => format!("{} has all that is committed here.", one_line(&done.upstream)),
        commits => format!("{} pushed to {}.", counted(commits, "commit", "commits"), one_line(&done.upstream)),
    });
    Ok(Status::Good)
}

/// The trusted folders that are in a repository.
fn in_git(app: &App) -> Result<Vec<LibraryFolder>, Failure> {
    let mut found = Vec::new();
    for folder in app.library_folders(Nothing {})?.into_iter().filter(|folder| folder.trusted) {
        match app.team_state(IdArgument { id: folder.id }) {
            Ok(_) => found.push(folder),
            Err(error) if error.code == ErrorCode::BadInput => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// The folder that was named, or the only one in git.
pub(super) fn one(app: &App, path: Option<&Path>) -> Result<LibraryFolder, Failure> {
    if let Some(path) = path {
        return find(app, path);
    }
    let mut found = in_git(app)?;
    match (found.pop(), found.is_empty()) {
        (Some(folder), true) => Ok(folder),
        (None, _) => Err(Failure::new(
            Status::Input,
            "No trusted folder of the library is in git: allgood library clone URL, then allgood library trust FOLDER",
        )),
        (Some(_), false) => {
            Err(Failure::new(Status::Input, "Several folders of the library are in git: say which one."))
        }
    }
}
