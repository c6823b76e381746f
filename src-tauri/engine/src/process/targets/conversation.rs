//! What is heard from the other side, told apart: what leads there, what the command prints, and the marks of the bootstrap.
//! Pure: bytes in, what they say out.

use std::collections::BTreeMap;

/// Begins and ends a mark.
const EDGE: u8 = 0x1e;

/// What every mark begins with, behind its edge.
const OURS: &[u8] = b"allgood ";

/// The longest mark: a path, and some.
const LONGEST: usize = 8 * 1024;

/// The most that is taken of what a script left behind, in bytes.
const MOST_BACK: usize = 64 * 1024 * 1024;

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// What comes before the command: banners, questions, errors of the program that leads there.
    Beside(Vec<u8>),
    /// What the command prints.
    Output(Vec<u8>),
    /// The bootstrap waits for the nonce.
    Ready,
    /// It has given the nonce back: its shells and its folder.
    At { shells: Vec<String>, folder: String },
    /// It waits for the text.
    Go,
    /// The command begins.
    Begin,
    /// The directory is not there.
    Nowhere,
    /// There is no terminal to make raw.
    NoTerminal,
    /// There is no folder that it could write to.
    NoFolder,
    /// What was sent came back as it was: the terminal echoes.
    Echoed,
    /// The command has ended, with this status of the shell.
    End(i32),
    /// What it left behind, whole; `None` where it was garbled.
    Back(Option<BTreeMap<String, Vec<u8>>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Up to the bootstrap's first word.
    Before,
    /// The nonce has been asked for.
    Nonce,
    /// The text is being handed over.
    Text,
    Running,
    /// Its files are being sent back.
    Trailer,
    Over,
}

/// One conversation.
pub(super) struct Conversation {
    nonce: String,
    stage: Stage,
    held: Vec<u8>,
    /// What came unmarked since the nonce was sent.
    unmarked: Vec<u8>,
}

impl Conversation {
    pub(super) fn new(nonce: &str) -> Self {
        Self { nonce: nonce.to_owned(), stage: Stage::Before, held: Vec::new(), unmarked: Vec::new() }
    }

    /// Whether the command has begun.
    pub(super) fn has_begun(&self) -> bool {
        matches!(self.stage, Stage::Running | Stage::Trailer | Stage::Over)
    }

