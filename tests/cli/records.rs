//! Records of runs that a team shares by a branch of its repository: two people, two stores, one history.

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    support::{Home, text, until},
    teams::{Team, edit, git, hands_on, state},
    terminal::Person,
};

pub(crate) const CANARY: &str = "canary-5d41402abc4b2a76";
const BOOK: &str = "---\nparams:\n  token:\n    secret: true\n---\n# Ask the service\n\n## Steps\n\n```sh {name=ask}\necho \"asked with \
    $token\"; echo 4711 answers\n```\n";

/// A team whose library has a runbook to run, and two of its people.
fn two() -> (Team, Home, Home) {
    let team = Team::new();
    let ada = team.member("ada");
    fs::write(ada.path("team/ask.md"), BOOK).unwrap();
    hands_on(&ada);
    let bob = team.member("bob");
    (team, ada, bob)
}

/// A person allows it, as they would in a terminal.
pub(crate) fn shares(home: &Home, what: &str) {
    let mut person = Person::types(home, &format!("library records team --share {what}"));
    person.sees("what the commands printed");
    person.sees("Share them?");
    person.sees("y/N");
    person.presses("y");
    person.leaves(0);
}

/// Runs the runbook; gives the run's id.
fn runs(home: &Home) -> String {
    home.expect(0, &["run", "team/ask.md", "--auto", "--param", &format!("token={CANARY}")]);
    text(&home.runs()[0], "id").to_owned()
}

/// The records at the remote, by path.
pub(crate) fn records(team: &Team) -> Vec<String> {
    let there = team.path("runbooks.git");
    let branches = git(&there, &["branch", "--list", "allgood-records"]);
    if branches.is_empty() {
        return Vec::new();
    }
    let listed = git(&there, &["ls-tree", "-r", "--name-only", "allgood-records"]);
    listed.lines().map(str::to_owned).collect()
}

/// Every byte of every object of a repository, archives unpacked.
pub(crate) fn all_bytes(repository: &Path) -> Vec<u8> {
    let arguments = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"];
    let mut all = Vec::new();
    for line in git(repository, &arguments).lines() {
        let (name, kind) = line.split_once(' ').unwrap();
        let object =
            Command::new("git").args(["cat-file", kind, name]).current_dir(repository).output().unwrap().stdout;
        if let Ok(mut archive) = ZipArchive::new(Cursor::new(&object)) {
            for at in 0..archive.len() {
                archive.by_index(at).unwrap().read_to_end(&mut all).unwrap();
            }
        }
        all.extend(object);
    }
    all
}

pub(crate) fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|part| part == words.as_bytes())
}

#[test]
fn two_people_have_one_history_and_nothing_of_access_links_or_secrets_goes_along() {
    let (team, ada, bob) = two();
    ada.expect(0, &["link", "add", &format!("Board {CANARY}"), &format!("https://{CANARY}.example.org/x")]);
    ada.expect(0, &["access", "add", "orders", "--address", &format!("{CANARY}.example.org"), "--user", CANARY]);
    shares(&ada, "named");
    let run = runs(&ada);
    assert!(records(&team).is_empty(), "what is not named stays here");
    let done = ada.expect(0, &["share", &run]);
    assert!(done.out.contains("1 run shared in origin/allgood-records"), "{done:?}");
    let again = ada.expect(0, &["share", &run]);
    assert!(again.out.contains("has that already"), "{again:?}");
    assert_eq!(records(&team), [format!("runs/{}/{run}.allgood-run", &run[..4])]);
    for repository in [team.path("runbooks.git"), ada.path("team")] {
        let bytes = all_bytes(&repository);
        assert!(holds(&bytes, "4711 answers"), "what was printed is there");
        assert!(!holds(&bytes, CANARY), "{repository:?}");
    }
    // No branch, no index and no file of hers is touched by it.
    assert_eq!(git(&ada.path("team"), &["status", "--porcelain"]), "");
    assert_eq!(git(&ada.path("team"), &["branch", "--list"]), "* main");

    bob.expect(0, &["library", "pull", "team"]);
    assert!(bob.runs().is_empty(), "nothing is taken in that was not chosen");
    shares(&bob, "named");
    let pulled = bob.expect(0, &["library", "pull", "team"]);
    assert!(pulled.out.contains("1 run of others taken in, all of which hold"), "{pulled:?}");
    let again = bob.expect(0, &["library", "pull", "team"]);
    assert!(!again.out.contains("taken in, all"), "{again:?}");
    let here = bob.only_run();
    assert_eq!((text(&here, "id"), text(&here, "shared_by")), (run.as_str(), "ada <ada@example.org>"));
    assert_eq!(text(&here, "runbook"), bob.path("team/ask.md").to_str().unwrap());
    bob.expect(0, &["verify", &run]);
    assert_eq!(bob.journal(&run), ada.journal(&run), "the record is the same to the letter");
    let shown = bob.expect(0, &["show-run", &run]);
    assert!(shown.out.contains("shared by ada <ada@example.org>") && shown.out.contains("4711 answers"), "{shown:?}");
    assert!(bob.expect(0, &["runs"]).out.contains("shared by ada"));
    // Whose it is decides who goes on with it, and what "you use" means.
    for arguments in [&["resume", &run][..], &["rollback", &run, "--yes"], &["share", &run]] {
        let refused = bob.expect(2, arguments);
        assert!(refused.err.contains("was shared by ada <ada@example.org>"), "{refused:?}");
        assert_eq!(refused.out, "", "no plan is shown of what is not done");
    }
    edit(&ada, "ask.md", "4711", "4712");
    hands_on(&ada);
    assert_eq!(bob.expect(0, &["library", "status", "team", "--fetch", "--json"]).json()[0]["used"], 0);
    runs(&bob);
    assert_eq!(state(&bob)["used"], 1);
    assert_eq!(state(&bob)["records"]["taken"], 1);
}

