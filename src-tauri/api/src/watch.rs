//! Telling a window what happens in a run, without ever slowing the run.
//!
//! Updates are gathered for 16 ms; output for 16 ms or 64 KiB, with at most 1 MiB under way that the window has not
//! acknowledged (ARCHITECTURE.md, "Limits, measured"). A view that falls behind skips to the last MiB and says what it
//! skipped; the journal has everything.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use crate::wire::{OutputHeader, RunUpdate};

/// How long output and updates are gathered.
const GATHER: Duration = Duration::from_millis(16);
/// The largest piece of output.
const PIECE: usize = 64 * 1024;
/// How much may be under way without an acknowledgement.
const IN_FLIGHT: u64 = 1024 * 1024;
/// How much output is kept for a window that is behind.
const BEHIND: usize = 1024 * 1024;

/// Where a watch sends: a channel to the page. Called from the watch's own thread; may block.
pub trait WatchSink: Send + Sync {
    /// Something changed.
    fn update(&self, update: &RunUpdate);
    /// A piece of output: header length, header, bytes (see [`OutputHeader`]).
    fn bytes(&self, message: Vec<u8>);
}

/// Puts together what changed since the last time; `None` when nothing has.
pub(crate) type Changes = Box<dyn FnMut() -> Option<RunUpdate> + Send>;

/// A window's eye on a run.
pub(crate) struct Watch {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    /// Something changed that the window has not been told.
    changed: bool,
    /// Output that waits, oldest first.
    pending: VecDeque<Pending>,
    /// Bytes in `pending`.
    waiting: usize,
    /// Where the watch begins to tell of attempts that were under way already; told before any output.
    joins: Vec<OutputHeader>,
    /// Bytes of messages sent and not acknowledged.
    in_flight: u64,
    closed: bool,
}

/// Output of one attempt without a gap.
struct Pending {
    item: String,
    attempt: u64,
    offset: u64,
    skipped: u64,
    bytes: VecDeque<u8>,
}

impl Watch {
    /// Starts a watch with a thread of its own, which ends when the watch is closed or dropped.
    pub(crate) fn start(sink: Box<dyn WatchSink>, changes: Changes) -> std::io::Result<Arc<Self>> {
        let watch =
            Arc::new(Self { state: Mutex::new(State { changed: true, ..State::default() }), wake: Condvar::new() });
        let weak = Arc::downgrade(&watch);
        std::thread::Builder::new().name("watch".to_owned()).spawn(move || feed(&weak, &*sink, changes))?;
        Ok(watch)
    }

    /// From there on it tells of the output of an attempt that is under way; what came before is in the record, or is about to
    /// be: all of it, or so many of its first bytes as are `kept`.
    pub(crate) fn joins(&self, item: &str, attempt: u64, offset: u64, kept: u64) {
        let joins = Some(offset.min(kept));
        let header = OutputHeader { item: item.to_owned(), attempt, offset, skipped: 0, removed: None, joins };
        self.lock().joins.push(header);
        self.wake.notify_all();
    }

    /// Something changed in the run.
    pub(crate) fn changed(&self) {
        self.lock().changed = true;
        self.wake.notify_all();
    }

    /// Output came. Bounded: what does not fit pushes out the oldest.
    pub(crate) fn output(&self, item: &str, attempt: u64, offset: u64, bytes: &[u8]) {
        let mut state = self.lock();
        let fits = state.pending.back().is_some_and(|last| {
            last.item == item && last.attempt == attempt && last.offset + last.bytes.len() as u64 == offset
        });
        if !fits {
            state.pending.push_back(Pending {
                item: item.to_owned(),
                attempt,
                offset,
                skipped: 0,
                bytes: VecDeque::new(),
            });
        }
        if let Some(last) = state.pending.back_mut() {
            last.bytes.extend(bytes);
        }
        state.waiting += bytes.len();
        while state.waiting > BEHIND {
            let excess = state.waiting - BEHIND;
            let alone = state.pending.len() == 1;
            let Some(first) = state.pending.front_mut() else { break };
            let dropped = excess.min(first.bytes.len());
            first.bytes.drain(..dropped);
            first.offset += dropped as u64;
            first.skipped += dropped as u64;
            state.waiting -= dropped;
            if !alone && state.pending.front().is_some_and(|first| first.bytes.is_empty()) {
                state.pending.pop_front();
            }
        }
        drop(state);
        self.wake.notify_all();
    }

