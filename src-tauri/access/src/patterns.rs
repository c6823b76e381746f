//! What is looked for: the forms of every known secret.

use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use crate::{
    automaton::{Automaton, Node, START},
    forms::{Form, Forms},
};

/// The forms of all secrets.
#[derive(Default)]
pub(crate) struct Patterns {
    secrets: Vec<Arc<Zeroizing<Vec<u8>>>>,
    forms: Vec<Arc<Forms>>,
    /// Made when something is masked for the first time.
    finders: OnceLock<Finders>,
}

/// One for each sort of form: they are looked for in different readings of a stream.
pub(crate) struct Finders {
    /// Forms that stand in text as they are.
    pub(crate) written: Finder,
    /// Forms that a line wrap can break.
    pub(crate) coded: Finder,
}

impl Patterns {
    /// These and the forms of one more secret; `None` when it is known.
    pub(crate) fn with(&self, secret: &[u8]) -> Option<Self> {
        if self.secrets.iter().any(|known| known.as_slice() == secret) {
            return None;
        }
        let mut more = Self { secrets: self.secrets.clone(), forms: self.forms.clone(), finders: OnceLock::new() };
        more.secrets.push(Arc::new(Zeroizing::new(secret.to_vec())));
        more.forms.push(Arc::new(Forms::of(secret)));
        Some(more)
    }

    /// How many secrets there are: tells these from those that were known before.
    pub(crate) fn count(&self) -> usize {
        self.secrets.len()
    }

    pub(crate) fn finders(&self) -> &Finders {
        self.finders.get_or_init(|| Finders {
            written: Finder::new(self.forms.iter().flat_map(|forms| &forms.written)),
            coded: Finder::new(self.forms.iter().flat_map(|forms| &forms.coded)),
        })
    }
}

/// How many bytes each form has at least. So many are read at once before the automaton is asked.
pub(crate) const FEWEST_BYTES: usize = 4;

/// Finds forms in bytes that come one after another.
pub(crate) struct Finder {
    automaton: Automaton,
    /// A bit for each hash of 4 bytes that stand in the first 7 of a form: most of what is printed never comes to the
    /// automaton.
    beginnings: Vec<u64>,
    shift: u32,
    /// It is enough to look at every so manieth byte whether something may have begun: forms are long enough.
    pub(crate) stride: u32,
}

impl Finder {
    fn new<'a>(forms: impl Iterator<Item = &'a Form>) -> Self {
        let mut forms: Vec<&[u8]> = forms.map(|form| form.as_slice()).collect();
        forms.sort_unstable();
        forms.dedup();
        let shortest = forms.iter().map(|form| form.len()).min().unwrap_or(FEWEST_BYTES);
        let stride = shortest.saturating_sub(FEWEST_BYTES - 1).clamp(1, 4);
        let in_form = |form: &'a [u8]| form.windows(FEWEST_BYTES).take(stride);
        let windows = forms.iter().copied().flat_map(in_form);
        let mut windows: Vec<u32> =
            windows.map(|bytes| bytes.iter().fold(0, |all, byte| all << 8 | u32::from(*byte))).collect();
        windows.sort_unstable();
        windows.dedup();
        // One bit in 256 at most is set, while they fit into the nearest cache: 32 KiB.
        let bits = windows.len().saturating_mul(256).next_power_of_two().clamp(1 << 10, 1 << 18);
        let mut this = Self {
            automaton: Automaton::new(&forms),
            beginnings: vec![0; bits / 64],
            shift: 32 - bits.trailing_zeros(),
            stride: u32::try_from(stride).unwrap_or(1),
        };
        for window in windows {
            let (word, bit) = this.place(window);
            this.beginnings[word] |= bit;
        }
        this
    }

    #[inline]
    fn place(&self, window: u32) -> (usize, u64) {
        let hash = window.wrapping_mul(0x9E37_79B1) >> self.shift;
        ((hash / 64) as usize, 1 << (hash % 64))
    }

    /// Whether the last 4 of these bytes could stand at the beginning of a form.
    #[inline]
    pub(crate) fn may_begin(&self, history: u64) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "the last 4 bytes")]
        let (word, bit) = self.place(history as u32);
        self.beginnings.get(word).is_some_and(|bits| bits & bit != 0)
    }
}

/// How far the beginning of a form has come in one reading of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Track {
    /// The last 8 bytes. No form holds a zero, which stands for what nothing begins with.
    pub(crate) history: u64,
    /// Set while at least 4 bytes of a form have come.
    node: Node,
}

impl Track {
    /// A track that goes on where nothing was found in these bytes.
    pub(crate) fn shallow(history: u64) -> Self {
        Self { history, node: START }
    }

    /// Whether fewer than 4 bytes of any form have come.
    pub(crate) fn is_shallow(&self) -> bool {
        self.node == START
    }

    /// Takes a byte; gives the length of the longest form that ends with it, 0 when none does.
    #[inline]
    pub(crate) fn take(&mut self, finder: &Finder, byte: u8) -> usize {
        self.history = self.history << 8 | u64::from(byte);
        if self.is_shallow() && !finder.may_begin(self.history) { 0 } else { self.go_on(finder, byte) }
    }

    fn go_on(&mut self, finder: &Finder, byte: u8) -> usize {
        let node = if self.is_shallow() { self.ending(finder) } else { finder.automaton.next(self.node, byte) };
        self.node = if finder.automaton.depth(node) < FEWEST_BYTES { START } else { node };
        finder.automaton.ends(self.node)
    }

    /// Which beginning of a form the last bytes end with.
    fn ending(&self, finder: &Finder) -> Node {
        self.history.to_be_bytes().into_iter().fold(START, |node, byte| finder.automaton.next(node, byte))
    }

    /// How long the longest beginning of a form is that has come, and can still become one.
    pub(crate) fn open(&self, finder: &Finder) -> usize {
        finder.automaton.open(if self.is_shallow() { self.ending(finder) } else { self.node })
    }

    /// Whether both find the same from now on, where so many of the last bytes were the same.
    pub(crate) fn agrees(&self, other: &Self, finder: &Finder, same: usize) -> bool {
        self.node == other.node && same >= FEWEST_BYTES && same >= finder.automaton.depth(self.node)
    }
}
