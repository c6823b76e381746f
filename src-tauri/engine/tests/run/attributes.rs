//! What the attributes of a block do in a run, read from Markdown and run by real shells (FORMAT.md, "Fence attributes").

use engine::{Command, Fact, Refusal, RunStatus, event::FinishState, state::ItemStatus};
use testkit::Words;

use crate::{Ran, Rig, read};

/// A runbook whose only section has these blocks.
fn steps(blocks: &str) -> Rig {
    Rig::read(read(&format!("# A book\n\n## Steps\n\n{blocks}\n"))).real()
}

/// By itself, without a person.
fn auto(blocks: &str) -> Ran {
    steps(blocks).by_itself().start()
}

fn counting(info: &str, passes_at: u32) -> String {
    format!(
        "```sh {{name=try {info}}}\necho x >> tries\ntest \"$(wc -l < tries)\" -ge {passes_at}\n```\n\n```sh {{name=next}}\ntrue\n```"
    )
}

fn confirm(run: &Ran, item: &str, answer: Option<&str>) -> Result<(), Refusal> {
    let hash = run.book.item(item).map_or(String::new(), |(_, _, item)| item.hash.clone());
    let (item, confirmed) = (item.to_owned(), answer.map(str::to_owned));
    run.handle.send(Command::Start {
        item,
        hash,
        values: std::collections::BTreeMap::default(),
        confirmed,
        edited: None,
    })
}

#[test]
fn a_command_is_tried_again_as_often_as_retry_says_and_each_attempt_is_in_the_journal() {
    let run = auto(&counting("retry=3 every=10ms", 3));
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    let state = run.handle.state();
    let attempts = &state.items["try"].attempts;
    let seen: Vec<(u64, Option<u64>, bool)> = attempts.iter().map(|one| (one.number, one.of, one.again)).collect();
    assert_eq!(seen, [(1, Some(4), true), (2, Some(4), true), (3, Some(4), false)]);
    assert!(state.items["try"].was_rescued(), "a failure that was rescued stays visible");
    assert_eq!(state, run.replayed());
}

#[test]
fn when_all_attempts_have_failed_the_run_stops_and_says_how_often_it_tried() {
    let run = auto(&counting("retry=2 every=1ms", 9));
    assert_eq!(run.finished(), Some(FinishState::Failed));
    let state = run.handle.state();
    assert_eq!(state.items["try"].attempts.len(), 3);
    let note = state.items["try"].attempts[2].note.clone().unwrap();
    assert!(note.starts_with("failed 3 of at most 3 times"), "{note}");
    assert_eq!(state.item("next"), ItemStatus::Pending);
}

#[test]
fn a_block_with_every_within_and_retry_is_a_command_and_is_not_cut_short() {
    let run = auto("```sh {name=try retry=5 every=1ms within=20ms}\nsleep 0.1; echo whole; exit 1\n```");
    assert_eq!(run.finished(), Some(FinishState::Failed));
    let state = run.handle.state();
    let attempts = &state.items["try"].attempts;
    assert_eq!(
        (attempts.len(), attempts[0].exit),
        (1, Some(1)),
        "it ran to its end, and was not tried after `within`"
    );
    assert_eq!(run.journal.output_text(), "whole\r\n");
}

#[test]
fn a_person_can_stop_between_two_attempts() {
    let run = steps(&counting("retry=3 every=1h", 9)).start();
    run.start("try").unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::AttemptEnded { again: true, .. }));
    assert_eq!(run.handle.state().status, RunStatus::Running);
    run.handle.send(Command::Stop { item: "try".to_owned() }).unwrap();
    let state = run.handle.state();
    assert_eq!((state.item("try"), state.items["try"].attempts.len()), (ItemStatus::Failed, 1));
    run.start("try").unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::AttemptStarted { attempt: 2, of: Some(5), .. }));
}

#[test]
fn a_block_that_asks_to_be_confirmed_is_started_after_a_yes_and_the_record_has_it() {
    let run = steps("```sh {name=drop confirm}\necho gone\n```").start();
    let refused = confirm(&run, "drop", None);
    assert!(matches!(refused, Err(Refusal::Confirm { typed: None, environment: false, .. })), "{refused:?}");
    assert_eq!(run.story().len(), 2, "nothing has happened: {:#?}", run.story());
    confirm(&run, "drop", Some("yes")).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let facts = run.journal.facts();
    let asked = facts.iter().position(|fact| matches!(fact, Fact::Confirmed { item: Some(_), .. })).unwrap();
    assert!(matches!(facts[asked + 1], Fact::AttemptStarted { .. }));
}

