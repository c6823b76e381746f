//! The forms in which a secret comes out of a command (ACCESS.md, "Masking"): as it is, escaped for text of all sorts, and
//! encoded.
//!
//! Where programs differ in what they escape, each usual way is a form of its own; those that come to the same are one.

mod coded;
mod shell;
mod text;

use zeroize::Zeroizing;

use crate::{
    secret::{FEWEST_CHARACTERS, characters},
    sequences::{between_any, without_controls},
};

/// Of a larger value, in bytes, what it is and its lines are looked for, and no other form: those would take too much
/// memory. Keys, certificates and service accounts are far below it.
pub(crate) const LARGEST_IN_ALL_FORMS: usize = 16 * 1024;

/// Bytes of a form; wiped after use.
pub(crate) type Form = Zeroizing<Vec<u8>>;

/// The forms of one secret.
#[derive(Default)]
pub(crate) struct Forms {
    /// Looked for in text as it is: at least 4 characters, none of them a control character but tabs and line feeds.
    pub(crate) written: Vec<Form>,
    /// Looked for across line wraps: base64 and hexadecimal, at least 4 characters.
    pub(crate) coded: Vec<Form>,
}

impl Forms {
    /// The forms of this secret.
    pub(crate) fn of(secret: &[u8]) -> Self {
        let mut forms = Self::default();
        for part in parts(secret) {
            forms.written(part);
            if secret.len() <= LARGEST_IN_ALL_FORMS {
                text::escaped(part, &mut |form| forms.written(&form));
                shell::quoted(part, &mut |form| forms.written(&form));
                coded::coded(part, &mut |form| forms.coded.push(form));
            }
        }
        unique(&mut forms.written);
        unique(&mut forms.coded);
        forms
    }

    fn written(&mut self, form: &[u8]) {
        let form = Zeroizing::new(without_controls(form));
        let between = between_any(&form);
        if between.len() < form.len() && characters(between) >= FEWEST_CHARACTERS {
            self.written.push(Zeroizing::new(between.to_vec()));
        }
        if characters(&form) >= FEWEST_CHARACTERS {
            self.written.push(form);
        }
    }
}

/// The value, the value without line ends behind it (as a shell's `$(…)` gives it), and each of its lines of 4 or more
/// characters; all of them also without the white space around them, as a shell's `read` and most programs that take words
/// give them.
fn parts(secret: &[u8]) -> Vec<&[u8]> {
    let end = secret.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    let lines = secret.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let whole: Vec<&[u8]> = [secret, &secret[..end]].into_iter().chain(lines).collect();
    let mut parts: Vec<&[u8]> = whole.iter().flat_map(|part| [*part, part.trim_ascii()]).collect();
    parts.retain(|part| characters(&Zeroizing::new(without_controls(part))) >= FEWEST_CHARACTERS);
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// Sorts, and leaves out what is there twice.
pub(crate) fn unique(forms: &mut Vec<Form>) {
    forms.sort_unstable_by(|one, other| one.as_slice().cmp(other.as_slice()));
    forms.dedup_by(|one, other| one.as_slice() == other.as_slice());
}

/// The bytes with each character changed that has another form; what is no UTF-8 stays.
fn rewritten(bytes: &[u8], mut change: impl FnMut(char) -> Option<String>) -> Form {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match change(character) {
                Some(other) => out.extend_from_slice(other.as_bytes()),
                None => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
    out
}

#[cfg(test)]
mod tests;
