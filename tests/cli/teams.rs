//! A library that a team shares by git: two people, two homes, one bare repository between them.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

use tempfile::TempDir;
use testkit::Sshd;
use zip::ZipArchive;

use crate::{
    support::{Home, processes_of, text, until},
    terminal::Person,
};

pub(crate) const DISK: &str = "# Disk full\n\n## Steps\n\n### Look\n\n- [ ] Look at the disk\n\nSome words between.\n\n### Free\n\n- [ ] Free some space\n";

/// The repository that both push to.
pub(crate) struct Team {
    folder: TempDir,
}

impl Team {
    /// With one commit in it.
    pub(crate) fn new() -> Self {
        let team = Self { folder: tempfile::Builder::new().prefix("allgood-team-").tempdir().unwrap() };
        git(team.folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "runbooks.git"]);
        let seed = team.path("seed");
        git(team.folder.path(), &["clone", "--quiet", "runbooks.git", "seed"]);
        fs::write(seed.join("disk.md"), DISK).unwrap();
        fs::write(seed.join("notes.md"), "# Notes\n\n- [ ] A word\n").unwrap();
        git(&seed, &["add", "."]);
        git(&seed, &["commit", "--quiet", "--message=Seed"]);
        git(&seed, &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        team
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    pub(crate) fn address(&self) -> String {
        self.path("runbooks.git").display().to_string()
    }

    /// Somebody with a home of their own who has cloned and trusted it.
    pub(crate) fn member(&self, name: &str) -> Home {
        let home = Home::new();
        self.joined_by(&home, name);
        home
    }

    /// The same in a home that is there.
    pub(crate) fn joined_by(&self, home: &Home, name: &str) {
        home.file(".gitconfig", &format!("[user]\n\tname = {name}\n\temail = {name}@example.org\n"));
        home.expect(0, &["library", "clone", &self.address(), "team"]);
        home.trust("team");
    }
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Seed", "-c", "user.email=seed@example.org"]).args(arguments).current_dir(folder);
    let done = command.env_remove("GIT_DIR").output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

pub(crate) fn edit(home: &Home, name: &str, from: &str, to: &str) {
    let path = home.path("team").join(name);
    let before = fs::read_to_string(&path).unwrap();
    assert!(before.contains(from), "{before}");
    fs::write(path, before.replace(from, to)).unwrap();
}

pub(crate) fn read(home: &Home, name: &str) -> String {
    fs::read_to_string(home.path("team").join(name)).unwrap()
}

pub(crate) fn state(home: &Home) -> serde_json::Value {
    home.expect(0, &["library", "status", "team", "--json"]).json().as_array().unwrap()[0].clone()
}

/// Commits all that changed and pushes it.
pub(crate) fn hands_on(home: &Home) {
    home.expect(0, &["library", "commit", "team"]);
    home.expect(0, &["library", "push", "team"]);
}

#[test]
fn two_people_edit_different_steps_of_one_runbook_and_both_have_both() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    edit(&ada, "disk.md", "Look at the disk", "Look at the disk with df");
    let said = state(&ada);
    assert_eq!(text(&said["changes"][0], "title"), "Disk full");
    assert_eq!(text(&said["changes"][0], "change"), "changed");
    let done = ada.expect(0, &["library", "commit", "team"]);
    assert!(done.out.contains("Change Disk full"), "{done:?}");
    assert_eq!(state(&ada)["ahead"], 1);
    ada.expect(0, &["library", "push", "team"]);

    edit(&bob, "disk.md", "Free some space", "Free some space in /var");
    fs::write(bob.path("team/draft.md"), "# Not committed\n").unwrap();
    bob.expect(0, &["library", "commit", "team/disk.md", "-m", "Say where"]);
    let refused = bob.expect(2, &["library", "push", "team"]);
    assert!(refused.err.contains("pull first") && refused.err.contains("nothing was pushed"), "{refused:?}");
    let pulled = bob.expect(0, &["library", "pull", "team"]);
    assert!(pulled.out.contains("1 commit taken in") && pulled.out.contains("disk.md"), "{pulled:?}");
    let both = DISK.replace("at the disk", "at the disk with df").replace("some space", "some space in /var");
    assert_eq!(read(&bob, "disk.md"), both);
    assert_eq!(read(&bob, "draft.md"), "# Not committed\n", "what is not committed stays");
    bob.expect(0, &["library", "push", "team"]);

    let pulled = ada.expect(0, &["library", "pull"]);
    assert!(pulled.out.contains("2 commits taken in"), "{pulled:?}");
    assert_eq!(read(&ada, "disk.md"), both);
    let again = ada.expect(0, &["library", "pull"]);
    assert!(again.out.contains("has all that others pushed"), "{again:?}");
    assert_eq!(git(&ada.path("team"), &["status", "--porcelain"]), "");
}

#[test]
fn the_same_line_is_for_a_person_to_decide_and_nothing_changes_until_then() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    hands_on(&ada);
    edit(&bob, "disk.md", "Look at the disk", "Look with du");
    edit(&bob, "notes.md", "A word", "Two words");
    bob.expect(0, &["library", "commit", "team"]);
    let (before, head) = (read(&bob, "disk.md"), git(&bob.path("team"), &["rev-parse", "HEAD"]));
    let asked = bob.expect(4, &["library", "pull", "team"]);
    assert!(asked.err.contains("disk.md: 1 place") && asked.err.contains("Nothing was changed"), "{asked:?}");
    assert_eq!((read(&bob, "disk.md"), git(&bob.path("team"), &["rev-parse", "HEAD"])), (before, head));

