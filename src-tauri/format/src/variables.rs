//! Variables `{{name}}` in prose, links and messages (FORMAT.md, "Variables"): where they stand, which names are
//! variables, and what comes in their place. A value is text, never markup.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use regex::Regex;

use crate::LibraryFile;
use crate::model::{Runbook, Values};

crate::fixed::expression!(VARIABLE, r"\{\{[ \t]?([A-Za-z_][A-Za-z0-9_]*)[ \t]?\}\}");
crate::fixed::expression!(IN_ADDRESS, r"\{\{[ \t]?([A-Za-z_][A-Za-z0-9_]*|run\.(?:start|end)_ms)[ \t]?\}\}");

/// When the run began, in an address: milliseconds since 1970.
pub const RUN_START: &str = "run.start_ms";
/// When the run was over, in an address: milliseconds since 1970.
pub const RUN_END: &str = "run.end_ms";

/// Why an address cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// These variables have no value.
    Missing(Vec<String>),
    /// The value begins the address and gives it a scheme that no link may have, such as `javascript`.
    Scheme(String),
    /// The value begins the address and holds a control character, which no address can.
    Control,
}

impl fmt::Display for LinkError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => {
                write!(formatter, "the link needs a value for {}: give it one", names.join(", "))
            }
            Self::Scheme(scheme) => write!(
                formatter,
                "the link would begin with `{scheme}:`, which is no address: give its variable one that begins with https://, http:// or mailto:"
            ),
            Self::Control => {
                formatter.write_str("the link's value holds a line end or another control character: take it out")
            }
        }
    }
}

impl std::error::Error for LinkError {}

/// Whether a name in an address is a time of the run that it is opened from. Nobody declares these.
#[must_use]
pub fn is_run_time(name: &str) -> bool {
    [RUN_START, RUN_END].contains(&name)
}

/// Which names are variables, and what they stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// What the runbook and its library declare ([`declared`]).
    pub declared: BTreeSet<String>,
    /// The values known so far. One of a secret parameter does not belong here.
    pub values: Values,
}

impl Variables {
    /// Whether the name is a variable.
    pub(crate) fn is_variable(&self, name: &str) -> bool {
        self.declared.contains(name) || self.values.contains_key(name) || is_run_time(name)
    }
}

/// The names that are variables in a runbook: its `env` and `params`, what its commands capture, the variables of its
/// library's environments and, where one of these is declared, what its commands set.
#[must_use]
pub fn declared(runbook: &Runbook, library: &LibraryFile) -> BTreeSet<String> {
    let settings = &runbook.settings;
    let captured = runbook
        .items()
        .filter_map(|(_, _, item)| item.attributes.get("capture").and_then(serde_json::Value::as_str))
        .map(str::to_owned);
    let mut names: BTreeSet<String> = settings
        .env
        .iter()
        .map(|(name, _)| name.clone())
        .chain(settings.params.iter().map(|param| param.name.clone()))
        .chain(captured)
        .chain(library.environments.iter().flat_map(|environment| &environment.vars).map(|(name, _)| name.clone()))
        .collect();
    if !names.is_empty() {
        names.extend(runbook.items().flat_map(|(_, _, item)| item.sets.iter().cloned()));
    }
    names
}

/// The variables of a text, in order: the whole `{{name}}`, and the name.
pub(crate) fn uses(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    found_by(VARIABLE.get(), text)
}

/// The variables of a request, in order. In a body of JSON a brace may stand on one side of one: `{"n": {{N}}}`.
pub(crate) fn uses_in_request(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let found = VARIABLE.get().filter(|_| text.contains("{{")).map(|regex| regex.captures_iter(text));
    found.into_iter().flatten().filter_map(move |captures| {
        let (whole, name) = (captures.get(0)?, captures.get(1)?);
        let before = text.get(..whole.start()).is_some_and(|before| before.ends_with('{'));
        let after = text.get(whole.end()..).is_some_and(|after| after.starts_with('}'));
        (!(before && after)).then(|| (whole.range(), name.as_str()))
    })
}

/// The variables of an address, in order; the times of the run are among them.
pub(crate) fn uses_in_address(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    found_by(IN_ADDRESS.get(), text)
}