#[test]
fn nothing_is_published_that_a_person_did_not_allow_for_this_remote() {
    let (team, ada, _bob) = two();
    let run = runs(&ada);
    let refused = ada.expect(4, &["share", &run]);
    assert!(refused.err.contains("for a person to allow first"), "{refused:?}");
    let refused = ada.expect(4, &["library", "records", "team", "--share", "finished"]);
    assert!(refused.err.contains("for a person to say"), "{refused:?}");
    assert!(records(&team).is_empty());
    let mut person = Person::types(&ada, &format!("share {run}"));
    person.sees("Share them?");
    person.sees("y/N");
    person.presses("n");
    person.leaves(130);
    assert!(records(&team).is_empty());
    shares(&ada, "named");
    git(team.path("").as_path(), &["clone", "--quiet", "--bare", "runbooks.git", "elsewhere.git"]);
    let other = team.path("elsewhere.git").display().to_string();
    git(&ada.path("team"), &["remote", "set-url", "origin", &other]);
    let refused = ada.expect(4, &["share", &run]);
    assert!(refused.err.contains("allow it anew"), "{refused:?}");
    assert!(git(&team.path("elsewhere.git"), &["branch", "--list", "allgood-records"]).is_empty());
    ada.expect(0, &["library", "records", "team", "--share", "off"]);
    ada.expect(4, &["share", &run]);
}

#[test]
fn each_run_is_shared_when_it_finishes_and_later_where_the_remote_was_away() {
    let (team, ada, bob) = two();
    runs(&ada);
    shares(&ada, "finished");
    shares(&bob, "named");
    fs::rename(team.path("runbooks.git"), team.path("away.git")).unwrap();
    let away = ada.expect(0, &["run", "team/ask.md", "--auto", "--param", "token=x"]);
    assert!(away.err.contains("not shared yet") && away.err.contains("was not reached"), "{away:?}");
    assert_eq!(state(&ada)["records"]["due"], 1, "what was run before it was chosen is not published");
    fs::rename(team.path("away.git"), team.path("runbooks.git")).unwrap();
    let run = ada.expect(0, &["run", "team/ask.md", "--auto", "--param", "token=x"]);
    assert!(run.err.contains("2 runs shared"), "{run:?}");
    ada.expect(0, &["run", "team/ask.md", "--rehearse"]);
    assert_eq!(records(&team).len(), 2, "a rehearsal is none");
    bob.expect(0, &["library", "pull", "team"]);
    assert_eq!(bob.runs().len(), 2);

    // A failed run that goes on is the same record, longer.
    fs::write(ada.path("team/fail.md"), "# Fail\n\n## Steps\n\n```sh {name=fail}\ntest -e there\n```\n").unwrap();
    ada.expect(1, &["run", "team/fail.md", "--auto"]);
    let run = text(&ada.runs()[0], "id").to_owned();
    bob.expect(0, &["library", "pull", "team"]);
    assert_eq!(text(&bob.runs()[0], "state"), "failed");
    fs::write(ada.path("team/there"), "").unwrap();
    ada.expect(0, &["resume", &run, "--again", "--auto"]);
    let pulled = bob.expect(0, &["library", "pull", "team"]);
    assert!(pulled.out.contains("1 run of others went on"), "{pulled:?}");
    assert_eq!(text(&bob.runs()[0], "state"), "passed");
    bob.expect(0, &["verify", &run]);
}

/// Puts a file into the records as anybody could who may push.
fn plants(team: &Team, path: &str, bytes: &[u8]) {
    let folder = team.path("planting");
    if !folder.exists() {
        git(&team.path(""), &["clone", "--quiet", "--branch", "allgood-records", "runbooks.git", "planting"]);
    }
    git(&folder, &["pull", "--quiet"]);
    fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
    fs::write(folder.join(path), bytes).unwrap();
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "--message=Plant"]);
    git(&folder, &["push", "--quiet"]);
}

/// A record with these words in the place of others.
fn tampered(record: &[u8], entry: &str, from: &str, to: &str) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(record)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..old.len() {
        let mut file = old.by_index(at).unwrap();
        let (name, mut bytes) = (file.name().unwrap().into_owned(), Vec::new());
        file.read_to_end(&mut bytes).unwrap();
        if name == entry {
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(from), "{text}");
            bytes = text.replace(from, to).into_bytes();
        }
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(&bytes).unwrap();
    }
    new.finish().unwrap().into_inner()
}

