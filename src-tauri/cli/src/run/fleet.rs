//! The hosts on which a command runs at the moment: a line each at the foot of the terminal, kept up to date in its place.
//! What has ended stands above it for good.

use std::time::{Duration, Instant};

use api::{AttemptState, Fact, wire::ItemStatus};

use crate::look::{DIM, Look, cut, duration, one_line, styled, width};

/// How often the lines are looked at: times go on, and hosts say something.
pub(crate) const TICK: Duration = Duration::from_millis(500);
/// The columns of a host's name at most.
const NAME: usize = 24;

/// Columns and rows of the terminal; none where they are not known.
pub(crate) fn terminal_size() -> (usize, usize) {
    crossterm::terminal::size().map_or((0, 0), |(columns, rows)| (columns.into(), rows.into()))
}

/// The hosts of the item in front.
#[derive(Default)]
pub(crate) struct Fleet {
    item: Option<String>,
    /// In the order in which they began.
    running: Vec<Running>,
    all: usize,
    passed: usize,
    failed: usize,
    /// The lines that stand at the foot now.
    drawn: Vec<String>,
}

struct Running {
    host: String,
    attempt: u64,
    since: Instant,
}

impl Fleet {
    /// Notes what happens on the hosts.
    pub(crate) fn note(&mut self, fact: &Fact, now: Instant) {
        match fact {
            Fact::HostsStarted { item, hosts, .. } => {
                let drawn = std::mem::take(&mut self.drawn);
                *self = Self { item: Some(item.clone()), all: hosts.len(), drawn, ..Self::default() };
            }
            Fact::AttemptStarted { item, host: Some(host), attempt, .. } if self.is_of(item) => {
                self.running.push(Running { host: host.clone(), attempt: *attempt, since: now });
                // Ansible says only as they begin which hosts there are.
                self.all = self.all.max(self.passed + self.failed + self.running.len());
            }
            Fact::AttemptEnded { item, host: Some(host), state, .. } if self.is_of(item) => {
                self.running.retain(|running| running.host != *host);
                match state {
                    AttemptState::Passed => self.passed += 1,
                    AttemptState::Failed | AttemptState::Stopped => self.failed += 1,
                }
            }
            Fact::HostsEnded { item, .. } if self.is_of(item) => {
                self.item = None;
                self.running.clear();
            }
            _ => {}
        }
    }

    fn is_of(&self, item: &str) -> bool {
        self.item.as_deref() == Some(item)
    }

    /// Whether something runs on hosts.
    pub(crate) fn runs(&self) -> bool {
        self.item.is_some()
    }

    /// What takes the lines away from a terminal of so many columns, so that something else can stand there.
    /// It is done before each piece of output, so the terminal is asked only where something stands there.
    pub(crate) fn clear(&mut self, columns: impl FnOnce() -> usize) -> String {
        if self.drawn.is_empty() {
            return String::new();
        }
        let columns = columns();
        // One that was made narrower since has broken them.
        let rows: usize = self.drawn.iter().map(|line| width(line).div_ceil(columns.max(1)).max(1)).sum();
        self.drawn.clear();
        match rows {
            0 | 1 => "\r\x1b[J".to_owned(),
            rows => format!("\r\x1b[{}A\x1b[J", rows - 1),
        }
    }

    /// The lines as they are now, if they are others than those that stand there: what takes those away, and the new ones.
    /// In a terminal that is too narrow there are none. `says` gives the last line that an attempt of the item printed.
    pub(crate) fn draw(
        &mut self,
        look: Look,
        (columns, rows): (usize, usize),
        now: Instant,
        says: impl Fn(&str, u64) -> String,
    ) -> Option<(String, String)> {
        let item = self.item.as_ref().filter(|_| columns >= look.width)?;
        let lines = self.lines(look, rows, now, |attempt| says(item, attempt));
        if lines == self.drawn {
            return None;
        }
        let away = self.clear(|| columns);
        self.drawn = lines;
        Some((away, self.drawn.join("\r\n")))
    }

