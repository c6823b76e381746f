//! Finds many byte strings at once in bytes that come one after another (A. Aho and M. Corasick, 1975).
//!
//! Of our own, because the masker has to know after each byte how far the beginning of a form has come: that decides what
//! is held back. A crate's automaton does not tell, and does not wipe what it was built from.

use zeroize::Zeroizing;

/// A place in the automaton: the longest beginning of a form that the bytes so far end with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node(u32);

/// Where nothing of a form has come.
pub(crate) const START: Node = Node(0);

/// The automaton. Nodes stand in the order of their depths, the children of one node beside each other.
pub(crate) struct Automaton {
    /// The last byte of each node's beginning.
    labels: Zeroizing<Vec<u8>>,
    /// Where the children of each node begin; they end where those of the next one begin.
    children: Vec<u32>,
    facts: Vec<Facts>,
}

#[derive(Clone, Copy, Default)]
struct Facts {
    /// The longest end of this node's beginning that is the beginning of a form too.
    fall_back: u32,
    depth: u32,
    open: u32,
    ends: u32,
}

impl Automaton {
    /// Finds these. None of them is empty; they are sorted, each is there once.
    pub(crate) fn new(forms: &[&[u8]]) -> Self {
        let mut this = Self { labels: Zeroizing::new(vec![0]), children: Vec::new(), facts: vec![Facts::default()] };
        // Which of the forms begin with each node, by node.
        let mut within = vec![(0, forms.len())];
        let mut at = 0;
        while at < within.len() {
            let ((mut from, end), depth) = (within[at], this.facts[at].depth);
            this.children.push(number(within.len()));
            while let Some(form) = forms.get(from).filter(|_| from < end) {
                let Some(label) = form.get(depth as usize) else {
                    this.facts[at].ends = depth;
                    from += 1;
                    continue;
                };
                let same = |other: &&[u8]| other.get(depth as usize) == Some(label);
                let count = forms[from..end].partition_point(same);
                within.push((from, from + count));
                this.labels.push(*label);
                this.facts.push(Facts { depth: depth + 1, ..Facts::default() });
                from += count;
            }
            at += 1;
        }
        this.children.push(number(within.len()));
        this.link();
        this
    }

    /// Says of each node where it falls back to, which form ends there, and what is open. Shallower nodes come first.
    fn link(&mut self) {
        for at in 0..self.facts.len() {
            let Facts { fall_back, depth, ends, .. } = self.facts[at];
            let behind = self.facts[fall_back as usize];
            let is_open = self.first_child(at) < self.first_child(at + 1);
            self.facts[at].ends = if ends > 0 { ends } else { behind.ends };
            self.facts[at].open = if is_open { depth } else { behind.open };
            for child in self.first_child(at)..self.first_child(at + 1) {
                let to = if at == 0 { START } else { self.next(Node(fall_back), self.labels[child]) };
                self.facts[child].fall_back = to.0;
            }
        }
    }

    fn first_child(&self, node: usize) -> usize {
        self.children.get(node).map_or(0, |child| *child as usize)
    }

    fn facts(&self, node: Node) -> Facts {
        self.facts.get(node.0 as usize).copied().unwrap_or_default()
    }

    /// Where this byte leads.
    pub(crate) fn next(&self, mut node: Node, byte: u8) -> Node {
        loop {
            let children = self.first_child(node.0 as usize)..self.first_child(node.0 as usize + 1);
            let labels = self.labels.get(children.clone()).unwrap_or_default();
            // Few nodes but the first have more than one child.
            let found = if labels.len() > 8 {
                labels.binary_search(&byte).ok()
            } else {
                labels.iter().position(|label| *label == byte)
            };
            match found {
                Some(found) => return Node(number(children.start + found)),
                None if node == START => return START,
                None => node = Node(self.facts(node).fall_back),
            }
        }
    }

    /// How long the beginning is that has come.
    pub(crate) fn depth(&self, node: Node) -> usize {
        self.facts(node).depth as usize
    }

    /// How long the longest beginning is that has come and can still become a form, or a longer one.
    pub(crate) fn open(&self, node: Node) -> usize {
        self.facts(node).open as usize
    }

    /// How long the longest form is that ends here; 0 when none does.
    pub(crate) fn ends(&self, node: Node) -> usize {
        self.facts(node).ends as usize
    }
}

/// Numbers of nodes: their forms would have to be of 4 GB to be too many.
fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_each_byte_it_says_what_ends_and_what_has_begun() {
        let forms: Vec<&[u8]> = vec![b"abab", b"ababc", b"babx", b"cccc"];
        let automaton = Automaton::new(&forms);
        let mut node = START;
        let table = [
            (b'a', 1, 1, 0),
            (b'b', 2, 2, 0),
            (b'a', 3, 3, 0),
            // A longer one can still come.
            (b'b', 4, 4, 4),
            (b'a', 3, 3, 0),
            (b'b', 4, 4, 4),
            (b'c', 5, 1, 5),
            (b'c', 2, 2, 0),
            (b'z', 0, 0, 0),
            (b'b', 1, 1, 0),
            (b'a', 2, 2, 0),
            (b'b', 3, 3, 0),
            (b'x', 4, 0, 4),
            (b'a', 1, 1, 0),
        ];
        for (at, (byte, depth, open, ends)) in table.into_iter().enumerate() {
            node = automaton.next(node, byte);
            assert_eq!(
                (automaton.depth(node), automaton.open(node), automaton.ends(node)),
                (depth, open, ends),
                "{at}"
            );
        }
    }

    #[test]
    fn of_nothing_nothing_is_found() {
        let automaton = Automaton::new(&[]);
        assert_eq!(automaton.next(START, b'a'), START);
        assert_eq!(automaton.ends(START), 0);
    }
}