    let mut person = Person::types(&bob, "library pull team");
    person.sees("place 1 of 1");
    person.sees("Look with du");
    person.sees("Look with df");
    person.sees("Mine");
    person.sees("Theirs");
    person.sees("Both, mine first");
    person.presses("\x1b[B\r");
    person.sees("1 commit taken in");
    person.leaves(0);
    assert_eq!(read(&bob, "disk.md"), DISK.replace("Look at the disk", "Look with df"));
    assert!(read(&bob, "notes.md").contains("Two words"));
    assert_eq!(git(&bob.path("team"), &["status", "--porcelain"]), "");
}

#[test]
fn without_a_terminal_the_side_of_a_conflict_can_be_said_before() {
    let team = Team::new();
    let (ada, bob, eve) = (team.member("ada"), team.member("bob"), team.member("eve"));
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    hands_on(&ada);
    for (home, side, expected) in [(&bob, "both", "Look with du\n- [ ] Look with df"), (&eve, "mine", "Look with du")]
    {
        edit(home, "disk.md", "Look at the disk", "Look with du");
        home.expect(0, &["library", "commit", "team"]);
        home.expect(0, &["library", "pull", "team", "--conflicts", side]);
        assert_eq!(read(home, "disk.md"), DISK.replace("Look at the disk", expected), "{side}");
    }
}

#[test]
fn of_a_file_that_is_taken_as_a_whole_it_is_said_which_side_it_is_as() {
    let team = Team::new();
    let (ada, bob, eve) = (team.member("ada"), team.member("bob"), team.member("eve"));
    fs::remove_file(ada.path("team/notes.md")).unwrap();
    hands_on(&ada);
    for (home, side, says, there) in
        [(&bob, "both", "kept as it is here", true), (&eve, "theirs", "removed, as it is there", false)]
    {
        edit(home, "notes.md", "A word", "Two words");
        home.expect(0, &["library", "commit", "team"]);
        let done = home.expect(0, &["library", "pull", "team", "--conflicts", side]);
        assert!(done.out.contains(&format!("notes.md can only be taken as a whole: {says}.")), "{done:?}");
        assert_eq!(home.path("team/notes.md").exists(), there, "{side}");
    }
}

#[test]
fn what_is_not_committed_is_never_written_over() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    fs::write(ada.path("team/new.md"), "# New\n").unwrap();
    fs::write(ada.path("team/secret.md"), "# Theirs\n").unwrap();
    fs::remove_file(ada.path("team/notes.md")).unwrap();
    hands_on(&ada);
    bob.file("team/.git/info/exclude", "secret.md\n");
    for (name, words) in [
        ("disk.md", "# Mine\n"),
        ("new.md", "# Also mine\n"),
        ("secret.md", "# Ignored and mine\n"),
        ("notes.md", "# Kept\n"),
    ] {
        let path = bob.path("team").join(name);
        let before = fs::read(&path).ok();
        fs::write(&path, words).unwrap();
        let refused = bob.expect(2, &["library", "pull", "team"]);
        assert!(refused.err.contains(name) && refused.err.contains("Nothing was changed"), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), words);
        match before {
            Some(before) => fs::write(&path, before).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
    }
    bob.expect(0, &["library", "pull", "team"]);
    assert_eq!(read(&bob, "secret.md"), "# Theirs\n");
}

