//! Variables on a page. A value is text: everything that could be markup in it is escaped, before all of the page is
//! cleaned.

use std::borrow::Cow;

use super::writer::attribute;
use crate::variables::{uses, uses_in_address};
use crate::{LinkError, Variables, fill_link};

/// A variable: its value, or what is written, where it has none.
pub(super) fn shown(name: &str, written: &str, variables: &Variables) -> String {
    match variables.values.get(name) {
        Some(value) => format!("<span class=\"var\" data-name=\"{}\">{}</span>", attribute(name), attribute(value)),
        None => format!("<span class=\"var unset\" data-name=\"{}\">{}</span>", attribute(name), attribute(written)),
    }
}

/// Code within a line, where it holds a variable.
pub(super) fn code(code: &str, variables: &Variables) -> Option<String> {
    let filled = pieces(code, variables, attribute)?;
    Some(format!("<code>{filled}</code>"))
}

/// HTML that is shown already, with the variables between its tags filled in.
pub(crate) fn html(html: &str, variables: &Variables) -> String {
    if uses(html).next().is_none() {
        return html.to_owned();
    }
    let mut filled = String::with_capacity(html.len());
    let mut rest = html;
    while !rest.is_empty() {
        let (text, tag) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        match pieces(text, variables, str::to_owned) {
            Some(text) => filled.push_str(&text),
            None => filled.push_str(text),
        }
        let end = end_of_tag(tag);
        filled.push_str(tag.get(..end).unwrap_or_default());
        rest = tag.get(end..).unwrap_or_default();
    }
    filled
}

/// A `>` within quotes does not end a tag. What never ends is left as it is.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (index, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return index + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// A text with its variables shown; `None` where it holds none.
fn pieces(text: &str, variables: &Variables, plain: impl Fn(&str) -> String) -> Option<String> {
    let mut filled = String::new();
    let mut from = 0;
    for (range, name) in uses(text).filter(|(_, name)| variables.is_variable(name)) {
        filled.push_str(&plain(text.get(from..range.start).unwrap_or_default()));
        filled.push_str(&shown(name, text.get(range.clone()).unwrap_or_default(), variables));
        from = range.end;
    }
    if from == 0 {
        return None;
    }
    filled.push_str(&plain(text.get(from..).unwrap_or_default()));
    Some(filled)
}

/// An address with its variables filled in; the name of the variable that keeps it from being one.
pub(crate) fn address<'u>(url: &'u str, variables: &Variables) -> Result<Cow<'u, str>, String> {
    let Some((_, first)) = uses_in_address(url).next() else { return Ok(Cow::Borrowed(url)) };
    // What nobody has declared is another program's, and stays.
    if !uses_in_address(url).all(|(_, name)| variables.is_variable(name)) {
        return Ok(Cow::Borrowed(url));
    }
    match fill_link(url, &variables.values) {
        Ok(address) => Ok(Cow::Owned(address)),
        Err(LinkError::Missing(names)) => Err(names.into_iter().next().unwrap_or_default()),
        Err(_) => Err(first.to_owned()),
    }
}
