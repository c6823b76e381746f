//! How long, and how often, an item is tried (RUNS.md, "Going forward"). The clock is read by who asks.
//!
//! Chosen here, where RUNS.md leaves it open:
//! - A probe whose next try would come after `within` is looked at once more before that is over, where such a try can end in
//!   time: else nobody would know whether it held by then.
//! - A command with `retry` is not begun after `within`, and one that runs then is not ended: it may be in the midst of a change.

use std::time::{Duration, Instant};

/// The most that the last try of a probe begins before its patience is over, unless its tries themselves take longer.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// How long, or how often, an item is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    pub(crate) every: Duration,
    pub(crate) within: Option<Duration>,
    /// Attempts at most (`retry`); `None` for a probe.
    pub(crate) most: Option<u32>,
}

/// The tries of one start of an item.
pub(crate) struct Tries {
    patience: Option<Patience>,
    began: Instant,
    /// When it is tried no more.
    give_up: Option<Instant>,
    tried: u32,
    longest: Duration,
    /// None comes after the one that is under way, or to come.
    last: bool,
}

impl Tries {
    /// None yet.
    pub(crate) fn new(patience: Option<Patience>, began: Instant) -> Self {
        let give_up = patience.and_then(|patience| Some(began + patience.within?));
        Self { patience, began, give_up, tried: 0, longest: Duration::ZERO, last: false }
    }

    /// One more begins.
    pub(crate) fn begin(&mut self) {
        self.tried += 1;
    }

    /// The one that was to begin did not.
    pub(crate) fn take_back(&mut self) {
        self.tried -= 1;
    }

    /// How many may follow by themselves at most; `None` for what is not counted.
    pub(crate) fn left(&self) -> Option<u64> {
        let most = self.patience?.most?;
        Some(u64::from(most.saturating_sub(self.tried)))
    }

    /// When a try that is still running is ended.
    pub(crate) fn cuts_short(&self) -> Option<Instant> {
        self.give_up.filter(|_| self.patience.is_some_and(|patience| patience.most.is_none()))
    }

    /// When the next one comes after one that `began` and has not held: of a probe in its period, of a command that long after
    /// its failure. `None` when there is none.
    pub(crate) fn next(&mut self, began: Instant, now: Instant) -> Option<Instant> {
        let patience = self.patience?;
        self.longest = self.longest.max(now - began);
        if let Some(most) = patience.most {
            let at = now + patience.every;
            return (self.tried < most && self.give_up.is_none_or(|give_up| at < give_up)).then_some(at);
        }
        let at = (began + patience.every).max(now);
        match self.give_up {
            _ if self.last => None,
            Some(give_up) if at >= give_up => self.last_look(patience, give_up, now),
            _ => Some(at),
        }
    }

    fn last_look(&mut self, patience: Patience, give_up: Instant, now: Instant) -> Option<Instant> {
        self.last = true;
        if now + self.longest >= give_up {
            return None;
        }
        let ahead = (patience.within.unwrap_or_default() / 10).min(LAST_LOOK).max(self.longest * 2);
        Some(give_up.checked_sub(ahead).map_or(now, |at| at.max(now)))
    }

    /// One sentence about an end that exit status and signal do not tell.
    pub(crate) fn why(&self, out_of_time: bool, given_up: bool, now: Instant) -> Option<String> {
        let patience = self.patience?;
        let spent = Duration::from_millis(u64::try_from((now - self.began).as_millis()).unwrap_or(0));
        match (patience.within, patience.most) {
            (Some(within), None) if out_of_time => {
                Some(format!("still running when {within:?} had passed, and ended"))
            }
            (Some(within), None) if given_up => {
                Some(format!("did not hold within {within:?}: given up after {spent:?}"))
            }
            (_, Some(most)) if given_up => {
                let tried = self.tried;
                Some(format!("failed {tried} of at most {most} times: given up after {spent:?}"))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the tries of a probe begin, in milliseconds, each of which takes `takes` and does not hold.
    fn begin(every: u64, within: u64, takes: u64) -> Vec<u64> {
        let ms = Duration::from_millis;
        let start = Instant::now();
        let mut tries = Tries::new(Some(Patience { every: ms(every), within: Some(ms(within)), most: None }), start);
        let (mut began, mut all) = (start, Vec::new());
        loop {
            tries.begin();
            all.push(u64::try_from((began - start).as_millis()).unwrap_or(u64::MAX));
            match tries.next(began, began + ms(takes)) {
                Some(next) => began = next,
                None => return all,
            }
        }
    }

    #[test]
    fn a_probe_is_tried_in_its_period_and_once_more_before_its_patience_is_over() {
        for (every, within, takes, expected) in [
            (20_000, 60_000, 50, vec![0, 20_000, 40_000, 59_000]),
            // As long as its patience, and longer.
            (10_000, 10_000, 10, vec![0, 9_000]),
            (600_000, 30_000, 10, vec![0, 29_000]),
            (1_000, 1_000, 10, vec![0, 900]),
            // The last one begins in time to end.
            (60_000, 60_000, 5_000, vec![0, 50_000]),
            (30_000, 50_000, 8_000, vec![0, 30_000, 38_000]),
            // One that could not end in time would say less than the one before.
            (30_000, 55_000, 20_000, vec![0, 30_000]),
            // One that takes longer than the period is followed at once.
            (1_000, 10_000, 4_000, vec![0, 4_000, 8_000]),
        ] {
            assert_eq!(begin(every, within, takes), expected, "every {every} within {within} takes {takes}");
        }
    }

    #[test]
    fn a_command_is_tried_again_so_often_and_not_after_its_patience() {
        let ms = Duration::from_millis;
        let start = Instant::now();
        let patience = Patience { every: ms(100), within: Some(ms(250)), most: Some(9) };
        let mut tries = Tries::new(Some(patience), start);
        tries.begin();
        assert_eq!((tries.left(), tries.cuts_short()), (Some(8), None));
        assert_eq!(tries.next(start, start + ms(50)), Some(start + ms(150)));
        assert_eq!(tries.next(start + ms(150), start + ms(160)), None);
        let mut once = Tries::new(Some(Patience { most: Some(1), ..patience }), start);
        once.begin();
        assert_eq!((once.left(), once.next(start, start)), (Some(0), None));
        assert_eq!(Tries::new(None, start).next(start, start), None);
    }
}
