//! Several programs at one file, and one that is killed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Barrier, Mutex},
    time::{Duration, Instant},
};

use api::{
    App,
    commands::*,
    wire::{HistoryQuery, ListQuery, ListSort, Saved},
};

use crate::house::{House, argument, open, save};

/// Set for a process of the test below that only saves.
const CHILD: &str = "ALLGOOD_TEST_SAVES";

/// Adds lines to a file until all are in it, as somebody would who reads it again after each conflict.
fn add_lines(app: &App, file: &Path, who: &str, lines: usize) {
    for line in 0..lines {
        loop {
            let source = app.source(argument(file)).unwrap();
            let text = format!("{}{who}-{line}\n", source.text);
            match app.save(save(file, source.revision.as_deref(), &text)).unwrap() {
                Saved::Saved { .. } => break,
                Saved::Changed { .. } => {}
            }
        }
    }
}

#[test]
fn programs_that_save_one_file_at_the_same_time_lose_nothing() {
    let house = House::new();
    let file = house.put("a.md", "");
    // One shares the store, the other knows nothing of it and of its locks.
    let stranger = open(&house.folder.path().join("other-data"));
    stranger.library_add(argument(&house.library)).unwrap();
    let apps: [(&str, Arc<App>); 3] =
        [("one", house.app.clone()), ("two", open(&house.folder.path().join("data"))), ("three", stranger)];
    std::thread::scope(|scope| {
        for (who, app) in &apps {
            let file = &file;
            scope.spawn(move || add_lines(app, file, who, 25));
        }
    });
    let text = fs::read_to_string(&file).unwrap();
    let found: BTreeSet<&str> = text.lines().collect();
    assert_eq!(found.len(), 75, "{text}");
    assert_eq!(text.lines().count(), 75, "{text}");
    assert_eq!(fs::read_dir(&house.library).unwrap().count(), 1, "nothing is left beside it");
}

/// What the file holds in its version of that number: a megabyte, so that writing it takes its time.
fn version(number: u64) -> String {
    format!("version {number}\n").repeat(60_000)
}

#[test]
fn a_process_of_the_next_test_that_saves_until_it_is_killed() {
    let Some(file) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let app = open(&file.ancestors().nth(2).unwrap().join("data"));
    let mut base = app.source(argument(&file)).unwrap().revision;
    for number in 0.. {
        match app.save(save(&file, base.as_deref(), &version(number))).unwrap() {
            Saved::Saved { revision, .. } => base = Some(revision),
            changed @ Saved::Changed { .. } => panic!("{changed:?}"),
        }
    }
}

#[test]
fn a_process_that_is_killed_while_it_saves_leaves_a_whole_version() {
    let house = House::new();
    let file = house.put("a.md", version(7));
    let mut seed = 88_172_645_463_325_252_u64;
    for _ in 0..8 {
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "together::a_process_of_the_next_test_that_saves_until_it_is_killed", "--nocapture"])
            .env(CHILD, &file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while fs::metadata(&file).unwrap().modified().unwrap() == before {
            assert!(child.try_wait().unwrap().is_none(), "it saves until it is killed");
            std::thread::yield_now();
        }
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        for _ in 0..seed % 3_000 {
            std::hint::black_box(fs::metadata(&file).unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap();
        assert_eq!(text.lines().count(), 60_000);
        assert!(text.lines().all(|line| line == first), "a version in part");
    }
    let (rows, _) = (house.app.source(argument(&file)).unwrap(), ());
    assert!(rows.revisions > 1);
    house.app.library_rescan(Nothing {}).unwrap();
    assert_eq!(
        house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows.len(),
        1,
        "leftovers are no runbooks"
    );
}

/// How often two meet at one file below.
const MEETINGS: usize = 150;

#[test]
fn a_save_is_never_taken_for_somebody_elses_and_what_somebody_wrote_in_that_moment_is_never_lost() {
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    let house = House::new();
    let file = house.put("a.md", "# Begin\n");
    house.app.follow().unwrap();
    let (meet, theirs) = (Barrier::new(2), Mutex::new(Vec::new()));
    let mut ours = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..MEETINGS {
                let beside = house.folder.path().join("beside.md");
                let text = format!("# Theirs {number}\n");
                fs::write(&beside, &text).unwrap();
                meet.wait();
                // What it takes out is what it knows of, and what it answers for.
                renameat2(AT_FDCWD, &beside, AT_FDCWD, &file, RenameFlags::RENAME_EXCHANGE).unwrap();
                theirs.lock().unwrap().push((text, fs::read_to_string(&beside).unwrap()));
                meet.wait();
            }
        });
        for number in 0..MEETINGS {
            let base = house.source(&file).revision;
            let text = format!("# Ours {number}\n");
            meet.wait();
            if let Saved::Saved { .. } = house.save(&file, base.as_deref(), &text).unwrap() {
                ours.push(text);
            }
            meet.wait();
        }
    });
    let path = file.display().to_string();
    let page = |offset| house.app.history(HistoryQuery { path: path.clone(), offset, limit: 200 }).unwrap().rows;
    let mut rows = page(0);
    while let more = page(rows.len() as u64)
        && !more.is_empty()
    {
        rows.extend(more);
    }
    let now = fs::read_to_string(&file).unwrap();
    assert_eq!(rows[0].revision, store::revision_of(now.as_bytes()), "the newest is what the file holds");
    let origins = |text: &str| -> Vec<&str> {
        let of = store::revision_of(text.as_bytes());
        rows.iter().filter(|row| row.revision == of).map(|row| row.origin.as_str()).collect()
    };
    for text in &ours {
        assert_eq!(origins(text), ["here"], "{text}");
    }
    let theirs = theirs.into_inner().unwrap();
    let taken_out: BTreeSet<&str> = theirs.iter().map(|(_, out)| out.as_str()).collect();
    for (text, _) in &theirs {
        let known = now == *text || taken_out.contains(text.as_str()) || origins(text).contains(&"outside");
        assert!(known, "nobody knows of {text}");
    }
    let list = || house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows;
    let titles = || list().into_iter().map(|row| row.title);
    let until = Instant::now() + Duration::from_secs(60);
    while titles().collect::<Vec<_>>() != [now.trim_start_matches("# ").trim()] {
        assert!(Instant::now() < until, "the list shows {:?}, the file holds {now}", titles().collect::<Vec<_>>());
        std::thread::yield_now();
    }
    assert_eq!(fs::read_dir(&house.library).unwrap().count(), 1, "nothing is left beside it");
}
