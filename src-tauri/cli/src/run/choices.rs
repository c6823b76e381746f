//! What a person can do with the item in hand, and by which key. The keys are those of the window.

use api::wire::{ItemKind, ItemStatus, ItemView, Mode};

use super::prompt::Key;
use crate::look::{BOLD, Look, styled, width};

/// What a key does.
pub(crate) struct Choice {
    pub(crate) key: Key,
    sign: &'static str,
    /// In the line of keys; nothing where the help alone tells of it.
    does: &'static str,
    /// For the help.
    says: &'static str,
}

/// What a choice depends on beside the item and its state.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) mode: Mode,
    /// Probes run in the rehearsal.
    pub(crate) probes: bool,
    /// The run is being rolled back.
    pub(crate) rolling: bool,
    /// A person undoes it.
    pub(crate) by_hand: bool,
    /// The person went to it: it is not its turn.
    pub(crate) out_of_turn: bool,
    /// Its step links to others.
    pub(crate) branches: bool,
    /// How many links the runbook has.
    pub(crate) links: usize,
    /// Something above was shortened.
    pub(crate) shortened: bool,
    /// The run of the check is under way.
    pub(crate) under_way: bool,
    /// What a person undoes is a run that was opened for it.
    pub(crate) its_run: bool,
}

fn choice(sign: &'static str, does: &'static str, says: &'static str) -> Choice {
    let key = match sign {
        "Enter" => Key::Enter,
        "Space" => Key::Sign(' '),
        "Esc" => Key::Back,
        sign => Key::Sign(sign.chars().next().unwrap_or('?')),
    };
    Choice { key, sign, does, says }
}

/// What can be done with an item in that state, the likeliest first.
pub(crate) fn choices(item: &ItemView, status: ItemStatus, place: Place) -> Vec<Choice> {
    let stuck = is_stuck(status);
    let settled = matches!(status, ItemStatus::Passed | ItemStatus::Skipped | ItemStatus::Overridden);
    let runs = !matches!(item.kind, ItemKind::Check | ItemKind::Message);
    let mut choices = Vec::new();
    choices.extend(first(item, status, place));
    if !place.by_hand && status != ItemStatus::Running {
        if runs && stuck && place.mode != Mode::Rehearse && item.refused.is_none() {
            choices.push(choice("e", "edit and try again", "change the command for this run, with a reason"));
        }
        if item.kind == ItemKind::Message && status != ItemStatus::Passed {
            choices.push(choice("e", "edit", "change the text before it is sent"));
            choices.push(choice("c", "copy", "hand the text to the terminal's clipboard"));
        }
        if !settled {
            choices.push(choice("s", "skip", "leave it out, with a reason"));
            match item.kind {
                ItemKind::Check if status != ItemStatus::Failed => {
                    choices.push(choice("f", "fail", "it does not hold: say what is wrong"));
                }
                ItemKind::Check | ItemKind::Message => {}
                _ => choices.push(choice("m", "mark done", "take it as done in spite of the machine, with a reason")),
            }
        }
    }
    if !place.rolling {
        let says = "undo what was done, latest first; the plan is shown before anything runs";
        choices.push(choice("r", if stuck { "roll back" } else { "" }, says));
    }
    if stuck {
        choices.push(choice("a", "abandon", "give the run up, with a reason"));
    }
    if place.shortened {
        choices.push(choice("+", "more", "read what was shortened above"));
    }
    if !place.rolling {
        let does = if place.branches { "go to, branch" } else { "go to" };
        choices.push(choice("g", does, "do another item first, or one again; follow a branch"));
    }
    choices.push(choice("v", "overview", "what is done, and what is next"));
    choices.push(choice("n", "note", "write something into the record"));
    choices.push(choice("p", "put aside", "stop here; the run stays paused (also q, Ctrl-C)"));
    if place.links > 0 {
        choices.push(choice("l", "links", "the links of the runbook; 1 to 9 open one at once"));
    }
    choices.push(choice("h", "", "hand the run over to somebody else, as one file"));
    choices.push(choice("i", "", "mark a moment or a fact of an incident: detected, mitigated, severity, ..."));
    choices.push(choice("u", "", "write a status update of an incident"));
    if runs {
        choices.push(choice("c", "", "hand the command, as it is shown, to the terminal's clipboard"));
    }
    choices.push(choice("?", "help", "these keys"));
    choices
}

