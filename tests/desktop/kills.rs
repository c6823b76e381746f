//! The window is killed, by SIGKILL as a power failure would: in the middle of a command, of a rollback, and at any moment.
//! What was shown is kept, each run is taken up in the window and finishes, and nothing runs twice unasked.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    display::SCREEN,
    page::{Page, id, until},
    run::{self, library, runs_somewhere, unique, wait_for_status},
    states::look,
    world::{World, in_a_world},
};

const ENTER: &str = "\u{e007}";

/// How many windows are killed; `make soak` asks for more.
fn kills() -> u64 {
    std::env::var("ALLGOOD_WINDOW_KILLS").ok().map_or(20, |kills| kills.parse().unwrap())
}

fn log(world: &World) -> Vec<String> {
    let log = std::fs::read_to_string(world.path("runbooks/log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

/// The record of a run as the command line tells it.
fn record(world: &World, run: &str) -> Value {
    let (good, text) = world.allgood(&["show-run", run, "--json"]);
    assert!(good, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn take_up_screen(page: &Page) -> String {
    page.wait_for(&format!("{}[data-state='interrupted']", id("take-up"))).await;
    page.address().await.rsplit_once('/').unwrap().1.to_owned()
}

#[test]
fn killed_in_the_middle_of_a_command_the_run_asks_about_it_and_goes_on_in_the_window_by_keys() {
    in_a_world(async |world| {
        let word = unique("5");
        let text = format!(
            "# Grow the volume\n\n## Steps\n\n### 1. Snapshot\n\n```sh {{name=snapshot}}\necho snapshot >> log\n```\n\n\
             ```sh {{name=unsnapshot undo}}\necho unsnapshot >> log\n```\n\n### 2. Grow\n\n```sh {{name=grow}}\necho grow >> log\necho \
             'this was shown'\ntest -e grown || sleep {word}\n```\n\n### 3. Look\n\n- [ ] It is larger\n"
        );
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "grow.md", &text).await;
        run::start(&page, "grow.md").await;
        wait_for_status(&page, "snapshot", "ready").await;
        page.keys(ENTER).await;
        wait_for_status(&page, "grow", "ready").await;
        page.keys(ENTER).await;
        run::wait_for_output(&page, "grow", "this was shown").await;
        let address = page.address().await;
        world.kill_window();
        run::wait_until_gone(&word).await;

        let page = world.open().await;
        page.resize(SCREEN).await;
        page.go(address.split_once('#').map_or("", |(_, hash)| hash)).await;
        take_up_screen(&page).await;
        look(world, &page, "interrupted").await;
        assert_eq!(log(world), ["snapshot", "grow"], "nothing ran before it was said");
        std::fs::write(world.path("runbooks/grown"), "").unwrap();
        page.wait_for(&id("choices")).await;
        page.keys(ENTER).await;
        wait_for_status(&page, "it-is-larger", "waiting").await;
        assert_eq!(log(world), ["snapshot", "grow", "grow"]);
        page.keys(" ").await;
        page.wait_for(&format!("{}[data-state='passed']", id("run-verdict"))).await;
    });
}

#[test]
fn killed_in_the_middle_of_a_rollback_it_goes_on_in_the_window_where_it_was() {
    in_a_world(async |world| {
        let word = unique("5");
        let text = format!(
            "# Grow the volume\n\n## Steps\n\n### 1. Snapshot\n\n```sh {{name=snapshot}}\necho snapshot >> log\n```\n\n\
             ```sh {{name=unsnapshot undo}}\necho unsnapshot >> log\n```\n\n### 2. Grow\n\n```sh {{name=grow}}\necho grow >> log\n```\n\n\
             ```sh {{name=shrink undo}}\necho shrink >> log\necho 'this was shown'\ntest -e shrunk || sleep {word}\n```\n\n### 3. Look\n\n- \
             [ ] It is larger\n"
        );
        let page = world.open().await;
        page.resize(SCREEN).await;
        library(world, &page, "grow.md", &text).await;
        run::start(&page, "grow.md").await;
        for name in ["snapshot", "grow"] {
            wait_for_status(&page, name, "ready").await;
            page.keys(ENTER).await;
        }
        wait_for_status(&page, "it-is-larger", "waiting").await;
        page.keys("r").await;
        page.wait_for_focus(&id("plan-entry")).await;
        page.keys(ENTER).await;
        run::wait_for_output(&page, "shrink", "this was shown").await;
        until("the undo runs", async || runs_somewhere(&word)).await;
        let address = page.address().await;
        world.kill_window();
        run::wait_until_gone(&word).await;

        let page = world.open().await;
        page.resize(SCREEN).await;
        page.go(address.split_once('#').map_or("", |(_, hash)| hash)).await;
        take_up_screen(&page).await;
        look(world, &page, "interrupted-rollback").await;
        assert_eq!(log(world), ["snapshot", "grow", "shrink"], "nothing ran before it was said");
        std::fs::write(world.path("runbooks/shrunk"), "").unwrap();
        page.keys(ENTER).await;
        page.wait_for(&format!("{}[data-state='rolled_back']", id("run-verdict"))).await;
        assert_eq!(log(world), ["snapshot", "grow", "shrink", "shrink", "unsnapshot"]);
    });
}

/// What the page shows of a run at one moment.
#[derive(Clone, Debug, Default, Deserialize)]
struct Seen {
    /// The state of each item.
    items: BTreeMap<String, String>,
    /// The lines of each item's newest terminal.
    lines: BTreeMap<String, Vec<String>>,
}

const LOOK: &str = "
    const items = {}, lines = {};
    for (const item of document.querySelectorAll(\"[data-testid='run-item']\")) {
        items[item.dataset.item] = item.dataset.status;
        const rows = [...item.querySelectorAll('.xterm-rows')].at(-1)?.innerText ?? '';
        lines[item.dataset.item] = rows.replaceAll('\\u00a0', ' ').split('\\n').map((row) => row.trim()).filter(Boolean);
    }
    return {items, lines};";

/// A run of one runbook, whose commands each leave a mark.
struct Marked {
    run: String,
    /// How often a person said that an item is to run again.
    again: BTreeMap<String, usize>,
    /// Windows that are still to be killed over it.
    kills: u64,
    /// The command whose gate is shut.
    command: usize,
}

const COMMANDS: usize = 16;

/// The command that a run is to stand at: it does not end while its gate is shut.
fn gate(world: &World, command: usize) -> std::path::PathBuf {
    world.path("runbooks").join(format!("shut-n{command}"))
}

/// Starts a run that goes on by itself as far as that command.
async fn begin(world: &World, page: &Page, kills: u64, command: usize) -> Marked {
    let path = world.path("runbooks/marks.md");
    let _ = std::fs::remove_file(world.path("runbooks/log"));
    std::fs::write(gate(world, command), "").unwrap();
    let book = page.ask("runbook", json!({"path": path})).await.unwrap();
    let start = json!({"path": path, "revision": book["revision"], "mode": "auto", "values": {}, "environment": null,
        "environment_typed": null});
    let run = page.ask("run_start", start).await.unwrap()["run"]["id"].as_str().unwrap().to_owned();
    page.go(&format!("#/run/{run}")).await;
    Marked { run, again: BTreeMap::new(), kills, command }
}

/// Waits until the run stands at its gate, lets it through where `opened` says after how long, and kills the window a
/// little later; what was shown just before.
async fn kill_at_random(
    world: &mut World,
    page: &Page,
    command: usize,
    opened: Option<Duration>,
    then: Duration,
) -> Seen {
    let (name, line) = (format!("n{command}"), format!("line {command} of the run"));
    let look = async || serde_json::from_value::<Seen>(page.try_script(LOOK).await?).ok();
    let mut seen = Seen::default();
    until("the run stands at its gate", async || match look().await {
        Some(now) => {
            seen = now;
            seen.lines.get(&name).is_some_and(|lines| lines.contains(&line))
        }
        None => false,
    })
    .await;
    // The window dies while it is looked at, as a person would go on looking.
    let (window, gate, dead) = (world.process(), gate(world, command), Arc::new(AtomicBool::new(false)));
    let killing = {
        let dead = Arc::clone(&dead);
        std::thread::spawn(move || {
            if let Some(opened) = opened {
                pass(opened);
                std::fs::remove_file(&gate).unwrap();
            }
            pass(then);
            dead.store(true, Ordering::SeqCst);
            nix::sys::signal::kill(nix::unistd::Pid::from_raw(window), nix::sys::signal::SIGKILL).unwrap();
            let _ = std::fs::remove_file(&gate);
        })
    };
    while !dead.load(Ordering::SeqCst) {
        if let Some(now) = look().await {
            seen = now;
        }
    }
    killing.join().unwrap();
    world.stop_driver();
    seen
}

/// Lets a random moment come.
fn pass(time: Duration) {
    let moment = Instant::now() + time;
    while Instant::now() < moment {
        std::thread::yield_now();
    }
}

/// What was shown is in the record.
fn is_kept(world: &World, run: &str, seen: &Seen, place: &str) {
    let record = record(world, run);
    assert_eq!(record["record"]["holds"], true, "{place}: {record}");
    let (_, report) = world.allgood(&["report", run]);
    for item in record["items"].as_array().unwrap() {
        let name = item["item"].as_str().unwrap();
        let shown = seen.items.get(name).map_or("pending", String::as_str);
        let kept = item["status"].as_str().unwrap();
        let holds = match shown {
            "pending" | "ready" | "waiting" => true,
            // What ran may have ended since, or been cut off.
            "running" => ["running", "passed", "interrupted"].contains(&kept),
            settled => kept == settled,
        };
        assert!(holds, "{name} was shown as {shown}, and is kept as {kept}: {place}");
        for line in seen.lines.get(name).into_iter().flatten() {
            assert!(report.contains(line.as_str()), "{name} showed {line:?}, which is not kept: {place}\n{report}");
        }
    }
}

#[test]
fn killed_at_random_moments_nothing_that_was_shown_is_missing_each_run_finishes_and_no_command_runs_twice_unasked() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    in_a_world(async |world| {
        let blocks: String = (1..=COMMANDS)
            .map(|n| {
                format!("```sh {{name=n{n} expect=line}}\necho n{n} >> log; echo \"line {n} of the run\"; while test -e shut-n{n}; do sleep 0.01; done\n```\n\n")
            })
            .collect();
        let mut page = world.open().await;
        library(world, &page, "marks.md", &format!("# Marks\n\n## Steps\n\n### Leave marks\n\n{blocks}")).await;
        let (mut left, mut cut, mut asked, mut runs) = (kills(), 0, 0, 0);
        let mut marked = begin(world, &page, 1 + chance.below(3), 1 + chance.below(4) as usize).await;
        loop {
            let place = format!("{left} kills are left, run {}, seed {seed}", marked.run);
            if left > 0 && marked.kills > 0 {
                (left, marked.kills) = (left - 1, marked.kills - 1);
                let opened = (chance.below(3) > 0).then(|| Duration::from_micros(chance.below(30_000)));
                let then = Duration::from_micros(chance.below(150_000));
                let seen = kill_at_random(world, &page, marked.command, opened, then).await;
                is_kept(world, &marked.run, &seen, &place);
                page = world.open().await;
                page.go(&format!("#/run/{}", marked.run)).await;
                let settled = format!("{}, {}[data-state='passed']", id("take-up"), id("run-verdict"));
                page.wait_for(&settled).await;
                if page.has(&id("take-up")).await {
                    cut += 1;
                    shut_the_next(world, &mut marked, left, &mut chance);
                    asked += u64::from(go_on(world, &page, &mut marked, chance.below(3)).await);
                } else {
                    marked.kills = 0;
                }
                continue;
            }
            page.wait_for(&format!("{}[data-state='passed']", id("run-verdict"))).await;
            ran_once(world, &marked, &place);
            runs += 1;
            if left == 0 {
                break;
            }
            marked = begin(world, &page, 1 + chance.below(3), 1 + chance.below(4) as usize).await;
        }
        println!(
            "{} windows killed over {runs} runs, {cut} in the middle of one, {asked} of those over a command",
            kills()
        );
        assert!(cut >= kills() / 2, "only {cut} of {} kills came in the middle of a run, seed {seed}", kills());
    });
}

/// Shuts the gate of a command that has not begun, where another window is to be killed over the run.
fn shut_the_next(world: &World, marked: &mut Marked, left: u64, chance: &mut Chance) {
    let record = record(world, &marked.run);
    let items = record["items"].as_array().unwrap();
    let begun = items.iter().rposition(|item| item["attempts"].as_array().is_some_and(|tries| !tries.is_empty()));
    marked.command = begun.map_or(0, |begun| begun + 1) + 1 + chance.below(3) as usize;
    if left == 0 || marked.command > COMMANDS {
        marked.kills = 0;
    }
    if marked.kills > 0 {
        std::fs::write(gate(world, marked.command), "").unwrap();
    }
}

/// Takes the run up, and says what is to become of the command that ran, if one did. Whether one did.
async fn go_on(world: &World, page: &Page, marked: &mut Marked, choice: u64) -> bool {
    let before = log(world);
    let about = page.has(&id("choices")).await;
    if about {
        let record = record(world, &marked.run);
        let items = record["items"].as_array().unwrap();
        let cut = items.iter().find(|item| item["status"] == "interrupted").unwrap();
        let cut = cut["item"].as_str().unwrap().to_owned();
        assert_eq!(log(world), before, "nothing ran before it was said");
        match choice {
            0 => {
                *marked.again.entry(cut).or_default() += 1;
                page.click("[data-choice='retry']").await;
            }
            other => {
                page.click(if other == 1 { "[data-choice='done']" } else { "[data-choice='skip']" }).await;
                page.type_into(&id("reason"), "it left its mark").await;
                page.click(&id("reason-send")).await;
            }
        }
    } else {
        page.click(&id("take-up-go")).await;
    }
    page.wait_gone(&id("take-up")).await;
    about
}

/// No command of a run that is over started more often than a person had said, and none left a mark without a start.
fn ran_once(world: &World, marked: &Marked, place: &str) {
    let record = record(world, &marked.run);
    let log = log(world);
    for item in record["items"].as_array().unwrap() {
        let name = item["item"].as_str().unwrap();
        let starts = item["attempts"].as_array().map_or(0, Vec::len);
        let ran = log.iter().filter(|line| *line == name).count();
        let said = 1 + marked.again.get(name).copied().unwrap_or_default();
        assert!(
            ran <= starts && starts <= said,
            "{name} ran {ran} times, {starts} starts, {said} were said: {place}"
        );
    }
}

/// A small generator of numbers (xorshift64*): a seed that is printed makes a failure repeatable.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }
}
