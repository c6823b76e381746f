//! `allgood access`: entries, and their secrets on the way to a person.

mod bringing;
mod connect;
mod secrets;
mod showing;
mod vault;

use std::{collections::BTreeMap, path::Path};

use api::{
    ApiError, App, ErrorCode,
    wire::{
        AccessArgument, AccessDetails, AccessField, AccessQuery, AccessView, EditAccess, GrantAccess, NewAccess,
        PrepareRun,
    },
};

pub(crate) use self::vault::unlock as unlock_vault;
use self::vault::unlocked;
use crate::{
    arguments::{
        AccessAdd, AccessAllow, AccessChanges, AccessCommand, AccessEdit, AccessList, AccessRemove, AccessRename,
        AccessShow,
    },
    look::one_line,
    out::{Out, message, person_is_there},
    run,
    status::{Failure, Status},
};

/// Does what was asked of access entries.
pub(crate) fn access(app: &App, out: &mut Out, command: &AccessCommand) -> Result<Status, Failure> {
    match command {
        AccessCommand::Add(arguments) => add(app, out, arguments),
        AccessCommand::List(arguments) => list(app, out, arguments),
        AccessCommand::Show(arguments) => show(app, out, arguments),
        AccessCommand::Edit(arguments) => edit(app, out, arguments),
        AccessCommand::Rename(arguments) => rename(app, out, arguments),
        AccessCommand::Remove(arguments) => remove(app, out, arguments),
        AccessCommand::Copy(arguments) => secrets::copy(app, out, arguments),
        AccessCommand::Reveal(arguments) => secrets::reveal(app, out, arguments),
        AccessCommand::Code(arguments) => secrets::code(app, out, arguments),
        AccessCommand::Open(arguments) => {
            let address = app.access_open(AccessArgument { entry: arguments.name.clone() })?;
            out.line(&format!("{} was opened.", one_line(&address)));
            Ok(Status::Good)
        }
        AccessCommand::Connect(arguments) => connect::connect(app, out, arguments),
        AccessCommand::Allow(arguments) => allow(app, out, arguments),
        AccessCommand::Forbid(arguments) => grant(app, out, arguments.names.clone(), &arguments.path, false),
        AccessCommand::Import(arguments) => bringing::import(app, out, arguments),
        AccessCommand::Export(arguments) => bringing::export(app, out, arguments),
        AccessCommand::Vault(command) => vault::vault(app, out, command),
    }
}

fn add(app: &App, out: &mut Out, arguments: &AccessAdd) -> Result<Status, Failure> {
    let given = secrets::asked_for(&arguments.name, &arguments.details.secret)?;
    let new = NewAccess {
        name: arguments.name.clone(),
        kind: arguments.kind.clone(),
        details: details(&arguments.details),
    };
    let (view, set) = unlocked(app, || app.access_create(new.clone(), &given))?;
    let name = one_line(&view.entry.name);
    let kept: Vec<&str> = set.iter().map(|one| one.field.as_str()).collect();
    let place = set.first().map_or("keychain", |one| one.place);
    let secrets = match kept.as_slice() {
        [] => "without a secret".to_owned(),
        kept => format!("with {} in the {place}", kept.join(", ")),
    };
    out.line(&format!("{name} was added, {secrets}."));
    warn(set);
    Ok(Status::Good)
}

fn edit(app: &App, out: &mut Out, arguments: &AccessEdit) -> Result<Status, Failure> {
    let changes = details(&arguments.details);
    let nothing = changes == AccessDetails::default() && arguments.kind.is_none();
    if nothing && arguments.details.secret.is_empty() && arguments.forget.is_empty() {
        let sentence = "Nothing was named that is to be changed: `allgood access edit --help` shows what can be.";
        return Err(Failure::new(Status::Input, sentence));
    }
    // Whether it is there is known before anybody types a secret.
    let before = app.access_view(AccessArgument { entry: arguments.name.clone() })?;
    let given = secrets::asked_for(&before.entry.name, &arguments.details.secret)?;
    let name = before.entry.name.clone();
    let field = |field: &str| AccessField { entry: name.clone(), field: Some(field.to_owned()) };
    if !nothing {
        app.access_edit(EditAccess {
            entry: name.clone(),
            name: None,
            kind: arguments.kind.clone(),
            details: changes,
        })?;
    }
    for (one, secret) in &given {
        warn([unlocked(app, || app.access_set(&field(one), secret))?]);
    }
    for one in &arguments.forget {
        unlocked(app, || app.access_forget(&field(one)))?;
    }
    out.line(&format!("{} was changed.", one_line(&name)));
    Ok(Status::Good)
}

fn rename(app: &App, out: &mut Out, arguments: &AccessRename) -> Result<Status, Failure> {
    let before = app.access_view(AccessArgument { entry: arguments.name.clone() })?;
    let view = app.access_edit(EditAccess {
        entry: arguments.name.clone(),
        name: Some(arguments.new_name.clone()),
        ..EditAccess::default()
    })?;
    out.line(&format!("{} is called {} now.", one_line(&before.entry.name), one_line(&view.entry.name)));
    let written: Vec<String> = before
        .used_by
        .iter()
        .map(|used| format!("  {}: {}", one_line(&used.path), one_line(&used.written)))
        .collect();
    if !written.is_empty() {
        message("These name it by its old name, and have to follow:");
        written.iter().for_each(|line| message(line));
    }
    Ok(Status::Good)
}

