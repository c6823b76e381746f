//! `allgood space`: how much space outputs take, and for how long they are kept.

use api::{
    App,
    commands::Nothing,
    wire::{OutputSpace, Settings, SpaceQuery},
};
use serde_json::json;

use crate::{
    arguments::{Keep, SpaceArguments},
    look::{counted, size},
    out::{Out, message, person_is_there},
    run::confirm_alone,
    status::{Failure, Status},
};

/// Says how much space outputs take, and chooses for how long they are kept.
pub(crate) fn space(app: &App, out: &mut Out, arguments: &SpaceArguments) -> Result<Status, Failure> {
    let settings = app.settings_read(Nothing {})?;
    let Some(keep) = arguments.keep.map(Keep::days) else {
        let days = arguments.days.or(settings.keep_output_days);
        let space = app.output_space(SpaceQuery { days })?;
        if arguments.json {
            print_json(out, settings.keep_output_days, &space)?;
        } else {
            print(out, settings.keep_output_days, arguments.days, &space);
        }
        return Ok(Status::Good);
    };
    // What is wrong with the number is said before anything is asked.
    let space = app.output_space(SpaceQuery { days: keep })?;
    if space.due_bytes > 0 && !arguments.yes {
        let what = format!(
            "{} of outputs of {} would be removed now, and not come back",
            size(space.due_bytes),
            counted(space.due_runs, "run", "runs")
        );
        if !person_is_there() || arguments.json {
            return Err(Failure::new(Status::Person, format!("{what}: say so with --yes. Nothing was changed.")));
        }
        if !confirm_alone(out.look, &format!("{what}. Keep outputs for {} only?", days(keep)))? {
            message("Nothing was changed.");
            return Ok(Status::Stopped);
        }
    }
    let kept = app.settings_write(Settings { keep_output_days: keep, ..settings })?.keep_output_days;
    app.apply_retention()?;
    let space = app.output_space(SpaceQuery { days: kept })?;
    if arguments.json {
        print_json(out, kept, &space)?;
    } else {
        print(out, kept, None, &space);
    }
    Ok(Status::Good)
}

fn print_json(out: &mut Out, keep: Option<u32>, space: &OutputSpace) -> Result<(), serde_json::Error> {
    let OutputSpace { bytes, runs, due_bytes, due_runs, removed_bytes } = space;
    out.json(&json!({
        "keep_output_days": keep, "bytes": bytes, "runs": runs, "due_bytes": due_bytes, "due_runs": due_runs,
        "removed_bytes": removed_bytes,
    }))
}

fn print(out: &mut Out, keep: Option<u32>, asked: Option<u32>, space: &OutputSpace) {
    let look = out.look;
    let of_runs = |bytes: u64, runs: u64| match runs {
        0 => "none".to_owned(),
        runs => format!("{}, of {}", size(bytes), counted(runs, "run", "runs")),
    };
    out.line(&look.row("  outputs", &of_runs(space.bytes, space.runs)));
    out.line(&look.row("  kept for", &days(keep)));
    if let Some(asked) = asked {
        let due = of_runs(space.due_bytes, space.due_runs);
        out.line(&look.row(&format!("  removed if kept for {}", days(Some(asked))), &due));
    } else if space.due_bytes > 0 {
        out.line(&look.row("  to be removed next", &of_runs(space.due_bytes, space.due_runs)));
    }
    if space.removed_bytes > 0 {
        out.line(&look.row("  removed before", &size(space.removed_bytes)));
    }
}

fn days(keep: Option<u32>) -> String {
    keep.map_or_else(|| "ever".to_owned(), |days| counted(u64::from(days), "day", "days"))
}
