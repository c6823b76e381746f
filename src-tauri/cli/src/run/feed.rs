//! What a run tells, from the run's threads to the one that shows it. Never slows the run.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::{AttemptState, Event, Fact, Keeping, LiveRun, RunObserver};
use nix::{fcntl::OFlag, unistd};

use crate::look::visible;

/// How much output waits at most to be shown; beyond it the oldest is left out (the journal has it).
const BEHIND: usize = 1024 * 1024;

/// One thing that was told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// An event that is on disk.
    Event(Box<Event>),
    /// Output of the running command.
    Output(Vec<u8>),
    /// Bytes of output that were left out because showing them would have slowed nothing but the showing.
    LeftOut(u64),
    /// Facts cannot be kept any more, or can be kept again.
    Keeping(Keeping),
    /// The window of the terminal changed its size.
    Resized,
    /// A run was opened for a check: [`Feed::take_child`] gives it.
    Child,
    /// Nothing of the run runs any more.
    Over,
}

/// A queue with a bell that can be polled for.
pub(crate) struct Feed {
    waiting: Mutex<Waiting>,
    bell: OwnedFd,
    ear: OwnedFd,
    /// A run that is opened for a check has a feed of its own; else it is told of here.
    nested: bool,
}

/// Hands on what a run tells that was opened for a check of the one that is followed. What runs in its background is its
/// own.
struct Beside {
    feed: Arc<Feed>,
    quiet: Mutex<Quiet>,
}

#[derive(Default)]
struct Waiting {
    told: VecDeque<Told>,
    output: usize,
    wants_output: bool,
    /// What is not shown as it comes.
    quiet: Quiet,
    /// The feed of the run that is about to be opened for a check.
    born: Option<Arc<Feed>>,
    /// Runs that were opened for checks and nobody looks at yet, with their feeds.
    children: VecDeque<(LiveRun, Arc<Feed>)>,
}

impl Feed {
    /// An empty one; `output` says whether output is wanted at all.
    ///
    /// # Errors
    /// When the system has no file descriptors left.
    pub(crate) fn new(output: bool) -> io::Result<Self> {
        let (ear, bell) = unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        let waiting = Waiting { wants_output: output, ..Waiting::default() };
        Ok(Self { waiting: Mutex::new(waiting), bell, ear, nested: false })
    }

    /// One in which a run that is opened for a check has a feed of its own.
    ///
    /// # Errors
    /// As [`Feed::new`].
    pub(crate) fn nested() -> io::Result<Self> {
        Ok(Self { nested: true, ..Self::new(true)? })
    }

    /// A run that was opened for a check, with its feed.
    pub(crate) fn take_child(&self) -> Option<(LiveRun, Arc<Self>)> {
        self.lock().children.pop_front()
    }

