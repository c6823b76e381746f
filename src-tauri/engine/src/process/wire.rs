//! What the app and the supervisor say to each other: JSON, each message after its length.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    io::{self, Read, Write},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::PathBuf,
    time::Duration,
};

use format::Program;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Carried, Ending, Exit, Launch, Leftover, Patience};

/// The longest message taken: far beyond what the system lets a process start with.
const LONGEST: usize = 1 << 30;

/// Bytes that are nearly always text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Utf8(String),
    Bytes(Vec<u8>),
}

impl From<&OsStr> for Text {
    fn from(text: &OsStr) -> Self {
        text.to_str().map_or_else(|| Self::Bytes(text.as_bytes().to_vec()), |text| Self::Utf8(text.to_owned()))
    }
}

impl From<Text> for OsString {
    fn from(text: Text) -> Self {
        match text {
            Text::Utf8(text) => text.into(),
            Text::Bytes(bytes) => Self::from_vec(bytes),
        }
    }
}

impl From<Text> for PathBuf {
    fn from(text: Text) -> Self {
        OsString::from(text).into()
    }
}

/// From the app to the supervisor. It cannot be printed, since it holds secrets.
#[derive(Serialize, Deserialize)]
pub(super) enum Order {
    /// The first, once.
    Start(Box<Start>),
    /// Ends the command and all that belongs to it.
    Stop,
    /// Ends what the shell left running.
    EndLeftovers,
}

/// [`Launch`], as it travels.
#[derive(Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) scratch: Text,
    pub(super) runner: Runner,
    pub(super) script: String,
    /// A program and its arguments instead of a script.
    pub(super) client: Option<Vec<Text>>,
    pub(super) environment: Vec<(Text, Text)>,
    pub(super) shell_variables: BTreeMap<String, String>,
    pub(super) cwd: Text,
    pub(super) timeout: Option<Duration>,
    pub(super) interactive: bool,
    /// The named pipe that is its standard output; somebody reads it already.
    pub(super) pipe: Option<Text>,
    pub(super) terminate: Duration,
    pub(super) kill: Duration,
    pub(super) survive: Duration,
    pub(super) drain: Duration,
}

/// [`Program`], as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Runner {
    Sh,
    Bash,
    AnyShell,
    Zsh,
    Fish,
    Ksh,
    PowerShell,
    Interpreter(Vec<String>),
}

impl From<Program> for Runner {
    fn from(program: Program) -> Self {
        match program {
            Program::Sh => Self::Sh,
            Program::Bash => Self::Bash,
            Program::AnyShell => Self::AnyShell,
            Program::Zsh => Self::Zsh,
            Program::Fish => Self::Fish,
            Program::Ksh => Self::Ksh,
            Program::PowerShell => Self::PowerShell,
            Program::Interpreter(words) => Self::Interpreter(words),
            // Whoever starts one has named the program for it: this is never reached with a text to run.
            Program::Measure(_) | Program::Playbook => Self::Interpreter(Vec::new()),
        }
    }
}

impl From<Launch> for Start {
    fn from(launch: Launch) -> Self {
        Self {
            scratch: launch.scratch.as_os_str().into(),
            runner: launch.program.into(),
            script: launch.script,
            client: launch.client.map(|words| words.iter().map(|word| word.as_os_str().into()).collect()),
            environment: launch
                .environment
                .iter()
                .map(|(name, value)| (name.as_os_str().into(), value.as_os_str().into()))
                .collect(),
            shell_variables: launch.shell_variables,
            cwd: launch.cwd.as_os_str().into(),
            timeout: launch.timeout,
            interactive: launch.interactive,
            pipe: None,
            terminate: launch.patience.terminate,
            kill: launch.patience.kill,
            survive: launch.patience.survive,
            drain: launch.patience.drain,
        }
    }
}

impl Start {
    pub(super) fn patience(&self) -> Patience {
        Patience { terminate: self.terminate, kill: self.kill, survive: self.survive, drain: self.drain }
    }
}

