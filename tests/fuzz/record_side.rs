//! What was printed, and records that come from elsewhere.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use api::{App, Config, Supervisor, wire::TakeRun};
use engine::{Event, RunId, RunState};
use report::{Record, Report, Verification};

use crate::{LONGEST, text};

pub(crate) const PRINTED: &[&[u8]] = &[
    b"plain \x1b[31mred\x1b[0m\r\nover\rwritten\x08\x08\n",
    b"\x1b]0;title\x07\x1b]52;c;cm0gLXJm\x07\x1bP$q\"p\x1b\\\x1b[6n\x1b[?1049h\x9b5n",
    b"\x1b[999999999999;1H\x1b[38;2;1;2;3;4;5;6;7;8;9mx\xff\xfe\xe2\x80\xae",
];

pub(crate) const JOURNALS: &[&[u8]] = &[
    b"{\"run\":\"01J0000000000000000000000\",\"seq\":1,\"at\":\"2026-11-22T15:04:05.000Z\",\"actor\":\"a@b\",\"kind\":\"run_started\",\"path\":\"/r/a.md\",\"revision\":\"00\",\"hash\":\"00\"}\n",
    b"{\"run\":\"x\",\"seq\":18446744073709551615,\"at\":\"-\",\"actor\":\"\",\"kind\":\"attempt_ended\",\"item\":\"a\",\"attempt\":0,\"hash\":\"\"}\n{\"kind\":\"undone\"}\n",
];

pub(crate) const RUN_FILES: &[&[u8]] = &[
    b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x0c\0\0\0../../x.md  PK\x01\x02",
    b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
];

/// Nothing is left that a terminal would obey.
pub(crate) fn terminal(bytes: &[u8]) {
    let shown = engine::plain_text(&bytes[..bytes.len().min(LONGEST)]);
    let obeyed = shown.chars().find(|one| one.is_control() && *one != '\n' && *one != '\t');
    assert_eq!(obeyed, None, "{shown:?}");
}

/// Any events are folded and told, in each form.
pub(crate) fn journal(bytes: &[u8]) {
    let text = text(bytes);
    let events: Vec<Event> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let state = events.iter().fold(RunState::default(), |state, event| state.apply(event));
    let _ = (state.running(), state.rolling_back(), state.is_finished());
    let runbook = format::parse("a.md", crate::runbook_side::RUNBOOKS[0]);
    let verification = Verification { sentence: "nothing was checked".to_owned(), ..Verification::default() };
    let record = Record {
        run: RunId("01J0000000000000000000000".to_owned()),
        runbook,
        events,
        output: BTreeMap::new(),
        removed: BTreeMap::new(),
        verification,
        hide: Vec::new(),
    };
    let report = Report::of(&record);
    let _ = (report::markdown(&report), report::html(&report), report::junit(&report));
}

struct NoOpener;

impl access::Opener for NoOpener {
    fn open(&self, _: &str) -> std::io::Result<()> {
        Err(std::io::Error::other("nothing is opened"))
    }
}

/// A file that says it is a run is looked into or refused; nothing is written anywhere.
pub(crate) fn run_file(bytes: &[u8]) {
    static HOUSE: OnceLock<(Arc<App>, PathBuf)> = OnceLock::new();
    let (app, folder) = HOUSE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let app = App::open(Config {
            data: folder.join("data"),
            settings: folder.join("config.toml"),
            scratch: folder.join("scratch"),
            supervisor: Supervisor { program: folder.join("no-supervisor"), arguments: Vec::new() },
            environment: BTreeMap::new(),
            actor: "ada@tower".to_owned(),
            opener: Box::new(NoOpener),
        });
        (app.expect("a store"), folder)
    });
    let file = folder.join("in/run.allgood");
    fs::create_dir_all(folder.join("in")).expect("a folder");
    fs::write(&file, &bytes[..bytes.len().min(LONGEST)]).expect("a file");
    let _ = app.run_take_look(TakeRun { path: file.display().to_string(), runbook: None });
    let left = fs::read_dir(folder.join("in")).expect("the folder").count();
    assert_eq!(left, 1, "something was written beside the file");
}
