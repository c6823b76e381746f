//! Asking the person: one key, a line of text, a choice.

use std::{
    io::{self, Write},
    os::fd::AsFd,
    time::Duration,
};

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use inquire::{InquireError, MultiSelect, Password, PasswordDisplayMode, Select, Text};
use nix::sys::termios::{FlushArg, tcflush};

use crate::look::{DIM, Look, one_line, styled};

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Enter.
    Enter,
    /// A letter, in lower case, or another sign.
    Sign(char),
    /// Ctrl-C or Ctrl-D.
    Stop,
    /// Esc.
    Back,
    /// No key: the terminal has another size.
    Resized,
    /// Any other.
    Other,
}

/// Throws away what was typed before the question was seen: an Enter meant for a command that has just ended must
/// not start the next one.
pub(crate) fn discard_typed_ahead() {
    // Nothing to throw away is as good.
    let _ = tcflush(io::stdin().as_fd(), FlushArg::TCIFLUSH);
    while event::poll(Duration::ZERO).unwrap_or(false) {
        if event::read().is_err() {
            return;
        }
    }
}

/// Waits for a key so long; `None` when that time is over. Without a time it waits for ever.
///
/// # Errors
/// When the terminal is gone.
pub(crate) fn key_within(wait: Option<Duration>) -> io::Result<Option<Key>> {
    match wait {
        Some(wait) if !event::poll(wait)? => Ok(None),
        _ => key().map(Some),
    }
}

/// Waits for a key.
///
/// # Errors
/// When the terminal is gone.
pub(crate) fn key() -> io::Result<Key> {
    loop {
        let pressed = match event::read()? {
            Event::Key(pressed) => pressed,
            Event::Resize(..) => return Ok(Key::Resized),
            _ => continue,
        };
        if pressed.kind == KeyEventKind::Release {
            continue;
        }
        let control = pressed.modifiers.contains(KeyModifiers::CONTROL);
        return Ok(match pressed.code {
            KeyCode::Enter => Key::Enter,
            KeyCode::Esc => Key::Back,
            KeyCode::Char('c' | 'd') if control => Key::Stop,
            KeyCode::Char('j' | 'm') if control => Key::Enter,
            KeyCode::Char(sign) if !control => Key::Sign(sign.to_ascii_lowercase()),
            _ => Key::Other,
        });
    }
}

/// A line of text; `None` when the person thought better of it (Esc, Ctrl-C). `start` stands there to be changed.
pub(crate) fn text(question: &str, help: &str, start: &str) -> Option<String> {
    let question = one_line(question);
    let mut prompt = Text::new(&question).with_initial_value(start);
    if !help.is_empty() {
        prompt = prompt.with_help_message(help);
    }
    answered(prompt.prompt())
}

/// A line of text that must say something.
pub(crate) fn reason(question: &str) -> Option<String> {
    loop {
        let said = text(question, "Enter keeps it, Esc goes back", "")?;
        if !said.trim().is_empty() {
            return Some(said.trim().to_owned());
        }
    }
}

/// A text that is not shown while it is typed.
pub(crate) fn hidden(question: &str) -> Option<String> {
    let question = one_line(question);
    let prompt = Password::new(&question).without_confirmation().with_display_mode(PasswordDisplayMode::Hidden);
    answered(prompt.prompt())
}

/// One of several; gives its place.
pub(crate) fn choose(question: &str, choices: &[String]) -> Option<usize> {
    choose_from(question, choices, 0)
}

/// One of several, beginning at that place; gives the place of the one that was chosen.
pub(crate) fn choose_from(question: &str, choices: &[String], start: usize) -> Option<usize> {
    let shown: Vec<String> = choices.iter().map(|choice| one_line(choice)).collect();
    let question = one_line(question);
    let prompt = Select::new(&question, shown).with_starting_cursor(start.min(choices.len().saturating_sub(1)));
    answered(prompt.raw_prompt()).map(|chosen| chosen.index)
}

/// Some of several, all of them to begin with; gives their places.
pub(crate) fn choose_some(question: &str, choices: &[String]) -> Option<Vec<usize>> {
    let shown: Vec<String> = choices.iter().map(|choice| one_line(choice)).collect();
    let question = one_line(question);
    let prompt = MultiSelect::new(&question, shown).with_all_selected_by_default();
    answered(prompt.raw_prompt()).map(|chosen| chosen.into_iter().map(|one| one.index).collect())
}

/// Yes or no by one key; anything but `y` is no.
///
/// # Errors
/// When the terminal is gone.
pub(crate) fn confirm(look: Look, question: &str) -> io::Result<bool> {
    let mut stdout = anstream::stdout();
    write!(stdout, "  {} {} {} ", look.or("◆", "?"), one_line(question), styled(DIM, "y/N"))?;
    stdout.flush()?;
    let yes = loop {
        match key()? {
            Key::Resized => {}
            pressed => break pressed == Key::Sign('y'),
        }
    };
    writeln!(stdout, "{}", if yes { "yes" } else { "no" })?;
    Ok(yes)
}

fn answered<T>(answer: Result<T, InquireError>) -> Option<T> {
    answer
        .inspect_err(|error| {
            if !matches!(error, InquireError::OperationCanceled | InquireError::OperationInterrupted) {
                tracing::warn!(%error, "a question could not be asked");
            }
        })
        .ok()
}