#[test]
fn the_text_to_be_typed_must_be_equal_to_the_letter() {
    let run = steps("```sh {name=drop confirm=\"orders-prod\"}\necho gone\n```").start();
    for wrong in ["", "yes", "orders", "Orders-prod", " orders-prod", "orders-prod "] {
        assert!(matches!(confirm(&run, "drop", Some(wrong)), Err(Refusal::Value(_))), "{wrong:?}");
    }
    assert!(
        matches!(confirm(&run, "drop", None), Err(Refusal::Confirm { typed: Some(text), .. }) if text == "orders-prod")
    );
    assert_eq!(run.handle.state().item("drop"), ItemStatus::Ready);
    confirm(&run, "drop", Some("orders-prod")).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    // Each start is asked about anew.
    let again = steps("```sh {name=drop confirm=\"x\"}\nexit 1\n```").start();
    confirm(&again, "drop", Some("x")).unwrap();
    again.until_ended("drop", 1);
    assert!(matches!(confirm(&again, "drop", None), Err(Refusal::Confirm { .. })));
}

#[test]
fn auto_stops_before_what_is_to_be_confirmed_and_yes_answers_a_question_but_types_nothing() {
    let table = [
        ("confirm", false, RunStatus::Paused),
        ("confirm=\"prod\"", false, RunStatus::Paused),
        ("confirm", true, RunStatus::Passed),
        ("confirm=\"prod\"", true, RunStatus::Paused),
        ("confirm=false", false, RunStatus::Passed),
    ];
    for (attribute, yes, expected) in table {
        let rig = steps(&format!("```sh {{name=drop {attribute}}}\ntrue\n```")).by_itself();
        let run = if yes { rig.yes() } else { rig }.start();
        let state = run.handle.wait();
        assert_eq!(state.status, expected, "{attribute}, --yes {yes}: {:#?}", run.story());
        let by_yes = |fact: &Fact| matches!(fact, Fact::Confirmed { what, .. } if what == "confirmed by --yes");
        assert_eq!(run.journal.facts().iter().any(by_yes), yes && expected == RunStatus::Passed, "{attribute}");
    }
}