    /// Takes what has come.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> Vec<Heard> {
        self.held.extend_from_slice(bytes);
        let mut heard = Vec::new();
        loop {
            match self.stage {
                Stage::Over => {
                    self.held.clear();
                    return heard;
                }
                Stage::Trailer => match self.trailer() {
                    None => return heard,
                    Some(back) => {
                        self.stage = Stage::Over;
                        heard.push(Heard::Back(back));
                    }
                },
                _ => {
                    if !self.next(&mut heard) {
                        return heard;
                    }
                }
            }
        }
    }

    /// The end of everything: what was held back.
    pub(super) fn finish(&mut self) -> Vec<Heard> {
        let held = std::mem::take(&mut self.held);
        let mut heard = Vec::new();
        match self.stage {
            Stage::Trailer => heard.push(Heard::Back(None)),
            Stage::Over => {}
            _ => self.plain(held, &mut heard),
        }
        heard
    }

    /// Takes the next piece of text or the next mark. `false` when more has to come first.
    fn next(&mut self, heard: &mut Vec<Heard>) -> bool {
        let Some(at) = self.held.iter().position(|byte| *byte == EDGE) else {
            let all = std::mem::take(&mut self.held);
            self.plain(all, heard);
            return false;
        };
        if at > 0 {
            let before = self.held.drain(..at).collect();
            self.plain(before, heard);
        }
        let rest = self.held.get(1..).unwrap_or_default();
        let same = rest.iter().zip(OURS).take_while(|(one, other)| one == other).count();
        if same == rest.len().min(OURS.len()) {
            let end = rest.iter().position(|byte| *byte == EDGE);
            match end {
                None if rest.len() <= LONGEST => return false,
                None => {}
                Some(end) => {
                    let mark = rest.get(OURS.len()..end).map(|mark| String::from_utf8_lossy(mark).into_owned());
                    if let Some(said) = mark.and_then(|mark| self.mark(&mark)) {
                        self.held.drain(..end + 2);
                        heard.push(said);
                        return true;
                    }
                }
            }
        }
        // A byte like any other.
        let first = self.held.drain(..1).collect();
        self.plain(first, heard);
        true
    }

    fn plain(&mut self, bytes: Vec<u8>, heard: &mut Vec<Heard>) {
        if bytes.is_empty() {
            return;
        }
        if self.stage == Stage::Nonce && self.unmarked.len() < LONGEST {
            self.unmarked.extend_from_slice(&bytes);
            if self.unmarked.windows(self.nonce.len()).any(|part| part == self.nonce.as_bytes()) {
                heard.push(Heard::Echoed);
            }
        }
        match (self.stage, heard.last_mut()) {
            (Stage::Running, Some(Heard::Output(last))) => last.extend(bytes),
            (Stage::Running, _) => heard.push(Heard::Output(bytes)),
            (_, Some(Heard::Beside(last))) => last.extend(bytes),
            _ => heard.push(Heard::Beside(bytes)),
        }
    }

    /// What a mark says, if it is one of this conversation and in its place.
    fn mark(&mut self, mark: &str) -> Option<Heard> {
        let (word, rest) = mark.split_once(' ').unwrap_or((mark, ""));
        let (nonce, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let ours = nonce == self.nonce;
        let (stage, said) = match (self.stage, word) {
            (Stage::Before, "ready") => (Stage::Nonce, Heard::Ready),
            (Stage::Before, "no-terminal") => (Stage::Before, Heard::NoTerminal),
            (Stage::Nonce, "no-folder") if ours => (Stage::Nonce, Heard::NoFolder),
            (Stage::Nonce, "at") if ours => {
                let (shells, folder) = rest.split_once(' ')?;
                let shells = shells.split(',').filter(|shell| !shell.is_empty()).map(str::to_owned).collect();
                (Stage::Text, Heard::At { shells, folder: folder.to_owned() })
            }
            (Stage::Text, "go") if ours => (Stage::Text, Heard::Go),
            (Stage::Text, "begin") if ours => (Stage::Running, Heard::Begin),
            (Stage::Running, "nowhere") if ours => (Stage::Running, Heard::Nowhere),
            (Stage::Running, "end") if ours => (Stage::Trailer, Heard::End(rest.parse().ok()?)),
            _ => return None,
        };
        self.stage = stage;
        Some(said)
    }

    /// The files that are sent back; `None` while more has to come.
    fn trailer(&self) -> Option<Option<BTreeMap<String, Vec<u8>>>> {
        let done = [&[EDGE], OURS, b"done ", self.nonce.as_bytes(), &[EDGE]].concat();
        let mut rest = self.held.as_slice();
        let mut files = BTreeMap::new();
        loop {
            if rest.starts_with(&done) {
                return Some(Some(files));
            }
            if rest.first() == Some(&EDGE) {
                return if done.starts_with(rest) { None } else { Some(None) };
            }
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                return if rest.len() > LONGEST { Some(None) } else { None };
            };
            let header = std::str::from_utf8(rest.get(..end).unwrap_or_default()).ok();
            let header = header.and_then(|header| header.split_once(' '));
            let Some((name, size)) = header.and_then(|(name, size)| Some((name, size.parse::<usize>().ok()?))) else {
                return Some(None);
            };
            if size > MOST_BACK {
                return Some(None);
            }
            let bytes = rest.get(end + 1..end + 1 + size)?;
            files.insert(name.to_owned(), bytes.to_vec());
            rest = rest.get(end + 1 + size..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &[u8] = b"Welcome\r\n\x1eallgood ready\x1e\x1eallgood at N1 bash,sh, /dev/shm/allgood-1\x1e\
        \x1eallgood go N1\x1e\x1eallgood begin N1\x1ehello\x1e \x1eallgood end N2 0\x1e\x1eallgood nothing\r\n\
        \x1eallgood end N1 3\x1eenv 4\nA=1\nafter.cwd 6\n/tmp\x1e\nafter.done 0\n\x1eallgood done N1\x1eclosed.\r\n";

    /// What is heard of a stream in these pieces, neighbouring texts put together.
    fn heard<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Heard> {
        let mut conversation = Conversation::new("N1");
        let mut all: Vec<Heard> = Vec::new();
        let mut take = |one: Heard| match (all.last_mut(), one) {
            (Some(Heard::Output(last)), Heard::Output(more)) | (Some(Heard::Beside(last)), Heard::Beside(more)) => {
                last.extend(more);
            }
            (_, one) => all.push(one),
        };
        for piece in pieces {
            conversation.hear(piece).into_iter().for_each(&mut take);
        }
        conversation.finish().into_iter().for_each(&mut take);
        all
    }

    #[test]
    fn marks_are_told_from_text_however_the_stream_is_cut() {
        let files = BTreeMap::from([
            ("env".to_owned(), b"A=1\n".to_vec()),
            ("after.cwd".to_owned(), b"/tmp\x1e\n".to_vec()),
            ("after.done".to_owned(), Vec::new()),
        ]);
        let expected = [
            Heard::Beside(b"Welcome\r\n".to_vec()),
            Heard::Ready,
            Heard::At { shells: vec!["bash".into(), "sh".into()], folder: "/dev/shm/allgood-1".into() },
            Heard::Go,
            Heard::Begin,
            // A mark of somebody else is text.
            Heard::Output(b"hello\x1e \x1eallgood end N2 0\x1e\x1eallgood nothing\r\n".to_vec()),
            Heard::End(3),
            Heard::Back(Some(files)),
        ];
        for cut in 0..STREAM.len() {
            assert_eq!(heard([&STREAM[..cut], &STREAM[cut..]]), expected, "cut at {cut}");
        }
        assert_eq!(heard(STREAM.chunks(1)), expected);
    }

    #[test]
    fn a_terminal_that_echoes_what_is_sent_is_noticed() {
        let echoing = b"\x1eallgood ready\x1eN1 id\r\n";
        assert!(heard(echoing.chunks(2)).contains(&Heard::Echoed));
    }

    #[test]
    fn what_was_garbled_on_the_way_back_is_not_guessed_at() {
        for trailer in [&b"env x\n"[..], b"env 99999999999\n", b"env 3\nab", b"\x1eallgood done N2\x1e"] {
            let stream = [
                b"\x1eallgood ready\x1e\x1eallgood at N1 sh, /x\x1e\x1eallgood begin N1\x1e\x1eallgood end N1 0\x1e",
                trailer,
            ]
            .concat();
            assert_eq!(heard([stream.as_slice()]).last(), Some(&Heard::Back(None)));
        }
    }
}
