//! Each target for a moment: its seeds, pieces of them, and what comes of changing them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use fuzz::{TARGETS, Target};
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};

/// How one input is made out of another.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Repeat(Index, Index, usize),
    Splice(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        (any::<Index>(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Change::Remove(from, to)),
        (any::<Index>(), any::<Index>(), 2..40_usize).prop_map(|(from, to, times)| Change::Repeat(from, to, times)),
        (any::<Index>(), any::<Index>()).prop_map(|(seed, at)| Change::Splice(seed, at)),
    ]
}

fn changed(target: &Target, seed: Index, changes: &[Change]) -> Vec<u8> {
    let mut bytes = target.seeds[seed.index(target.seeds.len())].to_vec();
    for change in changes {
        let length = bytes.len();
        let at = |index: &Index| index.index(length + 1);
        match change {
            Change::Flip(index, byte) if length > 0 => bytes[index.index(length)] ^= byte,
            Change::Flip(..) => {}
            Change::Insert(index, more) => {
                let place = at(index);
                bytes.splice(place..place, more.iter().copied());
            }
            Change::Remove(one, other) => {
                let (from, to) = (at(one).min(at(other)), at(one).max(at(other)));
                bytes.drain(from..to);
            }
            Change::Repeat(one, other, times) => {
                let (from, to) = (at(one).min(at(other)), at(one).max(at(other)));
                let piece = bytes[from..to.min(from + 64)].repeat(*times);
                bytes.splice(to..to, piece);
            }
            Change::Splice(other, index) => {
                let more = target.seeds[other.index(target.seeds.len())];
                let place = at(index);
                bytes.splice(place..place, more[..index.index(more.len() + 1)].iter().copied());
            }
        }
    }
    bytes
}

fn runs_for_a_moment(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    for seed in target.seeds {
        (target.run)(seed);
    }
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() });
    let inputs = (any::<Index>(), prop::collection::vec(change(), 1..12));
    let outcome = runner.run(&inputs, |(seed, changes)| {
        (target.run)(&changed(target, seed, &changes));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
}

#[test]
fn any_runbook_is_read() {
    runs_for_a_moment("runbook");
}

#[test]
fn no_page_carries_anything_that_runs() {
    runs_for_a_moment("page");
}

#[test]
fn any_value_is_filled_in() {
    runs_for_a_moment("fill");
}

#[test]
fn any_page_of_the_web_is_imported() {
    runs_for_a_moment("html-import");
}

#[test]
fn any_session_is_imported() {
    runs_for_a_moment("session-import");
}

#[test]
fn any_library_file_is_read_or_refused() {
    runs_for_a_moment("library-file");
}

#[test]
fn any_three_versions_are_merged_or_in_conflict() {
    runs_for_a_moment("merge");
}

#[test]
fn any_playbook_becomes_a_runbook_that_holds_what_it_held_or_is_refused() {
    runs_for_a_moment("playbook");
}

#[test]
fn any_runbook_is_said_in_other_formats() {
    runs_for_a_moment("exchanged");
}

#[test]
fn no_address_gets_past_the_scheme_rules() {
    runs_for_a_moment("link");
}

#[test]
fn no_address_from_outside_leads_out_of_the_library() {
    runs_for_a_moment("invitation");
}

#[test]
fn any_ssh_configuration_is_read_or_refused() {
    runs_for_a_moment("ssh-config");
}

#[test]
fn any_file_of_links_is_read_or_refused() {
    runs_for_a_moment("bookmarks");
}

#[test]
fn any_table_of_entries_is_read_or_refused() {
    runs_for_a_moment("csv");
}

#[test]
fn any_reference_is_read_or_refused() {
    runs_for_a_moment("reference");
}

#[test]
fn any_seed_gives_a_code_or_is_refused() {
    runs_for_a_moment("one-time-code");
}

#[test]
fn no_secret_is_shown_whatever_is_printed() {
    runs_for_a_moment("masker");
}

#[test]
fn nothing_that_a_terminal_obeys_is_left_in_plain_text() {
    runs_for_a_moment("terminal");
}

#[test]
fn any_journal_is_told() {
    runs_for_a_moment("journal");
}

#[test]
fn any_run_file_is_looked_into_or_refused() {
    runs_for_a_moment("run-file");
}

#[test]
fn every_target_is_run_here() {
    let here = include_str!("short.rs");
    for target in TARGETS {
        assert!(here.contains(&format!("runs_for_a_moment(\"{}\")", target.name)), "{}", target.name);
    }
}
