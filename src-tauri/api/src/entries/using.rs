//! A secret on its way to where a person wants it: set, revealed, copied, as a one-time code, opened in the browser.

use access::{Account, Asking, Copied, EntryKind, Secret};
use store::AccessEntry;

use super::keeping::{label, refused};
use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    settings::schemes,
    wire::{AccessArgument, AccessField},
};

/// What a person should know of a secret that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSet {
    /// Its field.
    pub field: String,
    /// `keychain` or `vault`.
    pub place: &'static str,
    /// Why it cannot be masked in what commands print, if it cannot: one sentence.
    pub warning: Option<String>,
}

/// A one-time code. The digits are for the person alone.
pub struct CodeNow {
    /// The code.
    pub code: access::OneTimeCode,
    /// Of which entry.
    pub entry: String,
}

impl App {
    /// Keeps a secret of an entry, in place of the one that is there.
    ///
    /// # Errors
    /// When there is no such entry, the field cannot be called so, the secret is empty or no seed of codes, or the keychain
    /// cannot be had.
    pub fn access_set(&self, field: &AccessField, secret: &Secret) -> Result<SecretSet, ApiError> {
        let entry = self.entry(&field.entry)?;
        let field = field.field.clone().unwrap_or_else(|| usual(&entry).to_owned());
        check_secret(&entry.name, &field, secret)?;
        let place = self.keeper()?;
        self.keepers.of(place).set(&Account::new(&entry.id, &field), secret, &label(&entry.name, &field)).map_err(
            |error| refused(&error, format!("The secret \"{field}\" of {} was not kept: {error}.", entry.name)),
        )?;
        self.store.set_access_field(&entry.id, &field, Some(place), &self.engine.clock.now())?;
        // From now on it is hidden wherever it comes up.
        let warning = self.secrets.register(secret).err().map(|why| why.to_string());
        Ok(SecretSet { field, place, warning })
    }

    /// Forgets a secret of an entry.
    ///
    /// # Errors
    /// When there is none, or what keeps it cannot be reached.
    pub fn access_forget(&self, field: &AccessField) -> Result<(), ApiError> {
        let entry = self.entry(&field.entry)?;
        let (field, place) = chosen(&entry, field.field.as_deref())?;
        self.keepers.of(&place).remove(&Account::new(&entry.id, &field)).map_err(|error| {
            refused(&error, format!("The secret \"{field}\" of {} was not removed: {error}.", entry.name))
        })?;
        Ok(self.store.set_access_field(&entry.id, &field, None, &self.engine.clock.now())?)
    }

    /// A secret, for the person who asked to see it. It is masked wherever else it comes up from then on.
    ///
    /// # Errors
    /// When there is none, or the keychain cannot be had.
    pub fn access_reveal(&self, field: &AccessField) -> Result<Secret, ApiError> {
        let entry = self.entry(&field.entry)?;
        let (field, place) = chosen(&entry, field.field.as_deref())?;
        let secret = self.secret(&entry, &field, &place, Asking::Allowed)?;
        self.store.access_used(&entry.id, &self.engine.clock.now())?;
        Ok(secret)
    }

    /// Puts a secret on the clipboard, where it stays until what is given back is dropped or has waited.
    ///
    /// # Errors
    /// As for [`App::access_reveal`], and when there is no clipboard.
    pub fn access_copy(&self, field: &AccessField) -> Result<Copied, ApiError> {
        let secret = self.access_reveal(field)?;
        Copied::new(&secret).map_err(|error| ApiError::new(ErrorCode::Keychain, error.to_string()))
    }

    /// The one-time code of an entry at this moment.
    ///
    /// # Errors
    /// When it has no seed, or the keychain cannot be had.
    pub fn access_code(&self, argument: &AccessArgument) -> Result<CodeNow, ApiError> {
        let entry = self.entry(&argument.entry)?;
        if !entry.fields.contains_key(access::SEED_FIELD) {
            let (name, field) = (&entry.name, access::SEED_FIELD);
            let sentence = format!(
                "{name} has no seed of one-time codes: set it with `allgood access edit {name} --secret {field}`"
            );
            return Err(ApiError::new(ErrorCode::NotFound, sentence));
        }
        let seed = self
            .access_reveal(&AccessField { entry: entry.name.clone(), field: Some(access::SEED_FIELD.to_owned()) })?;
        let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default();
        let code = access::code(&seed, now).map_err(|error| ApiError::new(ErrorCode::BadInput, error.to_string()))?;
        Ok(CodeNow { code, entry: entry.name })
    }

