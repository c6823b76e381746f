//! What the front matter says of the runbook: for lists, searches and reviews.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{ScheduleProposal, list, periods, scalar, schedule};
use crate::durations;

/// Nobody writes updates more often than once a minute: `update_every: 15` means something else than seconds.
const SHORTEST: Duration = Duration::from_secs(60);

/// What a runbook says of itself. A key that cannot be read is left empty here and is a problem of the runbook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// `summary`: what it is for.
    pub summary: Option<String>,
    /// `outcome`: what success looks like.
    pub outcome: Option<String>,
    /// `severity`, as written.
    pub severity: Option<String>,
    /// `owner`: who keeps it; several are joined by commas.
    pub owner: Option<String>,
    /// `responders`.
    pub responders: Vec<Responder>,
    /// `tags`, each once.
    pub tags: Vec<String>,
    /// `category`, which is Runme's, each once.
    pub categories: Vec<String>,
    /// `reviewed` or `last_reviewed_on`: a day, `2026-11-22`.
    pub reviewed: Option<String>,
    /// `review_every` or `review_in`, as written.
    pub review_every: Option<String>,
    /// The day of the next review, `2027-02-20`: the last one and the period after it. `None` where either is missing.
    pub due: Option<String>,
    /// `links`.
    pub links: Vec<AboutLink>,
    /// `update_every`: how often an incident is told about, in the file's order.
    pub update_every: Vec<UpdateEvery>,
    /// `schedule`: when it proposes to be run by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleProposal>,
}

/// How often an incident is told about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UpdateEvery {
    /// At this severity, as written; at any other where there is none.
    pub severity: Option<String>,
    /// `None` for `never`.
    pub every: Option<Duration>,
}

/// Somebody to turn to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Responder {
    /// What they do in it.
    pub role: Option<String>,
    /// A name.
    pub who: Option<String>,
    /// A channel, an address or a number.
    pub contact: Option<String>,
}

/// A link of the front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AboutLink {
    /// What it is called; its address where it has no title.
    pub title: String,
    /// Its address.
    pub url: String,
}

impl About {
    /// Reads the keys, whose types have been looked at.
    pub(super) fn read(values: &Map<String, Value>) -> Self {
        let text = |key: &str| values.get(key).and_then(scalar).filter(|text| !text.is_empty());
        let either = |one: &str, other: &str| text(one).or_else(|| text(other));
        let reviewed = either("reviewed", "last_reviewed_on").as_deref().and_then(periods::date);
        let review_every = either("review_every", "review_in");
        let due = reviewed.zip(review_every.as_deref()).and_then(|(date, period)| periods::after(date, period));
        Self {
            summary: text("summary"),
            outcome: text("outcome"),
            severity: text("severity").or_else(|| joined(values.get("severity"))),
            owner: text("owner").or_else(|| joined(values.get("owner"))),
            responders: entries(values.get("responders")).filter_map(responder).collect(),
            tags: once(list(values.get("tags"))),
            categories: once(list(values.get("category"))),
            reviewed: reviewed.map(|date| date.to_string()),
            review_every,
            due: due.map(|date| date.to_string()),
            links: entries(values.get("links")).filter_map(link).collect(),
            update_every: values.get("update_every").and_then(update_every).unwrap_or_default(),
            schedule: values.get("schedule").and_then(|value| schedule::read(value).ok().flatten()),
        }
    }
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// `{role, who, contact}`, or a name alone.
pub(super) fn responder(value: &Value) -> Option<Responder> {
    if let Some(who) = scalar(value) {
        return (!who.is_empty()).then(|| Responder { who: Some(who), ..Responder::default() });
    }
    let text = |key: &str| value.get(key).and_then(scalar).filter(|text| !text.is_empty());
    let responder = Responder { role: text("role"), who: text("who"), contact: text("contact") };
    (responder != Responder::default()).then_some(responder)
}

/// `{title, url}`, or an address alone.
pub(super) fn link(value: &Value) -> Option<AboutLink> {
    let url = scalar(value).or_else(|| value.get("url").and_then(scalar)).filter(|url| !url.is_empty())?;
    let title = value.get("title").and_then(scalar).filter(|title| !title.is_empty());
    Some(AboutLink { title: title.unwrap_or_else(|| url.clone()), url })
}

/// `30m`, or one for each severity: `{SEV1: 15m, SEV3: never}`. `None` where it cannot be read.
pub(super) fn update_every(value: &Value) -> Option<Vec<UpdateEvery>> {
    let every = |value: &Value| match scalar(value)?.as_str() {
        "never" | "none" | "false" => Some(None),
        text => durations::read(text).filter(|every| *every >= SHORTEST).map(Some),
    };
    match value {
        Value::Null => Some(Vec::new()),
        Value::Object(severities) => severities
            .iter()
            .map(|(severity, value)| Some(UpdateEvery { severity: Some(severity.clone()), every: every(value)? }))
            .collect(),
        value => Some(vec![UpdateEvery { severity: None, every: every(value)? }]),
    }
}

/// The names within a list or a map, such as `owner: [ann, ben]` or `owner: {team: platform}`.
fn joined(value: Option<&Value>) -> Option<String> {
    let names: Vec<String> = match value? {
        Value::Array(values) => {
            values.iter().filter_map(|value| scalar(value).or_else(|| joined(Some(value)))).collect()
        }
        Value::Object(map) => map.values().filter_map(scalar).collect(),
        _ => Vec::new(),
    };
    (!names.is_empty()).then(|| names.join(", "))
}

fn once(mut names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    names
}
