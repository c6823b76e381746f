//! A runbook of a megabyte in the editor of the real window: until it can be typed into, and from a key until it is
//! painted. The floor is CodeMirror as it comes (`ui/tools/plain-editor.js`) with the same text, in the same window.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use fantoccini::{
    Client,
    actions::{InputSource as _, KeyAction, KeyActions},
};
use serde_json::json;

use crate::{
    Outcome,
    driven::{automation, ready, time, window},
    generated,
    look::SIZE,
    measure,
    report::{Part, Row, milliseconds, ratio},
    window::Desk,
};

/// Keys that are measured.
const KEYS: usize = 300;
/// From one key to the next: a quick typist. What waits for a pause waits.
const BETWEEN: Duration = Duration::from_millis(100);
/// After so many keys comes a pause, in which the text is looked at and its draft kept.
const BURST: usize = 10;
const PAUSE: Duration = Duration::from_millis(700);
/// Notes for each key how long it took until the frame after the next began: then it is painted.
const LISTEN: &str = "
    window.painted = [];
    if (!window.listens) addEventListener('keydown', (event) => requestAnimationFrame(() => requestAnimationFrame(
        () => window.painted.push(performance.now() - event.timeStamp))), {capture: true});
    window.listens = true;";

/// Opens the runbook at an address; milliseconds until it has the focus and has been painted.
const OPEN: &str = "
    const [address, done] = arguments;
    const began = performance.now();
    window.asked = began;
    location.hash = address;
    const look = () => document.activeElement?.dataset?.testid === 'source'
        ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)))
        : requestAnimationFrame(look);
    look();";

/// Waits until the page stands beside the text; milliseconds since the runbook was asked for.
const PAGE: &str = "
    const [done] = arguments;
    const look = () => document.querySelector('[data-testid=preview] .chapter') !== null
        ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - window.asked)))
        : requestAnimationFrame(look);
    look();";

/// The same of a plain editor, over the whole page.
const PLAIN: &str = "
    const [text, done] = arguments;
    const began = performance.now();
    const place = document.createElement('div');
    place.style.cssText = 'position:fixed;inset:0;z-index:9999;overflow:auto;background:#fff;color:#000';
    document.body.append(place);
    const view = window.plainEditor(place, text);
    view.dom.style.height = '100%';
    view.focus();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));";

/// What one editor gave.
struct Figures {
    opening: Duration,
    /// Of ours alone.
    page: Option<Duration>,
    p50: Duration,
    p99: Duration,
    longest: Duration,
}

/// Measures.
pub(crate) fn measure(allgood: &Path, desktop: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("the editor …");
    let folder = tempfile::tempdir()?;
    let mut environment = crate::machine::homes(folder.path())?;
    let library = folder.path().join("library");
    fs::create_dir_all(&library)?;
    let file = fs::canonicalize(&library)?.join("large.md");
    let text = generated::large(SIZE);
    fs::write(&file, &text)?;
    let mut add = measure::program(allgood, folder.path(), &["library", "add"]);
    add.arguments.push(library.into());
    add.environment.clone_from(&environment);
    add.sample()?;
    let desk = Desk::start(folder.path())?;
    environment = desk.environment(&environment);
    environment.extend(automation());
    let plain = plain(folder.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (floor, ours) = runtime.block_on(async {
        let (_driver, client) = window(desktop, &environment).await?;
        let address = format!("#/edit/{}", file.display().to_string().replace('/', "%2F"));
        let ours = ours(&client, &address, rounds).await?;
        let floor = floor(&client, &plain, &text, rounds).await?;
        Outcome::Ok((floor, ours))
    })?;
    let page = ours.page.ok_or("the page was not seen")?;
    let row = |what: &str, pick: fn(&Figures) -> Duration| {
        let (floor, ours) = (pick(&floor), pick(&ours));
        Row::new(what, milliseconds(floor), milliseconds(ours), ratio(ours, floor))
    };
    Ok(Part {
        title: "Editor".into(),
        text: format!(
            "A runbook of 1 MB in the real window (under Xvfb, 1440×900, no graphics card), keys pressed by WebDriver: \
             {KEYS} of them, one each {} ms, with a pause after each {BURST} in which the draft is kept and the text is \
             checked. From a key's event to the beginning of the second frame after it, when it is painted; a frame is \
             16.7 ms, so the least is about one. Opening is from the library to the caret. The floor is CodeMirror as it \
             comes, with Markdown and line numbers, in the same window (`ui/tools/plain-editor.js`): no file, no draft, \
             no check, no preview.",
            BETWEEN.as_millis()
        ),
        rows: vec![
            row("open, until it can be typed into", |figures| figures.opening),
            Row::new("open, until its page stands beside it", String::new(), milliseconds(page), String::new()),
            row("key to paint, p50", |figures| figures.p50),
            row("key to paint, p99", |figures| figures.p99),
            row("key to paint, longest", |figures| figures.longest),
        ],
    })
}

/// The plain editor as one script.
fn plain(folder: &Path) -> Outcome<String> {
    let bundler = PathBuf::from("ui/node_modules/.bin/rolldown");
    let script = folder.join("plain.js");
    let answer = Command::new(
        fs::canonicalize(&bundler)
            .map_err(|error| format!("{} is not there ({error}): `npm ci` in ui/ brings it", bundler.display()))?,
    )
    .args(["ui/tools/plain-editor.js", "--format", "iife", "-o"])
    .arg(&script)
    .output()?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into_owned().into());
    }
    Ok(fs::read_to_string(script)?)
}

