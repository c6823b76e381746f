//! A schedule that is run by hand: as it would be when it is due, shown as a log.

use std::{collections::BTreeMap, io::IsTerminal as _, sync::Arc};

use api::{
    App, ErrorCode, Teller,
    commands::PathArgument,
    wire::{PrepareRun, ScheduleArgument},
};

use super::{attend, broken, can_follow, feed::Feed, outcome, page::Page, plain, signals::Watch};
use crate::{
    commands::unlock_vault,
    out::Out,
    status::{Failure, Status},
};

/// Runs it to its end, or until a person is needed.
pub(crate) fn scheduled(app: &Arc<App>, out: &mut Out, schedule: &str, json: bool) -> Result<Status, Failure> {
    let argument = ScheduleArgument { schedule: schedule.to_owned() };
    let view = app.schedule_show(argument.clone())?;
    let runbook = app.runbook(PathArgument { path: view.runbook.clone() })?;
    let feed = Arc::new(Feed::new(!json).map_err(|error| can_follow(&error))?);
    let signals = Watch::listen(feed.clone()).map_err(|error| broken("Signals cannot be heard", &error))?;
    // What becomes of it is shown by the run itself.
    let teller: Teller = Arc::new(|_| {});
    let needed = PrepareRun {
        path: view.runbook.clone(),
        environment: view.environment.clone(),
        step: None,
        values: BTreeMap::new(),
    };
    // A person who is there opens the vault; everything else is said by the start itself.
    if std::io::stdin().is_terminal()
        && app.run_access_ready(&needed, false).is_err_and(|error| error.code == ErrorCode::VaultLocked)
    {
        unlock_vault(app)?;
    }
    let begun = app.schedule_run(&argument, Some(feed.clone()), &teller)?;
    attend(&begun.live, &feed, &signals)?;
    let ended = if json {
        plain::json(out, &begun.live, &feed)?
    } else {
        let mut page = Page::new(runbook, out.look, None);
        plain::log(app, out, &begun.live, &feed, &mut page, &signals)?
    };
    begun.wait();
    signals.ended();
    Ok(outcome(&ended, &signals, false, true))
}
