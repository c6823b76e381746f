//! The page in the window, as a person's eyes and hands.

use std::time::{Duration, Instant};

use fantoccini::{
    Client, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
};
use serde_json::{Value, json};

/// Longer than anything here takes on a slow machine; a test that fails waits as long.
const PATIENCE: Duration = Duration::from_secs(40);

/// Waits until it holds; the name says what did not come.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// The one page of the window.
pub(crate) struct Page {
    client: Client,
}

/// The selector of everything that carries a test id.
pub(crate) fn id(name: &str) -> String {
    format!("[data-testid='{name}']")
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Runs a script in the page; what it returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The same, where the window may be gone.
    pub(crate) async fn try_script(&self, script: &str) -> Option<Value> {
        self.client.execute(script, Vec::new()).await.ok()
    }

    /// Waits for the first element of that selector.
    pub(crate) async fn wait_for(&self, selector: &str) -> Element {
        let start = Instant::now();
        loop {
            match self.client.find(Locator::Css(selector)).await {
                Ok(element) => return element,
                Err(error) if start.elapsed() > PATIENCE => {
                    panic!("no {selector} on the page: {error}\n{}", self.text().await)
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
            }
        }
    }

    /// Whether there is one now.
    pub(crate) async fn has(&self, selector: &str) -> bool {
        self.client.find(Locator::Css(selector)).await.is_ok()
    }

    /// How many there are now.
    pub(crate) async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.map_or(0, |found| found.len())
    }

    /// Waits until there are exactly as many.
    pub(crate) async fn wait_for_count(&self, selector: &str, count: usize) {
        until(&format!("{count} of {selector}"), async || self.count(selector).await == count).await;
    }

    /// Waits until there is none.
    pub(crate) async fn wait_gone(&self, selector: &str) {
        until(&format!("no more {selector}"), async || !self.has(selector).await).await;
    }

    /// Clicks it, once it is there and can be clicked.
    pub(crate) async fn click(&self, selector: &str) {
        until(&format!("{selector} can be clicked"), async || match self.client.find(Locator::Css(selector)).await {
            Ok(element) => element.is_enabled().await.unwrap_or(false) && element.click().await.is_ok(),
            Err(_) => false,
        })
        .await;
    }

    /// Waits until the focus is there.
    pub(crate) async fn wait_for_focus(&self, selector: &str) {
        self.wait_for(&format!("{selector}:focus")).await;
    }

    /// Types into it.
    pub(crate) async fn type_into(&self, selector: &str, text: &str) {
        self.wait_for(selector).await.send_keys(text).await.unwrap();
    }

    /// Presses keys where the focus is, as fingers do: after what was decided has been painted, for nobody presses a key
    /// for what is not on the screen yet. The names are WebDriver's: a modifier is held until U+E000.
    pub(crate) async fn keys(&self, keys: &str) {
        self.painted().await;
        let mut actions = KeyActions::new("keyboard".to_owned());
        let mut held = Vec::new();
        for value in keys.chars() {
            match value {
                '\u{e000}' => {
                    for value in held.drain(..).rev() {
                        actions = actions.then(KeyAction::Up { value });
                    }
                }
                '\u{e008}'..='\u{e00a}' => {
                    held.push(value);
                    actions = actions.then(KeyAction::Down { value });
                }
                value => actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value }),
            }
        }
        for value in held.drain(..).rev() {
            actions = actions.then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// What axe finds on the page that is serious or critical.
    pub(crate) async fn barriers(&self) -> Vec<String> {
        let axe = crate::world::root().join("ui/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&axe)
            .unwrap_or_else(|error| panic!("{}: {error}: `npm ci` in ui/ brings it", axe.display()));
        self.script(&axe).await;
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
                (found) => done(found.violations
                    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
                    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`))),
                (error) => done([String(error)]));";
        let found = self.client.execute_async(script, Vec::new()).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// All text that can be read on the page.
    pub(crate) async fn text(&self) -> String {
        self.script("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Text of the first element of that selector, empty if there is none.
    pub(crate) async fn text_of(&self, selector: &str) -> String {
        let script = format!("return document.querySelector({})?.textContent ?? ''", json!(selector));
        self.script(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says it.
    pub(crate) async fn wait_for_text(&self, words: &str) {
        until(&format!("the page says {words:?}"), async || self.text().await.contains(words)).await;
    }

    /// Makes the window that large, at the screen's upper left, and waits until the page is laid out in it.
    pub(crate) async fn resize(&self, (width, height): (u32, u32)) {
        self.client.set_window_rect(0, 0, width, height).await.unwrap();
        until("the window has its size", async || {
            self.script("return [innerWidth, innerHeight]").await == json!([width, height])
        })
        .await;
        self.painted().await;
    }

    /// Waits until what was decided has been painted, fonts included.
    pub(crate) async fn painted(&self) {
        let script = "const done = arguments[arguments.length - 1];
            document.fonts.ready.then(() => {
                let frames = 6;
                const next = () => (frames-- ? requestAnimationFrame(next) : done(true));
                next();
            });";
        self.client.execute_async(script, Vec::new()).await.unwrap();
    }
}

/// What the program answers to the page.
impl Page {
    /// Asks a command of the program from the page, as the interface does.
    ///
    /// # Errors
    /// What the program said instead.
    pub(crate) async fn ask(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let script = "const [command, payload, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, payload)
                .then((answer) => done({answer: answer ?? null}), (error) => done({error: error ?? null}));";
        let payload = json!({"arguments": arguments});
        let mut answer = self.client.execute_async(script, vec![json!(command), payload]).await.unwrap();
        match answer.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(answer["answer"].take()),
        }
    }

    /// Goes to another screen by its address.
    pub(crate) async fn go(&self, hash: &str) {
        self.script(&format!("location.hash = {}", json!(hash))).await;
        self.painted().await;
    }

    /// Loads the page anew.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
        self.wait_for("nav").await;
    }

    /// The page's address.
    pub(crate) async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// How many windows there are.
    pub(crate) async fn windows(&self) -> usize {
        self.client.windows().await.unwrap().len()
    }

    /// Chooses the light by the window's own switch.
    pub(crate) async fn light(&self, theme: &str) {
        let switch = id("theme-switch");
        until(&format!("the light is {theme}"), async || {
            let chosen = self.wait_for(&switch).await.attr("data-theme-choice").await.unwrap();
            if chosen.as_deref() == Some(theme) {
                return true;
            }
            let choice = format!("{switch} [data-choice='{theme}']");
            self.click(if self.has(&choice).await { &choice } else { &switch }).await;
            false
        })
        .await;
        let shown = self.wait_for("html").await.attr("data-theme").await.unwrap();
        assert_eq!(shown.as_deref(), Some(theme), "the page is shown in the light that was chosen");
        self.painted().await;
    }
}