async fn ours(client: &Client, address: &str, rounds: usize) -> Outcome<Figures> {
    let (mut openings, mut pages) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        client.execute("location.hash = '#/library'", Vec::new()).await?;
        client.refresh().await?;
        ready(client).await?;
        let opening = time(&client.execute_async(OPEN, vec![json!(address)]).await?)?;
        let page = time(&client.execute_async(PAGE, Vec::new()).await?)?;
        if round > 0 {
            openings.push(opening);
            pages.push(page);
        }
    }
    let figures = keys(client, measure::median(&openings)?).await?;
    Ok(Figures { page: Some(measure::median(&pages)?), ..figures })
}

async fn floor(client: &Client, plain: &str, text: &str, rounds: usize) -> Outcome<Figures> {
    let mut openings = Vec::new();
    for round in 0..=rounds {
        client.execute("location.hash = '#/library'", Vec::new()).await?;
        client.refresh().await?;
        ready(client).await?;
        client.execute(plain, Vec::new()).await?;
        let opening = time(&client.execute_async(PLAIN, vec![json!(text)]).await?)?;
        if round > 0 {
            openings.push(opening);
        }
    }
    keys(client, measure::median(&openings)?).await
}

/// Types, and gives the figures of all keys.
async fn keys(client: &Client, opening: Duration) -> Outcome<Figures> {
    // What opening leaves to be done is not the keys' affair.
    tokio::time::sleep(Duration::from_secs(3)).await;
    client.execute(LISTEN, Vec::new()).await?;
    let letters = ['a', 'l', 'l', ' ', 'g', 'o', 'o', 'd', ' '];
    for (number, value) in letters.into_iter().cycle().take(KEYS).enumerate() {
        let began = Instant::now();
        let key =
            KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        client.perform_actions(key).await?;
        let gap = if number % BURST == BURST - 1 { PAUSE } else { BETWEEN };
        tokio::time::sleep(gap.saturating_sub(began.elapsed())).await;
    }
    tokio::time::sleep(PAUSE).await;
    let painted = client.execute("return window.painted", Vec::new()).await?;
    let mut times = painted.as_array().ok_or("no keys were seen")?.iter().map(time).collect::<Outcome<Vec<_>>>()?;
    if times.len() != KEYS {
        return Err(format!("{} keys of {KEYS} were seen", times.len()).into());
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().ok_or("no keys were seen");
    let longest = times.last().copied().ok_or("no keys were seen")?;
    Ok(Figures { opening, page: None, p50: at(50)?, p99: at(99)?, longest })
}
