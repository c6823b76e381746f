//! How each byte of a shell script is quoted: POSIX.1-2017, "Shell Command Language", 2.2 and 2.7.4.

use std::collections::VecDeque;

use crate::model::Span;

/// The quoting at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// None.
    Bare,
    /// `"…"`.
    Double,
    /// `'…'`.
    Single,
    /// `$'…'`.
    Ansi,
    /// `# …`.
    Comment,
    /// A here-document in which the shell expands variables.
    Here,
    /// A here-document whose delimiter is quoted.
    QuotedHere,
}

/// What is known of one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The innermost quoting.
    pub(crate) quote: Quote,
    /// Inside `$( )`, backticks, `${ }` or arithmetic.
    pub(crate) nested: bool,
    /// A backslash before it takes its meaning away.
    pub(crate) escaped: bool,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HereDoc {
    /// The line that ends it.
    pub(crate) delimiter: String,
    /// `<<-`: tabs at the beginning of lines are taken off.
    pub(crate) strip_tabs: bool,
    /// The delimiter is quoted: nothing is expanded.
    pub(crate) quoted: bool,
    /// Where the `<<` stands.
    pub(crate) operator: usize,
    /// The lines between.
    pub(crate) body: Span,
}

/// A scanned script.
pub(crate) struct Scan {
    /// One for each byte.
    pub(crate) places: Vec<Place>,
    /// In the order of their operators.
    pub(crate) documents: Vec<HereDoc>,
}

impl Scan {
    /// The here-document in whose body a span stands. Bodies stand in the order of their operators.
    pub(crate) fn document(&self, span: Span) -> Option<&HereDoc> {
        let at = self.documents.partition_point(|document| document.body.end < span.end);
        self.documents.get(at).filter(|document| document.body.start <= span.start)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Double,
    Single,
    Ansi,
    Substitution,
    Backtick,
    Brace,
    Arithmetic,
    Paren,
    Here,
    QuotedHere,
}

/// Reads a script line by line.
#[derive(Default)]
pub(crate) struct Scanner {
    places: Vec<Place>,
    frames: Vec<Frame>,
    /// Number of frames that make a place nested.
    nested: usize,
    pending: VecDeque<HereDoc>,
    documents: Vec<HereDoc>,
    /// Number of frames below the here-document that is being read.
    reading: Option<(HereDoc, usize)>,
    continued: bool,
}

/// Scans a whole script.
pub(crate) fn scan(script: &str) -> Scan {
    let mut scanner = Scanner::default();
    for line in script.split_inclusive('\n') {
        scanner.line(line);
    }
    scanner.finish()
}

impl Scanner {
    /// Whether the next line belongs to the command that the last one began: an open quote, a here-document, a
    /// bracket, or a backslash at the end.
    pub(crate) fn is_open(&self) -> bool {
        self.continued || self.reading.is_some() || !self.pending.is_empty() || !self.frames.is_empty()
    }

    /// Ends the reading.
    pub(crate) fn finish(mut self) -> Scan {
        let end = self.places.len();
        if let Some((mut document, _)) = self.reading.take() {
            document.body.end = end;
            self.documents.push(document);
        }
        for mut document in self.pending.drain(..) {
            document.body = Span { start: end, end };
            self.documents.push(document);
        }
        self.documents.sort_by_key(|document| document.operator);
        Scan { places: self.places, documents: self.documents }
    }

    /// Reads the next line, with its line feed.
    pub(crate) fn line(&mut self, line: &str) {
        self.continued = false;
        if let Some((document, base)) = &self.reading {
            let bare = line.trim_end_matches(['\n', '\r']);
            let bare = if document.strip_tabs { bare.trim_start_matches('\t') } else { bare };
            if bare == document.delimiter {
                let base = *base;
                self.truncate(base);
                if let Some((mut document, _)) = self.reading.take() {
                    document.body.end = self.places.len();
                    self.documents.push(document);
                }
                self.put(line.len(), Quote::QuotedHere, false);
                self.begin_document();
                return;
            }
        }
        self.letters(line);
        let ended = line.ends_with('\n');
        if ended && self.reading.is_none() {
            self.begin_document();
        }
    }

    fn begin_document(&mut self) {
        if let Some(mut document) = self.pending.pop_front() {
            document.body.start = self.places.len();
            let base = self.frames.len();
            self.push(if document.quoted { Frame::QuotedHere } else { Frame::Here });
            self.reading = Some((document, base));
        }
    }

    fn push(&mut self, frame: Frame) {
        self.nested += usize::from(is_nesting(frame));
        self.frames.push(frame);
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.nested -= usize::from(is_nesting(frame));
        }
    }

    fn truncate(&mut self, length: usize) {
        while self.frames.len() > length {
            self.pop();
        }
    }

    fn quote(&self) -> Quote {
        match self.frames.last() {
            Some(Frame::Double) => Quote::Double,
            Some(Frame::Single) => Quote::Single,
            Some(Frame::Ansi) => Quote::Ansi,
            Some(Frame::Here) => Quote::Here,
            Some(Frame::QuotedHere) => Quote::QuotedHere,
            _ => Quote::Bare,
        }
    }