fn remove(app: &App, out: &mut Out, arguments: &AccessRemove) -> Result<Status, Failure> {
    let view = app.access_view(AccessArgument { entry: arguments.name.clone() })?;
    let name = one_line(&view.entry.name);
    if !arguments.yes {
        if !person_is_there() {
            let sentence = format!(
                "Removing {name} cannot be taken back: say it with --yes, or in a terminal. Nothing was removed."
            );
            return Err(Failure::new(Status::Person, sentence));
        }
        let used = match view.used_by.len() {
            0 => "No runbook of the library refers to it.".to_owned(),
            1 => format!("{} refers to it.", one_line(&view.used_by[0].path)),
            more => format!("{more} runbooks refer to it."),
        };
        let question = format!("{used} Remove {name} and its secrets? That cannot be taken back.");
        if !run::confirm_alone(out.look, &question)? {
            message("Nothing was removed.");
            return Ok(Status::Stopped);
        }
    }
    unlocked(app, || app.access_remove(AccessArgument { entry: view.entry.name.clone() }))?;
    out.line(&format!("{name} was removed, and its secrets."));
    Ok(Status::Good)
}

/// Lets the runbooks of a library use entries in runs: those that are named, or all that a run of one asks for.
fn allow(app: &App, out: &mut Out, arguments: &AccessAllow) -> Result<Status, Failure> {
    if !arguments.all {
        return grant(app, out, arguments.names.clone(), &arguments.path, true);
    }
    let wanted = PrepareRun {
        path: arguments.path.display().to_string(),
        environment: arguments.environment.clone(),
        step: None,
        values: BTreeMap::new(),
    };
    match app.run_access_ready(&wanted, false) {
        Ok(()) => {
            message(&format!("A run of {} asks for no entry that it may not use already.", one_line(&wanted.path)));
            Ok(Status::Good)
        }
        Err(ApiError { code: ErrorCode::NeedsGrant, grants: Some(needed), .. }) => {
            let named: Vec<String> = needed.entries.iter().map(|name| one_line(name)).collect();
            message(&format!("A run of {} asks for {}.", one_line(&wanted.path), named.join(", ")));
            let question = format!("May the runbooks of {} use them, from now on?", one_line(&needed.scope));
            if person_is_there() && !run::confirm_alone(out.look, &question)? {
                message("Nothing was allowed.");
                return Ok(Status::Stopped);
            }
            grant(app, out, needed.entries, &arguments.path, true)
        }
        Err(error) => Err(error.into()),
    }
}

/// Lets the runbooks of a library use entries in runs, or no longer.
fn grant(app: &App, out: &mut Out, entries: Vec<String>, path: &Path, allowed: bool) -> Result<Status, Failure> {
    let named = entries.iter().map(|name| one_line(name)).collect::<Vec<_>>().join(", ");
    let path = path.display().to_string();
    let scope = one_line(&app.access_grant(&GrantAccess { entries, path, allowed })?);
    out.line(&if allowed {
        format!("The runbooks of {scope} may use {named} from now on.")
    } else {
        format!("The runbooks of {scope} have to ask again before they use {named}.")
    });
    Ok(Status::Good)
}

fn list(app: &App, out: &mut Out, arguments: &AccessList) -> Result<Status, Failure> {
    let list = app.access_list(AccessQuery {
        words: arguments.words.join(" "),
        group: arguments.group.clone(),
        tag: arguments.tag.clone(),
        kind: arguments.kind.clone(),
        expires_within: arguments.expired.then_some(0).or(arguments.expires_within),
    })?;
    if arguments.json {
        out.json(&list.entries)?;
        return Ok(Status::Good);
    }
    match (list.entries.is_empty(), list.all) {
        (true, 0) => message(
            "There is no access entry. Add one: allgood access add NAME --address HOST --user USER --secret password",
        ),
        (true, all) => message(&format!("None of {all} access entries is so.")),
        (false, _) => showing::table(out, &list.entries),
    }
    Ok(Status::Good)
}

fn show(app: &App, out: &mut Out, arguments: &AccessShow) -> Result<Status, Failure> {
    let view: AccessView = app.access_view(AccessArgument { entry: arguments.name.clone() })?;
    if arguments.json {
        out.json(&view)?;
    } else {
        showing::whole(out, &view);
    }
    Ok(Status::Good)
}

fn details(given: &AccessChanges) -> AccessDetails {
    AccessDetails {
        group: given.group.clone(),
        tags: (!given.tag.is_empty()).then(|| given.tag.clone()),
        address: given.address.clone(),
        port: given.port,
        user: given.user.clone(),
        command: given.command.clone(),
        note: given.note.clone(),
        expires: given.expires.clone(),
    }
}

/// Says what a person should know of secrets that were kept.
fn warn(set: impl IntoIterator<Item = api::SecretSet>) {
    for one in set {
        if let Some(warning) = one.warning {
            message(&format!("{}: {warning}.", one.field));
        }
    }
}