    /// Becomes readable when something was told.
    pub(crate) fn ear(&self) -> BorrowedFd<'_> {
        self.ear.as_fd()
    }

    /// Tells something.
    pub(crate) fn tell(&self, told: Told) {
        let mut waiting = self.lock();
        waiting.told.push_back(told);
        self.ring(waiting);
    }

    /// Tells output: pieces are put together, and what nobody has taken in time is left out, oldest first.
    pub(crate) fn tell_output(&self, bytes: &[u8]) {
        let mut waiting = self.lock();
        if !waiting.wants_output {
            return;
        }
        match waiting.told.back_mut() {
            Some(Told::Output(last)) => last.extend_from_slice(bytes),
            _ => waiting.told.push_back(Told::Output(bytes.to_vec())),
        }
        waiting.output += bytes.len();
        if waiting.output > BEHIND {
            waiting.leave_out();
        }
        self.ring(waiting);
    }

    /// Takes everything that was told, in order.
    pub(crate) fn take(&self) -> VecDeque<Told> {
        let mut waiting = self.lock();
        let mut heard = [0_u8; 64];
        while unistd::read(self.ear.as_fd(), &mut heard).is_ok_and(|count| count > 0) {}
        waiting.output = 0;
        std::mem::take(&mut waiting.told)
    }

    /// The last line that an attempt on a host has printed so far.
    pub(crate) fn last_line(&self, item: &str, attempt: u64) -> String {
        let said = self.lock().quiet.hosts.get(&(item.to_owned(), attempt)).cloned().unwrap_or_default();
        let text = plain_text(&said);
        text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
    }

    fn ring(&self, waiting: MutexGuard<'_, Waiting>) {
        // A full pipe means that the bell has been rung often enough.
        let _ = unistd::write(self.bell.as_fd(), b"!");
        drop(waiting);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Output that is in the record and would mix with what is in front: of items that run beside the path, and of one of
/// several hosts. Of a host that failed its last lines are shown.
#[derive(Default)]
struct Quiet {
    background: BTreeSet<String>,
    /// The last bytes that each attempt on a host printed.
    hosts: BTreeMap<(String, u64), Vec<u8>>,
}

/// So many of the last bytes of a host are kept,
const LAST_BYTES: usize = 4096;
/// and so many of its last lines shown.
const LAST_LINES: usize = 5;

impl Quiet {
    /// Notes what is quiet from an event on; gives what is to be shown of a host that failed.
    fn note(&mut self, fact: &Fact) -> Option<Vec<u8>> {
        match fact {
            Fact::AttemptStarted { item, background: true, .. } => drop(self.background.insert(item.clone())),
            Fact::AttemptStarted { item, attempt, host: Some(_), .. } => {
                self.hosts.insert((item.clone(), *attempt), Vec::new());
            }
            Fact::AttemptEnded { item, attempt, state, host: Some(_), .. } => {
                let said = self.hosts.remove(&(item.clone(), *attempt))?;
                return matches!(state, AttemptState::Failed).then(|| last_lines(&said));
            }
            Fact::AttemptEnded { item, .. } => drop(self.background.remove(item)),
            _ => {}
        }
        None
    }

    /// Whether output is not shown; of a host its end is kept.
    fn takes(&mut self, item: &str, attempt: u64, bytes: &[u8]) -> bool {
        if let Some(last) = self.hosts.get_mut(&(item.to_owned(), attempt)) {
            last.extend_from_slice(bytes);
            last.drain(..last.len().saturating_sub(LAST_BYTES));
            return true;
        }
        self.background.contains(item)
    }
}

/// Without colours, and nothing in it that a terminal obeys; what was written over itself stands in lines.
fn plain_text(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said).replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    visible(&strip_ansi_escapes::strip_str(text))
}

/// The last lines of what a host printed, without colours, each marked as its.
fn last_lines(said: &[u8]) -> Vec<u8> {
    let text = plain_text(said);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
    last.iter().flat_map(|line| format!("      | {}\r\n", line.trim_end()).into_bytes()).collect()
}

impl RunObserver for Feed {
    fn event(&self, event: &Event) {
        let said = self.lock().quiet.note(&event.fact);
        self.tell(Told::Event(Box::new(event.clone())));
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            self.tell_output(&said);
        }
    }

    fn output(&self, item: &str, attempt: u64, _: u64, bytes: &[u8]) {
        let quiet = self.lock().quiet.takes(item, attempt, bytes);
        if !quiet {
            self.tell_output(bytes);
        }
    }

    fn keeping(&self, keeping: &Keeping) {
        self.tell(Told::Keeping(keeping.clone()));
    }

    fn child(self: Arc<Self>) -> Arc<dyn RunObserver> {
        if self.nested
            && let Ok(child) = Self::nested()
        {
            let child = Arc::new(child);
            self.lock().born = Some(child.clone());
            return child;
        }
        Arc::new(Beside { feed: self, quiet: Mutex::default() })
    }

    fn opened(&self, run: LiveRun) {
        let mut waiting = self.lock();
        if let Some(feed) = waiting.born.take() {
            waiting.children.push_back((run, feed));
            drop(waiting);
            self.tell(Told::Child);
        }
    }
}

impl RunObserver for Beside {
    fn event(&self, event: &Event) {
        let said = self.quiet.lock().unwrap_or_else(PoisonError::into_inner).note(&event.fact);
        self.feed.tell(Told::Event(Box::new(event.clone())));
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            self.feed.tell_output(&said);
        }
    }

    fn output(&self, item: &str, attempt: u64, _: u64, bytes: &[u8]) {
        let quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner).takes(item, attempt, bytes);
        if !quiet {
            self.feed.tell_output(bytes);
        }
    }

    fn keeping(&self, keeping: &Keeping) {
        RunObserver::keeping(&*self.feed, keeping);
    }

    fn child(self: Arc<Self>) -> Arc<dyn RunObserver> {
        Arc::new(Self { feed: self.feed.clone(), quiet: Mutex::default() })
    }

    fn opened(&self, _: LiveRun) {}
}

