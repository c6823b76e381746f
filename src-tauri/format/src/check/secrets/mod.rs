//! `secret-in-text`: values that look like credentials, by their shape or by the name that they stand at.
//!
//! A value is said to be none by a comment anywhere in the file, which names the beginning of its SHA-256:
//! `<!-- allgood: not a secret 3f2a9c01 -->`. Another value in the same line is still found.

mod allowed;
mod rules;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};
use sha2::{Digest, Sha256};

use super::context::{Context, offer};
use super::{keys, parameters};
use crate::model::{Edit, Item, Program, Quoting, Severity, Span};
use crate::problems::Problems;
use crate::shell::{self, Quote};
use rules::{RULES, Worth};

crate::fixed::expression!(NOT_A_SECRET, r"(?i)<!--\s*allgood:\s*not[ -]a[ -]secret\s+([0-9a-f]{8})\s*-->");
// Public by their nature: certificates and public keys.
crate::fixed::expression!(
    PUBLIC,
    r"(?s)-----BEGIN (?:[A-Z0-9 ]+ )?(?:CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST)[A-Z ]*-----.*?-----END|\bssh-(?:rsa|ed25519|dss) AAAA[0-9A-Za-z+/=]+|\becdsa-sha2-[\w-]+ AAAA[0-9A-Za-z+/=]+"
);

/// Bytes that the compiled set may take.
const LARGEST_SET: usize = 64 * 1024 * 1024;

static SET: LazyLock<RegexSet> = LazyLock::new(|| {
    let rules = RULES.iter().map(|rule| rule.expression);
    RegexSetBuilder::new(rules).size_limit(LARGEST_SET).build().unwrap_or_default()
});
static EACH: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| RULES.iter().map(|rule| Regex::new(rule.expression).ok()).collect());

/// A value that looks like a secret.
struct Found {
    span: Span,
    what: &'static str,
    /// The name that it stands at, if a rule goes by one.
    name: Option<String>,
}

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let text = context.source.text.as_str();
    let allowed: BTreeSet<&str> = NOT_A_SECRET
        .get()
        .into_iter()
        .flat_map(|regex| regex.captures_iter(text))
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect();
    for secret in find(text) {
        let value = context.slice(secret.span);
        let digest = digest(value);
        if allowed.contains(digest.as_str()) {
            continue;
        }
        let message = format!(
            "this looks like a secret ({}): take it out of the text, and let a run ask for it or fetch it from the keychain",
            secret.what
        );
        let mut fixes = Vec::new();
        fixes.extend(ask_for_it(context, &secret).map(|edits| offer("Ask for it", edits)));
        fixes.push(offer("Not a secret", vec![not_a_secret(context, &digest)]));
        problems.add("secret-in-text", Severity::Error, secret.span, message, fixes);
    }
}

/// The first eight hexadecimal digits of a value's SHA-256.
fn digest(value: &str) -> String {
    Sha256::digest(value.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Every value that looks like a secret, in order, not touching each other.
fn find(text: &str) -> Vec<Found> {
    let public: Vec<Span> = PUBLIC
        .get()
        .into_iter()
        .flat_map(|regex| regex.find_iter(text))
        .map(|found| Span { start: found.start(), end: found.end() })
        .collect();
    let mut found: Vec<(usize, Found)> = Vec::new();
    for index in SET.matches(text) {
        let (Some(rule), Some(Some(regex))) = (RULES.get(index), EACH.get(index)) else { continue };
        for captures in regex.captures_iter(text) {
            let Some(value) = captures.name("value").or_else(|| captures.get(0)) else { continue };
            let name = captures.name("name").map(|name| name.as_str());
            let mut span = Span { start: value.start(), end: value.end() };
            let bare = value.as_str().trim_end_matches([',', ';', '.', ')', ':', '\\']);
            if rule.worth != Worth::Shape {
                span.end = span.start + bare.len();
            }
            let value = text.get(span.start..span.end).unwrap_or_default();
            let is_public = public.iter().any(|public| public.start < span.end && span.start < public.end);
            if is_public || !rules::is_worth(rule, name, value) {
                continue;
            }
            found.push((index, Found { span, what: rule.what, name: name.map(str::to_owned) }));
        }
    }
    // The rules stand with the most certain first: of two that overlap the first decides.
    found.sort_by_key(|(index, found)| (*index, found.span.start));
    let mut kept: Vec<Found> = Vec::new();
    for (_, one) in found {
        if !kept.iter().any(|other| other.span.start < one.span.end && one.span.start < other.span.end) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|one| one.span.start);
    kept
}

/// The comment that says so, at the end of the file: there it can break nothing.
fn not_a_secret(context: &Context<'_>, digest: &str) -> Edit {
    context.append(&format!("<!-- allgood: not a secret {digest} -->\n"))
}

/// A value in a shell command becomes a parameter whose value is kept out of every record.
fn ask_for_it(context: &Context<'_>, secret: &Found) -> Option<Vec<Edit>> {
    let value = context.slice(secret.span);
    let inside = |item: &&Item| {
        let span = context.span(item.span);
        span.start <= secret.span.start && secret.span.end <= span.end
    };
    let item = context.runbook.items().map(|(_, _, item)| item).find(inside)?;
    if item.script.matches(value).count() != 1
        || item.program == Program::PowerShell
        || !item.program.is_shell()
        || value.contains('\n')
    {
        return None;
    }
    let at = item.script.find(value)?;
    let scan = shell::scan(&item.script);
    let place = scan.places.get(at).copied()?;
    let quoting = match place.quote {
        _ if place.nested || place.escaped => return None,
        Quote::Bare => Quoting::Bare,
        Quote::Double => Quoting::Double,
        Quote::Single => Quoting::Single,
        Quote::Here => Quoting::HereDocument,
        _ => return None,
    };
    let known = |name: &str| context.runbook.settings.params.iter().any(|param| param.name == name);
    let wanted = parameters::variable(secret.name.as_deref().unwrap_or("secret").trim_start_matches('-'));
    let variable = std::iter::once(wanted.clone())
        .chain((2..).map(|number| format!("{wanted}_{number}")))
        .find(|name| !known(name))?;
    let prompt = variable.to_lowercase().replace('_', " ");
    let mut edits = keys::add_parameter(context, &variable, &prompt, true)?;
    edits.push(context.replace(secret.span, &parameters::reference(&variable, quoting)?));
    edits.sort_by_key(|edit| edit.span.start);
    Some(edits)
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) fn spans(text: &str) -> Vec<(Span, &'static str)> {
    find(text).into_iter().map(|found| (found.span, found.what)).collect()
}
