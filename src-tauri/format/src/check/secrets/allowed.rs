//! Values that are no secrets although they stand where secrets do: variables, placeholders, examples, names, paths, hashes.

use std::collections::BTreeMap;

crate::fixed::expression!(UUID, r"(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
crate::fixed::expression!(DIGEST, r"(?i)^(?:sha\d+|md5)[:-]|^[0-9a-f]{7,8}$|@sha256:");
crate::fixed::expression!(
    FILE,
    r"(?i)^(?:\.{0,2}|~)/|^[\w.-]+(?:/[\w.-]+)+$|\.(?:ya?ml|json|txt|pem|crt|cer|key|pub|sh|py|go|md|conf|cfg|ini|env|toml|log|html?|pgpass|service|io|com|org|net|svc|local)(?:$|[:/])"
);

/// Words that people write where a real value would stand.
const EXAMPLES: &[&str] = &[
    "example",
    "sample",
    "dummy",
    "fake",
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "redacted",
    "xxxx",
    "****",
    "....",
    "____",
    "----",
    "placeholder",
    "your",
    "insert",
    "replace",
    "todo",
    "foobar",
    "lorem",
    "hidden",
    "omitted",
    "masked",
    "removed",
    "snip",
    "test123",
    "abc123",
    "abcdef",
    "123456",
    "012345",
    "987654",
    "mypass",
    "my-pass",
    "my_pass",
    "mysecret",
    "my-secret",
    "my_secret",
    "mytoken",
    "my-token",
    "secret123",
    "password1",
    "pass1234",
    "p@ssw0rd",
    "hunter2",
    "s3cr3t",
    "supersecret",
    "super-secret",
    "super_secret",
    "topsecret",
    "verysecret",
    "secretpassword",
    "jwt.io",
    "notreal",
    "invalid",
    "undefined",
    "none",
    "null",
    "…",
];

/// Whether it says of itself that it is an example, or is one that everybody knows.
pub(super) fn is_an_example(value: &str) -> bool {
    let lower = value.to_lowercase();
    // The token of jwt.io's front page, in thousands of manuals.
    let known = ["eyjzdwiioiixmjm0nty3odkwiiwibmftzsi6ikpvag4grg9ligkiwiywrtaw4", "eyjzdwiioiixmjm0nty3odkw"];
    EXAMPLES.iter().any(|word| lower.contains(word))
        || known.iter().any(|token| lower.contains(token))
        || repeats(value)
}

/// One letter over and over, or a handful of letters only: `aaaaaaaa`, `1212121212`.
fn repeats(value: &str) -> bool {
    let letters: Vec<char> = value.chars().collect();
    let run = letters.chunk_by(|one, other| one == other).map(<[char]>::len).max().unwrap_or_default();
    let different = letters.iter().collect::<std::collections::BTreeSet<_>>().len();
    run >= 5 || (letters.len() >= 8 && different <= 3)
}

/// Names whose values are meant to be seen, or are names themselves.
pub(super) fn is_public_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ends = [
        "name",
        "names",
        "file",
        "path",
        "ref",
        "url",
        "uri",
        "id",
        "type",
        "field",
        "policy",
        "length",
        "ttl",
        "age",
        "count",
        "expiry",
        "expiration",
        "algorithm",
        "format",
        "provider",
        "store",
        "manager",
        "class",
        "rotation",
        "dir",
        "folder",
        "mount",
        "version",
        "namespace",
        "endpoint",
        "header",
        "status",
        "limit",
        "usage",
        "reviews",
        "review",
    ];
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or_default();
    let camel =
        ["Name", "File", "Path", "Ref", "Url", "URL", "Id", "ID", "Type", "Key", "Class", "Selector", "KeyRef"];
    lower.contains("public")
        || ends.contains(&last)
        || (camel.iter().any(|end| name.ends_with(end)) && !lower.ends_with("key"))
        || lower.ends_with("tokenreview")
        || ["secretkeyref", "configmapkeyref", "valuefrom"].contains(&lower.as_str())
        // Directories of OLDPWD and PWD.
        || matches!(name, "PWD" | "OLDPWD" | "pwd")
        || lower.contains("bypass")
        || lower.contains("compass")
}

/// Something that is filled in elsewhere, or a call: `$VAR`, `{{x}}`, `<x>`, `$(cmd)`, `[NAME]`.
fn is_filled_in(value: &str) -> bool {
    value.contains(['$', '<', '>', '{', '}', '[', ']', '(', ')', '*', '|', '`', '%', '…', ';'])
        && !(value.contains(['%', '*', '[', ']', '(', ')', ';', '|'])
            && !value.contains(['$', '<', '>', '{', '}', '`', '…'])
            && !value.starts_with(['[', '(', '%', '*', '|'])
            && !value.ends_with([']', ')', '%']))
}

