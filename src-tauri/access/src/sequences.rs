//! Which bytes of a terminal's stream are text, and which belong to sequences that a terminal obeys and does not show.
//!
//! The states of <https://vt100.net/emu/dec_ansi_parser>, as far as they decide that; sequences that begin with a
//! control character of two bytes (U+0090 to U+009F) among them.

/// The first byte of the control characters U+0080 to U+009F, and of U+00A0 to U+00BF.
pub(crate) const LEAD: u8 = 0xC2;

/// Whether this byte behind [`LEAD`] makes a control character.
pub(crate) fn follows_lead(byte: u8) -> bool {
    (0x80..=0x9F).contains(&byte)
}

/// What a byte is where it stands in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Kind {
    /// Shown.
    Text,
    /// A space, a tab, a line feed: shown, and where encoded text may be wrapped.
    Space,
    /// A control character: not shown. Carriage returns are among them, so that the line ends of a terminal are those of
    /// any text.
    Control,
    /// A sequence, or a character that may be a control, begins with it.
    Special,
}

/// [`Kind`] by byte.
pub(crate) const KINDS: [Kind; 256] = kinds();

const fn kinds() -> [Kind; 256] {
    let mut kinds = [Kind::Text; 256];
    let mut byte = 0;
    while byte < 0x20 {
        kinds[byte] = Kind::Control;
        byte += 1;
    }
    kinds[b'\t' as usize] = Kind::Space;
    kinds[b'\n' as usize] = Kind::Space;
    kinds[b' ' as usize] = Kind::Space;
    kinds[0x7F] = Kind::Control;
    kinds[0x1B] = Kind::Special;
    kinds[LEAD as usize] = Kind::Special;
    kinds
}

/// Whether a byte is a control character, wherever it stands.
pub(crate) fn is_control(byte: u8) -> bool {
    byte == 0x1B || KINDS[byte as usize] == Kind::Control
}

/// Where the next byte of a stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// In text.
    #[default]
    Text,
    /// Behind an escape character.
    Escape,
    /// Behind that and more, of a sequence that one more byte ends.
    EscapeMore,
    /// In a control sequence: colours, movements of the cursor.
    Control,
    /// In a command to the terminal program: a window's title, the clipboard, a link.
    Command,
    /// In data for the device, which a lone 0x9C ends too.
    Device,
    /// In a string that no terminal obeys.
    Ignored,
}

impl Place {
    /// Where the byte after this one stands.
    #[must_use]
    pub(crate) fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (_, 0x1B) => Self::Escape,
            (Self::Text, _) | (_, 0x18 | 0x1A) | (Self::Command, 0x07) | (Self::Device, 0x9C) => Self::Text,
            (Self::Escape, 0x20..=0x2F) => Self::EscapeMore,
            (Self::Escape, b'[') => Self::Control,
            (Self::Escape, b']') => Self::Command,
            (Self::Escape, b'P') => Self::Device,
            (Self::Escape, b'X' | b'^' | b'_') => Self::Ignored,
            (Self::Escape | Self::EscapeMore, 0x30..=0x7E) | (Self::Control, 0x40..=0x7E) => Self::Text,
            (place, _) => place,
        }
    }

    /// Where the byte after a control character of two bytes stands: [`LEAD`] and this one.
    #[must_use]
    pub(crate) fn after_control(self, second: u8) -> Self {
        match (self, second) {
            (Self::Text, 0x9B) => Self::Control,
            (Self::Text, 0x9D) => Self::Command,
            (Self::Text, 0x90) => Self::Device,
            (Self::Text, 0x98 | 0x9E | 0x9F) => Self::Ignored,
            (place, _) => place.after(second),
        }
    }

    /// Where the byte after all of these stands.
    #[must_use]
    pub(crate) fn after_all(mut self, bytes: &[u8]) -> Self {
        let mut lead = false;
        for byte in bytes {
            self = match (std::mem::take(&mut lead), *byte) {
                (true, second) if follows_lead(second) => self.after_control(second),
                (_, LEAD) => {
                    lead = true;
                    self
                }
                (_, byte) => self.after(byte),
            };
        }
        self
    }
}

/// A secret's form as a stream is read: without control characters.
pub(crate) fn without_controls(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut lead = false;
    for byte in bytes {
        if std::mem::take(&mut lead) {
            if follows_lead(*byte) {
                continue;
            }
            kept.push(LEAD);
        }
        match *byte {
            LEAD => lead = true,
            byte if is_control(byte) => (),
            byte => kept.push(byte),
        }
    }
    if lead {
        kept.push(LEAD);
    }
    kept
}

/// The same less what could be taken for half of a control character together with what is printed beside it: [`LEAD`] as
/// the last byte, and as the first one of those that follow it. No text in UTF-8 has either.
pub(crate) fn between_any(form: &[u8]) -> &[u8] {
    let form = form.strip_suffix(&[LEAD]).unwrap_or(form);
    form.split_first().filter(|(first, _)| follows_lead(**first)).map_or(form, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_told_from_what_it_shows() {
        for (bytes, place) in [
            (&b"text"[..], Place::Text),
            (b"\x1b", Place::Escape),
            (b"\x1b[31", Place::Control),
            (b"\x1b[31m", Place::Text),
            (b"\x1b(", Place::EscapeMore),
            (b"\x1b(B", Place::Text),
            (b"\x1b]0;title", Place::Command),
            (b"\x1b]0;title\x07", Place::Text),
            (b"\x1b]0;title\x1b", Place::Escape),
            (b"\x1b]0;title\x1b\\", Place::Text),
            (b"\x1bP1;2qdata", Place::Device),
            (b"\x1bPdata\x9c", Place::Text),
            (b"\x1b_ignored\x07", Place::Ignored),
            (b"\x1b_ignored\x18", Place::Text),
            (b"\x1b[31\x1b]", Place::Command),
            ("\u{9b}31".as_bytes(), Place::Control),
            ("\u{9d}0;t".as_bytes(), Place::Command),
            ("\u{90}q".as_bytes(), Place::Device),
            ("\u{9f}q".as_bytes(), Place::Ignored),
            ("\u{85}\u{a3}".as_bytes(), Place::Text),
        ] {
            assert_eq!(Place::default().after_all(bytes), place, "{bytes:?}");
        }
    }

    #[test]
    fn a_form_is_looked_for_without_its_control_characters() {
        assert_eq!(without_controls(b"a\r\nb\tc\0d\x7fe\x1bf"), b"a\nb\tcdef");
        assert_eq!(without_controls(b"a\xc2\0\x9ab\xc2\xc2\x9a\x9ac\xc2"), b"a\xc2\x9ab\xc2\x9ac\xc2");
        assert_eq!(without_controls("a\u{85}b\u{a3}c\u{c5}".as_bytes()), "ab\u{a3}c\u{c5}".as_bytes());
    }
}
