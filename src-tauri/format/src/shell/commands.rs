//! The simple commands at the top level of a script, and their words.

use super::{Mark, Place, Quote, Scan};
use crate::model::Span;

/// A simple command: what stands between separators.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    /// All of it.
    pub(crate) span: Span,
    /// Its words as written, redirections among them.
    pub(crate) words: Vec<Word<'a>>,
    /// Its output goes into a pipe.
    pub(crate) piped: bool,
    /// Its input comes from a pipe.
    pub(crate) fed: bool,
    /// Runs beside the next.
    pub(crate) background: bool,
    /// How many of `if`, `for`, `{`, `(` … are open around it.
    pub(crate) depth: Depth,
}

/// Number of open compound commands.
pub(crate) type Depth = usize;

/// A word as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// Where it stands.
    pub(crate) span: Span,
    /// Its text, quotes included.
    pub(crate) raw: &'a str,
}

impl Word<'_> {
    /// The word without its quotes.
    pub(crate) fn bare(&self) -> String {
        self.raw.chars().filter(|letter| !matches!(letter, '"' | '\'' | '\\')).collect()
    }
}

/// Splits a script into its simple commands. A placeholder is part of one word, whatever blanks it holds.
pub(crate) fn commands<'a>(script: &'a str, scan: &Scan, placeholders: &[Mark]) -> Vec<Command<'a>> {
    split(script, scan, placeholders).found
}

/// Whether a shell would read on, though no quote or bracket is open: `for x in a; do`, `a |`, `b &&`.
pub(crate) fn reads_on(script: &str) -> bool {
    let scan = super::scan(script);
    let marks = super::placeholders(script, &scan);
    let splitter = split(script, &scan, &marks);
    splitter.compound > 0 || splitter.ends_with_operator
}

fn split<'a>(script: &'a str, scan: &Scan, placeholders: &[Mark]) -> Splitter<'a> {
    let mut splitter = Splitter { script, ..Splitter::default() };
    let mut placeholders = placeholders.iter().peekable();
    let mut inside_until = 0;
    for (index, byte) in script.bytes().enumerate() {
        while placeholders.next_if(|mark| mark.span.start < index).is_some() {}
        if let Some(mark) = placeholders.next_if(|mark| mark.span.start == index) {
            inside_until = mark.span.end;
        }
        let place =
            scan.places.get(index).copied().unwrap_or(Place { quote: Quote::Bare, nested: false, escaped: false });
        let plain = place.quote == Quote::Bare && !place.nested && index >= inside_until;
        match place.quote {
            Quote::Comment => splitter.end_word(index),
            Quote::Here | Quote::QuotedHere if !place.nested => splitter.end_word(index),
            _ if !plain => splitter.letter(index),
            _ if place.escaped => {
                if byte != b'\n' {
                    splitter.letter(index);
                }
            }
            _ => match byte {
                b' ' | b'\t' | b'\r' => splitter.end_word(index),
                b'\\' if script.get(index + 1..).is_some_and(|rest| rest.starts_with(['\n', '\r'])) => {
                    splitter.end_word(index)
                }
                b'\n' | b';' | b'&' | b'|' | b'(' | b')' => splitter.separator(index, byte),
                _ => splitter.letter(index),
            },
        }
    }
    splitter.end_command(script.len(), false, false);
    splitter
}

#[derive(Default)]
struct Splitter<'a> {
    script: &'a str,
    found: Vec<Command<'a>>,
    words: Vec<Word<'a>>,
    word: Option<usize>,
    fed: bool,
    depth: Depth,
    /// How many of `if`, `for`, `{` … are open; brackets are not counted: `a)` of a `case` opens none.
    compound: usize,
    /// The last thing that is not blank is `|`, `||` or `&&`.
    ends_with_operator: bool,
    start: usize,
}

impl<'a> Splitter<'a> {
    fn letter(&mut self, index: usize) {
        self.ends_with_operator = false;
        self.word.get_or_insert(index);
    }

    fn end_word(&mut self, end: usize) {
        if let Some(start) = self.word.take()
            && let Some(raw) = self.script.get(start..end)
        {
            self.words.push(Word { span: Span { start, end }, raw });
        }
    }

