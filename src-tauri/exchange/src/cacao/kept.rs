//! Properties of a playbook that a runbook has no words for and keeps as they are, so that they are there when it is given
//! back. Each has to be what the specification says it is (section 3.1): a file is edited by people.

use serde_json::{Map, Value};

use super::{ids, json};

/// What the front matter calls them.
pub(super) const KEY: &str = "cacao";

#[derive(Clone, Copy)]
enum Kind {
    /// An identifier of this kind.
    Identifier(&'static str),
    /// Identifiers, one at least.
    Identifiers(&'static [&'static str]),
    /// Words, one at least.
    Words,
    /// A whole number from 0 to 100.
    Hundred,
    /// A time of UTC.
    Time,
    /// A time with exactly three digits after the second.
    Milliseconds,
    Markings,
    /// `true`: what is not so goes without saying.
    Yes,
}

const KEPT: &[(&str, Kind)] = &[
    ("id", Kind::Identifier("playbook")),
    ("created", Kind::Milliseconds),
    ("modified", Kind::Milliseconds),
    ("created_by", Kind::Identifier("identity")),
    ("playbook_types", Kind::Words),
    ("playbook_activities", Kind::Words),
    ("revoked", Kind::Yes),
    ("valid_from", Kind::Time),
    ("valid_until", Kind::Time),
    ("derived_from", Kind::Identifiers(&["playbook"])),
    ("related_to", Kind::Identifiers(&[])),
    ("priority", Kind::Hundred),
    ("impact", Kind::Hundred),
    ("industry_sectors", Kind::Words),
    ("markings", Kind::Identifiers(MARKINGS)),
    ("data_marking_definitions", Kind::Markings),
];

const MARKINGS: &[&str] = &["marking-statement", "marking-tlp", "marking-iep"];

/// The properties that are kept, and the names of those that are none.
pub(super) fn kept(properties: &Map<String, Value>) -> (Map<String, Value>, Vec<&'static str>) {
    let (mut kept, mut wrong) = (Map::new(), Vec::new());
    for (name, kind) in KEPT {
        let Some(value) = properties.get(*name).filter(|value| !value.is_null()) else { continue };
        match read(*kind, value) {
            Some(value) => drop(kept.insert((*name).to_owned(), value)),
            // These say nothing.
            None if value.as_array().is_some_and(Vec::is_empty) || *value == Value::Bool(false) => {}
            None => wrong.push(*name),
        }
    }
    let time = |key: &str| kept.get(key).and_then(Value::as_str).map(|time| time.trim_end_matches('Z').to_owned());
    if let (Some(from), Some(until)) = (time("valid_from"), time("valid_until"))
        && until <= from
    {
        kept.retain(|key, _| key != "valid_until");
        wrong.push("valid_until");
    }
    (kept, wrong)
}