/// The key that goes on.
fn first(item: &ItemView, status: ItemStatus, place: Place) -> Vec<Choice> {
    let rehearsed = place.mode == Mode::Rehearse;
    let check = item.kind == ItemKind::Check;
    let mut first = match (item.kind, status) {
        _ if place.by_hand && place.its_run => vec![
            choice(
                "Enter",
                "roll its run back",
                "see the plan of the run that was opened for it, and roll that back",
            ),
            choice("t", "it is undone", "you have undone it in another way: say how"),
        ],
        _ if place.by_hand => vec![choice("Enter", "it is undone", "you have undone it by hand")],
        (ItemKind::Check, ItemStatus::Passed) if opens_run(item) => {
            vec![choice("Space", "not done after all", "take the tick back")]
        }
        (ItemKind::Check, status) if opens_run(item) => {
            let (does, says) = match status {
                _ if place.under_way => ("go on with its run", "go into the run that was opened for it"),
                ItemStatus::Failed => ("run it again", "open another run of its runbook"),
                _ => ("open its run", "open a run of its runbook, and come back when that is over"),
            };
            let by_hand = "tick it without a run of its runbook, with a reason";
            vec![choice("Enter", does, says), choice("t", "tick", by_hand)]
        }
        (_, ItemStatus::Running) => vec![choice("x", "stop", "stop the command that runs in the background")],
        (ItemKind::Check, ItemStatus::Passed) => {
            vec![choice("Space", "not done after all", "take the tick back")]
        }
        (ItemKind::Check, ItemStatus::Failed) => {
            vec![choice("Enter", "done after all", "it holds now: tick it (also Space)")]
        }
        (ItemKind::Check, _) => vec![choice("Enter", "done", "it holds: tick it (also Space)")],
        (ItemKind::Message, ItemStatus::Passed) => vec![choice("Enter", "sent again", "you have sent it once more")],
        (ItemKind::Message, _) => vec![choice("Enter", "sent", "you have sent it (also Space)")],
        _ if item.refused.is_some() => Vec::new(),
        _ if rehearsed && !(place.probes && looks_in_a_rehearsal(item)) => {
            vec![choice("Enter", "go on", "see what would run; nothing is executed")]
        }
        (_, ItemStatus::Failed) => vec![choice("Enter", "try again", "run it once more")],
        (_, ItemStatus::Interrupted) => {
            vec![choice("Enter", "run again", "run it once more, whatever came of it before")]
        }
        (_, ItemStatus::Passed | ItemStatus::Overridden) => {
            vec![choice("Enter", "run again", "run it once more; what was before stays in the record")]
        }
        (ItemKind::Probe, _) => vec![choice("Enter", "look", "try it until it holds or its time is over")],
        _ => vec![choice("Enter", "run", "run the command as it is shown")],
    };
    let ticks = (check || item.kind == ItemKind::Message) && status != ItemStatus::Passed && !place.by_hand;
    if ticks && !opens_run(item) && status != ItemStatus::Running {
        first.push(choice("Space", "", ""));
    }
    if place.out_of_turn {
        first.push(choice("Esc", "back", "back to the item whose turn it is"));
    }
    first
}

/// It stands for a run of another runbook, which can be opened.
pub(crate) fn opens_run(item: &ItemView) -> bool {
    item.linked.as_ref().is_some_and(|linked| linked.refused.is_none())
}

/// It failed or was cut off: the person chooses what becomes of it.
pub(crate) fn is_stuck(status: ItemStatus) -> bool {
    matches!(status, ItemStatus::Failed | ItemStatus::Interrupted)
}