    /// The window has taken in that many bytes of messages.
    pub(crate) fn acknowledge(&self, bytes: u64) {
        let mut state = self.lock();
        state.in_flight = state.in_flight.saturating_sub(bytes);
        drop(state);
        self.wake.notify_all();
    }

    /// Ends it.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the thread does next.
enum Next {
    Told(bool, Option<Vec<u8>>),
    Idle,
    Over,
}

fn feed(watch: &Weak<Watch>, sink: &dyn WatchSink, mut changes: Changes) {
    let mut last = None::<Instant>;
    loop {
        let Some(watch) = watch.upgrade() else { return };
        match next(&watch, &mut last) {
            Next::Over => return,
            Next::Idle => {}
            Next::Told(changed, message) => {
                drop(watch);
                if let Some(message) = message {
                    sink.bytes(message);
                }
                if changed && let Some(update) = changes() {
                    sink.update(&update);
                }
            }
        }
    }
}

/// Waits a while for something to tell; gives up now and then so that a dropped watch ends.
fn next(watch: &Watch, last: &mut Option<Instant>) -> Next {
    let mut state = watch.lock();
    if state.closed {
        return Next::Over;
    }
    let can_send = (state.waiting > 0 || !state.joins.is_empty()) && state.in_flight < IN_FLIGHT;
    if !can_send && !state.changed {
        drop(watch.wake.wait_timeout(state, Duration::from_millis(500)).unwrap_or_else(PoisonError::into_inner));
        return Next::Idle;
    }
    let since = last.map_or(GATHER, |last| last.elapsed());
    if since < GATHER && state.waiting < PIECE {
        drop(watch.wake.wait_timeout(state, GATHER - since).unwrap_or_else(PoisonError::into_inner));
        return Next::Idle;
    }
    let message = if can_send { take(&mut state) } else { None };
    // What changed is told once the output before it is on its way, unless the window is behind anyway.
    let told = state.waiting == 0 && state.joins.is_empty();
    let changed = state.changed && (told || state.in_flight >= IN_FLIGHT);
    if changed {
        state.changed = false;
    }
    *last = Some(Instant::now());
    Next::Told(changed, message)
}

/// The next piece of output as a message.
fn take(state: &mut State) -> Option<Vec<u8>> {
    if let Some(header) = state.joins.pop() {
        let message = message(&header, 0, [])?;
        state.in_flight += message.len() as u64;
        return Some(message);
    }
    let first = state.pending.front_mut()?;
    let length = first.bytes.len().min(PIECE);
    let header = OutputHeader {
        item: first.item.clone(),
        attempt: first.attempt,
        offset: first.offset,
        skipped: std::mem::take(&mut first.skipped),
        removed: None,
        joins: None,
    };
    let message = message(&header, length, first.bytes.drain(..length))?;
    first.offset += length as u64;
    if first.bytes.is_empty() {
        state.pending.pop_front();
    }
    state.waiting -= length;
    state.in_flight += message.len() as u64;
    Some(message)
}

/// Header length, header, bytes: how output crosses to a page.
pub(crate) fn message(header: &OutputHeader, length: usize, bytes: impl IntoIterator<Item = u8>) -> Option<Vec<u8>> {
    let header = serde_json::to_vec(header).ok()?;
    let mut message = Vec::with_capacity(4 + header.len() + length);
    message.extend(u32::try_from(header.len()).ok()?.to_le_bytes());
    message.extend(header);
    message.extend(bytes);
    Some(message)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    struct Page(Sender<Vec<u8>>);

    impl WatchSink for Page {
        fn update(&self, _: &RunUpdate) {}
        fn bytes(&self, message: Vec<u8>) {
            drop(self.0.send(message));
        }
    }

    fn watch() -> (Arc<Watch>, Receiver<Vec<u8>>) {
        let (sender, receiver) = channel();
        (Watch::start(Box::new(Page(sender)), Box::new(|| None)).unwrap(), receiver)
    }

    fn read(message: &[u8]) -> (OutputHeader, &[u8]) {
        let length = u32::from_le_bytes(message[..4].try_into().unwrap()) as usize;
        (serde_json::from_slice(&message[4..4 + length]).unwrap(), &message[4 + length..])
    }

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn output_arrives_whole_and_in_order_where_the_page_keeps_up() {
        let (watch, page) = watch();
        let sent: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
        let mut got: Vec<u8> = Vec::new();
        for (index, piece) in sent.chunks(100_000).enumerate() {
            watch.output("copy", 1, (index * 100_000) as u64, piece);
            while got.len() < (index + 1) * 100_000 {
                let message = page.recv_timeout(PATIENCE).unwrap();
                let (header, bytes) = read(&message);
                assert_eq!((header.offset, header.skipped), (got.len() as u64, 0));
                got.extend(bytes);
                watch.acknowledge(message.len() as u64);
            }
        }
        assert_eq!(got, sent);
    }

    #[test]
    fn a_page_that_does_not_answer_gets_one_mebibyte_then_the_last_one_and_is_told_what_it_missed() {
        let (watch, page) = watch();
        let total = 40 * 1024 * 1024_u64;
        let piece = vec![7_u8; PIECE];
        let mut offset = 0;
        let mut got = 0;
        let mut held = 0;
        let mut end = 0;
        while offset < total {
            watch.output("yes", 1, offset, &piece);
            offset += piece.len() as u64;
        }
        // The thread may have begun before or after the last piece: either way it stops at what may be under way.
        while held < IN_FLIGHT {
            let message = page.recv_timeout(PATIENCE).unwrap();
            held += message.len() as u64;
            let (header, bytes) = read(&message);
            got += bytes.len() as u64;
            end = header.offset + bytes.len() as u64;
        }
        assert!(page.recv_timeout(GATHER * 3).is_err(), "nothing more comes without an acknowledgement");
        watch.acknowledge(held);
        while end < total {
            let message = page.recv_timeout(PATIENCE).unwrap();
            watch.acknowledge(message.len() as u64);
            let (header, bytes) = read(&message);
            got += bytes.len() as u64;
            end = header.offset + bytes.len() as u64;
        }
        assert!(got <= IN_FLIGHT + PIECE as u64 + BEHIND as u64, "{got} bytes reached the page");
        assert!(watch.lock().waiting == 0);
    }

    #[test]
    fn what_is_skipped_and_what_is_sent_add_up_to_everything() {
        let (watch, page) = watch();
        let piece = vec![b'x'; 300_000];
        for index in 0..40_u64 {
            watch.output("log", 1, index * 300_000, &piece);
        }
        let (mut seen, mut skipped) = (0_u64, 0_u64);
        while seen + skipped < 40 * 300_000 {
            let message = page.recv_timeout(PATIENCE).unwrap();
            watch.acknowledge(message.len() as u64);
            let (header, bytes) = read(&message);
            skipped += header.skipped;
            assert_eq!(header.offset, seen + skipped);
            seen += bytes.len() as u64;
        }
    }

    #[test]
    fn a_watch_says_first_where_it_begins_to_tell_of_what_is_under_way() {
        let (watch, page) = watch();
        watch.joins("copy", 2, 700, engine::KEPT_AT_ONCE);
        watch.joins("flood", 1, 3 * engine::KEPT_AT_ONCE, engine::KEPT_AT_ONCE);
        watch.output("copy", 2, 700, b"and on");
        let told: Vec<_> = (0..3).map(|_| page.recv_timeout(PATIENCE).unwrap()).collect();
        let told: Vec<_> = told.iter().map(|message| read(message)).collect();
        let (last, begins) = told.split_last().unwrap();
        let mut begins: Vec<_> = begins
            .iter()
            .map(|(header, bytes)| (header.item.as_str(), header.offset, header.joins, bytes.len()))
            .collect();
        begins.sort_unstable();
        let kept = engine::KEPT_AT_ONCE;
        assert_eq!(begins, [("copy", 700, Some(700), 0), ("flood", 3 * kept, Some(kept), 0)]);
        assert_eq!((last.0.offset, last.0.joins, last.1), (700, None, &b"and on"[..]));
    }

    #[test]
    fn a_closed_watch_ends_its_thread() {
        let (watch, page) = watch();
        watch.close();
        assert!(matches!(page.recv_timeout(PATIENCE), Err(std::sync::mpsc::RecvTimeoutError::Disconnected)));
    }
}
