//! How a kept password reaches OpenSSH: `ssh` and `ssh-add` start the program that `SSH_ASKPASS` names, with the question as
//! its argument; that program, this one, asks over a private socket, and prints the answer. The answer is never an argument
//! and never in a file or an environment. What is kept for nobody is refused, or asked of a person at the terminal of whoever
//! asks.

mod person;

use std::{
    ffi::OsString,
    fmt, fs,
    io::{self, Read, Write},
    os::unix::{
        ffi::OsStrExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::{SUPERVISOR_ARGUMENT, Supervisor};

/// The variable that names the socket, and makes this program the one that asks.
const SOCKET: &str = "ALLGOOD_ASKPASS";

/// The longest question or answer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// How long the other side of the socket may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer follows.
const ANSWER: u8 = b'+';
/// A person is to be asked.
const PERSON: u8 = b'?';

/// What is said to a question. Its `Debug` shows no answer.
#[derive(PartialEq, Eq)]
pub enum Reply {
    /// This.
    Answer(OsString),
    /// A person is asked, at the terminal of whoever asks.
    AskPerson,
    /// Nothing: whoever asks goes on without.
    Refuse,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Answer(_) => "Answer(<redacted>)",
            Self::AskPerson => "AskPerson",
            Self::Refuse => "Refuse",
        })
    }
}

/// Answers questions of OpenSSH, until it is dropped.
#[derive(Debug)]
pub struct Asked {
    socket: PathBuf,
    over: Arc<AtomicBool>,
}

impl Asked {
    /// Answers at a socket of that name, which must not be there yet, in a folder for its owner alone. `answer` says what
    /// is said to a question.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn at(socket: &Path, answer: impl FnMut(&str) -> Reply + Send + 'static) -> io::Result<Self> {
        let listener = UnixListener::bind(socket)?;
        let over = Arc::new(AtomicBool::new(false));
        let (asked, mut answer) = (Arc::clone(&over), answer);
        thread::Builder::new().name("askpass".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if asked.load(Ordering::Acquire) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                if let Err(error) = serve(stream, &mut answer) {
                    tracing::info!(%error, "a question of ssh was not answered");
                }
            }
        })?;
        Ok(Self { socket: socket.to_owned(), over })
    }

    /// The variables by which OpenSSH asks here, also where there is a terminal.
    #[must_use]
    pub fn variables(&self, supervisor: &Supervisor) -> [(OsString, OsString); 3] {
        [
            ("SSH_ASKPASS".into(), supervisor.program.clone().into()),
            ("SSH_ASKPASS_REQUIRE".into(), "force".into()),
            (SOCKET.into(), self.socket.clone().into()),
        ]
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // It wakes up to find that it is over.
        drop(UnixStream::connect(&self.socket));
        drop(fs::remove_file(&self.socket));
    }
}

fn serve(mut stream: UnixStream, answer: &mut impl FnMut(&str) -> Reply) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut question = String::new();
    (&mut stream).take(LONGEST).read_to_string(&mut question)?;
    match answer(&question) {
        Reply::Answer(answer) => {
            stream.write_all(&[ANSWER])?;
            stream.write_all(answer.as_bytes())
        }
        Reply::AskPerson => stream.write_all(&[PERSON]),
        Reply::Refuse => Ok(()),
    }
}

/// Whether this process was started by OpenSSH to ask something, as a program's `main` has to know before all else.
#[must_use]
pub fn is_askpass() -> bool {
    let question = std::env::args_os().nth(1);
    std::env::var_os(SOCKET).is_some() && question.is_some_and(|question| question != SUPERVISOR_ARGUMENT)
}

/// Asks, where OpenSSH has started this process for that, and prints the answer. The status to exit with.
pub(super) fn answer() -> Option<i32> {
    if !is_askpass() {
        return None;
    }
    let (socket, question) = (std::env::var_os(SOCKET)?, std::env::args_os().nth(1)?);
    let answered = ask(Path::new(&socket), question.as_bytes()).and_then(|said| match said.split_first() {
        Some((&ANSWER, answer)) => Ok(Some(answer.to_vec())),
        Some((&PERSON, _)) => person::ask(&question),
        _ => Ok(None),
    });
    Some(match answered {
        Ok(Some(answer)) => {
            let mut out = io::stdout();
            let printed = out.write_all(&answer).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
            i32::from(printed.is_err())
        }
        _ => 1,
    })
}

fn ask(socket: &Path, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(question)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut said = Vec::new();
    stream.take(LONGEST).read_to_end(&mut said)?;
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_refused_or_left_to_a_person_and_the_socket_goes() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let asked = Asked::at(&socket, |question| match question {
            "password: " => Reply::Answer("hunter2".into()),
            "code: " => Reply::AskPerson,
            _ => Reply::Refuse,
        });
        let asked = asked.unwrap();
        assert_eq!(ask(&socket, b"password: ").unwrap(), b"+hunter2");
        assert_eq!(ask(&socket, b"code: ").unwrap(), b"?");
        assert_eq!(ask(&socket, b"Are you sure you want to continue connecting (yes/no)? ").unwrap(), b"");
        assert!(!format!("{:?}", Reply::Answer("hunter2".into())).contains("hunter"));
        assert!(
            !format!("{:?}", asked.variables(&Supervisor { program: "s".into(), arguments: Vec::new() }))
                .contains("hunter")
        );
        drop(asked);
        assert!(!socket.exists());
        assert!(ask(&socket, b"password: ").is_err());
    }
}
