//! A program with a library folder of its own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};

use api::{
    App, Config, Supervisor,
    commands::*,
    wire::{SaveText, Saved, SourceView},
};
use tempfile::TempDir;

pub(crate) struct House {
    pub(crate) app: Arc<App>,
    pub(crate) folder: TempDir,
    /// The library folder, canonical.
    pub(crate) library: PathBuf,
    /// Its number.
    pub(crate) id: i64,
    supervised: bool,
}

impl House {
    /// An empty library folder, trusted.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        fs::create_dir(&library).unwrap();
        let library = fs::canonicalize(library).unwrap();
        let app = open(&folder.path().join("data"));
        let id = app.library_add(argument(&library)).unwrap().id;
        app.library_trust(IdArgument { id }).unwrap();
        Self { app, folder, library, id, supervised: false }
    }

    /// As [`House::new`], with the small program that starts commands.
    pub(crate) fn that_runs() -> Self {
        Self { supervised: true, ..Self::new() }.again()
    }

    /// Writes a file as another program would.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let file = self.library.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, bytes).unwrap();
        file
    }

    pub(crate) fn source(&self, file: &Path) -> SourceView {
        self.app.source(argument(file)).unwrap()
    }

    pub(crate) fn save(&self, file: &Path, base: Option<&str>, text: &str) -> Result<Saved, api::ApiError> {
        self.app.save(save(file, base, text))
    }

    /// What commands and git inherit: a home of its own.
    pub(crate) fn environment(&self) -> BTreeMap<OsString, OsString> {
        environment(&self.folder.path().join("data"))
    }

    /// Closes the program and opens it again.
    pub(crate) fn again(self) -> Self {
        let Self { app, folder, library, id, supervised } = self;
        drop(app);
        let app = open_with(&folder.path().join("data"), supervised);
        Self { app, folder, library, id, supervised }
    }
}

/// The machine's programs, and nothing of the person's configuration.
fn environment(data: &Path) -> BTreeMap<OsString, OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = data.with_file_name("home").into_os_string();
    let none = OsString::from("/dev/null");
    [("PATH", path), ("HOME", home), ("GIT_CONFIG_NOSYSTEM", "1".into()), ("GIT_CONFIG_GLOBAL", none)]
        .map(|(name, value)| (OsString::from(name), value))
        .into()
}

/// The small program that starts commands. It belongs to another package, so `cargo test` may not build it: it is built here,
/// unless `ALLGOOD_BUILT` says that all of it was built just before (`make test`).
fn supervisor() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let build = ["build", "--quiet", "--package", "engine", "--bin", "allgood-supervisor"];
        if std::env::var_os("ALLGOOD_BUILT").is_none() {
            assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success(), "the supervisor is built");
        }
        let own = std::env::current_exe().unwrap();
        own.parent().and_then(Path::parent).unwrap().join("allgood-supervisor")
    })
}

/// A program with its store there.
pub(crate) fn open(data: &Path) -> Arc<App> {
    open_with(data, false)
}

fn open_with(data: &Path, supervised: bool) -> Arc<App> {
    fs::create_dir_all(data.join("scratch")).unwrap();
    App::open(Config {
        data: data.to_owned(),
        settings: data.join("config.toml"),
        scratch: data.join("scratch"),
        supervisor: Supervisor {
            program: if supervised { supervisor().to_owned() } else { data.join("no-supervisor") },
            arguments: Vec::new(),
        },
        environment: environment(data),
        actor: "ada@tower".to_owned(),
        opener: Box::new(access::SystemOpener),
    })
    .unwrap()
}

pub(crate) fn argument(path: &Path) -> PathArgument {
    PathArgument { path: path.display().to_string() }
}

pub(crate) fn save(file: &Path, base: Option<&str>, text: &str) -> SaveText {
    SaveText { path: file.display().to_string(), base: base.map(str::to_owned), text: text.to_owned(), message: None }
}
