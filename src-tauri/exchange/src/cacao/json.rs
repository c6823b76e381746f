//! Reading what may or may not be there.

use base64::{Engine as _, engine::general_purpose};
use serde_json::{Map, Value};

/// The text of a property, where it is text and not blank.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The texts of a property that is a list.
pub(super) fn texts<'a>(object: &'a Value, key: &str) -> Vec<&'a str> {
    let list = object.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// The identifier that a property is. Some programs write blanks around it.
pub(super) fn id<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    ids(object, key).first().copied()
}

/// The identifiers of a property that is one, or a list of them.
pub(super) fn ids<'a>(object: &'a Value, key: &str) -> Vec<&'a str> {
    let one = object.get(key).and_then(Value::as_str);
    one.into_iter().chain(texts(object, key)).map(str::trim).filter(|id| !id.is_empty()).collect()
}

/// The members of a property that is an object, in their order.
pub(super) fn members<'a>(object: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    object.get(key).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// The text of `command` or of `command_b64`, in UTF-8. `Err` where it is something else: what holds a NUL is no text either.
pub(super) fn encoded(object: &Value, plain: &str, base64: &str) -> Result<Option<String>, ()> {
    let text = match text(object, base64) {
        Some(written) => {
            let packed: String = written.split_whitespace().collect();
            let bytes = general_purpose::STANDARD.decode(packed).map_err(drop)?;
            Some(String::from_utf8(bytes).map_err(drop)?)
        }
        None => text(object, plain).map(str::to_owned),
    };
    if text.as_ref().is_some_and(|text| text.contains('\0')) { Err(()) } else { Ok(text) }
}

/// A text as base64.
pub(super) fn base64(text: &str) -> String {
    general_purpose::STANDARD.encode(text)
}