#[test]
fn a_pull_that_was_cut_off_is_taken_up_by_the_next() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    fs::write(ada.path("team/new.md"), "# New\n\nWith words.\n").unwrap();
    fs::remove_file(ada.path("team/notes.md")).unwrap();
    hands_on(&ada);
    let folder = bob.path("team");
    git(&folder, &["fetch", "--quiet"]);
    // As it is left between the files and the branch, and in the middle of a file.
    git(&folder, &["read-tree", "-m", "-u", "HEAD", "origin/main"]);
    fs::write(folder.join("new.md"), "# New\n").unwrap();
    bob.expect(0, &["library", "pull", "team"]);
    assert_eq!(read(&bob, "new.md"), "# New\n\nWith words.\n");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
    assert_eq!(git(&folder, &["rev-parse", "HEAD"]), git(&folder, &["rev-parse", "origin/main"]));
}

#[test]
fn who_clones_a_repository_that_is_empty_and_pushes_first_sees_what_others_push() {
    let team = Team::new();
    git(&team.path(""), &["init", "--quiet", "--bare", "--initial-branch=main", "empty.git"]);
    let address = format!("file://{}", team.path("empty.git").display());
    let joins = |name: &str| {
        let home = Home::new();
        // A person's own configuration of clones changes nothing of it.
        let own = "[clone]\n\tdefaultRemoteName = upstream\n[remote \"origin\"]\n\tfetch = +refs/pull/*:refs/remotes/origin/pull/*\n";
        home.file(".gitconfig", &format!("{own}[user]\n\tname = {name}\n\temail = {name}@example.org\n"));
        home.expect(0, &["library", "clone", &address, "team"]);
        home.trust("team");
        home
    };
    let ada = joins("ada");
    let early = ada.expect(2, &["library", "pull", "team"]);
    assert!(early.err.contains("There is no origin/main yet: push, and it will be."), "{early:?}");
    fs::write(ada.path("team/first.md"), "# First\n\n- [ ] Look\n").unwrap();
    hands_on(&ada);
    let known = state(&ada);
    assert_eq!((&known["ahead"], &known["behind"]), (&0.into(), &0.into()), "{known}");
    let bob = joins("bob");
    fs::write(bob.path("team/second.md"), "# Second\n\n- [ ] Look\n").unwrap();
    hands_on(&bob);
    ada.expect(0, &["library", "status", "team", "--fetch"]);
    assert_eq!(state(&ada)["behind"], 1);
    ada.expect(0, &["library", "pull", "team"]);
    assert!(ada.path("team/second.md").is_file());
    // A clone of before, of which git does not know what a fetch brings.
    git(&ada.path("team"), &["config", "--unset-all", "remote.origin.fetch"]);
    git(&ada.path("team"), &["update-ref", "-d", "refs/remotes/origin/main"]);
    edit(&bob, "second.md", "Look", "Look twice");
    hands_on(&bob);
    fs::write(ada.path("team/third.md"), "# Third\n\n- [ ] Look\n").unwrap();
    ada.expect(0, &["library", "commit", "team"]);
    ada.expect(0, &["library", "pull", "team"]);
    assert!(read(&ada, "second.md").contains("Look twice"));
    ada.expect(0, &["library", "push", "team"]);
    assert_eq!(state(&ada)["ahead"], 0);
}

#[test]
fn a_branch_that_is_gone_from_the_remote_is_said_and_not_taken_for_nothing_new() {
    let team = Team::new();
    let ada = team.member("ada");
    git(&team.path("runbooks.git"), &["branch", "--move", "main", "trunk"]);
    let answered = state(&ada)["fetched_at"].clone();
    for arguments in [&["library", "pull", "team"][..], &["library", "status", "team", "--fetch"]] {
        let refused = ada.expect(2, arguments);
        assert!(refused.err.contains("origin/main is not there any more"), "{refused:?}");
    }
    assert_eq!(state(&ada)["fetched_at"], answered);
}

