//! What the parameters of links stand for: values that were given, those of a run, and its times.

use std::{collections::BTreeMap, fs, path::Path};

use access::{BookmarkRefusal, Schemes};
use format::{RUN_END, RUN_START, Values};
use jiff::{SignedDuration, Timestamp};
use store::LinkTally;

use crate::{ApiError, App, library_file, runs::vars, wire::SavedLink};

/// What links look at that are opened from no run: the time until now.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(1);

/// What parameters stand for now.
pub(super) struct Filling {
    pub(super) values: Values,
    pub(super) schemes: Schemes,
}

impl App {
    /// What parameters stand for: what was given, then what the run knows. Of secrets it knows nothing.
    pub(super) fn filling(&self, given: &BTreeMap<String, String>, run: Option<&str>) -> Result<Filling, ApiError> {
        let mut values = match run {
            Some(run) => self.values_of_run(run)?,
            None => {
                let now = Timestamp::now();
                times(now.saturating_sub(LOOK_BACK).unwrap_or(now), now)
            }
        };
        let given = given.iter().filter(|(_, value)| !value.trim().is_empty());
        values.extend(given.map(|(name, value)| (name.clone(), value.trim().to_owned())));
        Ok(Filling { values, schemes: self.link_schemes() })
    }

    /// The values that a run knows, and its times; `run.end_ms` is now while it is not over.
    fn values_of_run(&self, run: &str) -> Result<Values, ApiError> {
        let row = self.row(run)?;
        let start = &row.start;
        let mut values = match self.live_run(&start.id) {
            Some(live) => live.values(),
            None => {
                let bytes = self.store.revision(&start.revision)?;
                let path = Path::new(&start.path);
                let runbook = self.parse(&start.path, &bytes, path);
                let known = self.known(&start.id)?;
                let file = self.library_file_of(path)?;
                let chosen = known.state.environment.as_ref().and_then(|name| file.environment(name));
                library_file::variables(&runbook, &file, known.values(&vars(&runbook, chosen))).values
            }
        };
        if values.get(RUN_END).is_some_and(|end| end == RUN_END) {
            values.insert(RUN_END.to_owned(), Timestamp::now().as_millisecond().to_string());
        }
        Ok(values)
    }

    /// The tags of a run's runbook, in lower case.
    pub(super) fn tags_of_run(&self, run: &str) -> Result<Vec<String>, ApiError> {
        let row = self.row(run)?;
        let bytes =
            self.store.revision(&row.start.revision).or_else(|_| fs::read(&row.start.path)).unwrap_or_default();
        let runbook = self.parse(&row.start.path, &bytes, Path::new(&row.start.path));
        let tags = runbook.front_matter.get("tags").and_then(serde_json::Value::as_array).into_iter().flatten();
        Ok(tags.filter_map(|tag| tag.as_str().map(str::to_lowercase)).collect())
    }
}

impl Filling {
    /// A link as it is shown.
    pub(super) fn row(&self, tally: &LinkTally, pin: Option<u64>, keys: Option<String>) -> SavedLink {
        let link = &tally.link;
        let parameters = access::parameters(&link.address);
        let (opens, refused) = match access::filled(&link.address, &self.values, &self.schemes) {
            Ok(address) => (Some(address), None),
            Err(BookmarkRefusal::Missing(_)) => (None, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let known = |name: &String| Some((name.clone(), self.values.get(name)?.clone()));
        SavedLink {
            id: link.id.clone(),
            title: link.title.clone(),
            address: link.address.clone(),
            place: place(&link.address),
            group: link.group.clone(),
            tags: link.tags.clone(),
            pin,
            keys,
            missing: parameters.iter().filter(|name| !self.values.contains_key(*name)).cloned().collect(),
            filled: parameters.iter().filter_map(known).collect(),
            parameters,
            opens,
            refused,
            count: tally.opens,
            opened_at: link.opened_at.clone(),
            added_at: link.added_at.clone(),
        }
    }
}

/// The host of an address, or its scheme.
fn place(address: &str) -> String {
    match address.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned(),
        None => address.split(':').next().unwrap_or_default().to_owned(),
    }
}

/// The times of a run, as addresses say them. While it is not over its end is left open: it is known when a link is opened
/// ([`at_opening`]).
pub(crate) fn run_times(started_at: &str, ended_at: Option<&str>) -> Values {
    let milliseconds = |at: &str| at.parse::<Timestamp>().ok().map(|at| at.as_millisecond().to_string());
    let Some(start) = milliseconds(started_at) else { return Values::default() };
    let end = ended_at.and_then(milliseconds).unwrap_or_else(|| RUN_END.to_owned());
    [(RUN_START.to_owned(), start), (RUN_END.to_owned(), end)].into()
}

/// An address of a page of a run, with the end that was left open in it as of now.
pub(crate) fn at_opening(address: &str) -> String {
    address.replace(RUN_END, &Timestamp::now().as_millisecond().to_string())
}

fn times(start: Timestamp, end: Timestamp) -> Values {
    let of = |name: &str, at: Timestamp| (name.to_owned(), at.as_millisecond().to_string());
    [of(RUN_START, start), of(RUN_END, end)].into()
}
