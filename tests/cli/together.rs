//! A whole journey of a team: two people, two stores, one library, and what each has of the other afterwards.

use std::{fs, process::Stdio};

use crate::{
    access::Session,
    records::{CANARY, all_bytes, holds, records, shares},
    support::{Done, Home, text, until},
    teams::{DISK, Team, edit, git, hands_on, read},
    terminal::Person,
};

/// Asks with a secret that it prints.
const ASK: &str = "---\naccess:\n  PW: keychain://orders/password\n---\n# Ask the service\n\n## Steps\n\n```sh {name=ask}\n\
    echo \"asked with $PW\"; echo 4711 answers\n```\n";
/// Goes on when there is a file `go` in the home.
const WAIT: &str =
    "# Wait\n\n## Steps\n\n```sh {name=wait}\nwhile [ ! -e \"$HOME/go\" ]; do sleep 0.05; done; echo old\n```\n";

/// Ids, states and runbooks of all runs that somebody has in the library, in order.
fn history(home: &Home) -> Vec<(String, String, String)> {
    let mut rows: Vec<_> = home.runs().iter().map(row).collect();
    rows.sort();
    rows
}

fn row(run: &serde_json::Value) -> (String, String, String) {
    let name = text(run, "runbook").rsplit('/').next().unwrap_or_default().to_owned();
    (text(run, "id").to_owned(), text(run, "state").to_owned(), name)
}

/// An entry of the same purpose under a name of her own, a secret in her keychain, and links; all of it has the mark.
fn what_is_hers(session: &Session) {
    let entry = format!("{CANARY}-entry");
    let host = format!("{CANARY}.example.org");
    let add =
        ["access", "add", &entry, "--kind", "database", "--address", &host, "--user", &format!("{CANARY}-user")];
    session.given(0, &format!("{CANARY}-password"), &[&add[..], &["--secret", "password"]].concat());
    session.expect(0, &["access", "allow", &entry, "team"]);
    session.expect(0, &["link", "add", &format!("Board {CANARY}"), &format!("https://{CANARY}.example.org/board")]);
    // What the library's name means on her machine is in no commit.
    let here = format!("[environments.mine]\naccess = {{ orders = \"{entry}\" }}\n");
    session.home.file("team/allgood.toml", &here);
    session.home.file("team/.git/info/exclude", "allgood.toml\n");
}

#[test]
fn two_people_two_stores_one_library() {
    let team = Team::new();
    let session = Session::new();
    let (ada, bob) = (&session.home, &Home::new());
    team.joined_by(ada, "ada");
    fs::write(ada.path("team/ask.md"), ASK).unwrap();
    fs::write(ada.path("team/wait.md"), WAIT).unwrap();
    hands_on(ada);
    team.joined_by(bob, "bob");
    what_is_hers(&session);

    // Both write at the same time, while he runs what she changes.
    let waiting = bob.command(&["run", "team/wait.md", "--auto"]).stdout(Stdio::piped()).spawn().unwrap();
    until("it runs", || bob.allgood(&["runs", "--json"]).out.contains("\"running\""));
    let his = text(&bob.only_run(), "id").to_owned();
    edit(ada, "disk.md", "Look at the disk", "Look at the disk with df");
    edit(ada, "notes.md", "A word", "A word of hers");
    edit(ada, "wait.md", "echo old", "echo new");
    hands_on(ada);
    edit(bob, "disk.md", "Free some space", "Free some space in /var");
    edit(bob, "notes.md", "A word", "A word of his");
    bob.expect(0, &["library", "commit", "team"]);
    assert!(bob.expect(2, &["library", "push", "team"]).err.contains("pull first"));
    let undecided = bob.expect(4, &["library", "pull", "team"]);
    assert!(undecided.err.contains("notes.md: 1 place") && !undecided.err.contains("disk.md"), "{undecided:?}");
    assert!(read(bob, "wait.md").contains("echo old"), "nothing changes until a person has decided");
    let mut person = Person::types(bob, "library pull team");
    person.sees("place 1 of 1");
    person.sees("A word of his");
    person.sees("A word of hers");
    person.sees("Both, mine first");
    person.presses("\x1b[B\x1b[B\r");
    person.sees("1 commit taken in");
    person.leaves(0);
    bob.expect(0, &["library", "push", "team"]);
    ada.expect(0, &["library", "pull", "team"]);
    let disk = DISK.replace("at the disk", "at the disk with df").replace("some space", "some space in /var");
    for home in [ada, bob] {
        assert_eq!(read(home, "disk.md"), disk, "different steps are joined");
        assert!(read(home, "notes.md").contains("- [ ] A word of his\n- [ ] A word of hers\n"));
        assert!(read(home, "wait.md").contains("echo new"));
        assert_eq!(git(&home.path("team"), &["status", "--porcelain"]), "");
    }
    let head = |home: &Home| git(&home.path("team"), &["rev-parse", "HEAD"]);
    assert_eq!(head(ada), head(bob));
    assert_eq!(head(ada), git(&team.path("runbooks.git"), &["rev-parse", "main"]));

    // His run is as it began, and says that the file is not.
    let shown = bob.expect(0, &["show-run", &his]).out;
    assert!(shown.contains("the file has changed since this run"), "{shown}");
    bob.file("go", "");
    let done: Done = waiting.wait_with_output().unwrap().into();
    assert!(done.status == Some(0) && done.out.contains("old") && !done.out.contains("echo new"), "{done:?}");

    // Hers uses the secret, which it prints.
    session.expect(0, &["run", "team/ask.md", "--auto", "--environment", "mine"]);
    let hers = text(&ada.only_run(), "id").to_owned();
    for (home, run) in [(ada, &hers), (bob, &his)] {
        shares(home, "named");
        home.expect(0, &["share", run]);
    }
    assert_eq!(records(&team).len(), 2);
    for home in [ada, bob] {
        home.expect(0, &["library", "pull", "team"]);
        for run in [&hers, &his] {
            home.expect(0, &["verify", run]);
        }
    }
    let runs = history(ada);
    assert_eq!(runs, history(bob), "one history");
    assert_eq!(runs.len(), 2);
    for run in [&hers, &his] {
        assert_eq!(ada.journal(run), bob.journal(run), "to the letter");
    }
    let asked = bob.expect(0, &["show-run", &hers, "--output"]).out;
    assert!(
        asked.contains("shared by ada") && asked.contains("asked with •••") && asked.contains("4711 answers"),
        "{asked}"
    );
    let waited = ada.expect(0, &["show-run", &his, "--output"]).out;
    assert!(waited.contains("shared by bob") && waited.contains("old"), "{waited}");

    // Nothing of what is hers is anywhere but with her.
    assert!(!session.files_with(format!("{CANARY}.example.org").as_bytes()).is_empty(), "it is found where it is");
    for repository in [team.path("runbooks.git"), bob.path("team"), ada.path("team")] {
        let bytes = all_bytes(&repository);
        assert!(holds(&bytes, "4711 answers"), "{repository:?}");
        assert!(!holds(&bytes, CANARY), "{repository:?}");
    }
    let folders = [bob.path(""), team.path("runbooks.git")];
    for file in folders.iter().flat_map(walkdir::WalkDir::new).filter_map(Result::ok) {
        let bytes = if file.file_type().is_file() { fs::read(file.path()).unwrap() } else { Vec::new() };
        assert!(!holds(&bytes, CANARY), "{file:?}");
    }
}
