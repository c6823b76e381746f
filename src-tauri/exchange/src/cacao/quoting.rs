//! Where in a script of a shell a place is: what may stand there, and how.

use std::collections::VecDeque;

/// What holds where a script has been read to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `$name` means its value.
    Open,
    /// Between single quotes.
    Single,
    /// Between `$'` and `'`.
    Ansi,
    /// In a here-document whose delimiter is quoted.
    Nowhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Single,
    Ansi,
    Double,
    /// `$(`, `(` or backticks: a script of its own.
    Script,
    Backticks,
    /// `$((`: `<<` is no here-document there.
    Sum,
    Comment,
}

#[derive(Clone, Debug)]
struct Document {
    delimiter: String,
    quoted: bool,
    tabs: bool,
}

/// Reads a script piece by piece, once.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    within: Vec<Within>,
    /// Here-documents whose text begins on the next line.
    announced: VecDeque<Document>,
    /// The one that is being read, and its line so far.
    document: Option<(Document, String)>,
    last: Option<char>,
}

impl Reading {
    pub(super) fn place(&self) -> Place {
        if let Some((document, _)) = &self.document {
            return if document.quoted { Place::Nowhere } else { Place::Open };
        }
        match self.within.last() {
            Some(Within::Single) => Place::Single,
            Some(Within::Ansi) => Place::Ansi,
            _ => Place::Open,
        }
    }

    pub(super) fn read(&mut self, piece: &str) {
        let letters: Vec<char> = piece.chars().collect();
        let mut at = 0;
        while let Some(&letter) = letters.get(at) {
            at += 1;
            if self.document.is_some() {
                self.line_of_document(letter);
                continue;
            }
            let next = letters.get(at).copied();
            match self.within.last() {
                Some(Within::Single) => self.closes(letter == '\''),
                Some(Within::Ansi) if letter == '\\' => at += 1,
                Some(Within::Ansi) => self.closes(letter == '\''),
                Some(Within::Comment) => {
                    self.closes(letter == '\n');
                    self.begins_documents(letter);
                }
                Some(Within::Double) => match letter {
                    '\\' => at += 1,
                    '"' => self.closes(true),
                    '$' if next == Some('(') => at += self.substitution(letters.get(at + 1).copied()),
                    '`' => self.backticks(),
                    _ => {}
                },
                _ => at += self.script(letter, &letters[at..]),
            }
            self.last = Some(letter);
        }
    }

    fn closes(&mut self, closes: bool) {
        if closes {
            self.within.pop();
        }
    }

    fn backticks(&mut self) {
        match self.within.iter().rposition(|one| *one == Within::Backticks) {
            Some(open) => self.within.truncate(open),
            None => self.within.push(Within::Backticks),
        }
    }

    /// `$(` or `$((`: gives how many letters after the `$` were read with it.
    fn substitution(&mut self, second: Option<char>) -> usize {
        let sum = second == Some('(');
        self.within.push(if sum { Within::Sum } else { Within::Script });
        if sum {
            self.within.push(Within::Sum);
        }
        if sum { 2 } else { 1 }
    }

    /// A letter of a script outside quotes; gives how many after it were read with it.
    fn script(&mut self, letter: char, rest: &[char]) -> usize {
        let next = rest.first().copied();
        match letter {
            '\\' => return 1,
            '\'' if self.last == Some('$') => self.within.push(Within::Ansi),
            '\'' => self.within.push(Within::Single),
            '"' => self.within.push(Within::Double),
            '`' => self.backticks(),
            '$' if next == Some('(') => return self.substitution(rest.get(1).copied()),
            '(' => {
                let inner = self.within.last().copied().filter(|one| *one == Within::Sum);
                self.within.push(inner.unwrap_or(Within::Script));
            }
            ')' => self.closes(matches!(self.within.last(), Some(Within::Script | Within::Sum))),
            '#' if self.last.is_none_or(|last| last.is_whitespace() || ";&|()".contains(last)) => {
                self.within.push(Within::Comment);
            }
            '<' if next == Some('<') && self.within.last() != Some(&Within::Sum) => return self.announce(rest),
            '\n' => self.begins_documents(letter),
            _ => {}
        }
        0
    }