/// The line of keys. Of many the likeliest that fit into one line; where something is stuck, all of them.
pub(crate) fn hints(look: Look, choices: &[Choice], all: bool) -> Vec<String> {
    let dot = look.or(" · ", "  ");
    let shown: Vec<&Choice> = choices.iter().filter(|choice| !choice.does.is_empty()).collect();
    let hint = |choice: &Choice| format!("{} {}", styled(BOLD, choice.sign), choice.does);
    let room = look.width.saturating_sub(5);
    let Some((help, others)) = shown.split_last() else { return Vec::new() };
    let help = hint(help);
    let mut lines = vec![String::new()];
    for one in others {
        let text = hint(one);
        let line = lines.last_mut().filter(|line| !line.is_empty());
        let used = line.as_ref().map_or(0, |line| width(line) + width(dot)) + width(&text);
        let reserved = if all { 0 } else { width(dot) + width(&help) };
        match line {
            Some(line) if used + reserved <= room => *line = format!("{line}{dot}{text}"),
            Some(_) if all => lines.push(text),
            Some(_) => break,
            None => lines = vec![text],
        }
    }
    match lines.last_mut() {
        Some(line) if line.is_empty() => *line = help,
        Some(line) if width(line) + width(dot) + width(&help) <= room => *line = format!("{line}{dot}{help}"),
        _ => lines.push(help),
    }
    lines.into_iter().map(|line| format!("    {line}")).collect()
}

/// All keys, with what they do.
pub(crate) fn help(look: Look, choices: &[Choice]) -> Vec<String> {
    let mut lines = Vec::new();
    for choice in choices.iter().filter(|choice| !choice.says.is_empty()) {
        let told = look.wrapped(choice.says, 11);
        for (at, line) in told.iter().enumerate() {
            let sign = if at == 0 { choice.sign } else { "" };
            lines.push(format!("    {}{}", styled(BOLD, format!("{sign:<7}")), line.trim_start()));
        }
    }
    let running =
        "While a command runs, all keys are its own: Ctrl-C goes to it, twice within a second stops the run.";
    lines.extend(look.wrapped(running, 4));
    lines
}

