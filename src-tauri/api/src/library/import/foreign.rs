//! Files of other formats among those that come: playbooks become runbooks, files of other runners stay as they are, and what
//! is otherwise is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use exchange::cacao;
use format::Runbook;

use super::{beside, source::Source, take};
use crate::{
    ApiError,
    converting::{CACAO, differences},
    wire::FormatReport,
};

/// A file that came of a playbook: its path in the source, and its text.
pub(super) type Made = (String, Vec<u8>);

/// The runbooks that the playbooks of a source become. `taken` are the names of its other runbooks.
pub(super) fn playbooks(
    source: &Source,
    taken: &BTreeSet<&String>,
    size: &mut u64,
    refused: &mut Vec<String>,
    reports: &mut Vec<FormatReport>,
) -> Result<Vec<Made>, ApiError> {
    let mut found = Vec::new();
    for path in source.files.iter().filter(|path| is_json(path)) {
        // What is too large to be a runbook is passed over like every other file that is none.
        let mut unread = Vec::new();
        let Some(bytes) = take(source, path, &mut 0, &mut unread)? else { continue };
        if source.one || cacao::is_playbook(&bytes) {
            *size += bytes.len() as u64;
            found.push((path, bytes));
        }
    }
    let mut names: BTreeSet<String> = taken.iter().map(|name| (*name).clone()).collect();
    let mut to = Vec::new();
    let mut known = BTreeMap::new();
    for (path, bytes) in &found {
        let stem = path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
        let name = beside(&format!("{stem}.md"), |name| !names.contains(name));
        names.insert(name.clone());
        if let Some(id) = cacao::id(bytes) {
            known.insert(id, name.clone());
        }
        to.push(name);
    }
    let mut made = Vec::new();
    for ((path, bytes), to) in found.iter().zip(to) {
        match cacao::read(bytes, &|id| known.get(id).map(|file| leads(&to, file))) {
            Ok(brought) => {
                reports.push(FormatReport {
                    file: (*path).clone(),
                    format: CACAO.to_owned(),
                    converted: true,
                    differences: differences(&brought.differences),
                });
                made.push((to, brought.text.into_bytes()));
            }
            Err(why) => refused.push(format!("{path} was not taken: {why}")),
        }
    }
    Ok(made)
}

/// What is said of a runbook that another runner reads too.
pub(super) fn dialect(runbook: &Runbook, bytes: &[u8]) -> Option<FormatReport> {
    let (dialect, found) = exchange::dialect(runbook, &String::from_utf8_lossy(bytes))?;
    Some(FormatReport {
        file: runbook.path.clone(),
        format: dialect.name().to_owned(),
        converted: false,
        differences: differences(&found),
    })
}

fn is_json(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// The link that leads from one file to another.
fn leads(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let common = common.min(from.len() - 1).min(to.len() - 1);
    let up = from.len() - 1 - common;
    let parts: Vec<&str> = std::iter::repeat_n("..", up).chain(to[common..].iter().copied()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::leads;

    #[test]
    fn a_link_leads_from_a_file_to_another() {
        for (from, to, link) in [
            ("a.md", "b.md", "b.md"),
            ("x/a.md", "x/b.md", "b.md"),
            ("x/a.md", "b.md", "../b.md"),
            ("x/y/a.md", "x/z/b.md", "../z/b.md"),
            ("a.md", "x/b.md", "x/b.md"),
        ] {
            assert_eq!(leads(from, to), link, "{from} to {to}");
        }
    }
}
