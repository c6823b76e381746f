//! A machine of the test's own: a home, a display, a driver, and the window in it.

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use nix::{sys::signal, unistd::Pid};
use serde_json::{Value, json};

use crate::{
    bus::{Bus, Keychain, Notifications},
    display::Display,
    frame::Desktop,
    page::{Page, until},
    tray::Tray,
};

/// Everything of one test. Ends every process that it started when it is dropped.
pub(crate) struct World {
    home: tempfile::TempDir,
    display: Display,
    driver: Option<Child>,
    port: u16,
    bus: Option<Bus>,
}

/// Runs a test in a world of its own.
pub(crate) fn in_a_world(test: impl AsyncFnOnce(&mut World)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut world = World::new();
    runtime.block_on(test(&mut world));
}

/// The folder of the programs that were built beside this test.
fn programs() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().parent().unwrap().to_path_buf()
}

/// The window's program.
pub(crate) fn desktop() -> PathBuf {
    let program = programs().join("allgood-desktop");
    assert!(program.is_file(), "{} is not there: `make test` builds it first", program.display());
    program
}

/// The top level of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

impl World {
    fn new() -> Self {
        let home = tempfile::Builder::new().prefix("allgood-desktop-").tempdir().unwrap();
        for folder in ["run", "config", "data", "state", "cache", "bin", "opened", "screen"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        fs::set_permissions(home.path().join("run"), fs::Permissions::from_mode(0o700)).unwrap();
        // In place of the desktop's handler of links: notes the address.
        let stand_in = home.path().join("bin/xdg-open");
        fs::write(&stand_in, "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened/links\"\n").unwrap();
        fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
        let display = Display::start(&home.path().join("screen"));
        Self { home, display, driver: None, port: 0, bus: None }
    }

    /// A file or folder of this world's home.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.home.path().join(relative)
    }

