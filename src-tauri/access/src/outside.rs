//! Addresses that come from outside and lead in: `allgood://open/RUNBOOK?NAME=VALUE` (ACCESS.md, "Getting in from outside").
//!
//! Anybody can write one, into a page of the web, a chat or an alert. It says which runbook to show and what to fill in, and
//! nothing else: there is no other verb.

use url::Url;

/// The scheme of the addresses that lead in.
pub const OUTSIDE_SCHEME: &str = "allgood";
/// Bytes of an address.
const LONGEST: usize = 8 * 1024;
/// Bytes of one value.
const LONGEST_VALUE: usize = 2 * 1024;
/// Values of one address.
const MOST_VALUES: usize = 100;

/// What an address from outside asks to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// A path within a folder of the library, with `/` between its parts and none of them `.` or `..`; or a name.
    pub runbook: String,
    /// What it would fill in, in its order, each name once: the first one counts.
    pub values: Vec<(String, String)>,
}

/// Why an address from outside leads nowhere. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInvitation {
    /// It is none.
    #[error("\"{0}\" leads nowhere in Allgood: an address is allgood://open/RUNBOOK?NAME=VALUE")]
    Unreadable(String),
    /// Something else than `open`.
    #[error("Addresses from outside can only open a runbook (allgood://open/…), and \"{0}\" asks for something else")]
    Verb(String),
    /// It leads out of the library, or hides something.
    #[error("The address names \"{0}\", which is no path within a library: it is not opened")]
    Path(String),
    /// It is too long.
    #[error(
        "The address is longer than {LONGEST} bytes, or has more than {MOST_VALUES} values or one of more than {LONGEST_VALUE} bytes: it is not opened"
    )]
    TooLong,
}

impl Invitation {
    /// Reads one.
    ///
    /// # Errors
    /// When it asks for anything but a runbook within the library.
    pub fn parse(address: &str) -> Result<Self, NoInvitation> {
        if address.len() > LONGEST {
            return Err(NoInvitation::TooLong);
        }
        let unreadable = || NoInvitation::Unreadable(short(address));
        let url = Url::parse(address).map_err(|_| unreadable())?;
        if url.scheme() != OUTSIDE_SCHEME {
            return Err(unreadable());
        }
        if url.host_str() != Some("open") {
            return Err(NoInvitation::Verb(short(url.host_str().unwrap_or(url.path()))));
        }
        if url.port().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(unreadable());
        }
        // What was written is read, not what the standard makes of it: it takes `..` out by itself.
        let written = address.split(['?', '#']).next().unwrap_or_default();
        let written = written.splitn(4, '/').nth(3).ok_or_else(unreadable)?;
        let runbook = decoded(written.trim_end_matches('/')).ok_or_else(unreadable)?;
        check_path(&runbook)?;
        let mut values: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            if value.len() > LONGEST_VALUE || values.len() >= MOST_VALUES {
                return Err(NoInvitation::TooLong);
            }
            if !name.is_empty() && !values.iter().any(|(known, _)| *known == name) {
                values.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(Self { runbook, values })
    }
}

/// Percent-encoding taken away once; none where that is no text.
fn decoded(text: &str) -> Option<String> {
    let bytes = percent_encoding::percent_decode_str(text);
    bytes.decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn check_path(path: &str) -> Result<(), NoInvitation> {
    let wrong = path.is_empty()
        || path.chars().any(|c| c.is_control() || c == '\\' || is_invisible(c))
        || path.split('/').any(|part| part.is_empty() || part == "." || part == "..")
        || path.as_bytes().get(1) == Some(&b':');
    if wrong { Err(NoInvitation::Path(short(path))) } else { Ok(()) }
}

/// Marks that turn text around or cannot be seen: what a person reads would not be what is meant.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// As it may stand in a sentence.
fn short(text: &str) -> String {
    let visible = |c: char| if c.is_control() || is_invisible(c) { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(120).map(visible).collect();
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_runbook_and_values_for_it() {
        for (address, runbook, values) in [
            (
                "allgood://open/db/failover.md?region=eu-1&alert=DiskFull",
                "db/failover.md",
                &[("region", "eu-1"), ("alert", "DiskFull")][..],
            ),
            ("allgood://open/Fail%20over%20the%20database", "Fail over the database", &[]),
            ("allgood://open/failover/", "failover", &[]),
            ("ALLGOOD://open/a.md?x=1&x=2&=3&y", "a.md", &[("x", "1"), ("y", "")]),
            ("allgood://open/a.md?q=%3Cscript%3E%26+b#step-2", "a.md", &[("q", "<script>& b")]),
            ("allgood://open/gr%C3%B6%C3%9Fe.md", "größe.md", &[]),
        ] {
            let read = Invitation::parse(address).unwrap();
            assert_eq!(read.runbook, runbook, "{address}");
            let found: Vec<(&str, &str)> = read.values.iter().map(|(name, value)| (&**name, &**value)).collect();
            assert_eq!(found, values, "{address}");
        }
    }

    #[test]
    fn an_address_that_asks_for_anything_else_leads_nowhere_and_says_so() {
        let long = format!("allgood://open/a.md?x={}", "y".repeat(LONGEST));
        let value = format!("allgood://open/a.md?x={}", "y".repeat(LONGEST_VALUE + 1));
        let many =
            format!("allgood://open/a.md?{}", (0..=MOST_VALUES).map(|n| format!("n{n}=1&")).collect::<String>());
        for (address, says) in [
            ("allgood://run/a.md", "can only open a runbook"),
            ("allgood://settings/theme?dark", "can only open a runbook"),
            ("allgood:open/a.md", "can only open a runbook"),
            ("allgood://open", "leads nowhere"),
            ("allgood://open/", "no path within a library"),
            ("allgood://open/../etc/passwd", "no path within a library"),
            ("allgood://open/a/../../b.md", "no path within a library"),
            ("allgood://open/%2e%2e/b.md", "no path within a library"),
            ("allgood://open/a%2f..%2fb.md", "no path within a library"),
            ("allgood://open//etc/passwd", "no path within a library"),
            ("allgood://open/%2Fetc%2Fpasswd", "no path within a library"),
            ("allgood://open/C:%5Cx.md", "no path within a library"),
            ("allgood://open/C:/x.md", "no path within a library"),
            ("allgood://open/a%00.md", "no path within a library"),
            ("allgood://open/a%0A.md", "no path within a library"),
            ("allgood://open/a%E2%80%AEdm.md", "no path within a library"),
            ("allgood://open/%ff.md", "leads nowhere"),
            ("allgood://user:pw@open/a.md", "leads nowhere"),
            ("allgood://open:80/a.md", "leads nowhere"),
            ("https://open/a.md", "leads nowhere"),
            ("javascript:alert(1)", "leads nowhere"),
            ("", "leads nowhere"),
            (&long, "longer than"),
            (&value, "longer than"),
            (&many, "longer than"),
        ] {
            let sentence = Invitation::parse(address).unwrap_err().to_string();
            assert!(sentence.contains(says), "{address}: {sentence}");
            assert!(
                !sentence.chars().any(|c| c.is_control() || is_invisible(c)) && sentence.len() < 700,
                "{sentence}"
            );
        }
    }
}