/// A password at its place.
pub(super) fn is_password(name: Option<&str>, value: &str) -> bool {
    if value.chars().count() < 6 || is_filled_in(value) || is_a_name(value) || value.starts_with(['-', '/', '@', ','])
    {
        return false;
    }
    if is_file(value) || UUID.is_match(value) || DIGEST.is_match(value) || is_base64_of_words(value) {
        return false;
    }
    let Kinds { lower, upper, digit, symbol } = kinds(value);
    let classes = [lower, upper, digit, symbol].into_iter().filter(|has| *has).count();
    // Prose: `password: optional`, `Password Reset`; letters alone are words.
    let _ = name;
    classes >= 2
        && (digit || symbol)
        && entropy(value) >= 2.3
        && !(value.chars().all(|letter| letter.is_ascii_digit()))
}

/// A value as random as keys and tokens are.
pub(super) fn is_key(value: &str) -> bool {
    let value = value.trim_end_matches(['"', '\'', ',', ';']);
    if value.chars().count() < 12
        || is_filled_in(value)
        || is_a_name(value)
        || is_file(value)
        || UUID.is_match(value)
        || DIGEST.is_match(value)
        || is_base64_of_words(value)
        || value.contains("://")
        || value.starts_with(['-', '/', '.', ','])
    {
        return false;
    }
    let Kinds { lower, upper, digit, .. } = kinds(value);
    digit && (lower || upper) && entropy(value) >= 3.0
}

struct Kinds {
    lower: bool,
    upper: bool,
    digit: bool,
    symbol: bool,
}

fn kinds(value: &str) -> Kinds {
    Kinds {
        lower: value.chars().any(char::is_lowercase),
        upper: value.chars().any(char::is_uppercase),
        digit: value.chars().any(|letter| letter.is_ascii_digit()),
        symbol: value.chars().any(|letter| !letter.is_alphanumeric() && !matches!(letter, '-' | '_' | '.')),
    }
}

fn is_file(value: &str) -> bool {
    FILE.is_match(value)
}

/// `etcd-metric-client`, `my_secret.v2`, `pullSecret`: words, with small numbers at most at their ends.
fn is_a_name(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '_', '.', '/', ':', ',']).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        return true;
    }
    let is_word = |part: &&str| {
        let letters = part.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let number = part.len() - letters.len();
        letters.chars().all(char::is_alphabetic) && number <= 2 && changes_of_case(letters) <= 4
    };
    let is_number = |part: &&str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    // What a cluster names: small letters throughout, two words or one among them, and short ends such as `k8s` or the
    // hash that a controller puts behind a name, `router-certs-7f9c6`.
    let small =
        value.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.:/".contains(letter));
    let words =
        parts.iter().filter(|part| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_lowercase())).count();
    let short = |part: &&str| part.len() <= 5 || is_word(part) || is_number(part);
    let hashed = small
        && parts.len() >= 2
        && words >= 1
        && parts
            .iter()
            .enumerate()
            .all(|(at, part)| short(part) || (words >= 2 && at + 2 >= parts.len() && part.len() <= 10));
    hashed || parts.iter().all(|part| is_word(part) || is_number(part))
}

/// How often a small letter is followed by a capital one: words in a row change seldom, keys often.
fn changes_of_case(text: &str) -> usize {
    let letters: Vec<char> = text.chars().collect();
    letters
        .windows(2)
        .filter(|pair| matches!(pair, [one, other] if one.is_lowercase() && other.is_uppercase()))
        .count()
}

/// Base64 whose text is words: `cGFzc3dvcmQ=` is "password".
fn is_base64_of_words(value: &str) -> bool {
    if value.len() < 8 || !value.len().is_multiple_of(4) {
        return false;
    }
    let Some(bytes) = decode(value) else { return false };
    let Ok(text) = String::from_utf8(bytes) else { return false };
    let text = text.trim();
    text.len() >= 3
        && text.chars().all(|letter| letter.is_ascii_graphic() || letter == ' ')
        && (is_a_name(&text.replace(' ', "-")) || is_an_example(text))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut have) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push(u8::try_from((bits >> have) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Shannon's entropy, in bits a letter.
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts: BTreeMap<char, f64> = BTreeMap::new();
    let mut length = 0.0;
    for letter in value.chars() {
        *counts.entry(letter).or_default() += 1.0;
        length += 1.0;
    }
    counts.values().map(|count| count / length).map(|share| -share * f64::log2(share)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_are_valid() {
        assert!(UUID.get().is_some() && DIGEST.get().is_some() && FILE.get().is_some());
    }

    #[test]
    fn base64_is_read() {
        assert_eq!(decode("cGFzc3dvcmQ=").as_deref(), Some(&b"password"[..]));
        assert!(is_base64_of_words("cGFzc3dvcmQ="));
        assert!(!is_base64_of_words("a1Q5eFYybVE3ckx3"));
    }

    #[test]
    fn entropy_is_in_bits() {
        assert!((entropy("abcd") - 2.0).abs() < 1e-9);
        assert!(entropy("aaaa").abs() < 1e-9);
    }
}