    fn separator(&mut self, index: usize, byte: u8) {
        let text = self.script.as_bytes();
        let before = index.checked_sub(1).and_then(|index| text.get(index)).copied();
        let after = text.get(index + 1).copied();
        // `2>&1`, `&>file` and `>|file` are redirections.
        if (byte == b'&' && (matches!(before, Some(b'>' | b'<')) || after == Some(b'>')))
            || (byte == b'|' && before == Some(b'>'))
        {
            self.letter(index);
            return;
        }
        self.end_word(index);
        let double = before == Some(byte) || after == Some(byte);
        self.end_command(index, byte == b'|' && !double, byte == b'&' && !double && before != Some(b'|'));
        match byte {
            b'(' => self.depth += 1,
            b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if byte != b'\n' {
            self.ends_with_operator = byte == b'|' || (byte == b'&' && before == Some(b'&'));
        }
    }

    fn end_command(&mut self, end: usize, piped: bool, background: bool) {
        self.end_word(end);
        let mut words = std::mem::take(&mut self.words);
        // Keywords of compound commands stand before the words of the command that they govern.
        let mut skip = 0_usize;
        for word in &words {
            match word.raw {
                "if" | "while" | "until" | "for" | "case" | "select" | "{" => {
                    self.depth += 1;
                    self.compound += 1;
                }
                "fi" | "done" | "esac" | "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    self.compound = self.compound.saturating_sub(1);
                }
                "then" | "else" | "elif" | "do" | "!" | "time" => {}
                _ => break,
            }
            skip += 1;
            if matches!(word.raw, "for" | "case" | "select") {
                break;
            }
        }
        // These have words of their own, also behind another keyword: `do for x in a`.
        let last = skip
            .checked_sub(1)
            .filter(|last| words.get(*last).is_some_and(|word| matches!(word.raw, "for" | "case" | "select")));
        words.drain(..last.unwrap_or(skip));
        let fed = std::mem::replace(&mut self.fed, piped);
        if !words.is_empty() {
            let start = words.first().map_or(self.start, |word| word.span.start);
            self.found.push(Command { span: Span { start, end }, words, piped, fed, background, depth: self.depth });
        } else if piped {
            self.fed = fed || piped;
        }
        self.start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{placeholders, scan};
    use super::*;

    fn words(script: &str) -> Vec<String> {
        let scan = scan(script);
        let marks = placeholders(script, &scan);
        commands(script, &scan, &marks)
            .iter()
            .map(|command| command.words.iter().map(|word| word.raw).collect::<Vec<_>>().join("·"))
            .collect()
    }

    #[test]
    fn a_shell_reads_on_within_a_compound_command_and_behind_an_operator() {
        for (script, expected) in [
            ("for x in a; do\n", true),
            ("for x in a; do\n echo $x\n", true),
            ("for x in a; do\n echo $x\ndone\n", false),
            ("if a; then\n", true),
            ("if a; then b; fi", false),
            ("case x in\n a) b;;\n", true),
            ("case x in\n a) b;;\nesac\n", false),
            ("f() {\n", true),
            ("f() { a; }\n", false),
            ("a |\n", true),
            ("a && # why\n", true),
            ("a ||\n", true),
            ("a | b\n", false),
            ("a &\n", false),
            ("a;\n", false),
            ("echo 'for' \"|\"\n", false),
            ("echo for\n", false),
        ] {
            assert_eq!(reads_on(script), expected, "{script}");
        }
    }

    #[test]
    fn a_script_is_split_into_commands_and_words() {
        for (script, expected) in [
            ("echo a; ls -l && cd /x", vec!["echo·a", "ls·-l", "cd·/x"]),
            ("echo \"a; b\" 'c|d' \\; e", vec!["echo·\"a; b\"·'c|d'·\\;·e"]),
            ("a \\\n  b\nc", vec!["a·b", "c"]),
            ("ssh <host name> ls", vec!["ssh·<host name>·ls"]),
            ("x 2>&1 | y &", vec!["x·2>&1", "y"]),
            ("if a; then b; fi; c", vec!["a", "b", "c"]),
            ("for x in a b; do c; done", vec!["for·x·in·a·b", "c"]),
            ("for x in a; do for y in b; do c; done; done", vec!["for·x·in·a", "for·y·in·b", "c"]),
            ("if a; then case b in c) d;; esac; fi", vec!["a", "case·b·in·c", "d"]),
            ("while { select x in a; do b; done; }; do c; done", vec!["select·x·in·a", "b", "c"]),
            ("x=$(a; b) y # z; w", vec!["x=$(a; b)·y"]),
            ("cat <<EOF\na; b\nEOF\nc", vec!["cat·<<EOF", "c"]),
        ] {
            assert_eq!(words(script), expected, "{script}");
        }
    }
}