#[test]
fn a_record_that_was_tampered_with_is_refused_and_nothing_of_it_is_kept() {
    let (team, ada, bob) = two();
    shares(&ada, "named");
    shares(&bob, "named");
    let (first, second) = (runs(&ada), runs(&ada));
    ada.expect(0, &["share", &first]);
    let path = |run: &str| format!("runs/{}/{run}.allgood-run", &run[..4]);
    ada.expect(0, &["export", &second, "-o", "second.allgood-run"]);
    let record = fs::read(ada.path("second.allgood-run")).unwrap();
    let forged = "forged-c4ca4238a0b923820dcc";
    plants(&team, &path(&second), &tampered(&record, "output.bin", "4711 answers", forged));
    let refused = bob.expect(0, &["library", "pull", "team"]);
    assert!(refused.out.contains("1 run of others taken in"), "{refused:?}");
    assert!(refused.err.contains(&format!("The record of run {second} is not taken in")), "{refused:?}");
    assert!(
        refused.err.contains("is not what was printed") && refused.err.contains("put there by Seed"),
        "{refused:?}"
    );
    assert_eq!(bob.runs().len(), 1);
    for name in ["allgood.db", "allgood.db-wal"] {
        assert!(!holds(&fs::read(bob.path("data").join(name)).unwrap_or_default(), forged), "{name}");
    }
    let again = bob.expect(0, &["library", "pull", "team"]);
    assert!(again.err.is_empty(), "it is said once: {again:?}");
    let told = bob.expect(0, &["library", "records", "team"]);
    assert!(told.out.contains(&second) && told.out.contains("Seed"), "and stays to be seen: {told:?}");

    // An honest record under another's name, one that is none, and one that takes the place of what is known.
    plants(&team, &path(&second), &fs::read(team.path("planting").join(path(&first))).unwrap());
    let refused = bob.expect(0, &["library", "pull", "team"]);
    assert!(refused.err.contains(&format!("it is of run {first}")), "{refused:?}");
    plants(&team, &path(&first), b"no record");
    let refused = bob.expect(0, &["library", "pull", "team"]);
    assert!(refused.err.contains("is not taken in"), "{refused:?}");
    bob.expect(0, &["verify", &first]);
    assert_eq!(bob.journal(&first), ada.journal(&first), "what was taken in stays as it was");
    // Of her own runs nothing is taken from there.
    let before = ada.journal(&second);
    let pulled = ada.expect(0, &["library", "pull", "team"]);
    assert!(pulled.err.is_empty(), "{pulled:?}");
    assert_eq!(ada.journal(&second), before);
    // What is there and holds nothing is written over by whose it is, and taken in then.
    ada.expect(0, &["share", &second]);
    bob.expect(0, &["library", "pull", "team"]);
    bob.expect(0, &["verify", &second]);
}

#[test]
fn two_who_share_at_the_same_time_lose_nothing() {
    let (team, ada, bob) = two();
    shares(&ada, "named");
    shares(&bob, "named");
    let pairs: Vec<(&Home, String)> =
        [&ada, &bob].into_iter().flat_map(|home| [(home, runs(home)), (home, runs(home))]).collect();
    for (one, other) in [(&pairs[0], &pairs[2]), (&pairs[1], &pairs[3])] {
        let begun: Vec<_> = [one, other]
            .into_iter()
            .map(|(home, run)| home.command(&["share", run]).stderr(Stdio::piped()).spawn().unwrap())
            .collect();
        for child in begun {
            let done = child.wait_with_output().unwrap();
            assert!(done.status.success(), "{done:?}");
        }
    }
    assert_eq!(records(&team).len(), 4);
    for home in [&ada, &bob] {
        home.expect(0, &["library", "pull", "team"]);
        assert_eq!(home.runs().len(), 4);
    }
}

#[test]
fn a_share_that_is_killed_is_taken_up_by_the_next() {
    let (team, ada, bob) = two();
    shares(&ada, "named");
    let run = runs(&ada);
    let hook = team.path("runbooks.git/hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let (reached, go) = (team.path("reached"), team.path("go"));
    let script =
        format!("#!/bin/sh\ntouch '{}'\nuntil [ -e '{}' ]; do sleep 0.05; done\n", reached.display(), go.display());
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let mut child = ada.command(&["share", &run]).spawn().unwrap();
    until("the remote is asked to take it", || reached.exists());
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    fs::write(&go, "").unwrap();
    let done = ada.expect(0, &["share", &run]);
    assert!(done.out.contains("allgood-records"), "{done:?}");
    assert_eq!(records(&team).len(), 1);
    shares(&bob, "named");
    bob.expect(0, &["library", "pull", "team"]);
    bob.expect(0, &["verify", &run]);
    assert_eq!(git(&ada.path("team"), &["status", "--porcelain"]), "");
}
