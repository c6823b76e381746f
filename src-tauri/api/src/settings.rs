//! What a person has chosen, in `config.toml`. Keys and comments of others stay as they are.

use std::{fs, io::Write as _, path::PathBuf, sync::PoisonError};

use access::Schemes;

use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    schedules::Quiet,
    wire::{Settings, Stay, Theme, UpdateMinutes},
};

/// For how many days outputs may be kept, where they are not kept for ever.
pub(crate) const DAYS: std::ops::RangeInclusive<u32> = 1..=36_500;

/// For how many minutes an incident may be without an update; 0 reminds nobody.
const MINUTES: std::ops::RangeInclusive<u32> = 0..=1440;

/// After how many seconds a command that passed may call somebody.
const NOTIFY_AFTER: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Every how many minutes remotes are asked; 0 never asks.
const FETCH: std::ops::RangeInclusive<u32> = 0..=1440;

/// Where that is.
const FETCH_KEY: Key = ("team", "fetch_minutes");

/// A key of the file, within its part.
type Key = (&'static str, &'static str);

/// Whether the program stays in the tray.
const STAY: Key = ("window", "stay");

/// The words of the file for it; the usual one first.
const STAYS: [(Stay, &str); 3] = [(Stay::Schedules, "schedules"), (Stay::Always, "always"), (Stay::Never, "never")];

/// The file with the person's settings; read at each use, so that an edit by hand is seen.
pub(crate) struct SettingsFile {
    path: PathBuf,
}