#[test]
fn a_remote_that_cannot_be_reached_is_said_and_nothing_changes() {
    let team = Team::new();
    let ada = team.member("ada");
    let answered = || text(&state(&ada), "fetched_at").to_owned();
    let cloned = answered();
    ada.expect(0, &["library", "pull", "team"]);
    let pulled = answered();
    assert!(pulled > cloned, "{pulled}");
    assert!(!ada.path("team/.git/FETCH_HEAD").exists(), "what a person fetches is left as it is");
    fs::rename(team.path("runbooks.git"), team.path("away.git")).unwrap();
    let refused = ada.expect(2, &["library", "pull", "team"]);
    assert!(refused.err.contains("runbooks.git was not reached, and nothing was changed"), "{refused:?}");
    // Nor does git's own, which leaves its file empty.
    let failed = Command::new("git").args(["fetch", "--quiet"]).current_dir(ada.path("team")).output().unwrap();
    assert!(!failed.status.success() && ada.path("team/.git/FETCH_HEAD").exists());
    assert_eq!(answered(), pulled, "it did not answer");
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    ada.expect(0, &["library", "commit", "team"]);
    let refused = ada.expect(2, &["library", "push", "team"]);
    assert!(refused.err.contains("took nothing"), "{refused:?}");
    assert_eq!(state(&ada)["ahead"], 1);
    ada.expect(0, &["list"]);
}

#[test]
fn a_clone_is_whole_or_not_there_and_takes_no_address_that_starts_something() {
    let team = Team::new();
    let home = Home::new();
    let marker = home.path("started");
    for (address, words) in [
        (format!("ext::touch {}", marker.display()), "is not fetched"),
        (format!("--upload-pack=touch {}", marker.display()), ""),
        ("ssh://-oProxyCommand=touch/x".to_owned(), "begins with a dash"),
        ("https://ada:hunter2@localhost/x.git".to_owned(), "password in the address"),
        ("git://localhost/x.git".to_owned(), "https or ssh"),
        (team.path("nowhere.git").display().to_string(), "was not cloned"),
    ] {
        let done = home.expect(2, &["library", "clone", &address, "new"]);
        assert!(done.err.contains(words) && !done.err.contains("hunter2"), "{done:?}");
        assert!(!home.path("new").exists() && !marker.exists());
    }
    let left: Vec<_> = fs::read_dir(home.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("clone")), "{left:?}");
    home.file("taken/here.md", "# Here\n");
    let taken = home.expect(2, &["library", "clone", &team.address(), "taken"]);
    assert!(taken.err.contains("is not empty"), "{taken:?}");
    let done = home.expect(0, &["library", "clone", &team.address()]);
    assert!(done.out.contains("was cloned and added: 2 runbooks"), "{done:?}");
    assert!(home.path("runbooks/disk.md").is_file());
    // Trust is asked as of any other folder, and without it git is not asked.
    let refused = home.expect(4, &["library", "pull", "runbooks"]);
    assert!(refused.err.contains("is not trusted"), "{refused:?}");
}

