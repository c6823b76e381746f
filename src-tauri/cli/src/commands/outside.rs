//! `allgood open`: what an address from outside would have shown. It runs nothing.

use api::{App, wire::OutsideAddress};

use crate::{
    arguments::OpenArguments,
    look::{DIM, styled, visible},
    out::Out,
    status::{Failure, Status},
};

/// Says which runbook an address means, and what it would fill in.
pub(crate) fn open(app: &App, out: &mut Out, arguments: &OpenArguments) -> Result<Status, Failure> {
    let view = app.outside_look(OutsideAddress { address: arguments.address.clone() })?;
    if arguments.json {
        out.json(&view)?;
        return Ok(Status::Good);
    }
    if view.runbooks.len() > 1 {
        out.line(&format!("{} runbooks are called \"{}\":", view.runbooks.len(), visible(&view.asked)));
    }
    for runbook in &view.runbooks {
        out.line(&format!("{}  {}", visible(&runbook.title), styled(DIM, visible(&runbook.path))));
        for (name, value) in &runbook.values {
            out.line(&format!("  {} = {}  {}", visible(name), visible(value), styled(DIM, "from outside")));
        }
        for left in &runbook.left_out {
            out.line(&format!("  {} is left out: {}", visible(&left.name), left.why));
        }
        let mut command = format!("allgood run {}", quoted(&runbook.path));
        for (name, value) in &runbook.values {
            command.push_str(&format!(" --param {}", quoted(&format!("{name}={value}"))));
        }
        out.line(&format!("  Nothing was started. To start it: {command}"));
    }
    Ok(Status::Good)
}

/// As one word of a shell.
pub(super) fn quoted(word: &str) -> String {
    api::shell_word(&visible(word))
}