fn found_by<'t>(
    expression: Option<&'static Regex>,
    text: &'t str,
) -> impl Iterator<Item = (Range<usize>, &'t str)> + use<'t> {
    let found = expression.filter(|_| text.contains("{{")).map(|regex| regex.captures_iter(text));
    found.into_iter().flatten().filter_map(move |captures| {
        let (whole, name) = (captures.get(0)?, captures.get(1)?);
        // `{{{x}}}` is another program's.
        let before = text.get(..whole.start()).is_some_and(|before| before.ends_with('{'));
        let after = text.get(whole.end()..).is_some_and(|after| after.starts_with('}'));
        (!before && !after).then(|| (whole.range(), name.as_str()))
    })
}

/// A plain text, such as a message's or a title, with every variable that has a value replaced. The others stay as they
/// are written.
#[must_use]
pub fn fill_text(text: &str, values: &Values) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut from = 0;
    for (range, name) in uses(text) {
        let Some(value) = values.get(name) else { continue };
        filled.push_str(text.get(from..range.start).unwrap_or_default());
        filled.push_str(value);
        from = range.end;
    }
    filled.push_str(text.get(from..).unwrap_or_default());
    filled
}

/// An address with its variables replaced. A value is percent-encoded (RFC 3986, all but the unreserved characters),
/// but where it begins the address it goes in as it is; then the scheme is checked.
///
/// # Errors
/// A variable has no value, or the value that begins the address makes it one that must not be opened.
pub fn fill_link(url: &str, values: &Values) -> Result<String, LinkError> {
    let mut missing: Vec<String> = Vec::new();
    for (_, name) in uses_in_address(url) {
        if !values.contains_key(name) && !missing.iter().any(|known| known == name) {
            missing.push(name.to_owned());
        }
    }
    if !missing.is_empty() {
        return Err(LinkError::Missing(missing));
    }
    let mut filled = String::with_capacity(url.len());
    let mut from = 0;
    for (range, name) in uses_in_address(url) {
        let Some(value) = values.get(name) else { continue };
        filled.push_str(url.get(from..range.start).unwrap_or_default());
        if filled.is_empty() {
            let value = value.trim();
            if value.chars().any(char::is_control) {
                return Err(LinkError::Control);
            }
            filled.push_str(value);
        } else {
            filled.push_str(&encode(value));
        }
        from = range.end;
    }
    if from == 0 {
        return Ok(url.to_owned());
    }
    filled.push_str(url.get(from..).unwrap_or_default());
    let written = uses_in_address(url).next().and_then(|(range, _)| url.get(..range.start)).unwrap_or_default();
    // A scheme that the author wrote out is the opener's to judge.
    if !written.contains(':')
        && let Some(scheme) = scheme(&filled)
        && !["http", "https", "mailto"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        return Err(LinkError::Scheme(scheme.to_owned()));
    }
    Ok(filled)
}

/// What stands before the first colon, where that comes before any `/`, `?` or `#` (RFC 3986, 4.2: a relative address
/// has no colon there).
pub(crate) fn scheme(url: &str) -> Option<&str> {
    let first = url.split(['/', '?', '#']).next().unwrap_or_default();
    first.split_once(':').map(|(scheme, _)| scheme)
}

/// Everything but the unreserved characters of RFC 3986, 2.3.
fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        push_encoded(&mut encoded, byte, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    }
    encoded
}

