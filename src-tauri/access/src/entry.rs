//! What an access entry is: its kinds, what it and its fields may be called, and how a runbook refers to one (ACCESS.md,
//! "Access entries"; FORMAT.md, `access`).

/// What an entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A host that one signs in to with ssh.
    Ssh,
    /// A database.
    Database,
    /// A token of a service.
    Token,
    /// A page that one signs in to.
    Web,
    /// A container.
    Container,
    /// Anything else that is worth keeping.
    Note,
}

impl EntryKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Ssh, Self::Database, Self::Token, Self::Web, Self::Container, Self::Note];

    /// Its name, as it is written and kept.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Database => "database",
            Self::Token => "token",
            Self::Web => "web",
            Self::Container => "container",
            Self::Note => "note",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The secret field that is meant where none is named.
    #[must_use]
    pub fn usual_field(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Note => "text",
            Self::Ssh | Self::Database | Self::Web | Self::Container => "password",
        }
    }
}

/// The most characters of a name.
const LONGEST: usize = 100;

/// Why something cannot be called so. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" cannot be {what}: {why}")]
pub struct NotAName {
    name: String,
    what: &'static str,
    why: &'static str,
}

/// Whether an entry may be called so: its name stands in `keychain://NAME/field` and in `on=NAME`.
///
/// # Errors
/// When it is empty, too long, or holds what would not be read back from there.
pub fn check_entry_name(name: &str) -> Result<(), NotAName> {
    check(name, "the name of an access entry", &['/', ':', '"', '\\'])
}

/// Whether a secret field may be called so: its name stands in `keychain://entry/NAME`.
///
/// # Errors
/// As for [`check_entry_name`].
pub fn check_field_name(name: &str) -> Result<(), NotAName> {
    check(name, "the name of a secret field", &['/', ':', '"', '\\', '=', ' '])
}

fn check(name: &str, what: &'static str, forbidden: &[char]) -> Result<(), NotAName> {
    let because = |why| Err(NotAName { name: crate::entry::short(name), what, why });
    match name {
        "" => because("it is empty"),
        _ if name.trim() != name => because("it begins or ends with a blank"),
        _ if name.chars().count() > LONGEST => because("it has more than 100 characters"),
        _ if name.chars().any(char::is_control) => because("it holds a control character"),
        _ if name.contains(forbidden) && forbidden.contains(&' ') => {
            because("it holds a blank or one of / : = \" \\, which a runbook could not name")
        }
        _ if name.contains(forbidden) => because("it holds one of / : \" \\, which a runbook could not name"),
        _ => Ok(()),
    }
}

/// A name as it may stand in a sentence.
fn short(name: &str) -> String {
    name.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Where the value of a variable comes from, as a runbook's `access` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `keychain://entry/field`.
    Entry {
        /// The entry's name, or what the run's environment takes it for.
        entry: String,
        /// The secret field.
        field: String,
    },
    /// `op://vault/item/field`, whole: 1Password's own command knows what it means.
    OnePassword(String),
}

/// Why a reference cannot be read. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no secret: write keychain://entry/field, or op://vault/item/field for one of 1Password")]
pub struct NotAReference(String);

impl Reference {
    /// Reads one.
    ///
    /// # Errors
    /// When it is neither sort, or lacks a part.
    pub fn parse(text: &str) -> Result<Self, NotAReference> {
        let wrong = || NotAReference(short(text));
        if text.chars().any(char::is_control) {
            return Err(wrong());
        }
        if let Some(rest) = text.strip_prefix("keychain://") {
            let (entry, field) = rest.split_once('/').ok_or_else(wrong)?;
            if check_entry_name(entry).is_err() || check_field_name(field).is_err() {
                return Err(wrong());
            }
            return Ok(Self::Entry { entry: entry.to_owned(), field: field.to_owned() });
        }
        let parts = text.strip_prefix("op://").map(|rest| rest.split('/').collect::<Vec<_>>());
        match parts {
            Some(parts) if matches!(parts.len(), 3 | 4) && parts.iter().all(|part| !part.is_empty()) => {
                Ok(Self::OnePassword(text.to_owned()))
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_read_by_its_name() {
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::named(kind.name()), Some(kind));
            check_field_name(kind.usual_field()).unwrap();
        }
        assert_eq!(EntryKind::named("SSH"), None);
    }

    #[test]
    fn a_name_that_a_runbook_could_not_write_is_refused_with_a_sentence() {
        for name in ["web1", "orders-prod-db", "Grafana (prod)", "web1.example.com", "größe", "a@b"] {
            check_entry_name(name).unwrap();
        }
        for name in ["", " a", "a ", "a/b", "docker:x", "a\nb", "a\"b", &"x".repeat(101)] {
            let sentence = check_entry_name(name).unwrap_err().to_string();
            assert!(sentence.contains("cannot be the name of an access entry: it "), "{sentence}");
            assert!(!sentence.contains('\n'), "{sentence}");
        }
        for name in ["pass word", "a=b", "a/b", ""] {
            assert!(check_field_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_reference_names_an_entry_and_a_field_or_a_secret_of_one_password() {
        let entry = |entry: &str, field: &str| Reference::Entry { entry: entry.to_owned(), field: field.to_owned() };
        assert_eq!(Reference::parse("keychain://db/password"), Ok(entry("db", "password")));
        assert_eq!(Reference::parse("keychain://My bank/pin"), Ok(entry("My bank", "pin")));
        for whole in ["op://prod/db/password", "op://prod/db/section/password"] {
            assert_eq!(Reference::parse(whole), Ok(Reference::OnePassword(whole.to_owned())));
        }
        for wrong in [
            "",
            "keychain://",
            "keychain://db",
            "keychain://db/",
            "keychain:///x",
            "keychain://a/b/c",
            "op://a/b",
            "op://a//b",
            "vault://a/b",
            "op://a/b/c\n",
        ] {
            let sentence = Reference::parse(wrong).unwrap_err().to_string();
            assert!(sentence.contains("keychain://entry/field"), "{sentence}");
        }
    }
}