#[test]
fn a_rehearsal_asks_for_no_confirmation() {
    let run = steps("```sh {name=drop confirm=x}\ntrue\n```").mode(engine::event::Mode::Rehearse).start();
    confirm(&run, "drop", None).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn captured_output_becomes_a_variable_and_passes_a_pipe() {
    let run = auto(
        "```sh {name=ask capture=POD}\necho shown on the terminal >&2\ntest ! -t 1 && test -t 2\nprintf '  web-1 \\n\\n'\n```\n\n\
         ```sh {name=use}\ntest \"$POD\" = web-1 && printenv POD\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    assert_eq!(run.handle.state().carried.exported["POD"], "web-1");
    let output = run.journal.output_text();
    assert!(output.contains("shown on the terminal\r\n") && output.contains("  web-1 \r\n"), "{output:?}");
}

#[test]
fn a_large_captured_output_is_kept_in_the_record_and_is_no_variable() {
    let run = auto("```sh {name=ask capture=ALL}\nseq 1 40000\n```\n\n```sh {name=use}\ntest -z \"${ALL-}\"\n```");
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    let note = run.handle.state().items["ask"].attempts[0].note.clone().unwrap();
    assert!(note.contains("too large for the variable ALL"), "{note}");
    assert!(run.journal.output_text().ends_with("39999\r\n40000\r\n"));
}

#[test]
fn a_failed_attempt_captures_nothing() {
    let run = auto(
        "```sh {name=ask capture=WHO retry=1 every=1ms}\nif test -e once; then echo second; else : > once; echo first; exit 1; fi\n```\n\n\
         ```sh {name=no capture=NONE optional}\necho bad; exit 1\n```\n\n```sh {name=use}\necho \"[$WHO][${NONE-}]\"\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    assert!(run.journal.output_text().ends_with("[second][]\r\n"), "{}", run.journal.output_text());
}

#[test]
fn a_captured_secret_is_in_memory_alone() {
    let run = steps(
        "```sh {name=ask capture=API_TOKEN}\necho s3cr3t-value\n```\n\n```sh {name=use}\ntest \"$API_TOKEN\" = s3cr3t-value; echo \"$API_TOKEN\"\n```",
    )
    .words(Words::new([]))
    .by_itself()
    .start();
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    assert!(run.handle.state().carried.in_memory.contains("API_TOKEN"));
    let set = |fact: &Fact| matches!(fact, Fact::VariablesSet { values, .. } if values.contains_key("API_TOKEN"));
    assert!(!run.journal.facts().iter().any(set));
    // Learned when it was captured: what prints it later is masked.
    assert_eq!(run.journal.output_text().matches("s3cr3t-value").count(), 1, "{}", run.journal.output_text());
}

#[test]
fn what_captured_output_leaves_running_does_not_hold_the_attempt() {
    let run = auto(
        "```sh {name=ask capture=X}\necho one\n(sleep 1000; echo late) &\n```\n\n```sh {name=use}\ntest \"$X\" = one\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
}

#[test]
fn the_path_goes_on_beside_a_background_command_which_ends_before_the_run() {
    let run = auto(
        "```sh {name=server background}\nmkfifo up\necho $$ > pid\necho up > up\nexec sleep 1000\n```\n\n\
         ```sh {name=use}\nuntil [ -p up ]; do sleep 0.01; done\ncat up\nkill -0 \"$(cat pid)\"\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    let state = run.handle.state();
    let server = &state.items["server"];
    assert_eq!((server.status, server.background), (ItemStatus::Passed, true));
    assert_eq!(server.attempts[0].state, Some(engine::event::AttemptState::Stopped));
    assert_eq!(server.attempts[0].note.as_deref(), Some("ended with the run"));
    assert!(!server.was_rescued());
    let facts = run.journal.facts();
    assert!(matches!(facts.last(), Some(Fact::RunFinished { .. })), "its end is recorded before that of the run");
    let pid = std::fs::read_to_string(run.folder.path().join("home/pid")).unwrap();
    assert!(!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists(), "nothing outlives the run");
    assert_eq!(state, run.replayed());
}

const SERVER: &str =
    "```sh {name=server background}\necho up; exec sleep 1000\n```\n\n- [ ] look\n\n```sh {name=use}\ntrue\n```";

#[test]
fn a_background_command_runs_beside_what_a_person_does_and_can_be_stopped_and_started_again() {
    let run = steps(SERVER).start();
    run.start("server").unwrap();
    run.watcher.until_output("up");
    let state = run.handle.state();
    assert_eq!((state.status, state.item("server")), (RunStatus::Waiting, ItemStatus::Running));
    assert_eq!(state.running(), None);
    assert!(matches!(run.start("server"), Err(Refusal::State(why)) if why.contains("running already")));
    run.run("use");
    run.handle.send(Command::Stop { item: "server".to_owned() }).unwrap();
    run.until_ended("server", 1);
    assert_eq!(run.handle.state().item("server"), ItemStatus::Passed);
    run.start("server").unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::AttemptStarted { item, attempt: 2, .. } if item == "server"));
    run.tick("look").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn a_run_that_is_put_aside_or_given_up_ends_its_background_commands_first() {
    for abandon in [false, true] {
        let run = steps(SERVER).start();
        run.start("server").unwrap();
        run.watcher.until_output("up");
        let command = if abandon { Command::Abandon { reason: None } } else { Command::Pause };
        run.handle.send(command).unwrap();
        let state = run.handle.wait();
        let expected = if abandon { RunStatus::Abandoned } else { RunStatus::Paused };
        assert_eq!((state.status, state.item("server")), (expected, ItemStatus::Passed));
        let story = run.story();
        assert!(story[story.len() - 2].starts_with("attempt_ended server stopped"), "{story:#?}");
    }
}

#[test]
fn a_background_command_that_fails_stops_the_path() {
    let run = auto(
        "```sh {name=server background}\nexit 7\n```\n\n```sh {name=use timeout=1m}\nsleep 0.3\n```\n\n```sh {name=after}\ntrue\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Failed), "{:#?}", run.story());
    let state = run.handle.state();
    assert_eq!((state.item("server"), state.item("after")), (ItemStatus::Failed, ItemStatus::Pending));
}

#[test]
fn what_a_background_command_sets_carries_to_nothing() {
    let run = auto(
        "```sh {name=server background}\nexport LEFT=over; echo noise; : > done\n```\n\n\
         ```sh {name=use}\nwhile ! test -e done; do sleep 0.01; done; sleep 0.1\n```\n\n```sh {name=after}\ntest -z \"${LEFT-}\"\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
}

#[test]
fn interactive_false_runs_with_empty_input_and_nobody_can_type() {
    let blocks = |attribute: &str| {
        format!("```sh {{name=ask {attribute}}}\nif read line; then echo \"got $line\"; else echo empty; fi\n```")
    };
    let run = steps(&blocks("interactive=false")).start();
    run.run("ask");
    assert_eq!(run.journal.output_text(), "empty\r\n");
    let run = steps(&blocks("interactive=false").replace("if read", "sleep 1000; if read")).start();
    run.start("ask").unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::AttemptStarted { .. }));
    let typed = run.handle.send(Command::Input { item: "ask".to_owned(), bytes: b"x\n".to_vec() });
    assert!(matches!(typed, Err(Refusal::State(why)) if why.contains("interactive=false")));
    for attribute in ["", "interactive=true"] {
        let run = steps(&blocks(attribute)).start();
        run.start("ask").unwrap();
        run.watcher.until(|fact| matches!(fact, Fact::AttemptStarted { .. }));
        run.handle.send(Command::Input { item: "ask".to_owned(), bytes: b"hello\r".to_vec() }).unwrap();
        run.until_ended("ask", 1);
        assert!(run.journal.output_text().contains("got hello"), "{attribute}");
    }
}

#[test]
fn terminal_rows_are_those_of_the_command_s_terminal() {
    let run = steps("```sh {name=size terminalRows=7}\nstty size\n```").start();
    run.run("size");
    assert_eq!(run.journal.output_text(), "7 80\r\n");
}

#[test]
fn prompt_env_asks_for_what_the_block_exports_and_puts_the_answer_in_its_place() {
    let blocks = |attribute: &str| {
        format!(
            "```sh {{name=show {attribute}}}\nexport REGION=\"your region\"\necho \"[$REGION][${{OTHER-}}]\"\n```"
        )
    };
    let ask = |attribute: &str, env: Option<&str>| {
        let rig = steps(&blocks(attribute));
        let rig = match env {
            Some(region) => rig.env("REGION", region),
            None => rig,
        };
        let run = rig.start();
        let needs = match run.start("show") {
            Ok(()) => Vec::new(),
            Err(Refusal::Needs { variables, .. }) => variables,
            other => panic!("{other:?}"),
        };
        if !needs.is_empty() {
            run.start_with("show", &[("REGION", "it's \"$HOME\"")]).unwrap();
        }
        run.until_ended("show", 1);
        (needs, run.journal.output_text())
    };
    let given = "[it's \"$HOME\"][]\r\n";
    let own = "[your region][]\r\n";
    let asked = vec!["REGION".to_owned()];
    for always in ["promptEnv=true", "promptEnv=yes", "promptEnv=1", "promptEnv"] {
        assert_eq!(ask(always, None), (asked.clone(), given.to_owned()), "{always}");
        assert_eq!(ask(always, Some("eu-1")), (asked.clone(), given.to_owned()), "{always}");
    }
    assert_eq!(ask("promptEnv=auto", None), (asked.clone(), given.to_owned()));
    assert_eq!(ask("promptEnv=auto", Some("eu-1")), (Vec::new(), "[eu-1][]\r\n".to_owned()), "it is set already");
    for never in ["promptEnv=no", "promptEnv=false", "promptEnv=0", "skipPrompts=true", ""] {
        assert_eq!(ask(never, Some("eu-1")), (Vec::new(), own.to_owned()), "{never}");
    }
}

#[test]
fn an_empty_answer_leaves_the_value_that_the_block_has() {
    let run = steps("```sh {name=show promptEnv=yes}\nexport N=3\necho \"[$N]\"\n```").start();
    run.start_with("show", &[("N", "")]).unwrap();
    run.until_ended("show", 1);
    assert_eq!(run.journal.output_text(), "[3]\r\n");
}

#[test]
fn without_prompts_a_variable_that_nobody_set_is_not_asked_for() {
    let block = |info: &str| format!("```sh {info}\necho \"[$NOBODY_SET_THIS]\"\n```");
    let books = [
        format!("# x\n\n## Steps\n\n{}", block("{name=show promptEnv=no}")),
        format!("---\nskipPrompts: true\n---\n\n# x\n\n## Steps\n\n{}", block("{name=show}")),
    ];
    for text in books {
        let run = Rig::read(read(&text)).real().by_itself().start();
        assert_eq!(run.finished(), Some(FinishState::Passed), "{text}");
        assert_eq!(run.journal.output_text(), "[]\r\n");
    }
    let asked = steps(&block("{name=show}")).start();
    assert!(matches!(asked.start("show"), Err(Refusal::Needs { .. })));
}

#[test]
fn facts_that_become_true_together_are_kept_together() {
    let run = auto(
        "```sh {name=one}\nexport A=1\n```\n\n```sh {name=two}\nexport B=2\n```\n\n```sh {name=three}\nexport C=3\n```",
    );
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let facts = run.journal.facts();
    assert_eq!(facts.iter().filter(|fact| fact.is_decision()).count(), 11, "{:#?}", run.story());
    // The start of the run; each start, with the end and the variables before it; the last end with the end of the run.
    assert!(run.journal.commits() <= 6, "{} commits", run.journal.commits());
}
