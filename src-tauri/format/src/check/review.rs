//! `review-overdue`: whether the review date has passed.

use super::context::{Context, offer};
use super::keys;
use crate::front_matter::{periods::date, scalar};
use crate::model::{Severity, Span};
use crate::problems::Problems;

pub(super) fn check(context: &Context<'_>, problems: &mut Problems<'_>) {
    let Some(today) = context.world.today.as_deref().and_then(date) else { return };
    let values = &context.runbook.front_matter;
    let written = ["reviewed", "last_reviewed_on"];
    let written = written.into_iter().find_map(|key| Some((key, values.get(key).and_then(scalar)?)));
    let Some((key, reviewed)) = written else { return };
    let Some(due) = context.runbook.about.due.as_deref().and_then(date) else { return };
    if due >= today {
        return;
    }
    let body = context.body();
    let line = context.layout.as_ref().and_then(|layout| keys::line_of(context, layout.content, key));
    let value = line.and_then(|line| keys::value_of(context, line)).filter(|value| {
        context.slice(*value).trim_matches(['"', '\'', ',']).starts_with(reviewed.get(..10).unwrap_or_default())
    });
    let place = value.or(line).unwrap_or(Span { start: body, end: body });
    let fix = value.map(|value| {
        let at = context.slice(value).find(|letter: char| letter.is_ascii_digit()).unwrap_or_default() + value.start;
        let date = Span { start: at, end: at + 10 };
        offer("Reviewed today", vec![context.replace(date, &today.to_string())])
    });
    let message = format!("the review was due on {due}: read it against how things are now, then set `{key}`");
    problems.add("review-overdue", Severity::Warning, place, message, fix.into_iter().collect());
}

#[cfg(test)]
mod tests {
    use crate::front_matter::periods::{after, date};

    #[test]
    fn a_period_leads_to_a_date() {
        for (from, period, due) in [
            ("2026-01-31", "1 month", "2026-02-28"),
            ("2026-01-01", "90d", "2026-04-01"),
            ("2024-02-29", "1y", "2025-02-28"),
            ("2026-11-01", "2 months", "2027-01-01"),
        ] {
            let found = date(from).and_then(|date| after(date, period)).map(|date| date.to_string());
            assert_eq!(found.as_deref(), Some(due), "{from} {period}");
        }
    }
}