    /// `<<` and what follows it, from its second letter on.
    fn announce(&mut self, rest: &[char]) -> usize {
        if rest.get(1) == Some(&'<') {
            return 2;
        }
        let tabs = rest.get(1) == Some(&'-');
        let mut at = 1 + usize::from(tabs);
        while rest.get(at).is_some_and(|letter| matches!(letter, ' ' | '\t')) {
            at += 1;
        }
        let (mut delimiter, mut quoted, mut quote) = (String::new(), false, None);
        while let Some(&letter) = rest.get(at) {
            match (quote, letter) {
                (_, '\n') => break,
                (Some(open), letter) if letter == open => quote = None,
                (Some(_), letter) => delimiter.push(letter),
                (None, '\'' | '"') => (quote, quoted) = (Some(letter), true),
                (None, '\\') => quoted = true,
                (None, letter) if letter.is_whitespace() || ";&|()<>".contains(letter) => break,
                (None, letter) => delimiter.push(letter),
            }
            at += 1;
        }
        if !delimiter.is_empty() {
            self.announced.push_back(Document { delimiter, quoted, tabs });
        }
        at
    }

    fn begins_documents(&mut self, letter: char) {
        if letter == '\n' {
            self.document = self.announced.pop_front().map(|document| (document, String::new()));
        }
    }

    fn line_of_document(&mut self, letter: char) {
        let Some((document, line)) = &mut self.document else { return };
        if letter != '\n' {
            line.push(letter);
            return;
        }
        let bare = if document.tabs { line.trim_start_matches('\t') } else { line.as_str() };
        if bare == document.delimiter {
            self.begins_documents('\n');
        } else {
            line.clear();
        }
        self.last = Some('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of each `@`.
    fn places(script: &str) -> Vec<Place> {
        let mut reading = Reading::default();
        let mut found = Vec::new();
        for (number, piece) in script.split('@').enumerate() {
            if number > 0 {
                found.push(reading.place());
                reading.read("x");
            }
            reading.read(piece);
        }
        found
    }

    #[test]
    fn quotes_comments_and_substitutions_are_those_of_a_shell() {
        use Place::{Ansi, Open, Single};
        for (script, expected) in [
            ("@ '@' \"@ '@'\" @", vec![Open, Single, Open, Open, Open]),
            ("# it's\n@", vec![Open]),
            ("a#b'@'", vec![Single]),
            ("echo ${#x} '@' $'it\\'s @' @", vec![Single, Ansi, Open]),
            ("\"$(echo '@' \"@\")\" '@'", vec![Single, Open, Single]),
            ("`echo '@'` @ \\' @ \\\\'@'", vec![Single, Open, Open, Single]),
            ("(cd '@') && x=$((1<<2)) '@'\n@", vec![Single, Single, Open]),
            ("cat <<< '@'\n@", vec![Single, Open]),
        ] {
            assert_eq!(places(script), expected, "{script}");
        }
    }

    #[test]
    fn a_here_document_ends_where_its_delimiter_stands() {
        use Place::{Nowhere, Open, Single};
        for (script, expected) in [
            ("cat <<E\nit's @\nE\n'@'", vec![Open, Single]),
            ("cat <<'E' '@'\n@\n E\n@\nE\n@", vec![Single, Nowhere, Nowhere, Open]),
            ("cat <<-\"E\"; x # it's\n@\n\t\tE\n@", vec![Nowhere, Open]),
            ("cat <<A <<\\B\n@\nA\n@\nB\n@", vec![Open, Nowhere, Open]),
        ] {
            assert_eq!(places(script), expected, "{script}");
        }
    }
}
