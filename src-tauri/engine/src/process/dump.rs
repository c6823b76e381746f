//! Reads what shells print of their variables (`set`, `export -p`, `readonly -p`): POSIX says that it can be read back
//! by a shell, so this reads quoting as a shell does.

use std::{collections::BTreeMap, iter::Peekable, slice::Iter};

/// A variable's value as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Bytes, any but NUL.
    Scalar(Vec<u8>),
    /// An array, or something else that is not one value.
    Compound,
    /// Named, but without a value.
    Nothing,
}

/// One word of the print.
#[derive(Default)]
struct Word {
    bytes: Vec<u8>,
    /// Where its first unquoted `=` stands.
    equals: Option<usize>,
    compound: bool,
}

/// What `set`, `export -p` or `readonly -p` printed: one variable a line, after the name of the command and its options
/// in the last two. `None` when it cannot be understood.
pub(super) fn variables(print: &[u8]) -> Option<BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    let mut rest = print.iter().peekable();
    while rest.peek().is_some() {
        let words = line(&mut rest)?;
        let Some(last) = words.into_iter().next_back() else {
            continue;
        };
        let (name, value) = match last.equals {
            None => (last.bytes.as_slice(), Value::Nothing),
            Some(at) => {
                let (name, value) = (last.bytes.get(..at)?, last.bytes.get(at + 1..)?);
                (name, if last.compound { Value::Compound } else { Value::Scalar(value.to_vec()) })
            }
        };
        if is_name(name) {
            found.insert(String::from_utf8_lossy(name).into_owned(), value);
        }
    }
    Some(found)
}

/// Whether it is a name that a shell can assign to.
pub(super) fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

type Rest<'a> = Peekable<Iter<'a, u8>>;

/// The words up to an unquoted line feed.
fn line(rest: &mut Rest<'_>) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    while let Some(byte) = rest.next().copied() {
        match byte {
            b'\n' => break,
            b' ' | b'\t' => words.extend(word.take()),
            _ => {
                let word = word.get_or_insert_default();
                match byte {
                    b'\'' => single(rest, &mut word.bytes)?,
                    b'"' => double(rest, &mut word.bytes)?,
                    b'$' if rest.peek() == Some(&&b'\'') => {
                        rest.next();
                        ansi(rest, &mut word.bytes)?;
                    }
                    b'\\' => word.bytes.push(*rest.next()?),
                    b'(' => {
                        array(rest)?;
                        word.compound = true;
                    }
                    b'=' => {
                        word.equals.get_or_insert(word.bytes.len());
                        word.bytes.push(byte);
                    }
                    _ => word.bytes.push(byte),
                }
            }
        }
    }
    words.extend(word);
    Some(words)
}

fn single(rest: &mut Rest<'_>, into: &mut Vec<u8>) -> Option<()> {
    loop {
        match *rest.next()? {
            b'\'' => return Some(()),
            byte => into.push(byte),
        }
    }
}

fn double(rest: &mut Rest<'_>, into: &mut Vec<u8>) -> Option<()> {
    loop {
        match *rest.next()? {
            b'"' => return Some(()),
            b'\\' => match *rest.next()? {
                b'\n' => {}
                byte @ (b'$' | b'`' | b'"' | b'\\') => into.push(byte),
                byte => into.extend([b'\\', byte]),
            },
            byte => into.push(byte),
        }
    }
}

/// `$'…'`, as bash, ksh and zsh write it.
fn ansi(rest: &mut Rest<'_>, into: &mut Vec<u8>) -> Option<()> {
    loop {
        match *rest.next()? {
            b'\'' => return Some(()),
            b'\\' => match *rest.next()? {
                b'a' => into.push(7),
                b'b' => into.push(8),
                b'e' | b'E' => into.push(27),
                b'f' => into.push(12),
                b'n' => into.push(b'\n'),
                b'r' => into.push(b'\r'),
                b't' => into.push(b'\t'),
                b'v' => into.push(11),
                b'x' => into.push(u8::try_from(hexadecimal(rest, 2)?).ok()?),
                digit @ b'0'..=b'7' => {
                    let value = digits(rest, 8, 2, u32::from(digit - b'0'))?;
                    into.push(u8::try_from(value & 0xff).ok()?);
                }
                kind @ (b'u' | b'U') => {
                    let value = hexadecimal(rest, if kind == b'u' { 4 } else { 8 })?;
                    let mut room = [0; 4];
                    into.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut room).as_bytes());
                }
                b'c' => into.push(rest.next()? & 0x1f),
                byte => into.push(byte),
            },
            byte => into.push(byte),
        }
    }
}