/// The byte, or its percent-encoding where it must not stand by itself.
pub(crate) fn push_encoded(to: &mut String, byte: u8, plain: impl Fn(u8) -> bool) {
    if byte.is_ascii() && plain(byte) {
        to.push(char::from(byte));
    } else {
        to.push('%');
        for half in [byte >> 4, byte & 15] {
            to.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_plain_identifiers_are_variables() {
        let known = values(&[("x", "1"), ("HOST_2", "web 1")]);
        for (text, expected) in [
            ("a {{x}} b {{HOST_2}}", "a 1 b web 1"),
            ("{{ x }}", "1"),
            ("{{x}}{{x}}", "11"),
            (
                "{{y}} {{ site.baseurl }} {{ $labels.pod }} {{2}} {{x-y}}",
                "{{y}} {{ site.baseurl }} {{ $labels.pod }} {{2}} {{x-y}}",
            ),
            ("{% x %} {{< x >}} <% x %> {{{x}}} {x} ${{x}", "{% x %} {{< x >}} <% x %> {{{x}}} {x} ${{x}"),
            ("{{x\n}}", "{{x\n}}"),
        ] {
            assert_eq!(fill_text(text, &known), expected);
        }
    }

    #[test]
    fn the_times_of_a_run_are_variables_in_an_address_and_nowhere_else() {
        let known = values(&[("run.start_ms", "1000"), ("run.end_ms", "2000")]);
        let url = "https://a.example/d?from={{run.start_ms}}&to={{ run.end_ms }}&x={{run.other}}";
        let filled = "https://a.example/d?from=1000&to=2000&x={{run.other}}";
        assert_eq!(fill_link(url, &known).as_deref(), Ok(filled));
        let missing = vec!["run.start_ms".to_owned(), "run.end_ms".to_owned()];
        assert_eq!(fill_link(url, &Values::default()), Err(LinkError::Missing(missing)));
        assert_eq!(fill_text("{{run.start_ms}}", &known), "{{run.start_ms}}");
    }

    #[test]
    fn a_value_is_not_filled_in_again() {
        let known = values(&[("x", "{{y}}"), ("y", "2")]);
        assert_eq!(fill_text("{{x}}", &known), "{{y}}");
    }

    #[test]
    fn in_a_link_a_value_is_encoded_and_where_it_begins_it_the_scheme_is_checked() {
        let known = values(&[
            ("q", "a b/c?d=é&e#f"),
            ("base", "https://grafana.example/d"),
            ("bad", "JavaScript:alert(1)"),
            ("java", "java"),
            ("script", "script"),
            ("tab", "java\tscript:x"),
            ("page", "../other.md"),
            ("port", "localhost:8080"),
        ]);
        for (url, expected) in [
            ("https://a.example/x?q={{q}}", Ok("https://a.example/x?q=a%20b%2Fc%3Fd%3D%C3%A9%26e%23f")),
            ("{{base}}/{{q}}", Ok("https://grafana.example/d/a%20b%2Fc%3Fd%3D%C3%A9%26e%23f")),
            ("{{page}}#x", Ok("../other.md#x")),
            ("a{{bad}}", Ok("aJavaScript%3Aalert%281%29")),
            ("ssh://{{java}}", Ok("ssh://java")),
            ("javascript:{{q}}", Ok("javascript:a%20b%2Fc%3Fd%3D%C3%A9%26e%23f")),
            ("{{bad}}", Err(LinkError::Scheme("JavaScript".to_owned()))),
            ("{{java}}{{script}}:alert(1)", Err(LinkError::Scheme("javascript".to_owned()))),
            ("java{{script}}:alert(1)", Err(LinkError::Scheme("javascript".to_owned()))),
            ("{{tab}}", Err(LinkError::Control)),
            ("{{port}}/x", Err(LinkError::Scheme("localhost".to_owned()))),
            ("{{no}}/{{no}}/{{q}}", Err(LinkError::Missing(vec!["no".to_owned()]))),
            ("plain{{ .x }}", Ok("plain{{ .x }}")),
        ] {
            assert_eq!(fill_link(url, &known).as_deref(), expected.as_ref().map(|url| *url), "{url}");
        }
    }

    #[test]
    fn the_names_that_a_runbook_and_its_library_declare_are_variables() {
        let library = crate::parse_library_file("[environments.a]\nvars = { CLUSTER = \"x\" }\n").0;
        let text = b"---\nenv: {A: 1}\nparams: {b: {}}\n---\n```sh {capture=OUT}\nexport SET=1\n```\n";
        let runbook = crate::parse("x.md", text);
        let names: Vec<String> = declared(&runbook, &library).into_iter().collect();
        assert_eq!(names, ["A", "CLUSTER", "OUT", "SET", "b"]);
        let runbook = crate::parse("x.md", b"```sh\nexport SET=1\n```\n");
        assert!(declared(&runbook, &LibraryFile::default()).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_text_is_its_pieces_with_the_values_between(before in "[^{}]{0,20}", value in ".{0,40}", after in "[^{}]{0,20}") {
            let known = values(&[("x", &value)]);
            assert_eq!(fill_text(&format!("{before}{{{{x}}}}{after}"), &known), format!("{before}{value}{after}"));
        }

        #[test]
        fn no_value_leaves_the_place_that_a_link_gives_it(value in ".{0,40}") {
            let known = values(&[("x", &value)]);
            let filled = fill_link("https://a.example/x?y={{x}}&z#w", &known).expect("a value");
            let inside = filled.strip_prefix("https://a.example/x?y=").and_then(|rest| rest.strip_suffix("&z#w")).expect("its place");
            assert!(inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{inside}");
        }

        #[test]
        fn no_value_that_begins_a_link_makes_it_active(value in "[ \t]*(javascript|data|file|vbscript|JAVASCRIPT)[\t\n ]*:.{0,20}") {
            assert!(fill_link("{{x}}", &values(&[("x", &value)])).is_err());
        }
    }
}