impl SettingsFile {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    fn document(&self) -> Result<toml_edit::DocumentMut, ApiError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.trouble(&error.to_string())),
        };
        text.parse().map_err(|error: toml_edit::TomlError| self.trouble(error.message()))
    }

    fn trouble(&self, what: &str) -> ApiError {
        let path = self.path.display();
        ApiError::new(
            ErrorCode::File,
            format!("The settings in {path} cannot be read: {what}. Mend or remove the file."),
        )
    }

    fn read(&self) -> Result<Settings, ApiError> {
        let document = self.document()?;
        let theme = match document.get("theme").and_then(toml_edit::Item::as_str) {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let schemes = document.get("links").and_then(|links| links.get("schemes"));
        let schemes = schemes.and_then(toml_edit::Item::as_array).into_iter().flatten();
        let usual = Settings::default();
        Ok(Settings {
            theme,
            link_schemes: schemes.filter_map(|scheme| scheme.as_str().map(str::to_owned)).collect(),
            keep_output_days: self.days(&document)?,
            find_shortcut: self.text(&document, ("find", "shortcut"), "Ctrl+Alt+Space")?,
            update_minutes: self.update_minutes(&document)?,
            notifications: self.flag(&document, ("notifications", "enabled"), usual.notifications)?,
            notify_after_s: self.notify_after(&document)?,
            quiet: self.quiet(&document)?,
            quiet_failures: self.flag(&document, ("notifications", "quiet_failures"), usual.quiet_failures)?,
            stay: self.stay(&document)?,
            fetch_minutes: self.fetch_minutes(&document)?,
        })
    }

    /// A text of the file; none where it is empty. `example` is what one looks like.
    fn text(
        &self,
        document: &toml_edit::DocumentMut,
        (part, key): Key,
        example: &str,
    ) -> Result<Option<String>, ApiError> {
        let Some(written) = document.get(part).and_then(|part| part.get(key)) else { return Ok(None) };
        let text = written.as_str().map(|text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
        text.ok_or_else(|| {
            let written = written.to_string();
            self.trouble(&format!("{part}.{key} is {}, and has to be a text such as \"{example}\"", written.trim()))
        })
    }

    fn flag(&self, document: &toml_edit::DocumentMut, (part, key): Key, usual: bool) -> Result<bool, ApiError> {
        let Some(written) = document.get(part).and_then(|part| part.get(key)) else { return Ok(usual) };
        written.as_bool().ok_or_else(|| {
            let written = written.to_string();
            self.trouble(&format!("{part}.{key} is {}, and has to be true or false", written.trim()))
        })
    }

    fn notify_after(&self, document: &toml_edit::DocumentMut) -> Result<u32, ApiError> {
        let Some(written) = document.get("notifications").and_then(|part| part.get("after_s")) else {
            return Ok(Settings::default().notify_after_s);
        };
        let seconds = written.as_integer().and_then(|seconds| u32::try_from(seconds).ok());
        seconds.filter(|seconds| NOTIFY_AFTER.contains(seconds)).ok_or_else(|| {
            self.trouble(&format!(
                "notifications.after_s is {}, and has to be a number of seconds from 1 to {}",
                written.to_string().trim(),
                NOTIFY_AFTER.end()
            ))
        })
    }

    fn quiet(&self, document: &toml_edit::DocumentMut) -> Result<Option<String>, ApiError> {
        let text = self.text(document, ("notifications", "quiet"), "22:00-07:00")?;
        if let Some(text) = &text {
            Quiet::read(text).map_err(|why| self.trouble(&format!("notifications.quiet: {why}")))?;
        }
        Ok(text)
    }

    fn stay(&self, document: &toml_edit::DocumentMut) -> Result<Stay, ApiError> {
        let text = self.text(document, STAY, "schedules")?;
        let known = STAYS.iter().find(|(_, word)| text.as_deref().is_none_or(|text| text == *word));
        known.map(|(stay, _)| *stay).ok_or_else(|| {
            let text = text.unwrap_or_default();
            self.trouble(&format!("{}.{} is \"{text}\", and has to be schedules, always or never", STAY.0, STAY.1))
        })
    }

    fn fetch_minutes(&self, document: &toml_edit::DocumentMut) -> Result<u32, ApiError> {
        let (part, key) = FETCH_KEY;
        let Some(written) = document.get(part).and_then(|part| part.get(key)) else {
            return Ok(Settings::default().fetch_minutes);
        };
        let minutes = written.as_integer().and_then(|minutes| u32::try_from(minutes).ok());
        minutes.filter(|minutes| FETCH.contains(minutes)).ok_or_else(|| {
            self.trouble(&format!(
                "{part}.{key} is {}, and has to be a number of minutes from 0, never, to {}",
                written.to_string().trim(),
                FETCH.end()
            ))
        })
    }

    /// What cannot be read is said, rather than taken for a number that removes something.
    fn days(&self, document: &toml_edit::DocumentMut) -> Result<Option<u32>, ApiError> {
        let Some(written) = document.get("runs").and_then(|runs| runs.get("keep_output_days")) else {
            return Ok(None);
        };
        let days = written.as_integer().and_then(|days| u32::try_from(days).ok()).filter(|days| DAYS.contains(days));
        days.map(Some).ok_or_else(|| {
            self.trouble(&format!(
                "runs.keep_output_days is {}, and has to be a number of days from 1 to {}",
                written.to_string().trim(),
                DAYS.end()
            ))
        })
    }

    /// `[incident.update_minutes]`; a severity that is left out keeps what holds without a choice.
    fn update_minutes(&self, document: &toml_edit::DocumentMut) -> Result<UpdateMinutes, ApiError> {
        let written = document.get("incident").and_then(|incident| incident.get("update_minutes"));
        let mut found = UpdateMinutes::default();
        for (key, minutes) in severities(&mut found) {
            let Some(value) = written.and_then(|written| written.get(key)) else { continue };
            let read = value.as_integer().and_then(|value| u32::try_from(value).ok());
            *minutes = read.filter(|value| MINUTES.contains(value)).ok_or_else(|| {
                let value = value.to_string();
                self.trouble(&format!(
                    "incident.update_minutes.{key} is {}, and has to be a number of minutes from 0, never, to {}",
                    value.trim(),
                    MINUTES.end()
                ))
            })?;
        }
        Ok(found)
    }

    fn write(&self, settings: &Settings) -> Result<(), ApiError> {
        let mut document = self.document()?;
        write_update_minutes(&mut document, settings.update_minutes);
        document["theme"] = toml_edit::value(match settings.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        });
        let links = document.entry("links").or_insert_with(toml_edit::table);
        links["schemes"] = toml_edit::value(settings.link_schemes.iter().collect::<toml_edit::Array>());
        let chosen = (settings.notifications, settings.notify_after_s);
        let usual = (Settings::default().notifications, Settings::default().notify_after_s);
        if chosen != usual || document.contains_key("notifications") {
            let notifications = document.entry("notifications").or_insert_with(toml_edit::table);
            notifications["enabled"] = toml_edit::value(settings.notifications);
            notifications["after_s"] = toml_edit::value(i64::from(settings.notify_after_s));
        }
        write_quiet(&mut document, settings);
        let stay = STAYS.iter().find(|(stay, _)| *stay == settings.stay && settings.stay != Stay::default());
        put(&mut document, STAY, stay.map(|(_, word)| toml_edit::value(*word)));
        let fetch = Some(settings.fetch_minutes).filter(|minutes| *minutes != Settings::default().fetch_minutes);
        put(&mut document, FETCH_KEY, fetch.map(|minutes| toml_edit::value(i64::from(minutes))));
        put(&mut document, ("find", "shortcut"), settings.find_shortcut.as_deref().map(toml_edit::value));
        let days = settings.keep_output_days.map(|days| toml_edit::value(i64::from(days)));
        put(&mut document, ("runs", "keep_output_days"), days);
        self.replace(document.to_string().as_bytes()).map_err(|error| {
            let path = self.path.display();
            ApiError::new(ErrorCode::File, format!("The settings could not be written to {path}: {error}."))
        })
    }

    /// Atomic: a temporary file beside it, synced, renamed.
    fn replace(&self, bytes: &[u8]) -> std::io::Result<()> {
        let folder = self.path.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// The minutes of each severity, by their keys in the file.
fn severities(minutes: &mut UpdateMinutes) -> [(&'static str, &mut u32); 5] {
    let UpdateMinutes { sev1, sev2, sev3, sev4, other } = minutes;
    [("sev1", sev1), ("sev2", sev2), ("sev3", sev3), ("sev4", sev4), ("other", other)]
}

/// Writes a value, or takes away what is there.
fn put(document: &mut toml_edit::DocumentMut, (part, key): Key, value: Option<toml_edit::Item>) {
    match value {
        Some(value) => document.entry(part).or_insert_with(toml_edit::table)[key] = value,
        None => {
            if let Some(part) = document.get_mut(part).and_then(toml_edit::Item::as_table_like_mut) {
                part.remove(key);
            }
        }
    }
}

/// Writes the quiet hours where there are some; takes them away where there are none.
fn write_quiet(document: &mut toml_edit::DocumentMut, settings: &Settings) {
    const FAILURES: Key = ("notifications", "quiet_failures");
    let quiet = settings.quiet.as_deref().map(|quiet| toml_edit::value(quiet.trim()));
    put(document, ("notifications", "quiet"), quiet);
    let written = document.get(FAILURES.0).is_some_and(|part| part.get(FAILURES.1).is_some());
    if settings.quiet_failures || written {
        put(document, FAILURES, Some(toml_edit::value(settings.quiet_failures)));
    }
}

/// Writes what differs from what holds without a choice; takes away the rest.
fn write_update_minutes(document: &mut toml_edit::DocumentMut, mut minutes: UpdateMinutes) {
    let mut usual = UpdateMinutes::default();
    for ((key, chosen), (_, usual)) in severities(&mut minutes).into_iter().zip(severities(&mut usual)) {
        if chosen != usual {
            let incident = document.entry("incident").or_insert_with(toml_edit::table);
            incident["update_minutes"][key] = toml_edit::value(i64::from(*chosen));
        } else if let Some(written) =
            document.get_mut("incident").and_then(|incident| incident.get_mut("update_minutes"))
            && let Some(table) = written.as_table_like_mut()
        {
            table.remove(key);
        }
    }
}

/// The schemes that links may have.
pub(crate) fn schemes(settings: &Settings) -> Result<Schemes, ApiError> {
    let mut schemes = Schemes::default();
    for scheme in &settings.link_schemes {
        schemes.allow(scheme).map_err(|error| ApiError::new(ErrorCode::Scheme, error.to_string()))?;
    }
    Ok(schemes)
}

impl App {
    /// What the person has chosen.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn settings_read(&self, _: Nothing) -> Result<Settings, ApiError> {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner).read()?;
        self.remind(&settings);
        Ok(settings)
    }

    /// Keeps what the person chose; gives it back as it was kept.
    ///
    /// # Errors
    /// When a scheme can never be allowed, or the file cannot be written.
    pub fn settings_write(&self, settings: Settings) -> Result<Settings, ApiError> {
        schemes(&settings)?;
        if let Some(days) = settings.keep_output_days.filter(|days| !DAYS.contains(days)) {
            let sentence =
                format!("Outputs cannot be kept for {days} days: say 1 to {}, or leave it out.", DAYS.end());
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        if !FETCH.contains(&settings.fetch_minutes) {
            let minutes = settings.fetch_minutes;
            let sentence =
                format!("Remotes cannot be asked every {minutes} minutes: say 0, never, to {}.", FETCH.end());
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        if !NOTIFY_AFTER.contains(&settings.notify_after_s) {
            let sentence = format!(
                "A command cannot call you after {} seconds: say 1 to {}.",
                settings.notify_after_s,
                NOTIFY_AFTER.end()
            );
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        if let Some(quiet) = settings.quiet.as_deref().filter(|quiet| !quiet.trim().is_empty()) {
            Quiet::read(quiet).map_err(|why| ApiError::new(ErrorCode::BadInput, format!("{why}.")))?;
        }
        let file = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        let wrong = severities(&mut settings.update_minutes.clone())
            .into_iter()
            .map(|(_, minutes)| *minutes)
            .find(|minutes| !MINUTES.contains(minutes));
        if let Some(minutes) = wrong {
            let sentence =
                format!("{minutes} minutes between two updates are too many: say 0, never, to {}.", MINUTES.end());
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let before = file.read().ok().and_then(|settings| settings.find_shortcut);
        // They may be had by another program, so they are held before anybody relies on the file.
        let held = (settings.find_shortcut != before)
            .then(|| self.change_shortcut(settings.find_shortcut.as_deref()))
            .transpose()?;
        if let Err(error) = file.write(&settings) {
            if let Some(held) = held
                && let Err(left) = self.change_shortcut(held.as_deref())
            {
                tracing::warn!(message = %left.message, "the keys of before are not held again");
            }
            return Err(error);
        }
        let settings = file.read()?;
        self.remind(&settings);
        Ok(settings)
    }

    /// Runs under way are reminded as the settings say now.
    fn remind(&self, settings: &Settings) {
        let intervals = crate::incident::intervals(settings.update_minutes);
        *self.intervals.write().unwrap_or_else(PoisonError::into_inner) = intervals;
    }
}
