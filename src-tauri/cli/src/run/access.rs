//! What a run refers to by `access`, before anything of it starts: the vault is opened, a library's first use of an entry is
//! asked about, and what cannot be fetched is typed unseen. Without a person each of these is a sentence and an end.

use std::collections::BTreeMap;

use api::{ApiError, App, ErrorCode, wire::GrantAccess};

use super::{confirm_alone, hidden_alone};
use crate::{
    commands::unlock_vault,
    look::{Look, one_line},
    out::message,
    status::Failure,
};

/// So many entries are named in a question; more stand above it.
const NAMED: usize = 8;

/// Makes sure that a run can have its secrets. `check` looks, with the values that are given by then; `path` is the runbook's
/// file. Gives the values that were typed, or `None` when the person thought better of it.
pub(super) fn ready(
    app: &App,
    look: Look,
    (path, attended): (&str, bool),
    check: impl Fn(&BTreeMap<String, String>) -> Result<(), ApiError>,
) -> Result<Option<BTreeMap<String, String>>, Failure> {
    let mut typed = BTreeMap::new();
    loop {
        let Err(error) = check(&typed) else { return Ok(Some(typed)) };
        match (error.code, &error.grants, &error.needs) {
            (ErrorCode::VaultLocked, ..) => unlock_vault(app)?,
            (ErrorCode::NeedsGrant, Some(needed), _) if attended => {
                let entries = &needed.entries;
                let named: Vec<String> = entries.iter().map(|entry| one_line(entry)).collect();
                let what = match &named[..] {
                    [one] => format!("the secrets of {one}"),
                    few if few.len() <= NAMED => format!("the secrets of these: {}", few.join(", ")),
                    many => {
                        look.wrapped(&many.join(", "), 4).iter().for_each(|line| message(line));
                        format!("the secrets of these {}", many.len())
                    }
                };
                let question = format!(
                    "The runbooks beside {} have not used {what} yet. May they, from now on?",
                    one_line(path)
                );
                if !confirm_alone(look, &question)? {
                    return Ok(None);
                }
                app.access_grant(&GrantAccess { entries: entries.clone(), path: path.to_owned(), allowed: true })?;
            }
            (ErrorCode::NeedsValues, _, Some(needs)) if attended && !needs.variables.is_empty() => {
                message(&format!("{}.", one_line(&error.message)));
                for name in &needs.variables {
                    let Some(value) = hidden_alone(&format!("Value of {}", one_line(name)))? else { return Ok(None) };
                    typed.insert(name.clone(), value);
                }
            }
            _ => return Err(error.into()),
        }
    }
}
