//! Every fix mends what it says it mends, and touches nothing else.

use std::collections::BTreeMap;

use super::support::corpus;
use crate::{Edit, Fix, Place, Problem, World, apply, asks, check, parse};

/// A world in which something is known about everything: all links lead nowhere but those to two pages.
pub(super) fn world(path: &str, bytes: &[u8]) -> World {
    let runbook = parse(path, bytes);
    let mut places: BTreeMap<String, Place> =
        asks(&runbook).into_iter().map(|place| (place, Place::Nothing)).collect();
    places.insert("other.md".to_owned(), Place::Page(["a-heading".to_owned()].into()));
    World {
        today: Some("2099-01-01".to_owned()),
        places,
        pages: Some(["other.md".to_owned()].into()),
        access: Some(["orders-db".to_owned()].into()),
        ..World::default()
    }
}

pub(super) fn problems(path: &str, bytes: &[u8], world: &World) -> Vec<Problem> {
    check(&parse(path, bytes), bytes, world)
}

/// How often a problem of that code stands at that place, read by what it says.
fn count(problems: &[Problem], problem: &Problem, place: usize) -> usize {
    problems.iter().filter(|other| other.code == problem.code && other.span.start == place).count()
}

/// Where an offset is once the edits are made.
fn moved(fix: &Fix, offset: usize) -> usize {
    let mut moved = offset;
    for edit in &fix.edits {
        if edit.span.start < offset || (edit.span.start == offset && edit.span.end == offset) {
            moved = moved + edit.text.len() - (edit.span.end.min(offset) - edit.span.start);
        }
    }
    moved
}

/// Makes the edits: all bytes outside of them are those of before.
pub(super) fn edited(what: &str, bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let result = apply(bytes, edits).unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let (mut old, mut new) = (0, 0);
    for edit in &edits {
        let kept = edit.span.start - old;
        assert!(bytes[old..edit.span.start] == result[new..new + kept], "{what}: bytes before an edit");
        new += kept;
        assert_eq!(&result[new..new + edit.text.len()], edit.text.as_bytes(), "{what}: the edit's own text");
        new += edit.text.len();
        old = edit.span.end;
    }
    assert!(bytes[old..] == result[new..], "{what}: bytes behind the edits");
    result
}

/// All bytes outside of the edits are those of before, and the problem is gone.
/// How often a fix of that title is offered.
fn offered(problems: &[Problem], code: &str, title: &str) -> usize {
    let fixes = problems.iter().filter(|problem| problem.code == code).flat_map(|problem| &problem.fixes);
    fixes.filter(|fix| fix.title == title).count()
}

pub(super) fn check_fix(path: &str, bytes: &[u8], before: &[Problem], world: &World, problem: &Problem, fix: &Fix) {
    let what = format!("{path}:{} {} “{}”", problem.line, problem.code, fix.title);
    let mended = edited(&what, bytes, &fix.edits);
    let after = problems(path, &mended, world);
    let place = moved(fix, problem.span.start);
    // One problem stands for all placeholders of a file, with a fix for each name: that one is asked for no more.
    let (left, there) = if problem.code == "placeholder" {
        (offered(&after, problem.code, &fix.title), offered(before, problem.code, &fix.title))
    } else {
        (count(&after, problem, place), count(before, problem, problem.span.start))
    };
    assert!(left < there, "{what} is still there after the fix:\n{}", String::from_utf8_lossy(&mended));
    let errors = |problems: &[Problem]| {
        problems.iter().filter(|one| ["front-matter", "attributes", "unclosed-fence"].contains(&one.code)).count()
    };
    assert!(errors(&after) <= errors(before), "{what} breaks something:\n{}", String::from_utf8_lossy(&mended));
}

/// Makes every safe fix, over and over, until none is left.
fn mend(path: &str, bytes: &[u8], world: &World) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..50 {
        let mut edits: Vec<crate::Edit> = Vec::new();
        for problem in problems(path, &bytes, world) {
            let Some(fix) = problem.fixes.iter().find(|fix| fix.safe) else { continue };
            let touches = |one: &crate::Edit| {
                edits.iter().any(|other| one.span.start <= other.span.end && other.span.start <= one.span.end)
            };
            if !fix.edits.iter().any(touches) {
                edits.extend(fix.edits.clone());
            }
        }
        if edits.is_empty() {
            return bytes;
        }
        bytes = apply(&bytes, &edits).expect("edits that do not touch");
    }
    panic!("{path}: the safe fixes never come to an end");
}

#[test]
fn every_fix_of_every_problem_of_the_corpus_mends_it_and_nothing_else() {
    let mut count = 0;
    for (path, bytes) in corpus() {
        let world = world(&path, &bytes);
        let found = problems(&path, &bytes, &world);
        for problem in &found {
            for fix in &problem.fixes {
                check_fix(&path, &bytes, &found, &world, problem, fix);
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count}");
}

#[test]
fn the_safe_fixes_come_to_an_end_and_leave_no_problem_that_they_mend() {
    for (path, bytes) in corpus() {
        let world = world(&path, &bytes);
        let mended = mend(&path, &bytes, &world);
        assert!(
            problems(&path, &mended, &world).iter().all(|problem| problem.fixes.iter().all(|fix| !fix.safe)),
            "{path}"
        );
    }
}