/// From the supervisor to the app.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The folder of the attempt, so that the app can remove it when the supervisor cannot.
    Folder(Text),
    /// The shell was halted by this signal: nothing of it goes on.
    Halted { process: u32, signal: String },
    /// The last: nothing was started.
    NotStarted(String),
    /// The shell has ended.
    Ended(Box<Ended>),
}

/// [`Ending`], as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ended {
    pub(super) status: Option<i32>,
    pub(super) signal: Option<String>,
    pub(super) timed_out: bool,
    pub(super) stopped: bool,
    pub(super) duration: Duration,
    pub(super) carried: Result<CarriedWire, String>,
    pub(super) left_running: Vec<(u32, String)>,
}

/// [`Carried`], as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CarriedWire {
    exported: BTreeMap<String, String>,
    plain: BTreeMap<String, String>,
    unset: Vec<String>,
    cwd: Option<Text>,
    left_out: Vec<String>,
}

impl From<Carried> for CarriedWire {
    fn from(carried: Carried) -> Self {
        Self {
            exported: carried.exported,
            plain: carried.plain,
            unset: carried.unset,
            cwd: carried.cwd.map(|cwd| cwd.as_os_str().into()),
            left_out: carried.left_out,
        }
    }
}

impl From<CarriedWire> for Carried {
    fn from(carried: CarriedWire) -> Self {
        Self {
            exported: carried.exported,
            plain: carried.plain,
            unset: carried.unset,
            cwd: carried.cwd.map(Into::into),
            left_out: carried.left_out,
        }
    }
}

impl From<Ended> for Ending {
    fn from(ended: Ended) -> Self {
        Self {
            exit: match (ended.status, ended.signal) {
                (Some(status), _) => Exit::Status(status),
                (None, Some(signal)) => Exit::Signal(signal),
                (None, None) => Exit::NotStarted("the supervisor does not know how the command ended".to_owned()),
            },
            timed_out: ended.timed_out,
            stopped: ended.stopped,
            duration: ended.duration,
            carried: ended.carried.map(Into::into),
            left_running: ended.left_running.into_iter().map(|(pid, name)| Leftover { pid, name }).collect(),
        }
    }
}

/// Writes one message.
///
/// # Errors
/// When the other side is gone or does not read.
pub(super) fn write_message(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).map_err(|_| io::Error::other("the message is too long"))?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&body)
}

/// Puts messages together from what has been read so far.
#[derive(Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// Reads once. `false` at the end of the stream. Call it when something is there to read.
    ///
    /// # Errors
    /// When the stream cannot be read; an interruption is none.
    pub(super) fn read_once(&mut self, from: &mut impl Read) -> io::Result<bool> {
        let mut piece = vec![0; 64 * 1024];
        match from.read(&mut piece) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Takes the next whole message.
    ///
    /// # Errors
    /// When it is not one of ours.
    pub(super) fn take<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let Some(header) = self.bytes.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*header) as usize;
        if length > LONGEST {
            return Err(io::Error::other("the message is too long"));
        }
        let Some(body) = self.bytes.get(4..4 + length) else {
            return Ok(None);
        };
        let message = serde_json::from_slice(body)?;
        self.bytes.drain(..4 + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_any_cut_and_any_bytes() {
        let folder = OsString::from_vec(vec![b'/', 0xff, b'\n', b'x']);
        let mut stream = Vec::new();
        write_message(&mut stream, &Report::Folder(folder.as_os_str().into())).unwrap();
        write_message(&mut stream, &Report::NotStarted("a \"quoted\" sentence".to_owned())).unwrap();
        for cut in 0..stream.len() {
            let mut inbox = Inbox::default();
            let mut seen = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                inbox.bytes.extend_from_slice(part);
                while let Some(report) = inbox.take::<Report>().unwrap() {
                    seen.push(report);
                }
            }
            assert_eq!(seen.len(), 2, "cut at {cut}");
            assert!(matches!(&seen[0], Report::Folder(text) if OsString::from(text.clone()) == folder));
            assert!(matches!(&seen[1], Report::NotStarted(text) if text == "a \"quoted\" sentence"));
        }
    }
}
