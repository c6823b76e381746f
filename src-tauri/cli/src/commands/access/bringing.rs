//! Entries that come from elsewhere, and a table of all of them.

use std::{fs, io::Write as _};

use api::{App, wire::AccessImportRow};

use super::unlocked;
use crate::{
    arguments::{AccessExport, AccessImport},
    commands::{lines, table},
    look::{DIM, counted, one_line, styled},
    out::{Out, message, person_is_there},
    run,
    status::{Failure, Status},
};

/// Shows what would come, asks, and keeps it.
pub(super) fn import(app: &App, out: &mut Out, arguments: &AccessImport) -> Result<Status, Failure> {
    let incoming = match &arguments.file {
        file if arguments.ssh => app.access_read_ssh(file.as_deref())?,
        Some(file) => app.access_read_table(file)?,
        None => return Err(Failure::new(Status::Input, "Name a file, or say --ssh: nothing was brought in.")),
    };
    let plan = app.access_import_plan(&incoming)?;
    if arguments.json {
        out.json(&plan)?;
    } else if plan.is_empty() {
        message("Nothing was found there that could be an access entry.");
    } else {
        show(out, &plan);
    }
    out.flush();
    let coming = plan.iter().filter(|row| row.left.is_none()).count() as u64;
    if arguments.plan || coming == 0 {
        return Ok(Status::Good);
    }
    let entries = counted(coming, "entry", "entries");
    if !arguments.yes {
        if !person_is_there() || arguments.json {
            let sentence = format!("{entries} would come: say so with --yes, or in a terminal. Nothing was kept.");
            return Err(Failure::new(Status::Person, sentence));
        }
        if !run::confirm_alone(out.look, &format!("Keep {entries}?"))? {
            message("Nothing was kept.");
            return Ok(Status::Stopped);
        }
    }
    let kept = unlocked(app, || app.access_import(&incoming))?;
    if !arguments.json {
        out.line(&format!("{} kept.", counted(kept, "entry was", "entries were")));
    }
    if let Some(file) = arguments.file.as_ref().filter(|_| plan.iter().any(|row| !row.secrets.is_empty())) {
        message(&format!("{} still holds the secrets in plain text: remove it.", file.display()));
    }
    Ok(Status::Good)
}

fn show(out: &mut Out, plan: &[AccessImportRow]) {
    let mut shown = table(out.look, &["name", "kind", "address", "user", "secrets", "note"]);
    for row in plan {
        let text = |text: &Option<String>| text.as_deref().map(one_line).unwrap_or_default();
        let note = row.left.as_ref().map_or_else(|| text(&row.note), |left| styled(DIM, left));
        let secrets = row.secrets.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ");
        shown.add_row([one_line(&row.name), row.kind.clone(), text(&row.address), text(&row.user), secrets, note]);
    }
    lines(&shown).iter().for_each(|line| out.line(line));
}

/// Prints all entries, or writes them to a new file.
pub(super) fn export(app: &App, out: &mut Out, arguments: &AccessExport) -> Result<Status, Failure> {
    let text = app.access_export()?;
    let Some(path) = &arguments.output else {
        out.raw(text.as_bytes());
        return Ok(Status::Good);
    };
    let written = fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        Failure::new(Status::Input, format!("{} cannot be written: {error}. Nothing is overwritten.", path.display()))
    })?;
    out.line(&format!("{} was written, without any secret.", path.display()));
    Ok(Status::Good)
}
