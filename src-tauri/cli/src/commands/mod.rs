//! One file a subject; each command takes what it needs, prints its result, gives the exit status.

mod access;
mod check;
mod convert;
mod files;
mod find;
mod generate;
mod handing;
mod history;
mod incident;
mod learning;
mod library;
mod link;
mod list;
mod new;
mod outside;
mod record;
mod record_data;
mod schedule;
mod sharing;
mod show;
mod space;
mod team;

pub(crate) use access::{access, unlock_vault};
pub(crate) use check::check;
pub(crate) use convert::convert;
pub(crate) use files::{import, pin, relocate, remove};
pub(crate) use find::find;
pub(crate) use generate::{completions, man};
pub(crate) use handing::{export, take};
pub(crate) use history::{diff, drafts, history, restore};
pub(crate) use incident::{lines as incident_lines, mark, update};
pub(crate) use learning::{compare, propose};
pub(crate) use library::library;
pub(crate) use link::link;
pub(crate) use list::{list, runs, search};
pub(crate) use new::new;
pub(crate) use outside::open;
pub(crate) use record::{report, show_run, verify};
pub(crate) use schedule::schedule;
pub(crate) use sharing::{share, share_finished};
pub(crate) use show::show;
pub(crate) use space::space;

use comfy_table::{ContentArrangement, Table, presets};

use crate::look::{DIM, Look, styled};

/// A table without frames, as wide as the page.
fn table(look: Look, heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width).unwrap_or(100));
    table.set_header(heads.iter().map(|head| styled(DIM, head)));
    table
}

/// The lines of a table, without what fills them up at their end.
fn lines(table: &Table) -> Vec<String> {
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}
