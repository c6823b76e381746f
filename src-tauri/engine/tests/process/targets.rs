//! Commands on targets: a real sshd on this machine, and stand-ins for the programs that lead to containers.

mod containers;
mod endings;
mod hosts;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use engine::process::{Ending, Exit, Happening, Launch, Links, Reach, Session, THERE, Target};
use format::Program;
use testkit::Sshd;

use super::{Case, PATIENCE};

/// A command on a target, with the connections of its run.
struct There {
    links: Arc<Links>,
    reach: Reach,
    around: BTreeMap<OsString, OsString>,
    attended: bool,
    /// As that of a program: it is there longer than a command.
    scratch: tempfile::TempDir,
}

impl There {
    /// On the host of that server, by the configuration of its folder.
    fn ssh(sshd: &Sshd) -> Self {
        Self::to(sshd.reach("there"), sshd.around())
    }

    fn to(reach: Reach, around: BTreeMap<OsString, OsString>) -> Self {
        Self { links: Arc::default(), reach, around, attended: false, scratch: tempfile::tempdir().unwrap() }
    }

    fn launch(&self, case: Case) -> (Launch, tempfile::TempDir) {
        let Case { mut launch, folder } = case;
        launch.environment.clear();
        launch.environment.insert("ALLGOOD_ENV".into(), folder.path().join("env").into());
        fs::write(folder.path().join("env"), "").unwrap();
        launch.cwd = PathBuf::from(THERE);
        launch.scratch = self.scratch.path().to_owned();
        launch.target = Some(Box::new(Target {
            name: "there".to_owned(),
            reach: self.reach.clone(),
            around: self.around.clone(),
            folder: folder.path().to_owned(),
            attended: self.attended,
        }));
        (launch, folder)
    }

    fn start(&self, case: Case) -> Running {
        self.start_with(case, |_| {})
    }

    fn start_with(&self, case: Case, change: impl FnOnce(&mut Launch)) -> Running {
        let (mut launch, folder) = self.launch(case);
        change(&mut launch);
        let (sender, happenings) = std::sync::mpsc::channel();
        let session = self.links.start(launch, move |happening| drop(sender.send(happening))).unwrap();
        Running {
            session,
            happenings,
            beside: Vec::new(),
            output: Vec::new(),
            collected: Vec::new(),
            ending: None,
            folder,
        }
    }

    fn run(&self, case: Case) -> Running {
        let mut running = self.start(case);
        running.end();
        running
    }
}

struct Running {
    session: Session,
    happenings: std::sync::mpsc::Receiver<Happening>,
    beside: Vec<u8>,
    output: Vec<u8>,
    collected: Vec<u8>,
    ending: Option<Ending>,
    folder: tempfile::TempDir,
}

impl Running {
    fn next(&mut self, what: &str) {
        match self.happenings.recv_timeout(PATIENCE) {
            Ok(Happening::Output(bytes)) => self.output.extend(bytes),
            Ok(Happening::Beside(bytes)) => self.beside.extend(bytes),
            Ok(Happening::Collected(bytes)) => self.collected.extend(bytes),
            Ok(Happening::Ended(ending)) => self.ending = Some(ending),
            Ok(other) => panic!("{other:?}"),
            Err(error) => panic!("{error} while waiting for {what}: {}", self.all()),
        }
    }

    fn until(&mut self, text: &str) -> &mut Self {
        while !self.text().contains(text) {
            assert!(self.ending.is_none(), "it ended before {text:?}: {}", self.all());
            self.next(text);
        }
        self
    }

    /// Reads until what leads there has said something.
    fn until_beside(&mut self, text: &str) -> &mut Self {
        while !String::from_utf8_lossy(&self.beside).contains(text) {
            assert!(self.ending.is_none(), "it ended before {text:?}: {}", self.all());
            self.next(text);
        }
        self
    }

    fn end(&mut self) -> &Ending {
        while self.ending.is_none() {
            self.next("the end");
        }
        self.ending.as_ref().unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).replace("\r\n", "\n")
    }

    fn all(&self) -> String {
        format!("{:?} / {:?} / {:?}", String::from_utf8_lossy(&self.beside), self.text(), self.ending)
    }

    fn prints(&self, expected: &str) -> &Self {
        assert_eq!((self.text().as_str(), self.status()), (expected, 0), "{}", self.all());
        self
    }

    fn status(&self) -> i32 {
        match self.ending.as_ref().map(|ending| &ending.exit) {
            Some(Exit::Status(status)) => *status,
            _ => panic!("{}", self.all()),
        }
    }

    /// Why it never began.
    fn sentence(&self) -> &str {
        match self.ending.as_ref().map(|ending| &ending.exit) {
            Some(Exit::NotStarted(sentence)) => sentence,
            _ => panic!("it started: {}", self.all()),
        }
    }
}

/// Writes a program.
fn program(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn bash(script: &str) -> Case {
    Case::new(Program::Bash, script)
}

/// Short times between the rungs of the ladder here.
fn hurried(launch: &mut Launch) {
    launch.patience.terminate = Duration::from_millis(200);
}