    /// The links that were opened, in order.
    pub(crate) fn opened_links(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("opened/links")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A program with the environment of this world and nothing of the test's own but the way to other programs.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let bus = self.bus.as_ref().map_or_else(|| "unix:path=/nonexistent".to_owned(), |bus| bus.address.clone());
        command
            .env_clear()
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .env("USER", "tester")
            .env("HOME", self.home.path())
            .env("TMPDIR", std::env::temp_dir())
            .env("DISPLAY", &self.display.name)
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .env("NO_AT_BRIDGE", "1")
            .env("ALLGOOD_DATA", self.path("store"));
        for (name, folder) in [("RUNTIME_DIR", "run"), ("CONFIG_HOME", "config"), ("DATA_HOME", "data")] {
            command.env(format!("XDG_{name}"), self.path(folder));
        }
        command.env("XDG_STATE_HOME", self.path("state")).env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    /// The command line of the same build, in this world.
    pub(crate) fn allgood(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.command(programs().join("allgood")).args(arguments).stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), text.into_owned())
    }

    /// Gives this world a session bus, which a second start of the window is seen by.
    pub(crate) fn with_bus(&mut self) {
        self.bus = Some(Bus::start(self.command("dbus-daemon")));
    }

    /// The desktop's notifications on this world's bus; with `hangs` they do not answer for now.
    pub(crate) fn notifications(&self, hangs: bool) -> Notifications {
        Notifications::serve(self.bus.as_ref().expect("this world has a bus"), hangs)
    }

    /// Whoever shows trays, on this world's bus.
    pub(crate) fn tray(&self) -> Tray {
        Tray::serve(self.bus.as_ref().expect("this world has a bus"))
    }

    /// A keychain on this world's bus, open and empty.
    pub(crate) async fn keychain(&self) -> Keychain {
        let bus = self.bus.as_ref().expect("this world has a bus");
        let keychain = Keychain::start(bus, self.command("gnome-keyring-daemon"));
        until("the keychain is open", async || {
            let (_, said) = self.allgood(&["access", "vault", "status", "--json"]);
            serde_json::from_str::<Value>(&said).is_ok_and(|status| status["keychain"] == "open")
        })
        .await;
        keychain
    }

    /// The name of this world's display.
    pub(crate) fn display(&self) -> &str {
        &self.display.name
    }

    /// Every file of this world's home that holds these bytes.
    pub(crate) fn files_with(&self, bytes: &[u8]) -> Vec<PathBuf> {
        let files = walkdir::WalkDir::new(self.home.path()).into_iter().filter_map(Result::ok);
        let files = files.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
        let holds =
            |path: &PathBuf| fs::read(path).unwrap_or_default().windows(bytes.len()).any(|part| part == bytes);
        files.filter(holds).collect()
    }

    /// The windows of this world as the desktop sees them.
    pub(crate) fn desktop(&self) -> Desktop {
        Desktop::look_at(&self.display.name)
    }

    /// Waits until a process is gone, or waits for nothing but its parent.
    pub(crate) async fn is_gone(&self, process: i32) {
        until(&format!("process {process} is gone"), async || {
            let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            status.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with('Z'))
        })
        .await;
    }

    /// Opens the window and waits for its first screen.
    pub(crate) async fn open(&mut self) -> Page {
        self.open_with(&[]).await
    }

    /// The same, started with these arguments.
    pub(crate) async fn open_with(&mut self, arguments: &[&str]) -> Page {
        self.open_program(&desktop(), arguments).await
    }

    /// The same by a program that becomes the window's.
    pub(crate) async fn open_program(&mut self, program: &Path, arguments: &[&str]) -> Page {
        self.stop_driver();
        self.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(self.path("driver.log")).unwrap();
        let driver = self
            .command("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={}", self.port)])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("WebKitWebDriver is installed (`.ci/setup test` installs it)");
        self.driver = Some(driver);
        let port = self.port;
        until("WebKitWebDriver listens", async || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        let options = json!({"binary": program, "args": arguments});
        let capabilities: serde_json::Map<String, Value> =
            [("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("no window: {error}\n{}", self.logs()));
        let page = Page::new(client);
        page.wait_for("#app > *, [data-testid]").await;
        page
    }

    /// What the driver and the window wrote.
    pub(crate) fn logs(&self) -> String {
        let mut text = fs::read_to_string(self.path("driver.log")).unwrap_or_default();
        for entry in fs::read_dir(self.path("state/allgood")).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|ending| ending == "log") {
                text += &fs::read_to_string(entry.path()).unwrap_or_default();
            }
        }
        text
    }

    /// The number of the window's process.
    pub(crate) fn process(&self) -> i32 {
        let program = fs::canonicalize(desktop()).unwrap();
        let driver = i32::try_from(self.driver.as_ref().unwrap().id()).unwrap();
        let mine = |process: &i32| {
            fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe == program)
                && nix::unistd::getpgid(Some(Pid::from_raw(*process))).is_ok_and(|group| group.as_raw() == driver)
        };
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let mut processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        processes.find(mine).expect("the window's process runs")
    }

    /// Memory of the window's process that is its own, in bytes (`Pss` of `/proc/PID/smaps_rollup`).
    pub(crate) fn memory(&self) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.process())).unwrap();
        let line = text.lines().find(|line| line.starts_with("Pss:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Ends the window as a power failure would.
    pub(crate) fn kill_window(&mut self) {
        signal::kill(Pid::from_raw(self.process()), signal::Signal::SIGKILL).unwrap();
        self.stop_driver();
    }

    /// Ends the process that draws the page, as a fault of WebKit would; the window stays.
    pub(crate) fn kill_page(&self) {
        let group = nix::unistd::getpgid(Some(Pid::from_raw(self.process()))).unwrap();
        let draws = |process: &i32| {
            fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|exe| exe.ends_with("WebKitWebProcess"))
                && nix::unistd::getpgid(Some(Pid::from_raw(*process))).is_ok_and(|its| its == group)
        };
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let mut processes = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let page = processes.find(draws).expect("the page's process runs");
        signal::kill(Pid::from_raw(page), signal::Signal::SIGKILL).unwrap();
    }

    /// Ends the driver, and with it its window.
    pub(crate) fn stop_driver(&mut self) {
        let Some(mut driver) = self.driver.take() else { return };
        let group = Pid::from_raw(i32::try_from(driver.id()).unwrap());
        let _ = signal::killpg(group, signal::Signal::SIGKILL);
        drop(driver.wait());
    }

    /// Pictures of what is shown, in both sizes and both lights, as `NAME-LIGHT-WIDTHxHEIGHT`; then the window is large again.
    pub(crate) async fn pictures(&self, page: &Page, name: &str) {
        for size in [(1440, 900), (1024, 700)] {
            for light in ["light", "dark"] {
                page.resize(size).await;
                page.light(light).await;
                page.painted().await;
                self.picture(size, &format!("{name}-{light}-{}x{}", size.0, size.1));
            }
        }
        page.resize((1440, 900)).await;
    }

    /// Keeps a picture of the screen as `artifacts/screenshots/NAME.png`.
    pub(crate) fn picture(&self, (width, height): (u32, u32), name: &str) {
        self.display.picture(width, height, &root().join("artifacts/screenshots").join(format!("{name}.png")));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
            self.picture(
                crate::display::SCREEN,
                &format!("failed-{}", std::thread::current().name().unwrap_or("test").replace("::", "-")),
            );
        }
        self.stop_driver();
    }
}