#[test]
fn a_repository_with_programs_in_its_configuration_starts_none_of_them() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    let marker = ada.path("started");
    let touch = format!("touch {}", marker.display());
    let folder = ada.path("team");
    for hook in ["post-checkout", "post-merge", "post-index-change", "reference-transaction", "post-rewrite"] {
        let path = folder.join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{touch}\n")).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let attributes = "*.md filter=evil diff=evil merge=evil\nnotes.md filter=ev=il\n";
    ada.file("team/.git/info/attributes", attributes);
    // Looked at anew, since it may have changed.
    for name in ["disk.md", "notes.md"] {
        fs::File::options()
            .write(true)
            .open(folder.join(name))
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
    }
    git(&folder, &["config", "hook.evil.event", "reference-transaction"]);
    for name in [
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        // After `-c` its name would end at the first `=`.
        "filter.ev=il.clean",
        "filter.ev=il.smudge",
        "merge.evil.driver",
        "hook.evil.command",
    ] {
        git(&folder, &["config", name, &touch]);
    }
    edit(&bob, "disk.md", "Look at the disk", "Look with df");
    hands_on(&bob);
    fs::write(folder.join("more.md"), "# More\n").unwrap();
    ada.expect(0, &["library", "status", "team"]);
    ada.expect(0, &["library", "status", "team", "--fetch"]);
    ada.expect(0, &["library", "pull", "team"]);
    assert!(read(&ada, "disk.md").contains("with df"));
    assert!(!marker.exists(), "looking and pulling start nothing that the repository names");

    for name in ["core.sshCommand", "credential.helper", "remote.origin.uploadpack", "remote.origin.receivepack"] {
        git(&folder, &["config", name, &touch]);
        for what in ["pull", "push"] {
            let home = &ada;
            if what == "push" && state(home)["ahead"] == 0 {
                continue;
            }
            let refused = home.expect(2, &["library", what, "team"]);
            assert!(refused.err.contains("names a program"), "{name}: {refused:?}");
        }
        assert!(!marker.exists(), "{name}");
        git(&folder, &["config", "--unset-all", name]);
    }
    git(&folder, &["config", "remote.origin.url", &format!("ext::{touch}")]);
    ada.expect(2, &["library", "pull", "team"]);
    assert!(!marker.exists());
}

#[test]
fn an_ssh_of_the_persons_own_that_wants_a_passphrase_gets_none_and_nobody_is_asked() {
    let (team, sshd) = (Team::new(), Sshd::start());
    let ada = team.member("ada");
    let ssh = sshd.path("bin/ssh").display().to_string();
    ada.file(".gitconfig", &format!("[core]\n\tsshCommand = {ssh}\n"));
    git(&ada.path("team"), &["remote", "set-url", "origin", &format!("ssh://there{}", team.address())]);
    ada.expect(0, &["library", "pull", "team"]);
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-p", "-P", "", "-N", "open sesame", "-f"]).arg(sshd.path("id"));
    assert!(keygen.stdout(Stdio::null()).status().unwrap().success());
    let before = sshd.connections();
    let mut person = Person::types(&ada, "library pull team");
    let said = person.reads_up_to("was not reached, and nothing was changed");
    assert!(!said.contains("passphrase"), "{said}");
    // It does not wait for an answer, either: what git says of it is said.
    person.sees("Permission denied");
    person.leaves(2);
    assert_eq!(sshd.connections(), before);
}

#[test]
fn a_commit_takes_what_was_chosen_and_runs_the_hooks_of_a_trusted_repository() {
    let team = Team::new();
    let ada = team.member("ada");
    let folder = ada.path("team");
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    edit(&ada, "notes.md", "A word", "Two words");
    fs::write(folder.join("-f.md"), "# Like an option\n").unwrap();
    fs::write(folder.join("two\nlines.md"), "# Two lines\n").unwrap();
    let done = ada.expect(0, &["library", "commit", "team/disk.md"]);
    assert!(done.out.contains("1 file committed"), "{done:?}");
    assert_eq!(git(&folder, &["show", "--format=%an", "--name-only", "HEAD"]), "ada\n\ndisk.md");
    ada.refused(&["library", "commit", "team/disk.md"], "nothing to commit");
    let hook = folder.join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho 'Not on a Friday' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let refused = ada.expect(2, &["library", "commit", "team"]);
    assert!(refused.err.contains("Not on a Friday"), "{refused:?}");
    fs::remove_file(&hook).unwrap();
    ada.expect(0, &["library", "commit", "team", "--message=-m is no option"]);
    assert_eq!(git(&folder, &["log", "-1", "--format=%s"]), "-m is no option");
    assert_eq!(git(&folder, &["status", "--porcelain"]), "");
}

#[test]
fn whoever_git_does_not_know_is_asked_in_a_terminal_and_told_without_one() {
    let team = Team::new();
    let ada = team.member("ada");
    fs::remove_file(ada.path(".gitconfig")).unwrap();
    edit(&ada, "disk.md", "Look at the disk", "Look with df");
    let refused = ada.expect(4, &["library", "commit", "team"]);
    assert!(refused.err.contains("does not know who you are"), "{refused:?}");
    let mut person = Person::types(&ada, "library commit team");
    person.sees("Change Disk full");
    person.sees("goes back");
    person.presses("\r");
    person.sees("Your name");
    person.sees("goes back");
    person.presses("Ada L\r");
    person.sees("e-mail address");
    person.sees("goes back");
    person.presses("ada@example.org\r");
    person.sees("1 file committed");
    person.leaves(0);
    assert_eq!(git(&ada.path("team"), &["log", "-1", "--format=%an %ae"]), "Ada L ada@example.org");
}

