//! What a mark says, in words.

use crate::event::Fact;

/// What a mark says; none for another fact. `time` writes a time as its reader wants it.
#[must_use]
pub fn words(fact: &Fact, time: impl Fn(&str) -> String) -> Option<String> {
    let Fact::Marked { what, value, when, role, reason, withdrawn } = fact else { return None };
    let value = value.as_deref().unwrap_or_default();
    let after = |before: String, more: Option<&str>| match more.filter(|more| !more.is_empty()) {
        Some(more) => format!("{before}: {more}"),
        None => before,
    };
    let at = |before: &str| match when {
        Some(when) => format!("{before} at {}", time(when)),
        None => before.to_owned(),
    };
    let in_role = |of: &str| role.as_deref().map_or_else(|| value.to_owned(), |role| format!("{value}{of}{role}"));
    let text = match (what.as_str(), withdrawn) {
        ("responder", false) => after("responder".to_owned(), Some(&in_role(" is "))),
        ("responder", true) if role.is_some() => after("handed back".to_owned(), Some(&in_role(" is no longer "))),
        ("responder", true) => after("left".to_owned(), Some(value)),
        ("snoozed", true) => "next update no longer put off".to_owned(),
        ("snoozed", false) => {
            let until = when.as_deref().map(|when| format!(" until {}", time(when))).unwrap_or_default();
            format!("next update put off{until}")
        }
        (what, true) => after(format!("{what} taken back"), Some(value)),
        (other, false) => after(at(other), Some(value)),
    };
    Some(match reason {
        Some(reason) => format!("{text} ({reason})"),
        None => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_said_in_words() {
        let mark =
            |what: &str, value: Option<&str>, when: Option<&str>, role: Option<&str>, withdrawn| Fact::Marked {
                what: what.to_owned(),
                value: value.map(str::to_owned),
                when: when.map(str::to_owned),
                role: role.map(str::to_owned),
                reason: None,
                withdrawn,
            };
        for (fact, text) in [
            (mark("detected", None, None, None, false), "detected"),
            (mark("detected", Some("by the alert"), Some("T"), None, false), "detected at <T>: by the alert"),
            (mark("verified", None, None, None, true), "verified taken back"),
            (mark("severity", Some("SEV1"), None, None, false), "severity: SEV1"),
            (mark("responder", Some("MK"), None, None, false), "responder: MK"),
            (mark("responder", Some("MK"), None, Some("lead"), false), "responder: MK is lead"),
            (mark("responder", Some("MK"), None, Some("lead"), true), "handed back: MK is no longer lead"),
            (mark("responder", Some("MK"), None, None, true), "left: MK"),
            (mark("snoozed", None, Some("T"), None, false), "next update put off until <T>"),
            (mark("snoozed", None, None, None, true), "next update no longer put off"),
            (mark("incident", Some("INC-1"), None, None, false), "incident: INC-1"),
        ] {
            assert_eq!(words(&fact, |at| format!("<{at}>")).as_deref(), Some(text));
        }
        let Fact::Marked { what, value, when, role, withdrawn, .. } =
            mark("severity", Some("SEV1"), None, None, false)
        else {
            unreachable!()
        };
        let fact = Fact::Marked { what, value, when, role, reason: Some("it grows".to_owned()), withdrawn };
        assert_eq!(words(&fact, str::to_owned).as_deref(), Some("severity: SEV1 (it grows)"));
    }
}
