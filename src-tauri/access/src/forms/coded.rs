//! Base64 at its three alignments, and hexadecimal.

use base64::{
    Engine as _,
    engine::general_purpose::{GeneralPurpose, STANDARD, URL_SAFE},
};
use zeroize::Zeroizing;

use super::Form;
use crate::secret::FEWEST_CHARACTERS;

/// The alphabets of RFC 4648: the standard one, and the one for addresses and file names.
const ALPHABETS: [(&GeneralPurpose, &[u8; 2]); 2] = [(&STANDARD, b"+/"), (&URL_SAFE, b"-_")];

/// Gives each form of these bytes.
pub(super) fn coded(bytes: &[u8], give: &mut dyn FnMut(Form)) {
    hexadecimal(bytes, b"0123456789abcdef", give);
    hexadecimal(bytes, b"0123456789ABCDEF", give);
    for (engine, last) in ALPHABETS {
        for before in 0..3 {
            base64(bytes, before, engine, last, give);
        }
    }
}

fn hexadecimal(bytes: &[u8], digits: &[u8; 16], give: &mut dyn FnMut(Form)) {
    let digits = bytes.iter().flat_map(|byte| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
    give(Zeroizing::new(digits.collect()));
}

/// The characters that these bytes alone decide, with `before` bytes in front of them; then, since what follows is not
/// known, the same with each character that their last bits allow, and with padding. The character in front that holds
/// their first 4 or 2 bits is not among them: that would hold back nearly every character that anybody types.
fn base64(bytes: &[u8], before: usize, engine: &GeneralPurpose, last: &[u8; 2], give: &mut dyn FnMut(Form)) {
    let mut whole = Zeroizing::new(vec![0; before]);
    whole.extend_from_slice(bytes);
    let text = Zeroizing::new(engine.encode(&*whole).into_bytes());
    let (first, bits) = ([0, 2, 3][before % 3], whole.len() * 8);
    let decided = text.get(first..bits / 6).unwrap_or_default();
    if decided.len() < FEWEST_CHARACTERS {
        return;
    }
    give(Zeroizing::new(decided.to_vec()));
    let open = match bits % 6 {
        0 => return,
        known => 1 << (6 - known),
    };
    let with = |more: &[u8]| Zeroizing::new([decided, more].concat());
    // The encoder puts zeros in the place of what is not known.
    let zeros = text.get(bits / 6).copied().unwrap_or_default();
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    let from = alphabet.iter().position(|character| *character == zeros).unwrap_or_default();
    for character in alphabet.iter().skip(from).take(open) {
        give(with(&[*character]));
    }
    give(with(text.get(bits / 6..).unwrap_or_default()));
}