    fn put(&mut self, bytes: usize, quote: Quote, escaped: bool) {
        let place = Place { quote, nested: self.nested > 0, escaped };
        self.places.extend(std::iter::repeat_n(place, bytes));
    }

    fn letters(&mut self, line: &str) {
        let bytes = line.as_bytes();
        let mut index = 0;
        let mut word_start = true;
        while let Some(byte) = bytes.get(index) {
            let quote = self.quote();
            let next = bytes.get(index + 1).copied();
            let mut used = 1;
            match (quote, byte) {
                (Quote::QuotedHere, _) => used = line.len() - index,
                (Quote::Single, b'\'') => {
                    self.put(1, quote, false);
                    self.pop();
                    index += 1;
                    word_start = false;
                    continue;
                }
                (Quote::Single, _) => {}
                (Quote::Ansi, b'\'') => {
                    self.put(1, quote, false);
                    self.pop();
                    index += 1;
                    word_start = false;
                    continue;
                }
                (_, b'\\') => {
                    self.put(1, quote, false);
                    index += 1;
                    let escaped = line.get(index..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                    self.put(escaped, quote, true);
                    index += escaped;
                    self.continued = matches!(line.get(index - escaped..), Some("\n" | "\r\n" | ""));
                    word_start = false;
                    continue;
                }
                (Quote::Ansi, _) => {}
                (Quote::Bare, b'#') if word_start && !self.in_expression() => {
                    let end = line.get(index..).map_or(line.len(), |rest| index + rest.trim_end_matches('\n').len());
                    self.put(end - index, Quote::Comment, false);
                    index = end;
                    continue;
                }
                (Quote::Double, b'"') => {
                    self.put(1, quote, false);
                    self.pop();
                    index += 1;
                    word_start = false;
                    continue;
                }
                (Quote::Bare, b'"') => self.push(Frame::Double),
                (Quote::Bare, b'\'') if !self.in_quoted_brace() => self.push(Frame::Single),
                (Quote::Bare, b'$') if next == Some(b'\'') => {
                    used = 2;
                    self.push(Frame::Ansi);
                }
                (_, b'$') if next == Some(b'(') => {
                    if bytes.get(index + 2) == Some(&b'(') {
                        used = 3;
                        self.push(Frame::Arithmetic);
                    } else {
                        used = 2;
                        self.push(Frame::Substitution);
                    }
                    self.put(used, quote, false);
                    index += used;
                    word_start = true;
                    continue;
                }
                (_, b'$') if next == Some(b'{') => {
                    used = 2;
                    self.push(Frame::Brace);
                }
                (_, b'`') => {
                    self.put(1, quote, false);
                    match self.frames.iter().rposition(|frame| *frame == Frame::Backtick) {
                        Some(open) if self.frames.get(open..).is_some_and(|above| !above.contains(&Frame::Here)) => {
                            self.truncate(open);
                        }
                        _ => self.push(Frame::Backtick),
                    }
                    index += 1;
                    word_start = true;
                    continue;
                }
                (Quote::Bare, b'}') if self.frames.last() == Some(&Frame::Brace) => {
                    self.put(1, quote, false);
                    self.pop();
                    index += 1;
                    word_start = false;
                    continue;
                }
                (Quote::Bare, b'(')
                    if next == Some(b'(') && word_start && self.frames.last() != Some(&Frame::Arithmetic) =>
                {
                    used = 2;
                    self.push(Frame::Arithmetic);
                }
                (Quote::Bare, b'(') => {
                    self.push(Frame::Paren);
                    self.put(1, quote, false);
                    index += 1;
                    word_start = true;
                    continue;
                }
                (Quote::Bare, b')') => {
                    match self.frames.last() {
                        Some(Frame::Arithmetic) if next == Some(b')') => {
                            used = 2;
                            self.put(used, quote, false);
                            self.pop();
                        }
                        Some(Frame::Paren | Frame::Substitution | Frame::Arithmetic) => {
                            self.put(used, quote, false);
                            self.pop();
                        }
                        _ => self.put(used, quote, false),
                    }
                    index += used;
                    word_start = true;
                    continue;
                }
                (Quote::Bare, b'<') if next == Some(b'<') && !self.in_expression() => {
                    if bytes.get(index + 2) == Some(&b'<') {
                        used = 3;
                    } else {
                        used = self.here_operator(line, index);
                    }
                }
                _ => {}
            }
            self.put(used, quote, false);
            word_start = quote == Quote::Bare
                && used == 1
                && matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|');
            index += used;
        }
    }

    /// Inside `${ }` or arithmetic, where `#` and `<<` mean something else.
    fn in_expression(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Brace | Frame::Arithmetic))
    }

    /// Inside `"${ }"`, where an apostrophe is a letter.
    fn in_quoted_brace(&self) -> bool {
        let below = self.frames.len().checked_sub(2).and_then(|index| self.frames.get(index));
        self.frames.last() == Some(&Frame::Brace) && matches!(below, Some(Frame::Double | Frame::Here))
    }

    /// Reads `<<` or `<<-` and its delimiter; gives the bytes of the operator.
    fn here_operator(&mut self, line: &str, index: usize) -> usize {
        if self.reading.is_some() {
            return 2;
        }
        let rest = line.get(index + 2..).unwrap_or_default();
        let strip_tabs = rest.starts_with('-');
        let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches([' ', '\t']);
        let mut delimiter = String::new();
        let mut quoted = false;
        let mut open = None;
        let mut letters = rest.chars();
        while let Some(letter) = letters.next() {
            match (open, letter) {
                (Some(quote), _) if letter == quote => open = None,
                (Some(_), _) => delimiter.push(letter),
                (None, '"' | '\'') => {
                    open = Some(letter);
                    quoted = true;
                }
                (None, '\\') => {
                    quoted = true;
                    delimiter.extend(letters.next());
                }
                (None, _) if letter.is_whitespace() || matches!(letter, ';' | '&' | '|' | '<' | '>' | '(' | ')') => {
                    break;
                }
                (None, _) => delimiter.push(letter),
            }
        }
        if !delimiter.is_empty() && !delimiter.contains('\n') {
            let operator = self.places.len();
            self.pending.push_back(HereDoc { delimiter, strip_tabs, quoted, operator, body: Span::default() });
        }
        2 + usize::from(strip_tabs)
    }
}

