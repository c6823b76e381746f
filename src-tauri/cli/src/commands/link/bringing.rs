//! Links that come from elsewhere, and all of them on their way out.

use api::{
    App,
    wire::{ExportLinks, ImportLinks, LinkImportRow},
};

use crate::{
    arguments::{LinkExport, LinkImport},
    commands::{lines, table},
    look::{DIM, counted, one_line, styled},
    out::{Out, message, person_is_there},
    run,
    status::{Failure, Status},
};

/// Shows what would come, asks, and keeps it.
pub(super) fn import(app: &App, out: &mut Out, arguments: &LinkImport) -> Result<Status, Failure> {
    let path = arguments.file.display().to_string();
    let plan = app.links_import_plan(ImportLinks { path: path.clone(), seen: None })?;
    if arguments.json {
        out.json(&plan.rows)?;
    } else if plan.rows.is_empty() {
        message("No link was found there.");
    } else {
        show(out, &plan.rows);
    }
    out.flush();
    let coming = plan.rows.iter().filter(|row| row.left.is_none()).count() as u64;
    if arguments.plan || coming == 0 {
        return Ok(Status::Good);
    }
    let links = counted(coming, "link", "links");
    if !arguments.yes {
        if !person_is_there() || arguments.json {
            let sentence = format!("{links} would come: say so with --yes, or in a terminal. Nothing was kept.");
            return Err(Failure::new(Status::Person, sentence));
        }
        if !run::confirm_alone(out.look, &format!("Keep {links}?"))? {
            message("Nothing was kept.");
            return Ok(Status::Stopped);
        }
    }
    let kept = app.links_import(ImportLinks { path, seen: Some(plan.seen) })?;
    if !arguments.json {
        out.line(&format!("{} kept.", counted(kept, "link was", "links were")));
    }
    Ok(Status::Good)
}

fn show(out: &mut Out, rows: &[LinkImportRow]) {
    let mut shown = table(out.look, &["title", "group", "tags", "address", ""]);
    for row in rows {
        let left = row.left.as_ref().map(|left| styled(DIM, format!("left out: {}", one_line(left))));
        shown.add_row([
            one_line(&row.title),
            row.group.as_deref().map(one_line).unwrap_or_default(),
            row.tags.iter().map(|tag| one_line(tag)).collect::<Vec<_>>().join(", "),
            one_line(&row.address),
            left.unwrap_or_default(),
        ]);
    }
    lines(&shown).iter().for_each(|line| out.line(line));
}

/// Prints all links, or writes them to a new file.
pub(super) fn export(app: &App, out: &mut Out, arguments: &LinkExport) -> Result<Status, Failure> {
    match &arguments.output {
        None => out.raw(app.links_text(arguments.csv)?.as_bytes()),
        Some(path) => {
            let written = app.links_export(ExportLinks { path: path.display().to_string(), table: arguments.csv })?;
            out.line(&format!("{}: {} written.", path.display(), counted(written, "link was", "links were")));
        }
    }
    Ok(Status::Good)
}
