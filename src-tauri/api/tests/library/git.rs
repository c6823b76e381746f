//! Where runbooks stand in git, as the list shows it.

use std::{fs, path::Path, process::Command};

use api::{
    commands::*,
    wire::{GitState, ListQuery},
};

use super::house::{House, path};

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]).args(arguments);
    assert!(command.current_dir(folder).status().unwrap().success(), "{arguments:?}");
}

/// What is not clean in the list, by path.
fn marks(house: &House) -> Vec<(String, String)> {
    let rows = house.app.library_list(ListQuery::default()).unwrap().rows;
    let mut marks: Vec<_> = rows.into_iter().filter_map(|row| Some((row.relative, row.git?))).collect();
    marks.sort();
    marks
}

fn head(house: &House) -> Option<GitState> {
    house.app.library_folders(Nothing {}).unwrap().remove(0).git
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

#[test]
fn rows_and_the_folder_say_where_they_stand_in_git_and_follow_it() {
    let house = House::new();
    let top = house.folder.path().canonicalize().unwrap();
    git(&top, &["init", "--quiet", "--initial-branch=main"]);
    house.write(".gitignore", "private/\n");
    for name in ["a.md", "b.md", "c d.md", "old.md"] {
        house.write(name, format!("# {name}\n\nSome words that make it this file.\n"));
    }
    git(&top, &["add", "library"]);
    git(&top, &["commit", "--quiet", "--message=one"]);
    house.write("a.md", "# Changed\n");
    house.write("b.md", "# Staged\n");
    git(&house.library, &["add", "b.md"]);
    git(&house.library, &["mv", "old.md", "new.md"]);
    house.write("c d.md", "# Changed too\n");
    house.write("sub/fresh.md", "# Fresh\n");
    house.write("private/p.md", "# Private\n");
    // A repository of its own in the folder.
    fs::create_dir(house.library.join("inner")).unwrap();
    git(&house.library.join("inner"), &["init", "--quiet", "--initial-branch=trunk"]);
    house.write("inner/x.md", "# Inner\n");
    git(&house.library.join("inner"), &["add", "x.md"]);
    git(&house.library.join("inner"), &["commit", "--quiet", "--message=inner"]);

    let listening = house.listen();
    let library = house.add();
    house.app.follow().unwrap();
    listening.until("everything is in the list", || house.titles().len() == 7);
    assert_eq!(marks(&house), [], "git is not asked about a folder that is not trusted");
    assert!(head(&house).is_none());

    house.app.library_trust(IdArgument { id: library }).unwrap();
    listening.until("git was asked", || head(&house).is_some());
    let expected = [
        ("a.md", "modified"),
        ("b.md", "staged"),
        ("c d.md", "modified"),
        ("new.md", "staged"),
        ("private/p.md", "ignored"),
        ("sub/fresh.md", "untracked"),
    ];
    assert_eq!(marks(&house), pairs(&expected));
    let found = head(&house).unwrap();
    assert_eq!((Path::new(&found.root), &*found.branch, &*found.state), (&*top, "main", "modified"));

    // Nothing in the folder changes with that, but git's own files.
    git(&top, &["add", "."]);
    git(&top, &["commit", "--quiet", "--message=two"]);
    listening.until("a commit is noticed", || head(&house).is_some_and(|head| head.state == "clean"));
    assert_eq!(marks(&house), pairs(&[("private/p.md", "ignored")]));
    git(&top, &["checkout", "--quiet", "-b", "side"]);
    listening.until("another branch is noticed", || head(&house).is_some_and(|head| head.branch == "side"));
    house.write("inner/x.md", "# Inner, changed\n");
    let inner = ("inner/x.md", "modified");
    listening.until("a file is noticed", || marks(&house) == pairs(&[inner, ("private/p.md", "ignored")]));
    house.app.close();
}

#[test]
fn the_order_of_what_was_opened_last_follows_what_is_edited() {
    let house = House::new();
    for name in ["a.md", "b.md", "c.md"] {
        house.write(name, format!("# {name}\n"));
    }
    house.add();
    let order = || -> Vec<String> {
        let query = ListQuery { sort: api::wire::ListSort::Opened, ..ListQuery::default() };
        house.app.library_list(query).unwrap().rows.into_iter().map(|row| row.relative).collect()
    };
    for name in ["c.md", "b.md"] {
        house.app.source(path(&house.library.join(name))).unwrap();
        assert_eq!(order()[0], name);
    }
    assert_eq!(order(), ["b.md", "c.md", "a.md"]);
}
