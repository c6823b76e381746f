//! `schedule`: when a runbook proposes to be run by itself. Nothing runs because of it until a person accepts it.

use croner::{
    Cron, YEAR_UPPER_LIMIT,
    parser::{CronParser, Seconds, Year},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::scalar;
use crate::model::Runbook;

/// The keys of a table.
const KEYS: [&str; 5] = ["cron", "zone", "environment", "on_failure", "missed"];

/// What a runbook proposes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleProposal {
    /// When: a cron expression that can be read.
    pub cron: String,
    /// In which time zone, as written; where it says none, that of the machine.
    pub zone: Option<String>,
    /// In which environment of the library's file.
    pub environment: Option<String>,
    /// `stop` or `rollback`.
    pub on_failure: Option<String>,
    /// What becomes of a missed time: `skip` or `once`.
    pub missed: Option<String>,
}

/// What each field counts, how many of them there are, and in what.
const FIELDS: [(&str, u16, &str); 5] = [
    ("minutes", 60, "an hour"),
    ("hours", 24, "a day"),
    ("days", 31, "a month"),
    ("months", 12, "a year"),
    ("days", 7, "a week"),
];

/// Reads a cron expression of five fields (minute, hour, day of the month, month, day of the week), or `@daily` and its like.
///
/// # Errors
/// One sentence without a full stop: what is wrong with it, and how one is written.
pub fn read_cron(text: &str) -> Result<Cron, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(text.trim()).map_err(|error| {
        let why = error.to_string();
        let why = why.trim_end_matches('.').rsplit(": ").next().unwrap_or_default().to_lowercase();
        format!(
            "\"{}\" is no cron expression ({why}): write minute, hour, day of the month, month and day of the week, such as \
             \"30 3 * * *\" for 3:30 every day",
            text.trim()
        )
    })?;
    too_far(text).map_or(Ok(cron), Err)
}

/// A step that is larger than its field: it would come once in each, and not as it says.
fn too_far(text: &str) -> Option<String> {
    let text = text.trim();
    text.split_whitespace().zip(FIELDS).find_map(|(field, (unit, many, of))| {
        let steps = field.split(',').filter_map(|part| part.split_once('/')?.1.parse::<u16>().ok());
        let step = steps.into_iter().find(|step| *step > many)?;
        Some(format!(
            "\"{text}\" steps by {step} {unit}, and {of} has {many}: write a step of {many} at most, or the times themselves"
        ))
    })
}

/// After so many years the calendar comes again as it was.
const CYCLE: i32 = 400;

/// Whether no day is so (`0 0 30 2 *`). croner looks as far as the year 5000: the last cycle before it has every day there is.
fn never_comes(cron: &Cron) -> bool {
    let year = i16::try_from(YEAR_UPPER_LIMIT - CYCLE - 1).unwrap_or(i16::MAX);
    let from = Date::new(year, 1, 1).and_then(|day| day.to_zoned(TimeZone::UTC));
    from.is_ok_and(|from| cron.find_next_occurrence(&from, true).is_err())
}

/// Why what a runbook proposes cannot be read: a sentence without a full stop. `None` where it can, and where nothing is proposed.
#[must_use]
pub fn unreadable_schedule(runbook: &Runbook) -> Option<String> {
    read(runbook.front_matter.get("schedule")?).err()
}

/// A cron expression, or `{cron, zone, environment, on_failure, missed}`. `None` where nothing is written.
pub(super) fn read(value: &Value) -> Result<Option<ScheduleProposal>, String> {
    let found = match value {
        Value::Null => return Ok(None),
        Value::Object(table) => {
            if let Some(other) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
                return Err(format!("`schedule` has the unknown key `{other}`: write {}", KEYS.join(", ")));
            }
            let text = |key: &str| match table.get(key) {
                None | Some(Value::Null) => Ok(None),
                Some(value) => scalar(value)
                    .map(|text| Some(text).filter(|text| !text.is_empty()))
                    .ok_or_else(|| format!("`{key}` of `schedule` has the wrong type: write text")),
            };
            let cron = text("cron")?.ok_or("`schedule` says no time: write `cron: \"30 3 * * *\"` in it")?;
            ScheduleProposal {
                cron,
                zone: text("zone")?,
                environment: text("environment")?,
                on_failure: text("on_failure")?,
                missed: text("missed")?,
            }
        }
        value => match scalar(value) {
            Some(cron) => ScheduleProposal { cron, ..ScheduleProposal::default() },
            None => {
                return Err("`schedule` has the wrong type: write a cron expression, or \
                            `{cron: \"30 3 * * *\", zone: Europe/Berlin}`"
                    .to_owned());
            }
        },
    };
    let cron = read_cron(&found.cron).map_err(|error| format!("`schedule`: {error}"))?;
    if never_comes(&cron) {
        return Err(format!(
            "`schedule`: \"{}\" never comes, for no day is so: mend the day or the month",
            found.cron
        ));
    }
    for (key, written, words) in
        [("on_failure", &found.on_failure, ["stop", "rollback"]), ("missed", &found.missed, ["skip", "once"])]
    {
        if let Some(other) = written.as_deref().filter(|word| !words.contains(word)) {
            let [one, two] = words;
            return Err(format!("`{key}: {other}` of `schedule` is unknown: write `{one}` or `{two}`"));
        }
    }
    Ok(Some(found))
}
