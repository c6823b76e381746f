//! Values that are learnt while a run is under way, on the page that shows it.

use std::{collections::BTreeMap, sync::mpsc, time::Duration};

use api::{
    WatchSink,
    commands::*,
    wire::{Mode, RunAction, RunUpdate, RunbookView, StartRun},
};

use crate::house::{House, argument};

const TEXT: &str = "---
title: Move {{HOST}}
summary: Away from {{HOST}}
env: {A: x}
params:
  TOKEN: {default: hunter2, secret: true}
links:
  - {title: \"Board of {{HOST}}\", url: \"https://{{HOST}}.example/?t={{TOKEN}}\"}
  - {title: Host, url: \"https://board.example/{{HOST}}\"}
---

## Steps

### 1. Find it

```sh {name=find capture=HOST}
echo 'web <7>'
```

### 2. Drain {{HOST}}

Look at {{HOST}}, never at {{TOKEN}}.

- [ ] {{HOST}} is empty

**If it fails**, call about {{HOST}}.
";

struct Page(mpsc::Sender<RunUpdate>);

impl WatchSink for Page {
    fn update(&self, update: &RunUpdate) {
        drop(self.0.send(update.clone()));
    }
    fn bytes(&self, _: Vec<u8>) {}
}

#[test]
fn a_value_that_a_command_has_found_is_on_the_open_page_and_no_secret_ever_is() {
    let house = House::that_runs();
    let file = house.put("a.md", TEXT);
    let revision = house.app.runbook(argument(&file)).unwrap().revision;
    let run = house
        .app
        .run_start(StartRun {
            step: None,
            path: file.display().to_string(),
            revision,
            mode: Mode::Hand,
            values: BTreeMap::new(),
            environment: None,
            environment_typed: None,
        })
        .unwrap();
    let check =
        |book: &RunbookView| book.items.values().find(|item| item.text.contains("empty")).unwrap().text.clone();
    assert_eq!((run.runbook.title.as_str(), check(&run.runbook).as_str()), ("Move {{HOST}}", "{{HOST}} is empty"));
    assert!(run.runbook.links.iter().all(|link| !link.opens), "{:?}", run.runbook.links);
    assert!(run.runbook.params.iter().all(|param| param.default.is_none() && !param.required));

    let (sender, updates) = mpsc::channel();
    let id = run.run.id.clone();
    house.app.run_watch(WatchRun { run: id.clone(), after: run.seq }, Box::new(Page(sender))).unwrap();
    let item = &run.runbook.items["find"];
    let start = RunAction::Start {
        item: item.id.clone(),
        hash: item.hash.clone(),
        values: BTreeMap::new(),
        confirmed: None,
        edited: None,
    };
    house.app.run_do(RunDo { run: id.clone(), action: start }).unwrap();
    let mut told = Vec::new();
    let book = loop {
        let update = updates.recv_timeout(Duration::from_secs(90)).unwrap();
        told.push(serde_json::to_string(&update).unwrap());
        if let Some(book) = update.runbook {
            break book;
        }
    };
    let steps: Vec<_> = book.sections.iter().flat_map(|section| &section.steps).collect();
    let advice = steps[1].if_it_fails.clone().unwrap_or_default();
    assert_eq!(
        (book.title.as_str(), book.summary.as_deref(), steps[1].title.as_str(), check(&book).as_str()),
        ("Move web <7>", Some("Away from web <7>"), "Drain web <7>", "web <7> is empty")
    );
    assert!(advice.contains("&lt;7&gt;") && !advice.contains("<7>"), "{advice}");
    assert!(serde_json::to_string(&steps[1].body).unwrap().contains("web &lt;7&gt;"), "{:?}", steps[1].body);
    let links: Vec<(&str, &str, bool)> =
        book.links.iter().map(|link| (link.text.as_str(), link.url.as_str(), link.opens)).collect();
    assert_eq!(
        links,
        [
            ("Board of web <7>", "https://{{HOST}}.example/?t={{TOKEN}}", false),
            ("Host", "https://board.example/web%20%3C7%3E", true),
        ]
    );
    told.push(serde_json::to_string(&house.app.run_view(RunArgument { run: id }).unwrap()).unwrap());
    assert!(told.iter().all(|told| !told.contains("hunter2")), "a secret is on no page: {told:?}");
    house.app.close();
}
