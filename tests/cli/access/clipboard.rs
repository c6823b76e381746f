//! The clipboard, on a display of the test's own.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{sys::signal, unistd::Pid};

use super::{onlooker::Other, session::Session};
use crate::support::until;

const SECRET: &str = "hunter22-and-more";

/// An X server without a screen. Ends when dropped.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (`.ci/setup test` installs it)");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { server, name: format!(":{}", number.trim()) }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// `access copy` that has copied, and what looks at the clipboard beside it.
fn copying(session: &Session, display: &Display) -> (Child, Other) {
    session.given(0, SECRET, &["access", "add", "db", "--secret", "password"]);
    let child = session.command(&["access", "copy", "db"]).env("DISPLAY", &display.name).spawn().unwrap();
    let other = Other::on(&display.name);
    until("the secret is on the clipboard", || other.reads("UTF8_STRING").as_deref() == Some(SECRET));
    (child, other)
}

fn said(mut child: Child) -> String {
    assert!(child.wait().unwrap().success());
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    text
}

#[test]
fn a_copied_secret_is_marked_as_one_and_is_taken_off_after_thirty_seconds() {
    let (session, display) = (Session::new(), Display::start());
    let began = Instant::now();
    let (child, other) = copying(&session, &display);
    assert_eq!(other.reads("x-kde-passwordManagerHint").as_deref(), Some("secret"));
    assert!(said(child).contains("It was taken off the clipboard."));
    assert!(began.elapsed() >= Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(other.reads("UTF8_STRING"), None);
}

#[test]
fn an_interrupt_takes_a_copied_secret_off_at_once() {
    let (session, display) = (Session::new(), Display::start());
    let (child, other) = copying(&session, &display);
    signal::kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal::SIGINT).unwrap();
    assert!(said(child).contains("It was taken off the clipboard."));
    assert_eq!(other.reads("UTF8_STRING"), None);
}

#[test]
fn what_was_copied_since_is_left_on_the_clipboard() {
    let (session, display) = (Session::new(), Display::start());
    let (mut child, other) = copying(&session, &display);
    other.takes_it();
    until("the copy is over", || {
        other.refuses();
        child.try_wait().unwrap().is_some()
    });
    assert!(said(child).contains("Something else was copied meanwhile"));
    assert_eq!(other.owner(), other.window);
}

#[test]
fn a_copied_secret_is_gone_with_a_program_that_was_killed() {
    let (session, display) = (Session::new(), Display::start());
    let (mut child, other) = copying(&session, &display);
    child.kill().unwrap();
    child.wait().unwrap();
    until("nobody holds the clipboard", || other.owner() == x11rb::NONE);
}

#[test]
fn without_a_display_it_is_said_how_to_have_the_secret_all_the_same() {
    let session = Session::new();
    session.given(0, SECRET, &["access", "add", "db", "--secret", "password"]);
    let done = session.expect(4, &["access", "copy", "db"]);
    assert!(done.err.contains("no clipboard") && done.err.contains("access reveal"), "{done:?}");
}
