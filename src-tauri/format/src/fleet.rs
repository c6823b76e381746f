//! Many hosts at once: `on=ssh:web1,web2`, groups of the library file, and what bounds them (FORMAT.md, "Fence attributes").

use std::collections::BTreeMap;

use crate::On;
use crate::options::{ReadOptions, edits};

/// How a command goes about many hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// `at_once`: how many hosts it runs on at the same time; [`Fleet::AT_ONCE`] unless written.
    pub at_once: Option<u32>,
    /// `batch`: so many hosts, and the next only when the ones before have ended well enough.
    pub batch: Option<u32>,
    /// `max_fail`: where more fail than that, nothing further is started.
    pub max_fail: Option<MaxFail>,
}

/// How many hosts may fail before nothing further is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxFail {
    /// So many.
    Hosts(u32),
    /// So many of a hundred of all hosts, from 0 to 100.
    Percent(u32),
}

/// Attributes of a block for many hosts, which mean nothing elsewhere.
pub(crate) const ATTRIBUTES: &[&str] = &["at_once", "batch", "max_fail"];

/// The most hosts that a number of ours speaks of.
const MOST: u32 = 10_000;

impl Fleet {
    /// Hosts at the same time, where a block says nothing.
    pub const AT_ONCE: u32 = 10;

    /// How many of `all` hosts may fail before nothing further is started; `None` where all are tried whatever happens.
    /// With `batch` alone that is none.
    #[must_use]
    pub fn tolerates(&self, all: usize) -> Option<usize> {
        match self.max_fail {
            Some(MaxFail::Hosts(hosts)) => Some(usize::try_from(hosts).unwrap_or(usize::MAX)),
            Some(MaxFail::Percent(percent)) => {
                Some(usize::try_from(u64::from(percent) * all as u64 / 100).unwrap_or(usize::MAX))
            }
            None => self.batch.map(|_| 0),
        }
    }
}

/// Whether a name can be that of a group, or of an entry among several.
pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && !name.starts_with('-')
        && !name.contains([',', ':', '/'])
        && !name.chars().any(char::is_control)
}

