//! Trying a block of a text that is being written.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use api::{
    ApiError, ErrorCode,
    commands::*,
    wire::{AttemptState, AttemptView, LookAt, RunAction, RunFilter, RunView, TryBlock},
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

/// Waits until it is there; what does not come is said.
fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(90), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The last attempt of an item, once it is over.
fn ended(house: &House, run: &str, item: &str) -> AttemptView {
    wait("the attempt is over", || {
        let view = house.app.run_view(RunArgument { run: run.to_owned() }).unwrap();
        let progress = view.progress.into_iter().find(|progress| progress.item == item)?;
        progress.attempts.into_iter().next_back().filter(|attempt| attempt.state.is_some())
    })
}

fn printed(house: &House, run: &str, item: &str) -> String {
    let (run, item) = (run.to_owned(), item.to_owned());
    let read = house.app.output_read(OutputArgument { run, item, attempt: 1, offset: 0, limit: 4096 }).unwrap();
    let header = u32::from_le_bytes(read[..4].try_into().unwrap()) as usize;
    String::from_utf8_lossy(&read[4 + header..]).into_owned()
}

const REAL: &str = "---\nparams:\n  REGION: {default: eu-1}\n---\n# A\n\n## Steps\n\n```sh {name=pod expect=\"web 1; id in us-2\"}\necho \"<pod name> in $REGION\"\n```\n\n```sh {name=asks confirm=\"orders\"}\necho sure\n```\n\n```sh {name=long}\nsleep 600 &\necho $! > child\necho $$ > shell\nsleep 600\n```\n";

#[test]
fn a_try_takes_values_and_answers_as_any_run_does_and_passes() {
    let house = House::that_runs();
    let file = house.put("a.md", REAL);
    let hashes = look(&house, &file, REAL);
    let block = |item: &str, values: &[(&str, &str)], confirmed: Option<&str>| TryBlock {
        path: file.display().to_string(),
        text: REAL.to_owned(),
        item: item.to_owned(),
        hash: hashes[item].clone(),
        values: values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        environment: None,
        environment_typed: None,
        confirmed: confirmed.map(str::to_owned),
    };
    let run = house.app.try_block(block("pod", &[("pod name", "web 1; id"), ("REGION", "us-2")], None)).unwrap();
    let attempt = ended(&house, &run.run.id, "pod");
    assert_eq!((attempt.state, attempt.exit), (Some(AttemptState::Passed), Some(0)), "{attempt:?}");
    assert_eq!(printed(&house, &run.run.id, "pod").trim_end(), "web 1; id in us-2");

    for (answer, passes) in [(None, false), (Some("order"), false), (Some("orders"), true)] {
        match house.app.try_block(block("asks", &[], answer)) {
            Ok(run) if passes => {
                assert_eq!(ended(&house, &run.run.id, "asks").state, Some(AttemptState::Passed));
            }
            Err(error) if !passes => {
                let asked = error.confirm.as_ref().and_then(|question| question.typed.as_deref());
                let (code, asks) = match answer {
                    None => (ErrorCode::NeedsConfirmation, Some("orders")),
                    Some(_) => (ErrorCode::BadInput, None),
                };
                assert_eq!((error.code, asked), (code, asks), "{error:?}");
            }
            other => panic!("{answer:?}: {other:?}"),
        }
    }
    assert_eq!(house.app.runs(RunFilter::default()).unwrap().total, 0);
    house.app.close();
}

#[test]
fn a_try_that_is_stopped_leaves_no_process() {
    let house = House::that_runs();
    let file = house.put("a.md", REAL);
    let hashes = look(&house, &file, REAL);
    let run = attempt(&house, &file, REAL, "long", &hashes["long"]).unwrap().run.id;
    let processes = ["child", "shell"].map(|name| {
        wait(name, || {
            let number = fs::read_to_string(house.library.join(name)).ok()?;
            number.ends_with('\n').then(|| number.trim().to_owned())
        })
    });
    let alive = |process: &String| Path::new("/proc").join(process).join("exe").exists();
    assert!(processes.iter().all(alive), "both run");
    house.app.run_do(RunDo { run: run.clone(), action: RunAction::Stop { item: "long".to_owned() } }).unwrap();
    assert_eq!(ended(&house, &run, "long").state, Some(AttemptState::Stopped));
    wait("both are gone", || (!processes.iter().any(alive)).then_some(()));
    house.app.close();
}

#[test]
fn what_was_tried_more_than_a_day_ago_is_gone_at_the_next_start() {
    let house = House::new();
    let file = house.put("a.md", TEXT);
    let hashes = look(&house, &file, TEXT);
    let young = attempt(&house, &file, TEXT, "one", &hashes["one"]).unwrap().run.id;
    house.app.close();
    let store = store::Store::open(&house.folder.path().join("data")).unwrap();
    let of = store.run(&engine::RunId(young.clone())).unwrap().start;
    let days_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(25);
    let old = store::NewRun { id: engine::RunId::new(), started_at: format!("{days_ago:.3}"), ..of };
    drop(store.begin_scratch_run(&old).unwrap());
    drop(store);
    let house = house.again();
    let there = |run: &str| house.app.run_view(RunArgument { run: run.to_owned() }).is_ok();
    assert!(there(&young), "a day is not over");
    assert!(!there(&old.id.0), "it is not kept for longer");
}
