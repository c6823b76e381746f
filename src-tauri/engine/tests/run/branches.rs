//! Branches: a link inside a step moves the path (RUNS.md, "Going forward").

use engine::{Command, Refusal, event::FinishState, state::ItemStatus};

use crate::{Rig, read};

const BOOK: &str = "\
## Steps

### Look

```sh {name=look}
print full
```

### Grow

- [ ] grown

### Clean

```sh {name=clean}
print clean
```
";

fn follow(to: &str) -> Command {
    Command::Follow { to: to.to_owned() }
}

#[test]
fn a_branch_forward_skips_what_it_passes_over_and_says_so() {
    let run = Rig::read(read(BOOK)).attended().start();
    run.run("look");
    run.handle.send(follow("clean")).unwrap();
    assert_eq!(run.handle.state().item("grown"), ItemStatus::Skipped);
    run.run("clean");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let story = run.story();
    assert!(story.contains(&"branched grown".to_owned()), "{story:#?}");
    assert!(story.contains(&"skipped grown (branch)".to_owned()), "{story:#?}");
}

#[test]
fn a_branch_back_makes_what_lies_between_to_be_done_once_more() {
    let run = Rig::read(read(BOOK)).attended().start();
    run.run("look");
    run.tick("grown").unwrap();
    run.handle.send(follow("look")).unwrap();
    let state = run.handle.state();
    assert_eq!(state.item("grown"), ItemStatus::Pending);
    run.run("look");
    run.tick("grown").unwrap();
    run.run("clean");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(run.handle.state().items["look"].attempts.len(), 2);
    assert_eq!(run.handle.state(), run.replayed());
}

#[test]
fn a_branch_to_nowhere_is_refused_with_its_name() {
    let run = Rig::read(read(BOOK)).attended().start();
    let refusal = run.handle.send(follow("elsewhere")).unwrap_err();
    assert!(matches!(&refusal, Refusal::Value(sentence) if sentence.contains("\"elsewhere\"")), "{refusal}");
}