    /// Opens an entry's address in the browser; gives the address.
    ///
    /// # Errors
    /// When it has none, or its scheme is not allowed.
    pub fn access_open(&self, argument: AccessArgument) -> Result<String, ApiError> {
        let entry = self.entry(&argument.entry)?;
        let Some(address) = entry.address.as_deref() else {
            let name = &entry.name;
            let sentence =
                format!("{name} has no address: give it one with `allgood access edit {name} --address …`");
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        };
        let address = match address.contains("://") || entry.kind != EntryKind::Web.name() {
            true => address.to_owned(),
            false => format!("https://{address}"),
        };
        let links = access::Links::new(schemes(&self.settings_read(Nothing {})?)?, &*self.opener);
        links.open(&address).map_err(|error| {
            let code = match error {
                access::LinkRefusal::System(..) => ErrorCode::Internal,
                _ => ErrorCode::Scheme,
            };
            ApiError::new(code, error.to_string())
        })?;
        self.store.access_used(&entry.id, &self.engine.clock.now())?;
        Ok(address)
    }

    /// A secret of an entry, known to the masker from now on.
    pub(crate) fn secret(
        &self,
        entry: &AccessEntry,
        field: &str,
        place: &str,
        asking: Asking,
    ) -> Result<Secret, ApiError> {
        let name = &entry.name;
        let found =
            self.keepers.of(place).get(&Account::new(&entry.id, field), asking).map_err(|error| {
                refused(&error, format!("The secret \"{field}\" of {name} cannot be had: {error}."))
            })?;
        let secret = found.ok_or_else(|| ApiError::new(ErrorCode::NotFound, lost(name, field, place)))?;
        // One that is too short to be masked was said to be so when it was kept.
        let _ = self.secrets.register(&secret);
        Ok(secret)
    }
}

/// Whether this can be kept under that name.
pub(super) fn check_secret(entry: &str, field: &str, secret: &Secret) -> Result<(), ApiError> {
    let bad = |sentence: String| ApiError::new(ErrorCode::BadInput, sentence);
    access::check_field_name(field).map_err(|error| bad(error.to_string()))?;
    if secret.expose().is_empty() {
        return Err(bad(format!("The secret \"{field}\" of {entry} is empty, so nothing was kept.")));
    }
    if field == access::SEED_FIELD {
        access::code(secret, 0).map_err(|error| bad(error.to_string()))?;
    }
    Ok(())
}

/// The sentence for a secret that the store knows of and its keeper does not.
pub(crate) fn lost(name: &str, field: &str, place: &str) -> String {
    format!(
        "the secret \"{field}\" of {name} is in the {place} no longer: set it anew with `allgood access edit {name} \
         --secret {field}`"
    )
}

/// The field that is meant where none is named.
fn usual(entry: &AccessEntry) -> &'static str {
    EntryKind::named(&entry.kind).unwrap_or(EntryKind::Note).usual_field()
}

/// The field that is meant, and where it is: the one that is named, the usual one of its kind, or the only one there is.
fn chosen(entry: &AccessEntry, named: Option<&str>) -> Result<(String, String), ApiError> {
    let found = match named {
        Some(name) => entry.fields.get_key_value(name),
        None => entry.fields.get_key_value(usual(entry)).or_else(|| {
            let mut fields = entry.fields.iter().filter(|(name, _)| *name != access::SEED_FIELD);
            fields.next().filter(|_| fields.next().is_none())
        }),
    };
    found.map(|(name, kept)| (name.clone(), kept.place.clone())).ok_or_else(|| {
        let name = &entry.name;
        let has: Vec<&str> = entry.fields.keys().map(String::as_str).collect();
        let sentence = match (named, has.as_slice()) {
            (Some(field), []) => format!(
                "{name} has no secret \"{field}\", nor any other: set it with `allgood access edit {name} --secret {field}`"
            ),
            (Some(field), has) => format!("{name} has no secret \"{field}\": it has {}", has.join(", ")),
            (None, []) => format!("{name} has no secret: set one with `allgood access edit {name} --secret {}`", usual(entry)),
            (None, has) => format!("{name} has several secrets, say which: {}", has.join(", ")),
        };
        ApiError::new(ErrorCode::NotFound, sentence)
    })
}
