//! Access entries through the command line: on a real Secret Service, locked, without any, and in the vault.

mod bringing;
mod clipboard;
mod connect;
mod entries;
mod onlooker;
mod password;
mod runs;
mod session;
mod vault;

pub(crate) use session::Session;