/// Reads `web1,web2,db1`; `None` where that names no hosts.
pub(crate) fn names(written: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for name in written.split(',').map(str::trim) {
        if !is_name(name) {
            return None;
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Some(names)
}

/// The hosts that names stand for, each once, in order: a name is that of a group, or of an access entry.
///
/// # Errors
/// One sentence, where a name is both (`is_entry` says so).
pub fn hosts(
    names: &[String],
    groups: &BTreeMap<String, Vec<String>>,
    is_entry: &dyn Fn(&str) -> Result<bool, String>,
) -> Result<Vec<String>, String> {
    let mut hosts: Vec<String> = Vec::new();
    let mut add = |host: &String| {
        if !hosts.contains(host) {
            hosts.push(host.clone());
        }
    };
    for name in names {
        match groups.get(name) {
            Some(_) if is_entry(name)? => {
                return Err(format!(
                    "\"{name}\" is both a group of `allgood.toml` and an access entry, so nobody can tell which is meant: \
                     rename one of the two"
                ));
            }
            Some(members) => members.iter().for_each(&mut add),
            None => add(name),
        }
    }
    Ok(hosts)
}

/// Reads one of [`ATTRIBUTES`].
pub(crate) fn attribute(fleet: &mut Fleet, key: &str, written: &str) -> Result<(), String> {
    let number = |written: &str| written.parse::<u32>().ok().filter(|number| *number <= MOST);
    let wrong = |what: &str| format!("`{key}={written}` cannot be read: write {what}");
    match key {
        "max_fail" => {
            let read = match written.strip_suffix('%') {
                Some(percent) => number(percent).filter(|percent| *percent <= 100).map(MaxFail::Percent),
                None => number(written).map(MaxFail::Hosts),
            };
            fleet.max_fail = Some(read.ok_or_else(|| wrong("a number of hosts, or a share of them like `10%`"))?);
        }
        _ => {
            let read = number(written).filter(|number| *number > 0);
            let read = read.ok_or_else(|| wrong(&format!("a number of hosts from 1 to {MOST}")))?;
            *(if key == "batch" { &mut fleet.batch } else { &mut fleet.at_once }) = Some(read);
        }
    }
    Ok(())
}

/// What does not go together with many hosts, and what goes with nothing else.
pub(crate) fn check(read: &mut ReadOptions) {
    if !(read.playbook || matches!(read.options.on, Some(On::Hosts(_) | On::Ansible(_)))) {
        for key in ATTRIBUTES.iter().filter(|key| read.attributes.contains_key(**key)) {
            read.refusals.push(format!(
                "`{key}` is for many hosts: write `on=ssh:NAME,NAME` or `on=ansible:PATTERN` beside it, or remove it"
            ));
        }
        return;
    }
    let without = [
        (read.options.capture.is_some(), "capture", "each host prints something else"),
        (read.options.background, "background", "nobody would see what becomes of each"),
    ];
    for (_, key, why) in without.iter().filter(|(is, ..)| *is) {
        read.refusals.push(format!("`{key}` does not go with many hosts ({why}): remove it, or name one host"));
    }
    // A bound that is misspelt would be lost. Elsewhere many words are as near to them.
    for key in &read.unknown {
        let near =
            |ours: &&&str| edits(&key.to_lowercase().replace('-', "_"), ours) <= if ours.len() > 5 { 2 } else { 1 };
        if let Some(meant) = ATTRIBUTES.iter().find(near) {
            read.refusals.push(format!("the attribute `{key}` is unknown: if `{meant}` is meant, write that"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{attributes, options};

    fn of(written: &str) -> ReadOptions {
        options::read(&attributes::read(&format!("sh {{{written}}}")), None)
    }

    #[test]
    fn hosts_and_their_bounds_are_read() {
        let read = of("on=ssh:web1,web2,db1 at_once=3 batch=2 max_fail=10%");
        assert_eq!(read.refusals, Vec::<String>::new());
        let names = ["web1", "web2", "db1"].map(str::to_owned).to_vec();
        assert_eq!(read.options.on, Some(On::Hosts(names)));
        let fleet = Fleet { at_once: Some(3), batch: Some(2), max_fail: Some(MaxFail::Percent(10)) };
        assert_eq!(read.options.fleet, fleet);
        assert_eq!(of("on=\"ssh:Web 1, Web 1,b\"").options.on.unwrap().to_string(), "ssh:Web 1,b");
    }

    #[test]
    fn a_bound_that_cannot_be_kept_or_means_nothing_refuses_the_block() {
        for attributes in [
            "on=ssh:",
            "on=ssh:a,,b",
            "on=ssh:a,-oProxyCommand=x",
            "on=ssh:a,b/c",
            "on=ssh:a,docker:b",
            "on=ssh:a at_once=0",
            "on=ssh:a at_once=many",
            "on=ssh:a batch=0",
            "on=ssh:a batch",
            "on=ssh:a max_fail=-1",
            "on=ssh:a max_fail=101%",
            "on=ssh:a max_fail=some",
            "on=ssh:a capture=X",
            "on=ssh:a background",
            "on=ssh:a bacth=2",
            "on=ssh:a maxfail=1",
            "on=ssh:a max-fail=1",
            "on=ssh:a atonce=1",
            "on=web1 batch=2",
            "at_once=2",
            "on=docker:web max_fail=1",
        ] {
            assert!(!of(attributes).refusals.is_empty(), "{attributes}");
        }
        // Elsewhere such words are somebody else's.
        for attributes in ["patch=1", "watch", "path=x", "match=y"] {
            assert_eq!(of(attributes).refusals, Vec::<String>::new(), "{attributes}");
        }
    }

    #[test]
    fn a_share_is_one_of_all_hosts_and_a_batch_alone_tolerates_none() {
        let of = |batch, max_fail| Fleet { at_once: None, batch, max_fail };
        for (fleet, all, tolerated) in [
            (of(None, None), 200, None),
            (of(Some(2), None), 200, Some(0)),
            (of(Some(2), Some(MaxFail::Hosts(3))), 200, Some(3)),
            (of(None, Some(MaxFail::Percent(10))), 200, Some(20)),
            (of(None, Some(MaxFail::Percent(10))), 8, Some(0)),
        ] {
            assert_eq!(fleet.tolerates(all), tolerated, "{fleet:?}");
        }
    }

    #[test]
    fn names_stand_for_the_hosts_of_groups_and_for_entries_and_never_for_both() {
        let text = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let groups = BTreeMap::from([("web".to_owned(), text(&["web1", "web2"]))]);
        let entries = |name: &str| Ok(matches!(name, "web1" | "web2" | "db1"));
        assert_eq!(hosts(&text(&["web", "db1", "web2"]), &groups, &entries), Ok(text(&["web1", "web2", "db1"])));
        let both = hosts(&text(&["web"]), &groups, &|_| Ok(true)).unwrap_err();
        assert!(both.contains("\"web\" is both a group"), "{both}");
    }
}
