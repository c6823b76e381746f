//! Whom a status update that is due calls: once for each time that one is due, whoever looks elsewhere then.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;

use super::{Notice, occasions::Occasion};
use crate::incident::UpdateDue;

/// How often it is looked, while a run is under way.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// The updates that were told of already, by run: when they were due.
#[derive(Default)]
pub(super) struct Reminders {
    told: BTreeMap<String, String>,
}

impl Reminders {
    /// What has become due. Whoever looks at the window sees it there, and is not called for it later.
    pub(super) fn due(&mut self, updates: Vec<UpdateDue>, now: Timestamp, in_front: bool) -> Vec<Occasion> {
        self.told.retain(|run, _| updates.iter().any(|update| update.run == *run));
        let mut occasions = Vec::new();
        for UpdateDue { run, title, severity, due } in updates {
            let is_due = due.parse::<Timestamp>().is_ok_and(|due| due <= now);
            if !is_due || self.told.get(&run) == Some(&due) {
                continue;
            }
            self.told.insert(run.clone(), due);
            if in_front {
                continue;
            }
            let severity = severity.map(|severity| format!(", {severity}")).unwrap_or_default();
            let text = format!("A status update is due{severity}.");
            occasions.push(Occasion { notice: Notice { run, title, text, urgent: false }, took: None });
        }
        occasions
    }
}
