//! Where a block runs: what its `on` names (FORMAT.md, "Fence attributes").

use std::fmt;

use crate::{ansible, fleet};

/// Where a block runs that does not run on this machine. Displays as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// An access entry: `web1`.
    Entry(String),
    /// Many hosts, each an access entry or a group of `allgood.toml`: `ssh:web1,web2`.
    Hosts(Vec<String>),
    /// The hosts of a pattern, through Ansible: `ansible:web`.
    Ansible(String),
    /// A container of Docker: `docker:web`.
    Docker(String),
    /// A container of Podman: `podman:web`.
    Podman(String),
    /// A pod: `k8s:shop/web-0`.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        pod: String,
    },
}

impl fmt::Display for On {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(name) => formatter.write_str(name),
            Self::Hosts(names) => write!(formatter, "ssh:{}", names.join(",")),
            Self::Ansible(pattern) => write!(formatter, "ansible:{pattern}"),
            Self::Docker(name) => write!(formatter, "docker:{name}"),
            Self::Podman(name) => write!(formatter, "podman:{name}"),
            Self::Pod { namespace, pod } => write!(formatter, "k8s:{namespace}/{pod}"),
        }
    }
}

impl On {
    /// Reads a target. None of its parts can be taken for an option of the program that leads there.
    ///
    /// # Errors
    /// One sentence, when it names no target.
    pub fn read(written: &str) -> Result<Self, String> {
        read(written)
    }
}

/// The most characters of a name.
const LONGEST: usize = 253;

fn read(written: &str) -> Result<On, String> {
    let refuse = |what: &str| {
        Err(format!(
            "`on={written}` {what}: write the name of an access entry, `ssh:NAME,NAME`, `ansible:PATTERN`, `docker:NAME`, `podman:NAME` \
             or `k8s:NAMESPACE/POD`"
        ))
    };
    let plain = |name: &str| {
        let first = name.starts_with(|first: char| first.is_ascii_alphanumeric());
        let rest = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        first && rest && name.len() <= LONGEST
    };
    match written.split_once(':') {
        Some(("ssh", written)) => match fleet::names(written) {
            Some(names) => Ok(On::Hosts(names)),
            None => refuse("names no access entries or groups"),
        },
        Some(("ansible", pattern)) if ansible::is_pattern(pattern) => Ok(On::Ansible(pattern.trim().to_owned())),
        Some(("ansible", _)) => refuse("is no pattern of hosts"),
        Some(("docker", name)) if plain(name) => Ok(On::Docker(name.to_owned())),
        Some(("podman", name)) if plain(name) => Ok(On::Podman(name.to_owned())),
        Some(("docker" | "podman", _)) => refuse("names no container"),
        Some(("k8s", place)) => match place.split_once('/') {
            Some((namespace, pod)) if plain(namespace) && plain(pod) => {
                Ok(On::Pod { namespace: namespace.to_owned(), pod: pod.to_owned() })
            }
            _ => refuse("names no pod of a namespace"),
        },
        Some(_) => refuse("is no kind of target"),
        None if written.starts_with('-') || written.contains('/') || written.chars().any(char::is_control) => {
            refuse("names no access entry")
        }
        None => Ok(On::Entry(written.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_and_written_alike() {
        for written in [
            "web1",
            "Web 1 (prod)",
            "docker:web",
            "podman:web_1.a",
            "k8s:shop/web-0",
            "ssh:web1",
            "ssh:web,db1",
            "ansible:web:!db1",
        ] {
            assert_eq!(read(written).unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_could_be_an_option_or_names_nothing_is_refused_with_what_to_write() {
        for written in [
            "-oProxyCommand=x",
            "docker:",
            "docker:--privileged",
            "docker:a b",
            "podman:../x",
            "k8s:web",
            "k8s:/web",
            "k8s:shop/-it",
            "k8s:a/b/c",
            "lxc:web",
            "ssh:",
            "ansible:",
            "ansible:--become",
            "ssh:web1,-oProxyCommand=x",
            "https://host",
            "a\nb",
        ] {
            let sentence = read(written).unwrap_err();
            assert!(sentence.contains("k8s:NAMESPACE/POD"), "{sentence}");
        }
    }
}
