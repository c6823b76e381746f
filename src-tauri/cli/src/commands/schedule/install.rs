//! `allgood schedule install`: units of systemd, for this person, that run what is due each minute.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    look::visible,
    out::{Out, message},
    status::{Failure, Status},
};

const SERVICE: &str = "allgood-schedule.service";
const TIMER: &str = "allgood-schedule.timer";
/// What decides which store and settings are used, how the vault is opened, and which programs commands find.
const CARRIED: [&str; 6] =
    ["ALLGOOD_DATA", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", api::PASSPHRASE_FILE, "PATH"];

/// Writes the units and starts the timer; with `print` shows them.
pub(super) fn install(out: &mut Out, print: bool) -> Result<Status, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(Status::Broken, format!("The system does not say where this program is: {error}."))
    })?;
    let units = [(SERVICE, service(&program)?), (TIMER, TIMER_TEXT.to_owned())];
    let folder = folder()?;
    if print {
        for (name, text) in &units {
            out.line(&format!("# {}", folder.join(name).display()));
            out.text(text);
            out.line("");
        }
        return Ok(Status::Good);
    }
    let wrong = |path: &Path, error: &std::io::Error| {
        Failure::new(
            Status::Input,
            format!("{} cannot be written: {error}. Make it writable for you.", path.display()),
        )
    };
    fs::create_dir_all(&folder).map_err(|error| wrong(&folder, &error))?;
    for (name, text) in &units {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| wrong(&path, &error))?;
        out.line(&format!("{} was written.", path.display()));
    }
    for arguments in [&["--user", "daemon-reload"][..], &["--user", "enable", "--now", TIMER]] {
        if let Err(why) = systemctl(out, arguments) {
            message(&visible(&without_systemd(&program, &why)));
            return Ok(Status::Bad);
        }
    }
    out.line("What is due is run each minute from now on, while you are logged in.");
    out.line("To have it run while you are not, too: loginctl enable-linger");
    Ok(Status::Good)
}

/// Stops the timer and removes the units.
pub(super) fn uninstall(out: &mut Out) -> Result<Status, Failure> {
    let folder = folder()?;
    if !is_installed() {
        out.line(&format!("Nothing is installed: {} is not there.", folder.join(TIMER).display()));
        return Ok(Status::Good);
    }
    let mut status = Status::Good;
    if let Err(why) = systemctl(out, &["--user", "disable", "--now", TIMER]) {
        message(&visible(&format!("The timer could not be stopped: {why}.")));
        status = Status::Bad;
    }
    for name in [TIMER, SERVICE] {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::new(Status::Input, format!("{} cannot be removed: {error}.", path.display())));
            }
            _ => out.line(&format!("{} was removed.", path.display())),
        }
    }
    if let Err(why) = systemctl(out, &["--user", "daemon-reload"]) {
        message(&visible(&format!("systemd still knows the units until you log in again: {why}.")));
        status = Status::Bad;
    }
    Ok(status)
}

/// Whether the timer's unit is there.
pub(super) fn is_installed() -> bool {
    folder().is_ok_and(|folder| folder.join(TIMER).is_file())
}

/// Where a person's units are.
fn folder() -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    let config = config
        .ok_or_else(|| Failure::new(Status::Input, "HOME is not set, so there is no folder for units: set it."))?;
    Ok(config.join("systemd/user"))
}

const TIMER_TEXT: &str = "[Unit]
Description=Looks each minute which schedules of Allgood are due

[Timer]
OnCalendar=minutely
AccuracySec=1s
Persistent=true

[Install]
WantedBy=timers.target
";

/// The unit that runs what is due. Stopped, it ends its runs in order: they can be resumed.
fn service(program: &Path) -> Result<String, Failure> {
    let mut text = String::from(
        "[Unit]
Description=Runs what is due of the schedules of Allgood

[Service]
Type=oneshot
",
    );
    text.push_str(&format!("ExecStart={} schedule run-due\n", quoted(&program.display().to_string(), true)?));
    text.push_str("KillMode=mixed\nTimeoutStopSec=60\n");
    for name in CARRIED {
        if let Ok(mut value) = std::env::var(name)
            && !value.is_empty()
        {
            // The unit runs in another folder.
            if name == api::PASSPHRASE_FILE
                && let Ok(whole) = std::path::absolute(&value)
            {
                value = whole.display().to_string();
            }
            text.push_str(&format!("Environment={}\n", quoted(&format!("{name}={value}"), false)?));
        }
    }
    Ok(text)
}

/// As one word of a unit (systemd.syntax, systemd.service): `%` begins a specifier everywhere, `$` a variable in a command.
fn quoted(word: &str, command: bool) -> Result<String, Failure> {
    if word.chars().any(char::is_control) {
        let sentence =
            format!("{word:?} cannot stand in a unit of systemd: it holds a line end or another control character.");
        return Err(Failure::new(Status::Input, sentence));
    }
    let mut text = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    if command {
        text = text.replace('$', "$$");
    }
    Ok(format!("\"{text}\""))
}

/// Runs systemctl and says so; why it did not do what it was asked.
fn systemctl(out: &mut Out, arguments: &[&str]) -> Result<(), String> {
    let command = format!("systemctl {}", arguments.join(" "));
    let done = Command::new("systemctl").args(arguments).output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => "there is no systemctl here".to_owned(),
        _ => format!("{command}: {error}"),
    })?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let said = said.lines().next().unwrap_or_default().trim_end_matches('.');
        let said = if said.is_empty() { done.status.to_string() } else { said.to_owned() };
        return Err(format!("{command}: {said}"));
    }
    out.line(&format!("{command}: done"));
    Ok(())
}

/// What to do where systemd does not run units for people.
fn without_systemd(program: &Path, why: &str) -> String {
    let mut line = String::from("* * * * * ");
    for name in CARRIED {
        if let Ok(value) = std::env::var(name)
            && !value.is_empty()
        {
            line.push_str(&format!("{name}={} ", api::shell_word(&value)));
        }
    }
    // cron takes `%` for a line end.
    let line =
        format!("{line}{} schedule run-due", api::shell_word(&program.display().to_string())).replace('%', "\\%");
    format!(
        "systemd runs nothing for you here ({why}). Where cron does, put this line into `crontab -e`, and `allgood schedule \
         uninstall` takes the units away again:\n{line}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_unit_means_itself() {
        for (word, command, unit) in [
            ("/usr/bin/allgood", true, r#""/usr/bin/allgood""#),
            ("/opt/my tools/100%/a\"b", true, r#""/opt/my tools/100%%/a\"b""#),
            ("/opt/$HOME\\x", true, r#""/opt/$$HOME\\x""#),
            ("PATH=/a:$b", false, r#""PATH=/a:$b""#),
        ] {
            assert_eq!(quoted(word, command).unwrap(), unit, "{word}");
        }
        assert!(quoted("a\nb", true).is_err());
    }
}