/// What a reader has to be told of them, each a paragraph of the overview.
pub(super) fn told(kept: &Map<String, Value>) -> Vec<String> {
    let mut told = Vec::new();
    if kept.contains_key("revoked") {
        told.push("This playbook was revoked by whoever made it.".to_owned());
    }
    for (key, said) in [("valid_from", "It holds from"), ("valid_until", "It holds until")] {
        if let Some(when) = kept.get(key).and_then(Value::as_str) {
            told.push(format!("{said} {when}."));
        }
    }
    let markings = kept.get("data_marking_definitions").and_then(Value::as_object).into_iter().flatten();
    for (_, marking) in markings {
        let said = ["tlpv2_level", "tlp_level", "statement", "description", "name"];
        if let Some(said) = said.iter().find_map(|key| json::text(marking, key)) {
            told.push(format!("Marked: {}.", said.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    told
}

fn read(kind: Kind, value: &Value) -> Option<Value> {
    let all = |fits: &dyn Fn(&str) -> bool| {
        let list = value.as_array().filter(|list| !list.is_empty())?;
        list.iter().all(|one| one.as_str().is_some_and(fits)).then(|| value.clone())
    };
    match kind {
        Kind::Identifier(kind) => value.as_str().filter(|id| ids::is_one(id, &[kind])).map(Value::from),
        Kind::Identifiers(kinds) => all(&|id| ids::is_one(id, kinds)),
        Kind::Words => all(&|word| !word.trim().is_empty()),
        Kind::Hundred => value.as_u64().filter(|number| *number <= 100).map(Value::from),
        Kind::Time => value.as_str().filter(|text| is_time(text)).map(Value::from),
        Kind::Milliseconds => value.as_str().filter(|text| is_time(text)).map(|text| milliseconds(text).into()),
        Kind::Yes => value.as_bool().filter(|truth| *truth).map(Value::from),
        Kind::Markings => value
            .as_object()
            .filter(|all| !all.is_empty() && all.iter().all(is_marking))
            .map(|all| all.clone().into()),
    }
}

/// Whether a text is a time as the specification writes it (section 10.16): `2026-11-29T10:00:00.000Z`.
fn is_time(text: &str) -> bool {
    let Some((date, rest)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else { return false };
    let (time, part) = rest.split_once('.').unwrap_or((rest, "0"));
    let within = |text: &str, first: u8, last: u8| {
        text.len() == 2 && text.parse().is_ok_and(|number: u8| (first..=last).contains(&number))
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let dates: Vec<&str> = date.split('-').collect();
    let times: Vec<&str> = time.split(':').collect();
    matches!(dates.as_slice(), [year, month, day]
        if year.len() == 4 && digits(year) && within(month, 1, 12) && within(day, 1, 31))
        && matches!(times.as_slice(), [hour, minute, second]
            if within(hour, 0, 23) && within(minute, 0, 59) && within(second, 0, 60))
        && digits(part)
}

/// A time with the three digits that `created` and `modified` have to have.
fn milliseconds(time: &str) -> String {
    let bare = time.trim_end_matches('Z');
    let (second, part) = bare.split_once('.').unwrap_or((bare, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    format!("{second}.{part}Z")
}

/// A data marking (section 9.1) under its identifier. Its own properties are text, a truth or a list of text.
fn is_marking((id, marking): (&String, &Value)) -> bool {
    let text = |key: &str| marking.get(key).and_then(Value::as_str);
    let Some(members) = marking.as_object() else { return false };
    ids::is_one(id, MARKINGS)
        && text("id") == Some(id)
        && text("type") == id.split("--").next()
        && text("created_by").is_some_and(|id| ids::is_one(id, &[]))
        && text("created").is_some_and(is_time)
        && members.values().all(|value| match value {
            Value::String(_) | Value::Bool(_) => true,
            Value::Array(list) => !list.is_empty() && list.iter().all(Value::is_string),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorted(properties: Value) -> (Value, Vec<&'static str>) {
        let (kept, wrong) = kept(properties.as_object().unwrap());
        (kept.into(), wrong)
    }

    #[test]
    fn what_is_as_the_specification_says_is_kept() {
        let uuid = "61a6c41e-6efc-4516-a242-dfbc5c89d562";
        let marking = format!("marking-tlp--{uuid}");
        let properties = json!({
            "id": format!("playbook--{uuid}"), "created_by": format!("identity--{uuid}"), "priority": 0, "impact": 100,
            "playbook_types": ["attack"], "valid_from": "2023-11-20T15:56:00Z", "valid_until": "2023-11-20T15:56:00.5Z",
            "markings": [marking], "related_to": [format!("x-y--{uuid}")],
            "data_marking_definitions": { &marking: {
                "type": "marking-tlp", "id": marking, "created_by": format!("identity--{uuid}"),
                "created": "2022-10-01T00:00:00.000Z", "tlpv2_level": "TLP:GREEN",
            } },
        });
        assert_eq!(sorted(properties.clone()), (properties, Vec::new()));
    }

    #[test]
    fn what_is_not_is_named_and_left_out() {
        let properties = json!({
            "id": "playbook--1", "created_by": "somebody", "created": "yesterday", "modified": 5, "priority": 101, "impact": 1.5,
            "playbook_types": "attack", "derived_from": ["x"], "markings": [], "data_marking_definitions": { "a": "b" },
            "valid_from": "2023-13-20T15:56:00Z", "name": "x", "industry_sectors": [""],
        });
        let (kept, wrong) = sorted(properties);
        assert_eq!(kept, json!({}));
        assert_eq!(
            wrong,
            [
                "id",
                "created",
                "modified",
                "created_by",
                "playbook_types",
                "valid_from",
                "derived_from",
                "priority",
                "impact",
                "industry_sectors",
                "data_marking_definitions"
            ]
        );
    }

    #[test]
    fn the_times_of_a_version_have_three_digits_and_an_end_is_after_its_beginning() {
        let times =
            |from: &str, until: &str| sorted(json!({ "created": from, "valid_from": from, "valid_until": until }));
        let (kept, wrong) = times("2023-11-20T15:56:00.123456Z", "2023-11-20T15:56:00Z");
        assert_eq!(kept["created"], "2023-11-20T15:56:00.123Z");
        assert_eq!((kept.get("valid_until"), wrong), (None, vec!["valid_until"]));
        assert_eq!(times("2023-11-20T15:56:60.1Z", "2024-01-01T00:00:00Z").0["created"], "2023-11-20T15:56:60.100Z");
    }
}