/// Whether it is started in a rehearsal that was asked to look: a probe, and a playbook, in check mode.
fn looks_in_a_rehearsal(item: &ItemView) -> bool {
    item.kind == ItemKind::Probe || item.kind == ItemKind::Command && item.language == "ansible-playbook"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str) -> ItemView {
        serde_json::from_value(serde_json::json!({
            "id": "x", "step": "s", "kind": kind, "line": 1, "hash": "", "on_path": true, "text": "", "language": "",
            "script": "true", "expects": [], "timeout_ms": null, "every_ms": null, "within_ms": null, "optional": false,
            "guessed": false, "refused": null, "placeholders": [], "doubts": [], "variables": [], "confirm": false,
            "confirm_text": null, "retry": 0, "capture": null, "background": false, "interactive": false,
            "terminal_rows": null, "session_input": [], "sample": null,
        }))
        .unwrap()
    }

    const PLACE: Place = Place {
        mode: Mode::Hand,
        probes: false,
        rolling: false,
        by_hand: false,
        out_of_turn: false,
        branches: false,
        links: 3,
        shortened: false,
        under_way: false,
        its_run: false,
    };

    fn keys(kind: &str, status: ItemStatus, place: Place) -> Vec<&'static str> {
        choices(&item(kind), status, place).iter().map(|choice| choice.sign).collect()
    }

    /// The keys of the window for a run: `Space` tick, `Enter` run, `S` skip, `F` fail, `R` roll back, `N` note, `P` pause, `H`
    /// hand over, `1`-`9` links; of a failed step `Enter` retry, `E` edit and retry, `M` mark done, `R` roll back.
    #[test]
    fn what_a_key_does_in_the_window_it_does_in_a_terminal() {
        use ItemStatus::{Failed, Interrupted, Pending};
        let cases: [(&str, ItemStatus, &[&str]); 6] = [
            ("check", Pending, &["Enter", "Space", "s", "f", "r", "n", "p", "h", "l"]),
            ("message", Pending, &["Enter", "e", "c", "s", "r", "n", "p", "h", "l"]),
            ("command", Pending, &["Enter", "s", "r", "n", "p", "h", "l"]),
            ("probe", Pending, &["Enter", "s", "r", "n", "p", "h", "l"]),
            ("command", Failed, &["Enter", "e", "m", "s", "r", "a", "n", "p", "h"]),
            ("command", Interrupted, &["Enter", "e", "m", "s", "r", "a", "n", "p", "h"]),
        ];
        for (kind, status, wanted) in cases {
            let found = keys(kind, status, PLACE);
            assert!(wanted.iter().all(|key| found.contains(key)), "{kind} {status:?}: {found:?}");
        }
    }

    #[test]
    fn a_check_that_stands_for_a_run_opens_it_and_is_ticked_by_hand_with_a_reason() {
        let linked = |refused: Option<&str>| {
            let mut check = item("check");
            check.linked = Some(api::wire::LinkedBookView {
                path: "/b.md".to_owned(),
                title: "B".to_owned(),
                step: None,
                refused: refused.map(str::to_owned),
            });
            check
        };
        let does = |item: &ItemView, status, place| choices(item, status, place)[0].does;
        let open = linked(None);
        assert_eq!(does(&open, ItemStatus::Pending, PLACE), "open its run");
        assert_eq!(does(&open, ItemStatus::Failed, PLACE), "run it again");
        assert_eq!(does(&open, ItemStatus::Waiting, Place { under_way: true, ..PLACE }), "go on with its run");
        let keys: Vec<_> = choices(&open, ItemStatus::Pending, PLACE).iter().map(|choice| choice.sign).collect();
        assert!(keys.contains(&"t") && !keys.contains(&"Space"), "{keys:?}");
        assert_eq!(does(&linked(Some("it leads back")), ItemStatus::Pending, PLACE), "done");
    }

    #[test]
    fn no_key_has_two_meanings_and_each_is_in_the_help() {
        for kind in ["check", "probe", "command", "undo", "message"] {
            for status in [
                ItemStatus::Pending,
                ItemStatus::Ready,
                ItemStatus::Running,
                ItemStatus::Waiting,
                ItemStatus::Passed,
                ItemStatus::Failed,
                ItemStatus::Skipped,
                ItemStatus::Overridden,
                ItemStatus::Undone,
                ItemStatus::Interrupted,
            ] {
                for (rolling, by_hand, out_of_turn, its_run) in [
                    (false, false, false, false),
                    (false, false, true, false),
                    (true, false, false, false),
                    (true, true, false, false),
                    (true, true, false, true),
                ] {
                    let place =
                        Place { rolling, by_hand, out_of_turn, its_run, branches: true, shortened: true, ..PLACE };
                    let found = choices(&item(kind), status, place);
                    let mut signs: Vec<_> = found.iter().map(|choice| choice.sign).collect();
                    signs.sort_unstable();
                    signs.dedup();
                    assert_eq!(signs.len(), found.len(), "{kind} {status:?} {rolling} {by_hand}");
                    let told = |choice: &&Choice| choice.says.is_empty() && choice.sign != "Space";
                    assert!(found.iter().find(told).is_none(), "{kind} {status:?}");
                    assert!(signs.contains(&"?"));
                }
            }
        }
    }

    #[test]
    fn the_line_of_keys_fits_and_where_something_failed_none_is_left_out() {
        for columns in [40, 60, 80, 100] {
            let look = Look { unicode: true, width: columns };
            let calm = hints(look, &choices(&item("command"), ItemStatus::Pending, PLACE), false);
            assert_eq!(calm.len(), 1, "{calm:?}");
            let failed = choices(&item("command"), ItemStatus::Failed, PLACE);
            let stuck = hints(look, &failed, true);
            for line in calm.iter().chain(&stuck) {
                assert!(width(line) < columns, "{columns}: {line:?}");
            }
            assert!(calm[0].contains("run") && calm[0].contains("help"), "{calm:?}");
            let all = stuck.concat();
            for choice in failed.iter().filter(|choice| !choice.does.is_empty()) {
                assert!(all.contains(choice.does), "{columns}: {} is missing: {stuck:?}", choice.does);
            }
        }
    }
}