impl Waiting {
    /// Halves the output that waits, so that this is rare; events stay, each at its place.
    fn leave_out(&mut self) {
        let mut excess = self.output - BEHIND / 2;
        let mut kept = VecDeque::with_capacity(self.told.len() + 1);
        let mut left_out = 0_u64;
        for told in self.told.drain(..) {
            match told {
                Told::LeftOut(bytes) => left_out += bytes,
                Told::Output(mut bytes) => {
                    let gone = excess.min(bytes.len());
                    bytes.drain(..gone);
                    excess -= gone;
                    left_out += gone as u64;
                    if !bytes.is_empty() {
                        if left_out > 0 {
                            kept.push_back(Told::LeftOut(std::mem::take(&mut left_out)));
                        }
                        kept.push_back(Told::Output(bytes));
                    }
                }
                other => {
                    if left_out > 0 {
                        kept.push_back(Told::LeftOut(std::mem::take(&mut left_out)));
                    }
                    kept.push_back(other);
                }
            }
        }
        self.told = kept;
        self.output = self.told.iter().map(|told| if let Told::Output(bytes) = told { bytes.len() } else { 0 }).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64) -> Told {
        let event = serde_json::json!({
            "run": "r", "seq": seq, "at": "", "actor": "", "kind": "resumed", "hash": ""
        });
        Told::Event(serde_json::from_value(event).unwrap())
    }

    #[test]
    fn of_what_a_host_writes_over_itself_the_last_is_its_last_line() {
        let feed = Feed::new(true).unwrap();
        let said = b"first\r\n10 %\r20 %\r\tdone\x1b[1m 30 %\r".to_vec();
        feed.lock().quiet.hosts.insert(("x".to_owned(), 1), said);
        assert_eq!(feed.last_line("x", 1), "done 30 %");
        assert_eq!(feed.last_line("x", 2), "");
    }

    #[test]
    fn events_and_output_come_out_in_the_order_they_went_in() {
        let feed = Feed::new(true).unwrap();
        feed.tell(event(1));
        feed.tell_output(b"one ");
        feed.tell_output(b"two");
        feed.tell(event(2));
        assert_eq!(Vec::from(feed.take()), [event(1), Told::Output(b"one two".to_vec()), event(2)]);
        assert!(feed.take().is_empty());
    }

    #[test]
    fn output_that_nobody_takes_stays_bounded_and_what_is_left_out_is_counted() {
        let feed = Feed::new(true).unwrap();
        feed.tell(event(1));
        let piece = vec![b'x'; 64 * 1024];
        for _ in 0..1000 {
            feed.tell_output(&piece);
            assert!(feed.lock().output <= BEHIND);
        }
        feed.tell(event(2));
        let told = feed.take();
        let (mut shown, mut left_out, mut events) = (0, 0, 0);
        for one in told {
            match one {
                Told::Output(bytes) => shown += bytes.len() as u64,
                Told::LeftOut(bytes) => left_out += bytes,
                Told::Event(_) => events += 1,
                Told::Keeping(_) | Told::Resized | Told::Child | Told::Over => {}
            }
        }
        assert_eq!((shown + left_out, events), (1000 * 64 * 1024, 2));
        assert!(left_out > 0);
    }

    #[test]
    fn no_event_is_ever_left_out() {
        let feed = Feed::new(true).unwrap();
        for seq in 0..500 {
            feed.tell(event(seq));
            feed.tell_output(&[b'y'; 10_000]);
        }
        let events = feed.take().into_iter().filter(|told| matches!(told, Told::Event(_))).count();
        assert_eq!(events, 500);
    }

    #[test]
    fn output_that_is_not_wanted_is_not_kept() {
        let feed = Feed::new(false).unwrap();
        feed.tell_output(b"unseen");
        assert!(feed.take().is_empty());
    }
}
