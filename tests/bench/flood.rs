//! A gigabyte of output in the real window: how long the page stands still, and how much memory that takes. The floor is
//! the same page with nothing running in it.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use fantoccini::Client;
use serde_json::{Value, json};

use crate::{
    Outcome,
    driven::{PATIENCE, automation, time, window},
    measure,
    report::{Part, Row, megabytes, milliseconds, ratio},
    window::{Desk, memory_of_group},
};

/// Lines of the output, each of 100 bytes.
const LINES: u64 = 10_000_000;
/// How long the page is watched while nothing runs.
const IDLE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(250);

/// Notes the longest time from one frame to the next.
const WATCH: &str = "
    window.longest = 0;
    let last = performance.now();
    const next = (now) => { window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);";

/// Asks a command of the program.
const ASK: &str = "const [command, payload, done] = arguments;
    window.__TAURI_INTERNALS__.invoke(command, {arguments: payload})
        .then((answer) => done({answer: answer ?? null}), (error) => done({error: error ?? null}));";

/// What the page did.
struct Figures {
    stall: Duration,
    memory: u64,
}

/// Measures.
pub(crate) fn measure(allgood: &Path, desktop: &Path) -> Outcome<Part> {
    eprintln!("1 GB of output in the window …");
    let folder = tempfile::tempdir()?;
    let mut environment = crate::machine::homes(folder.path())?;
    let library = folder.path().join("library");
    fs::create_dir_all(&library)?;
    let file = fs::canonicalize(&library)?.join("flood.md");
    let line =
        "2026-11-22T15:04:05.123Z INFO request answered in 12 ms with status 200 by web-1 in eu-west-1 /orders/12";
    let script = format!("yes '{}' | head -n {LINES}", line.get(..99).ok_or("the line is too short")?);
    fs::write(&file, format!("# Much output\n\n## Steps\n\n```bash {{name=print}}\n{script}\n```\n\n- [ ] Quiet\n"))?;
    let mut add = measure::program(allgood, folder.path(), &["library", "add"]);
    add.arguments.push(library.into());
    add.environment.clone_from(&environment);
    add.sample()?;
    let desk = Desk::start(folder.path())?;
    environment = desk.environment(&environment);
    environment.extend(automation());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (idle, flood, took) = runtime.block_on(async {
        let (driver, client) = window(desktop, &environment).await?;
        let leader = driver.0.id();
        let folders = ask(&client, "library_folders", json!({})).await?;
        let id = folders.pointer("/0/id").cloned().ok_or("there is no folder")?;
        ask(&client, "library_trust", json!({ "id": id })).await?;
        let book = ask(&client, "runbook", json!({ "path": file })).await?;
        let start = json!({"path": file, "revision": book["revision"], "mode": "hand", "values": {}});
        let view = ask(&client, "run_start", start).await?;
        let run = view.pointer("/run/id").and_then(Value::as_str).ok_or("there is no run")?.to_owned();
        let item = find(&view["runbook"], "print").ok_or("there is no command")?;
        client.execute(&format!("location.hash = {}", json!(format!("#/run/{run}"))), Vec::new()).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        client.execute(WATCH, Vec::new()).await?;
        tokio::time::sleep(IDLE).await;
        let idle = figures(&client, memory_of_group(leader)?).await?;
        let begin = Instant::now();
        let action = json!({"do": "start", "item": "print", "hash": item["hash"], "values": {}});
        ask(&client, "run_do", json!({"run": run, "action": action})).await?;
        let mut memory = 0;
        loop {
            tokio::time::sleep(LOOK).await;
            memory = memory.max(memory_of_group(leader)?);
            let view = ask(&client, "run_view", json!({ "run": run })).await?;
            let ended = view["progress"].as_array().into_iter().flatten().any(|one| {
                one["item"] == "print"
                    && one["status"] != "running"
                    && one["attempts"].as_array().is_some_and(|all| !all.is_empty())
            });
            if ended {
                break;
            }
            if begin.elapsed() > PATIENCE * 5 {
                return Err("the command does not end".into());
            }
        }
        let took = begin.elapsed();
        let flood = figures(&client, memory).await?;
        Outcome::Ok((idle, flood, took))
    })?;
    #[expect(clippy::cast_precision_loss, reason = "megabytes, to be read")]
    let speed = (LINES * 100) as f64 / 1e6 / took.as_secs_f64();
    Ok(Part {
        title: "Flood".into(),
        text: format!(
            "A command that prints 1 GB in lines of 100 bytes in the real window (under Xvfb, 1440×900, no graphics card), its \
             output in view: {:.0} s, {speed:.0} MB/s. A stall is the time from one frame to the next; the floor is the same \
             page before the command runs, watched for {} s. Memory is the proportional share (PSS) of the window's processes, \
             looked at each {} ms.",
            took.as_secs_f64(),
            IDLE.as_secs(),
            LOOK.as_millis()
        ),
        rows: vec![
            Row::new(
                "longest stall",
                milliseconds(idle.stall),
                milliseconds(flood.stall),
                ratio(flood.stall, idle.stall),
            ),
            Row::new("memory", megabytes(idle.memory), megabytes(flood.memory), String::new()),
        ],
    })
}

/// The longest stall since the last look.
async fn figures(client: &Client, memory: u64) -> Outcome<Figures> {
    let longest = "const longest = window.longest; window.longest = 0; return longest";
    Ok(Figures { stall: time(&client.execute(longest, Vec::new()).await?)?, memory })
}

async fn ask(client: &Client, command: &str, arguments: Value) -> Outcome<Value> {
    let mut answer = client.execute_async(ASK, vec![json!(command), arguments]).await?;
    match answer.get_mut("error") {
        Some(error) => Err(format!("{command}: {error}").into()),
        None => Ok(answer["answer"].take()),
    }
}

/// The item of that id, wherever it stands in a runbook.
fn find<'a>(value: &'a Value, id: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) if fields.get("id").is_some_and(|found| found == id) && fields.contains_key("hash") => {
            Some(value)
        }
        Value::Object(fields) => fields.values().find_map(|inner| find(inner, id)),
        Value::Array(values) => values.iter().find_map(|inner| find(inner, id)),
        _ => None,
    }
}
