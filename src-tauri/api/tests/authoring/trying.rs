//! Trying a block of a text that is being written.

use std::{collections::BTreeMap, path::Path};

use api::{
    ApiError, ErrorCode,
    commands::*,
    wire::{LookAt, RunFilter, RunView, TryBlock},
};

use crate::house::{House, argument};

const TEXT: &str = "# A\n\n## Steps\n\n```sh {name=one}\necho one\n```\n\n```sh {name=two}\necho <pod name>\n```\n\n```sh {confrim=x name=three}\necho three\n```\n";

fn look(house: &House, file: &Path, text: &str) -> BTreeMap<String, String> {
    let path = file.display().to_string();
    let asked = LookAt { path, text: text.to_owned(), environment: None, page: false, around: None };
    house.app.look(asked).unwrap().items.into_iter().map(|item| (item.id, item.hash)).collect()
}

fn attempt(house: &House, file: &Path, text: &str, item: &str, hash: &str) -> Result<RunView, ApiError> {
    house.app.try_block(TryBlock {
        path: file.display().to_string(),
        text: text.to_owned(),
        item: item.to_owned(),
        hash: hash.to_owned(),
        values: BTreeMap::new(),
        environment: None,
        environment_typed: None,
        confirmed: None,
    })
}

#[test]
fn a_block_is_tried_in_a_run_that_no_list_shows() {
    let house = House::new();
    let file = house.put("a.md", "# On disk\n");
    let hashes = look(&house, &file, TEXT);
    let tried = attempt(&house, &file, TEXT, "one", &hashes["one"]).unwrap();
    let view = house.app.run_view(RunArgument { run: tried.run.id.clone() }).unwrap();
    assert_eq!((view.run.title.as_str(), view.run.revision == tried.runbook.revision), ("A", true));
    let started: Vec<&str> =
        view.progress.iter().filter(|item| !item.attempts.is_empty()).map(|item| item.item.as_str()).collect();
    assert!(started.iter().all(|item| *item == "one"), "{started:?}");
    assert_eq!(house.app.runs(RunFilter::default()).unwrap().total, 0);
    assert_eq!(house.app.app_state(Nothing {}).unwrap().runs, 0);
    assert_eq!(house.app.runbook(argument(&file)).unwrap().runs, 0);
    assert!(house.app.app_state(Nothing {}).unwrap().open_runs.is_empty());
}

#[test]
fn a_block_is_tried_by_the_rules_of_any_run() {
    let house = House::new();
    let file = house.put("a.md", TEXT);
    let hashes = look(&house, &file, TEXT);
    let changed = TEXT.replace("echo one", "rm -rf x");
    for (text, item, hash, code) in [
        (changed.as_str(), "one", &hashes["one"], ErrorCode::Stale),
        (TEXT, "none", &hashes["one"], ErrorCode::NotFound),
        (TEXT, "two", &hashes["two"], ErrorCode::NeedsValues),
        (TEXT, "three", &hashes["three"], ErrorCode::Guard),
    ] {
        assert_eq!(attempt(&house, &file, text, item, hash).unwrap_err().code, code, "{item}");
    }
    house.app.library_remove(IdArgument { id: house.id }).unwrap();
    house.app.library_add(argument(&house.library)).unwrap();
    let refused = attempt(&house, &file, TEXT, "one", &hashes["one"]).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotTrusted);
}
