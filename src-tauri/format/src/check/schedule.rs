//! `front-matter`: whether the time zone of what `schedule` proposes is one.

use super::context::{Context, nearest, offer};
use crate::model::{Severity, Span};
use crate::problems::Problems;

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let (Some(zones), Some(layout)) = (&context.world.zones, &context.layout) else { return };
    let proposal = context.runbook.about.schedule.as_ref();
    let Some(zone) = proposal.and_then(|proposal| proposal.zone.as_deref()) else { return };
    let zones = || zones.iter().map(String::as_str);
    if zones().any(|known| known.eq_ignore_ascii_case(zone)) {
        return;
    }
    let place = written(context.slice(layout.content), zone).map(|at| {
        let start = layout.content.start + at;
        Span { start, end: start + zone.len() }
    });
    // `Berlin` is the city of one of them.
    let city = zone.replace(' ', "_");
    let of = |known: &str| known.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city));
    let near = zones().find(|known| of(known)).or_else(|| nearest(zone, zones()));
    let fix =
        near.zip(place).map(|(near, place)| offer(&format!("Write {near}"), vec![context.replace(place, near)]));
    let write = near.unwrap_or("one of the IANA database, such as Europe/Berlin");
    let message = format!("`zone: {zone}` of `schedule` is no time zone: write {write}");
    let place = place.unwrap_or(layout.content);
    problems.add("front-matter", Severity::Error, place, message, fix.into_iter().collect());
}

/// Where the zone stands: behind the word `zone`, behind the key.
fn written(content: &str, zone: &str) -> Option<usize> {
    let key = content.find("schedule")?;
    let word = key + content.get(key..)?.find("zone")? + "zone".len();
    Some(word + content.get(word..)?.find(zone)?)
}