/// A book whose command goes on when there is a file `go` beside it.
const WAIT: &str = "# Wait\n\n## Steps\n\n```sh {name=wait}\nwhile [ ! -e go ]; do sleep 0.05; done; echo old\n```\n";

/// What a run's record holds as the text that ran.
fn text_that_ran(home: &Home, run: &str) -> String {
    home.expect(0, &["export", run, "-o", "record.allgood-run"]);
    let mut record = ZipArchive::new(fs::File::open(home.path("record.allgood-run")).unwrap()).unwrap();
    let mut text = String::new();
    record.by_name("revision.md").unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_run_under_way_keeps_its_text_while_a_pull_changes_the_file() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    fs::write(ada.path("team/wait.md"), WAIT).unwrap();
    hands_on(&ada);
    bob.expect(0, &["library", "pull", "team"]);
    let mut child = bob.command(&["run", "team/wait.md", "--auto"]).stdout(Stdio::piped()).spawn().unwrap();
    until("it runs", || bob.allgood(&["runs", "--json"]).out.contains("\"running\""));
    let run = bob.only_run();
    let id = text(&run, "id");
    let told = |moved_on: bool| {
        let shown = bob.expect(0, &["show-run", id]).out;
        assert_eq!(shown.contains("the file has changed since this run"), moved_on, "{shown}");
        assert_eq!(bob.expect(0, &["show-run", id, "--json"]).json()["moved_on"], moved_on);
    };
    told(false);
    edit(&ada, "wait.md", "echo old", "echo new");
    hands_on(&ada);
    bob.expect(0, &["library", "pull", "team"]);
    assert!(read(&bob, "wait.md").contains("echo new"));
    told(true);
    fs::write(bob.path("team/go"), "").unwrap();
    assert!(child.wait().unwrap().success());
    until("it is over", || processes_of(id).is_empty());
    told(true);
    bob.expect(0, &["verify", id]);
    let record = bob.expect(0, &["report", id, "--format", "md"]);
    assert!(record.out.contains("old") && !record.out.contains("echo new"), "{record:?}");
    assert_eq!(text_that_ran(&bob, id), WAIT, "to the letter");
}

#[test]
fn a_person_in_a_run_is_told_once_that_a_pull_changed_its_file_and_goes_on_with_the_text_it_began_with() {
    let team = Team::new();
    let (ada, bob) = (team.member("ada"), team.member("bob"));
    let changes = || {
        hands_on(&ada);
        bob.expect(0, &["library", "pull", "team"]);
    };
    let mut person = Person::types(&bob, "run team/disk.md");
    let before = person.reads_up_to("Look at the disk");
    assert!(!before.contains("has changed"), "{before}");
    person.sees("help");
    edit(&ada, "disk.md", "Free some space", "Buy a disk");
    changes();
    person.presses("\r");
    person.sees("The file has changed since: this run goes on with its own revision of it.");
    person.sees("Free some space");
    person.sees("help");
    person.presses("n");
    person.sees("Note");
    person.presses("half of it\r");
    let again = person.reads_up_to("help");
    assert!(!again.contains("has changed"), "it is said once: {again}");
    person.presses("p");
    person.sees("Put this run aside?");
    person.presses("y");
    person.leaves(130);
    let run = bob.only_run();
    let id = text(&run, "id");
    // Whoever takes it up is told at once.
    let mut person = Person::types(&bob, &format!("resume {id}"));
    person.sees("The file has changed since: this run goes on with its own revision of it.");
    let shown = person.reads_up_to("help");
    assert!(shown.contains("Free some space") && !shown.contains("Buy a disk"), "{shown}");
    assert!(!shown.contains("has changed"), "{shown}");
    person.presses("\r");
    person.leaves(0);
    assert_eq!(text_that_ran(&bob, id), DISK);
}