fn is_nesting(frame: Frame) -> bool {
    matches!(frame, Frame::Substitution | Frame::Backtick | Frame::Brace | Frame::Arithmetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the marker `@` stands.
    fn at(script: &str) -> (Quote, bool) {
        let scan = scan(script);
        assert_eq!(scan.places.len(), script.len(), "{script}");
        let place = scan.places[script.find('@').expect("a marker")];
        (place.quote, place.nested)
    }

    #[test]
    fn each_place_is_quoted_as_the_shell_sees_it() {
        for (script, expected) in [
            ("echo @", (Quote::Bare, false)),
            ("echo \"a @\"", (Quote::Double, false)),
            ("echo 'a @'", (Quote::Single, false)),
            ("echo $'a @'", (Quote::Ansi, false)),
            ("echo 'it'\\''s @'", (Quote::Single, false)),
            ("echo \"it's @\"", (Quote::Double, false)),
            ("echo \\\"@", (Quote::Bare, false)),
            ("echo $(x @)", (Quote::Bare, true)),
            ("echo \"$(x '@')\"", (Quote::Single, true)),
            ("echo \"$(x \"y\" ) @\"", (Quote::Double, false)),
            ("echo `x @`", (Quote::Bare, true)),
            ("echo `x` @", (Quote::Bare, false)),
            ("echo ${x:-@}", (Quote::Bare, true)),
            ("echo ${x} @", (Quote::Bare, false)),
            ("echo \"${x:-it's}\" @", (Quote::Bare, false)),
            ("echo $((1 << 2)) @", (Quote::Bare, false)),
            ("echo $(( @ ))", (Quote::Bare, true)),
            ("(cd x; ls @)", (Quote::Bare, false)),
            ("$( (x) ) @", (Quote::Bare, false)),
            ("# it's a comment\n@", (Quote::Bare, false)),
            ("echo a # @", (Quote::Comment, false)),
            ("echo a#b '@'", (Quote::Single, false)),
            ("cat <<EOF\nit's @\nEOF\n", (Quote::Here, false)),
            ("cat <<'EOF'\n@\nEOF\n", (Quote::QuotedHere, false)),
            ("cat <<\\EOF\n@\nEOF\n", (Quote::QuotedHere, false)),
            ("cat <<EOF\nit's\nEOF\n@", (Quote::Bare, false)),
            ("cat <<-EOF\n\tit's\n\tEOF\n@", (Quote::Bare, false)),
            ("cat <<A <<'B'\n\nA\n@\nB\n", (Quote::QuotedHere, false)),
            ("cat <<EOF\n$(x @)\nEOF\n", (Quote::Bare, true)),
            ("cat <<EOF\n$(x\nEOF\n@", (Quote::Bare, false)),
            ("cat <<< \"x\" @", (Quote::Bare, false)),
            ("x=$(cat <<EOF\n@\nEOF\n)", (Quote::Here, true)),
            ("case a in a) x;; esac; @", (Quote::Bare, false)),
        ] {
            assert_eq!(at(script), expected, "{script}");
        }
    }

    #[test]
    fn a_command_is_open_until_its_quotes_brackets_and_documents_are_closed() {
        for (script, open) in [
            ("echo a\n", false),
            ("echo a \\\n", true),
            ("echo 'a\n", true),
            ("echo \"a\n", true),
            ("cat <<EOF\n", true),
            ("cat <<EOF\nEOF\n", false),
            ("echo $(\n", true),
            ("echo a # it's\n", false),
        ] {
            let mut scanner = Scanner::default();
            for line in script.split_inclusive('\n') {
                scanner.line(line);
            }
            assert_eq!(scanner.is_open(), open, "{script}");
        }
    }
}
