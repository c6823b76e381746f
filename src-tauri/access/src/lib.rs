//! Access: entries and the keychain that their secrets are in, the masker that hides them, opening of links, and trust of
//! library folders.
//!
//! This room owns what may leave and what may run. It must not know the store or any window, and a secret leaves it
//! only as a child's environment variable, or by copy or reveal at a person's request (ACCESS.md).

mod answers;
mod automaton;
mod bookmarks;
mod clipboard;
mod code;
mod entry;
mod forms;
mod glance;
mod incoming;
mod keychain;
mod links;
mod masker;
mod notifications;
mod one_password;
mod outside;
mod patterns;
mod scan;
mod secret;
mod sequences;
mod stream;
mod trust;

pub use answers::{Answer, ask};
pub use bookmarks::{
    Bookmark, BookmarkRefusal, LONGEST_GROUP, LONGEST_TITLE, LinksNotReadable, MOST_LINKS, check_address, check_text,
    filled, parameters, read_links, write_html, write_links_table,
};
pub use clipboard::{CLEARED_AFTER, ClipboardError, Copied, Gone};
pub use code::{NoSeed, OneTimeCode, SEED_FIELD, code};
pub use entry::{EntryKind, NotAName, NotAReference, Reference, check_entry_name, check_field_name};
pub use incoming::{Incoming, NotReadable, ssh_hosts, table};
pub use keychain::{Account, Asking, Keychain, KeychainError, MemoryKeychain, SERVICE, SystemKeychain, Vault};
pub use links::{LinkRefusal, Links, Opener, Schemes, SystemOpener};
pub use masker::KnownSecrets;
pub use notifications::{Notification, Notifications};
pub use one_password::OnePassword;
pub use outside::{Invitation, NoInvitation, OUTSIDE_SCHEME};
pub use secret::{Secret, Unmaskable};
pub use trust::{NotTrusted, Origin, Survey, may_run, survey};
