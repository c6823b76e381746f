//! A run in the window: what is in hand, and doing it.

use serde::Deserialize;
use serde_json::json;

use crate::{
    page::{Page, id, until},
    world::World,
};

/// What the run screen shows, at one moment.
#[derive(Debug, Deserialize, PartialEq)]
pub(crate) struct Here {
    /// State of the run, once it is over.
    verdict: Option<String>,
    /// The item in hand.
    item: Option<String>,
    kind: Option<String>,
    status: Option<String>,
    /// How often it was tried.
    tries: u64,
}

impl Here {
    /// Something else is to be done. A ready item that begins to wait is still the same thing.
    fn differs(&self, now: &Self) -> bool {
        (&self.item, self.tries) != (&now.item, now.tries)
    }
}

const LOOK: &str = "
    const item = document.querySelector(\"[data-testid='run-item'][data-hand='true']\");
    const verdict = document.querySelector(\"[data-testid='run-verdict']\");
    const last = item ? [...item.querySelectorAll(\"[data-testid='terminal']\")].at(-1) : null;
    return {
        verdict: verdict ? verdict.dataset.state : null,
        item: item ? item.dataset.item : null,
        kind: item ? item.dataset.kind : null,
        status: item ? item.dataset.status : null,
        tries: last ? Number(last.dataset.attempt) : 0,
    };";

/// The selector of an item.
pub(crate) fn item(name: &str) -> String {
    format!("[data-testid='run-item'][data-item='{name}']")
}

/// A selector within an item.
pub(crate) fn within(name: &str, testid: &str) -> String {
    format!("{} {}", item(name), id(testid))
}

/// What is to be seen of the run.
pub(crate) async fn here(page: &Page) -> Here {
    serde_json::from_value(page.script(LOOK).await).unwrap()
}

/// Opens the runbook of that file name from the library and starts a run of it, by hand.
pub(crate) async fn start(page: &Page, file: &str) {
    page.go("#/library").await;
    page.click(&format!("[data-testid='runbook-row'][data-path$='/{file}']")).await;
    page.click(&id("start-run")).await;
    begin(page).await;
}

/// Starts what the sheet is open for, as it stands, once everything is known of it.
pub(crate) async fn begin(page: &Page) {
    page.wait_for(&id("way-back")).await;
    page.click(&id("start-go")).await;
    page.wait_for(&id("run-page")).await;
}

/// Does one thing after the other, as they come to hand, until the run is over; gives its state.
pub(crate) async fn to_the_end(page: &Page) -> String {
    let mut done: Option<Here> = None;
    loop {
        let mut now = here(page).await;
        until(&format!("something new after {done:?}"), async || {
            now = here(page).await;
            let acts = matches!(now.status.as_deref(), Some("ready" | "pending" | "waiting" | "failed"));
            now.verdict.is_some() || (acts && done.as_ref().is_none_or(|done| done.differs(&now)))
        })
        .await;
        if let Some(verdict) = now.verdict {
            return verdict;
        }
        let (name, kind, status) = (now.item.as_deref(), now.kind.as_deref(), now.status.as_deref());
        let (Some(name), Some(kind), Some(status)) = (name, kind, status) else { continue };
        assert_ne!(status, "failed", "{name} failed:\n{}", page.text_of(&item(name)).await);
        let button = match kind {
            "check" => "item-tick",
            "message" => "item-sent",
            _ => "item-run",
        };
        page.click(&within(name, button)).await;
        done = Some(now);
    }
}

/// Waits until an item has that state.
pub(crate) async fn wait_for_status(page: &Page, name: &str, status: &str) {
    page.wait_for(&format!("{}[data-status='{status}']", item(name))).await;
}

/// Opens the steps that are folded: those that are done and those that come later.
pub(crate) async fn unfold(page: &Page) {
    let folded = format!("button{}", id("run-step"));
    page.wait_for(&id("run-step")).await;
    while page.has(&folded).await {
        page.click(&folded).await;
    }
}

/// Text on an item's newest terminal.
pub(crate) async fn terminal(page: &Page, name: &str) -> String {
    let script = format!(
        "return [...document.querySelectorAll({} + ' .xterm-rows')].at(-1)?.innerText ?? ''",
        json!(within(name, "terminal"))
    );
    page.script(&script).await.as_str().unwrap_or_default().replace('\u{a0}', " ")
}

/// Waits until an item's terminal shows it.
pub(crate) async fn wait_for_output(page: &Page, name: &str, words: &str) {
    until(&format!("{name} prints {words:?}"), async || terminal(page, name).await.contains(words)).await;
}

/// A library folder with one runbook of that text, trusted through the window. The folder is chosen as the page does
/// after its dialog, which is the system's and no part of the page.
pub(crate) async fn library(world: &World, page: &Page, file: &str, text: &str) {
    let folder = world.path("runbooks");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file), text).unwrap();
    let added = page.ask("library_add", json!({"path": folder})).await.unwrap();
    assert_eq!(added["trusted"], false, "a folder is trusted by the person, not by adding it");
    page.reload().await;
    page.click(&format!("[data-testid='runbook-row'][data-path$='/{file}']")).await;
    until("the folder can be trusted", async || {
        let _ = page
            .script("[...document.querySelectorAll('button')].find(b => /trust/i.test(b.textContent))?.click()")
            .await;
        page.has(&id("trust-folder")).await
    })
    .await;
    page.click(&id("trust-folder")).await;
    page.wait_gone(&id("trust-folder")).await;
}

/// Whether a process of this machine has that word among its arguments.
pub(crate) fn runs_somewhere(word: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        words.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())
    })
}

/// Waits until no process has that word among its arguments.
pub(crate) async fn wait_until_gone(word: &str) {
    until(&format!("no process {word} is left"), async || !runs_somewhere(word)).await;
}

/// A word that no other process has.
pub(crate) fn unique(word: &str) -> String {
    static LAST: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = LAST.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{word}{}{count}", std::process::id())
}
