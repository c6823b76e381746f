//! The real window, driven from outside by WebDriver.

use std::{
    ffi::OsString,
    net::{TcpListener, TcpStream},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder, wd::TimeoutConfiguration};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::{Outcome, window::Group};

/// Longer than this and something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What a window is given that WebDriver drives.
pub(crate) fn automation() -> [(OsString, OsString); 2] {
    ["TAURI_AUTOMATION", "TAURI_WEBVIEW_AUTOMATION"].map(|name| (name.into(), "true".into()))
}

/// Opens the window with its library in view; the driver, which leads its processes, and the page.
pub(crate) async fn window(desktop: &Path, environment: &[(OsString, OsString)]) -> Outcome<(Group, Client)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let driver = Command::new("WebKitWebDriver")
        .args(["--host=127.0.0.1", &format!("--port={port}")])
        .envs(environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("WebKitWebDriver cannot be started ({error}): `.ci/setup test` installs it"))?;
    let driver = Group(driver);
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > PATIENCE {
            return Err("WebKitWebDriver does not listen".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let options = json!({"binary": desktop, "args": []});
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities([("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect())
        .connect(&format!("http://127.0.0.1:{port}"))
        .await?;
    // What takes long is a figure, not a failure.
    client.update_timeouts(TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None)).await?;
    client.set_window_rect(0, 0, 1440, 900).await?;
    ready(&client).await?;
    Ok((driver, client))
}

/// Waits until the library is shown.
pub(crate) async fn ready(client: &Client) -> Outcome<()> {
    let began = Instant::now();
    loop {
        let there = client.execute("return document.querySelector('[data-testid=runbook-row]') !== null", Vec::new());
        if matches!(there.await, Ok(Value::Bool(true))) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err("the window shows no runbook".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Milliseconds of the page.
pub(crate) fn time(value: &Value) -> Outcome<Duration> {
    let milliseconds = value.as_f64().ok_or_else(|| format!("not a time: {value}"))?;
    Ok(Duration::try_from_secs_f64(milliseconds / 1e3)?)
}
