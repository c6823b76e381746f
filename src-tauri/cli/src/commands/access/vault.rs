//! The vault: made, opened by its passphrase, filled and emptied.

use std::io::IsTerminal as _;

use api::{ApiError, App, ErrorCode, PASSPHRASE_FILE, Secret, commands::Nothing};

use super::secrets::hidden;
use crate::{
    arguments::VaultCommand,
    look::{NEED, counted, one_line, styled},
    out::{Out, message},
    status::{Failure, Status},
};

/// How often a passphrase may be mistyped.
const TRIES: usize = 3;

/// Does what was asked of the vault.
pub(super) fn vault(app: &App, out: &mut Out, command: &VaultCommand) -> Result<Status, Failure> {
    match command {
        VaultCommand::Status(arguments) => status(app, out, arguments.json),
        VaultCommand::Create => {
            let path = app.vault_path();
            if path.symlink_metadata().is_ok() {
                let sentence = format!("There is a vault at {} already: it is kept as it is.", path.display());
                return Err(Failure::new(Status::Input, sentence));
            }
            let passphrase = new_passphrase(app)?;
            app.vault_create(&passphrase)?;
            out.line(&format!("The vault {} was made. New secrets go there from now on.", path.display()));
            message("Without its passphrase nobody can read it, you neither: keep it where you will find it.");
            Ok(Status::Good)
        }
        VaultCommand::Passphrase => {
            unlocked(app, || app.vault_unlocked())?;
            let passphrase = new_passphrase(app)?;
            app.vault_change_passphrase(&passphrase)?;
            out.line("The vault has another passphrase. Copies of the file that were made before have the old one.");
            Ok(Status::Good)
        }
        VaultCommand::Move(arguments) => {
            let moved = unlocked(app, || app.access_move(&arguments.to))?;
            let moved = counted(moved, "secret was moved", "secrets were moved");
            out.line(&format!("{moved}. New ones go to the {} from now on.", arguments.to));
            Ok(Status::Good)
        }
    }
}

fn status(app: &App, out: &mut Out, json: bool) -> Result<Status, Failure> {
    let view = app.access_keeper(Nothing {})?;
    if json {
        out.json(&view)?;
        return Ok(Status::Good);
    }
    out.line(&format!("New secrets go to the {}.", view.keeper));
    let keychain = counted(view.in_keychain, "secret", "secrets");
    out.line(&out.look.row("  keychain", &keychain));
    if let Some(problem) = &view.keychain_problem {
        let shown = out.look.wrapped(&one_line(problem), 4);
        shown.iter().for_each(|line| out.line(&styled(NEED, line)));
    }
    let vault = if view.vault_exists {
        counted(view.in_vault, "secret", "secrets")
    } else {
        "none: `allgood access vault create` makes it".to_owned()
    };
    out.line(&out.look.row("  vault", &vault));
    out.line(&format!("    {}", one_line(&view.vault)));
    Ok(Status::Good)
}

/// Does something that may need the vault; where that is locked, opens it and does it again.
pub(super) fn unlocked<T>(app: &App, work: impl Fn() -> Result<T, ApiError>) -> Result<T, Failure> {
    match work() {
        Err(error) if error.code == ErrorCode::VaultLocked => {
            unlock(app)?;
            Ok(work()?)
        }
        done => Ok(done?),
    }
}

/// Opens the vault: with the file that the environment names, else by asking.
pub(crate) fn unlock(app: &App) -> Result<(), Failure> {
    if app.vault_unlock_unasked()? {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        let sentence = format!(
            "The vault {} is locked, and nobody is there to type its passphrase: name a file that holds it in ${PASSPHRASE_FILE}.",
            app.vault_path().display()
        );
        return Err(Failure::new(Status::Person, sentence));
    }
    for left in (0..TRIES).rev() {
        let passphrase = hidden("Passphrase of the vault")?;
        match app.vault_unlock(&passphrase) {
            Err(error) if error.code == ErrorCode::Keychain && left > 0 => message(&format!("{}.", error.message)),
            done => return Ok(done?),
        }
    }
    Ok(())
}

/// A passphrase for the first time: typed twice, or from the file that the environment names.
fn new_passphrase(app: &App) -> Result<Secret, Failure> {
    if let Some(passphrase) = app.vault_passphrase()? {
        return Ok(passphrase);
    }
    if !std::io::stdin().is_terminal() {
        let sentence = format!(
            "A passphrase is for a person to choose: run this in a terminal, or name a file that holds one in ${PASSPHRASE_FILE}."
        );
        return Err(Failure::new(Status::Person, sentence));
    }
    let (one, two) = (hidden("New passphrase, 8 characters at least")?, hidden("The same again")?);
    if one.expose() != two.expose() {
        return Err(Failure::new(Status::Input, "The two passphrases differ: nothing was changed."));
    }
    Ok(one)
}