    fn lines(&self, look: Look, rows: usize, now: Instant, says: impl Fn(u64) -> String) -> Vec<String> {
        // What has ended stays in sight.
        let room = (rows / 2).max(2) - 1;
        let names =
            self.running.iter().map(|running| running.host.chars().count()).max().unwrap_or_default().min(NAME);
        let (shape, style) = look.item(ItemStatus::Running);
        let shown = if self.running.len() > room { room.saturating_sub(1) } else { self.running.len() };
        let mut lines: Vec<String> = self
            .running
            .iter()
            .take(shown)
            .map(|running| {
                let host = cut(look, &one_line(&running.host), names);
                let elapsed =
                    u64::try_from(now.saturating_duration_since(running.since).as_millis()).unwrap_or(u64::MAX);
                // Tenths would only flicker.
                let took = duration(elapsed / 1000 * 1000).replace(".0 s", " s");
                let said = one_line(&says(running.attempt));
                let line = format!("{host:names$}  {took:>6}  {said}");
                format!(
                    "    {} {}",
                    styled(style, shape),
                    styled(DIM, cut(look, line.trim_end(), look.width.saturating_sub(7)))
                )
            })
            .collect();
        if shown < self.running.len() {
            lines.push(styled(DIM, format!("      and {} more", self.running.len() - shown)));
        }
        let ended = self.passed + self.failed;
        let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        let count = format!("      {ended} of {} have ended{failed}; Ctrl-C stops it on all", self.all);
        lines.push(styled(DIM, cut(look, &count, look.width.saturating_sub(1))));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(value: serde_json::Value) -> Fact {
        serde_json::from_value(value).unwrap()
    }

    fn started(host: &str, attempt: u64) -> Fact {
        fact(serde_json::json!({
            "kind": "attempt_started", "item": "x", "attempt": attempt, "command": "c", "host": host,
            "target": host, "cwd": "/"
        }))
    }

    #[test]
    fn a_host_has_a_line_while_it_runs_and_what_ends_makes_room() {
        let look = Look { unicode: false, width: 60 };
        let begin = Instant::now();
        let mut fleet = Fleet::default();
        assert_eq!(fleet.draw(look, (80, 24), begin, |_, _| String::new()), None);
        let hosts: Vec<String> = (1..=9).map(|number| format!("web{number}")).collect();
        fleet.note(
            &fact(serde_json::json!({"kind": "hosts_started", "item": "x", "hosts": hosts, "at_once": 9})),
            begin,
        );
        for (attempt, host) in (1..).zip(&hosts) {
            fleet.note(&started(host, attempt), begin);
        }
        let bare = |drawn: Option<(String, String)>| anstream::adapter::strip_str(&drawn.unwrap().1).to_string();
        let says = |_: &str, attempt: u64| if attempt == 1 { "a line\u{7} of it".to_owned() } else { String::new() };
        let drawn = bare(fleet.draw(look, (80, 24), begin + Duration::from_millis(12_700), says));
        let lines: Vec<&str> = drawn.split("\r\n").collect();
        assert_eq!(lines.len(), 10, "{drawn}");
        assert!(lines[0].contains("web1    12 s  a line") && !lines[0].contains('\u{7}'), "{drawn}");
        assert_eq!(lines[9].trim(), "0 of 9 have ended; Ctrl-C stops it on all");
        // The same lines are not drawn twice; a low terminal has fewer.
        assert_eq!(fleet.draw(look, (80, 24), begin + Duration::from_millis(12_900), says), None);
        let low = bare(fleet.draw(look, (80, 10), begin + Duration::from_millis(13_100), says));
        let lines: Vec<&str> = low.split("\r\n").collect();
        assert_eq!((lines.len(), lines[3].trim()), (5, "and 6 more"), "{low}");
        let ended = serde_json::json!({
            "kind": "attempt_ended", "item": "x", "attempt": 1, "state": "failed", "exit": 1, "again": false,
            "host": "web1", "duration_ms": 5
        });
        fleet.note(&fact(ended), begin);
        let next = fleet.draw(look, (80, 24), begin + Duration::from_millis(13_100), says);
        let (away, next) = next.unwrap();
        assert_eq!(away, "\r\x1b[4A\x1b[J");
        assert!(!next.contains("web1") && next.contains("1 of 9 have ended, 1 failed"), "{next}");
        // A terminal that was made narrower since has broken the long ones.
        assert!(fleet.draw(look, (20, 24), begin, says).is_none());
        assert_eq!(fleet.clear(|| 30), "\r\x1b[9A\x1b[J");
        assert_eq!(fleet.clear(|| 30), "");
    }

    #[test]
    fn every_line_fits_the_terminal() {
        let look = Look { unicode: true, width: 40 };
        let mut fleet = Fleet::default();
        let begin = Instant::now();
        fleet
            .note(&fact(serde_json::json!({"kind": "hosts_started", "item": "x", "hosts": [], "at_once": 9})), begin);
        fleet.note(&started(&"a-very-long-name.".repeat(9), 1), begin);
        let drawn = fleet.draw(look, (80, 24), begin, |_, _| "漢字 ".repeat(99)).unwrap().1;
        assert!(drawn.split("\r\n").all(|line| width(line) < 40), "{drawn}");
    }
}
