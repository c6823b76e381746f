//! Quoted for a shell, without the quotation marks around it.

use super::{Form, rewritten};

/// How control characters are written where they are not left as they are, beside those with a letter of their own.
#[derive(Clone, Copy)]
enum Controls {
    AsIs,
    /// bash: `\E`, `\001`.
    Bash,
    /// zsh and coreutils: `\033`, `\001`.
    Octal,
    /// ksh: `\E`, `\x[01]`.
    Ksh,
    /// zsh, where it quotes as little as it can: `\C-[`, `\C-A`.
    Caret,
    /// fish: `\e`, `\ca`.
    Fish,
    /// Python's `repr` and the like: `\x1b`, `\x01`.
    Hexadecimal,
}

/// One way to quote.
struct Style {
    /// What stands behind a backslash.
    special: &'static str,
    /// What stands behind one where the text begins with it; a tilde also behind `=` and `:`.
    special_first: &'static str,
    /// What a single quotation mark becomes.
    quote: &'static str,
    controls: Controls,
    /// What stands around a control character.
    around: (&'static str, &'static str),
}

/// What all have in common.
const PLAIN: Style =
    Style { special: "", special_first: "", quote: "\\'", controls: Controls::AsIs, around: ("", "") };

const STYLES: &[Style] = &[
    // bash: `printf %q`; `declare -p` and `export -p`.
    Style { special: " \t\n!\"$&()*,;<>?[\\]^`{|}", special_first: "#~", ..PLAIN },
    Style { special: "\"$`\\", quote: "'", ..PLAIN },
    // zsh: `${(q)…}`, where a tilde, an equals sign or a mark of the history may be special, or not.
    Style { special: ZSH, special_first: "~=", controls: Controls::Octal, around: ("$'", "'"), ..PLAIN },
    Style { special: ZSH_HISTORY, special_first: "~=", controls: Controls::Octal, around: ("$'", "'"), ..PLAIN },
    Style { special: ZSH, special_first: "~=", ..PLAIN },
    // fish: `string escape`, and between single quotation marks.
    Style { special: " \"#$%&()*;<>?[\\]{|}~", controls: Controls::Fish, ..PLAIN },
    Style { special: "\\", ..PLAIN },
    // Between single quotation marks: bash and zsh; dash, ksh and Python.
    Style { quote: "'\\''", ..PLAIN },
    Style { quote: "'\"'\"'", ..PLAIN },
    // coreutils: the same, with control characters taken out.
    Style { quote: "'\\''", controls: Controls::Octal, around: ("'$'", "''"), ..PLAIN },
    // Between `$'` and `'`.
    Style { special: "\\", controls: Controls::Bash, ..PLAIN },
    Style { special: "\\", controls: Controls::Octal, ..PLAIN },
    Style { special: "\\!", controls: Controls::Octal, ..PLAIN },
    Style { special: "\\", controls: Controls::Ksh, ..PLAIN },
    Style { special: "\\", controls: Controls::Caret, ..PLAIN },
    Style { special: "\\!", controls: Controls::Caret, ..PLAIN },
    // Python's `repr`, and other languages' strings.
    Style { special: "\\", controls: Controls::Hexadecimal, ..PLAIN },
    Style { special: "\\", quote: "'", controls: Controls::Hexadecimal, ..PLAIN },
    Style { special: "\\\"", quote: "'", controls: Controls::Hexadecimal, ..PLAIN },
];

const ZSH: &str = " \"#$&()*;<>?[\\]^`{|}";
const ZSH_HISTORY: &str = " !\"#$&()*;<>?[\\]^`{|}";

/// What Ruby's `shellescape` leaves as it is, beside letters and digits.
const RUBY: &str = "_-.,:+/@";

/// Gives each form of these bytes.
pub(super) fn quoted(bytes: &[u8], give: &mut dyn FnMut(Form)) {
    for style in STYLES {
        give(style.quote(bytes));
    }
    // In a locale of single bytes.
    give(rewritten(&STYLES[10].quote(bytes), |c| {
        (!c.is_ascii()).then(|| c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:03o}")).collect())
    }));
    // Everything behind a backslash that could be special: Ruby, and Perl's `quotemeta`.
    for kept in [RUBY, "_"] {
        give(rewritten(bytes, |c| {
            (c.is_ascii() && !c.is_ascii_alphanumeric() && !kept.contains(c)).then(|| format!("\\{c}"))
        }));
    }
}

impl Style {
    fn quote(&self, bytes: &[u8]) -> Form {
        let mut before = None;
        rewritten(bytes, |c| {
            let first = before.replace(c).is_none_or(|before| c == '~' && matches!(before, '=' | ':'));
            if c == '\'' {
                return Some(self.quote.to_owned());
            }
            if let Some(written) = self.controls.write(c) {
                return Some(format!("{}{written}{}", self.around.0, self.around.1));
            }
            (self.special.contains(c) || (first && self.special_first.contains(c))).then(|| format!("\\{c}"))
        })
    }
}

impl Controls {
    /// A control character, where it is not left as it is.
    fn write(self, c: char) -> Option<String> {
        let number = u8::try_from(c).ok().filter(u8::is_ascii_control)?;
        let letter = match (self, number) {
            (Self::AsIs, _) => return None,
            (Self::Fish | Self::Hexadecimal, 7 | 11 | 12) => "",
            (_, 7) => "\\a",
            (_, 8) => "\\b",
            (_, b'\t') => "\\t",
            (_, b'\n') => "\\n",
            (_, 11) => "\\v",
            (_, 12) => "\\f",
            (_, b'\r') => "\\r",
            (Self::Bash | Self::Ksh, 0x1B) => "\\E",
            (Self::Fish, 0x1B) => "\\e",
            _ => "",
        };
        if !letter.is_empty() {
            return Some(letter.to_owned());
        }
        let caret = char::from(number ^ 0x40);
        Some(match self {
            Self::AsIs => return None,
            Self::Bash | Self::Octal => format!("\\{number:03o}"),
            Self::Ksh => format!("\\x[{number:02x}]"),
            Self::Caret => format!("\\C-{caret}"),
            Self::Fish => format!("\\c{}", caret.to_ascii_lowercase()),
            Self::Hexadecimal => format!("\\x{number:02x}"),
        })
    }
}
