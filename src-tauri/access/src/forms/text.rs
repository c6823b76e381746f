//! Escaped for an address, for JSON, for XML and HTML.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::{Form, rewritten};

/// What is left as it is in an address, beside letters and digits, by who escapes.
const KEPT: &[&str] = &[
    // RFC 3986: curl, jq, Python's `quote(safe="")`, Go's `QueryEscape`.
    "-_.~",
    // JavaScript's `encodeURIComponent`.
    "-_.~!*'()",
    // Forms of HTML, `URLSearchParams`, Java's `URLEncoder`.
    "-_.*",
    // PHP's `urlencode`.
    "-_.",
    // Python's `quote`.
    "-_.~/",
    // JavaScript's `encodeURI`.
    "-_.~!*'();/?:@&=+$,#",
    // User and password in an address: Go, and the URL standard of browsers.
    "-_.~$&+,;=",
    "-_.~!*'()$&+,%",
    // A question and a fragment in an address, by the URL standard.
    "!$%&()*+,-./:;=?@[\\]^_`{|}~",
    "!#$%&'()*+,-./:;=?@[\\]^_{|}~",
    // A part of a path: Go, and RFC 3986 with all its sub-delimiters.
    "-_.~$&+:=@",
    "-_.~!*'()$&+,;=:@",
];

/// What is escaped by its number in JSON, beside what must be: nothing, what Go does for HTML, what Gson does.
const JSON_BY_NUMBER: &[&str] = &["", "<>&", "<>&='"];

/// How one kind of program writes `&`, `<` and other characters of XML or HTML; those that it leaves are not in it.
const XML: &[&[(char, &str)]] = &[
    &[('<', "&lt;")],
    &[('<', "&lt;"), ('>', "&gt;")],
    &[('<', "&lt;"), ('"', "&quot;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&apos;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#039;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#x27;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#x27;"), ('/', "&#x2F;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&#34;"), ('\'', "&#39;")],
    // Attributes, whose line ends would be lost.
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\n', "&#10;"), ('\r', "&#13;"), ('\t', "&#9;")],
    &[('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\n', "&#10;"), ('\r', "&#13;"), ('\t', "&#09;")],
    &[
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&#34;"),
        ('\'', "&#39;"),
        ('\n', "&#xA;"),
        ('\r', "&#xD;"),
        ('\t', "&#x9;"),
    ],
    // Mustache.
    &[
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
        ('\'', "&#39;"),
        ('/', "&#x2F;"),
        ('`', "&#x60;"),
        ('=', "&#x3D;"),
    ],
];

/// Gives each form of these bytes.
pub(super) fn escaped(bytes: &[u8], give: &mut dyn FnMut(Form)) {
    for upper in [false, true] {
        for kept in KEPT {
            for space in [None, Some(b'+')] {
                give(address(bytes, upper, space, |byte| {
                    byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte)
                }));
            }
        }
        give(address(bytes, upper, None, |_| false));
        for slash in [false, true] {
            for by_number in JSON_BY_NUMBER {
                for ascii in [false, true] {
                    let escaped = |c| json(c, upper, slash, by_number, ascii);
                    give(rewritten(bytes, escaped));
                    // jq escapes it, others do not.
                    give(rewritten(bytes, |c| if c == '\u{7f}' { Some("\\u007f".to_owned()) } else { escaped(c) }));
                }
            }
        }
    }
    for program in XML {
        for beyond_ascii in [None, Some("&#d;"), Some("&#x;"), Some("&#X;")] {
            give(rewritten(bytes, |c| xml(c, program, beyond_ascii)));
        }
    }
}

/// Percent-encoded (RFC 3986, section 2.1).
fn address(bytes: &[u8], upper: bool, space: Option<u8>, kept: impl Fn(u8) -> bool) -> Form {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() * 3));
    for byte in bytes {
        match (byte, space) {
            (b' ', Some(space)) => out.push(space),
            (byte, _) if kept(*byte) => out.push(*byte),
            (byte, _) if upper => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            (byte, _) => out.extend_from_slice(format!("%{byte:02x}").as_bytes()),
        }
    }
    out
}

/// A character within a string of JSON (RFC 8259, section 7), where it is not as it is.
fn json(character: char, upper: bool, slash: bool, by_number: &str, ascii: bool) -> Option<String> {
    let short = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '/' if slash => "\\/",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        _ => "",
    };
    if !short.is_empty() {
        return Some(short.to_owned());
    }
    let numbered = character < ' ' || by_number.contains(character) || (ascii && !character.is_ascii());
    numbered.then(|| {
        let mut escaped = String::new();
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = if upper { write!(escaped, "\\u{unit:04X}") } else { write!(escaped, "\\u{unit:04x}") };
        }
        escaped
    })
}

/// A character of XML or HTML, where it is not as it is.
fn xml(character: char, program: &[(char, &str)], beyond_ascii: Option<&str>) -> Option<String> {
    let number = u32::from(character);
    match (character, beyond_ascii) {
        ('&', _) => Some("&amp;".to_owned()),
        (other, Some("&#d;")) if !other.is_ascii() => Some(format!("&#{number};")),
        (other, Some("&#x;")) if !other.is_ascii() => Some(format!("&#x{number:x};")),
        (other, Some("&#X;")) if !other.is_ascii() => Some(format!("&#x{number:X};")),
        _ => program.iter().find(|(from, _)| *from == character).map(|(_, to)| (*to).to_owned()),
    }
}