/// Up to `most` digits; ksh puts them into square brackets where more of them could follow.
fn hexadecimal(rest: &mut Rest<'_>, most: usize) -> Option<u32> {
    if rest.peek() != Some(&&b'[') {
        return digits(rest, 16, most, 0);
    }
    rest.next();
    let value = digits(rest, 16, 8, 0)?;
    (rest.next() == Some(&b']')).then_some(value)
}

fn digits(rest: &mut Rest<'_>, base: u32, most: usize, start: u32) -> Option<u32> {
    let mut value = start;
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|byte| char::from(**byte).to_digit(base)) else {
            break;
        };
        value = value.checked_mul(base)?.checked_add(digit)?;
        rest.next();
    }
    Some(value)
}

/// Skips what stands between the brackets of an array, brackets in it included.
fn array(rest: &mut Rest<'_>) -> Option<()> {
    let mut depth = 1_u32;
    let mut unused = Vec::new();
    while depth > 0 {
        match *rest.next()? {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b'\'' => single(rest, &mut unused)?,
            b'"' => double(rest, &mut unused)?,
            b'$' if rest.peek() == Some(&&b'\'') => {
                rest.next();
                ansi(rest, &mut unused)?;
            }
            b'\\' => {
                rest.next()?;
            }
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &[u8]) -> Value {
        Value::Scalar(text.to_vec())
    }

    #[test]
    fn every_shell_s_quoting_is_read_back() {
        let table: &[(&[u8], &str, Value)] = &[
            (b"A=plain\n", "A", scalar(b"plain")),
            (b"A=\n", "A", scalar(b"")),
            (b"A='x y'\n", "A", scalar(b"x y")),
            (b"A='a\nB=b'\n", "A", scalar(b"a\nB=b")),
            (b"A='it'\"'\"'s'\n", "A", scalar(b"it's")),
            (b"A='it'\\''s'\n", "A", scalar(b"it's")),
            (b"A=a=b\n", "A", scalar(b"a=b")),
            (b"export A=\"a\\\"\\\\\\$\\`\\n\"\n", "A", scalar(b"a\"\\$`\\n")),
            (b"declare -x A\n", "A", Value::Nothing),
            (b"export -i A='1'\n", "A", scalar(b"1")),
            (b"A=$'a\\nb\\'c\\x01\\303\\251\\e'\n", "A", scalar(b"a\nb'c\x01\xc3\xa9\x1b")),
            (b"A=$'\\u00e9\\U0001f600'\n", "A", scalar("é😀".as_bytes())),
            (b"A=([0]=\"1)\" [1]='(' [2]=$'\\')')\n", "A", Value::Compound),
            (b"A=(1 '2 )' 3)\n", "A", Value::Compound),
        ];
        for (print, name, value) in table {
            let shown = String::from_utf8_lossy(print).into_owned();
            let found = variables(print).unwrap_or_else(|| panic!("{shown} is not understood"));
            assert_eq!(found, BTreeMap::from([((*name).to_owned(), value.clone())]), "{shown}");
        }
    }

    #[test]
    fn a_print_that_was_cut_off_is_not_guessed_at() {
        for print in [&b"A='x"[..], b"A=\"x", b"A=$'x", b"A=(1 2", b"A=\\"] {
            assert_eq!(variables(print), None, "{}", String::from_utf8_lossy(print));
        }
    }

    #[test]
    fn names_that_are_no_variables_are_passed_over() {
        assert_eq!(variables(b".sh.version=x\nBASH_FUNC_f%%=x\n1=x\n").unwrap(), BTreeMap::new());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(print in proptest::collection::vec(0_u8.., 0..200)) {
            drop(variables(&print));
        }
    }
}
