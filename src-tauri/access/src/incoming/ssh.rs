//! Hosts of ssh's own configuration.
//!
//! An entry's address is the host as the configuration names it: whoever connects asks OpenSSH, which reads the same
//! configuration, jump hosts, keys and `Match` included. What is read here of it is for a person's eye alone.

use std::{io::Cursor, path::Path};

use ssh2_config::{ParseRule, SshConfig};

use super::{Incoming, Names, NotReadable};
use crate::EntryKind;

/// The hosts that a configuration names, in its order; patterns are none. Files that it includes are read, relative ones
/// from `home`'s `.ssh`. Nothing is run.
///
/// # Errors
/// When it is no configuration of ssh, or an included file cannot be read.
pub fn ssh_hosts(text: &str, home: &Path) -> Result<Vec<Incoming>, NotReadable> {
    let rules = ParseRule::ALLOW_UNKNOWN_FIELDS | ParseRule::ALLOW_UNSUPPORTED_FIELDS;
    let config = SshConfig::default()
        .home_dir(home)
        .parse(&mut Cursor::new(text), rules)
        .map_err(|error| NotReadable(format!("the configuration of ssh cannot be read: {error}")))?;
    let mut names = Names::default();
    let mut found: Vec<Incoming> = Vec::new();
    let patterns = config.get_hosts().iter().flat_map(|host| &host.pattern);
    for pattern in patterns.filter(|pattern| !pattern.negated && !pattern.pattern.contains(['*', '?'])) {
        let host = &pattern.pattern;
        if found.iter().any(|one| one.address.as_ref() == Some(host)) {
            continue;
        }
        let params = config.query(host);
        let says = [
            params.host_name.filter(|name| name != host),
            params.user.map(|user| format!("as {user}")),
            params.port.map(|port| format!("port {port}")),
            params.proxy_jump.map(|jumps| format!("through {}", jumps.join(", "))),
        ];
        let says: Vec<String> = says.into_iter().flatten().collect();
        found.push(Incoming {
            name: names.take(host),
            kind: EntryKind::Ssh,
            group: None,
            address: Some(host.clone()),
            user: None,
            note: Some(says.join(", ")).filter(|note| !note.is_empty()),
            secrets: Vec::new(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str, home: &Path) -> Vec<(String, Option<String>)> {
        let found = ssh_hosts(text, home).unwrap();
        found.into_iter().map(|one| (one.address.unwrap(), one.note)).collect()
    }

    #[test]
    fn the_hosts_of_a_configuration_are_found_and_patterns_are_none() {
        let home = tempfile::tempdir().unwrap();
        let text = "# mine\nHost web1 web2\n  HostName 10.0.0.1\n  User deploy\n\nHost *.example.com !bad.example.com\n  User x\n\nHost db\n  Port 2222\n  ProxyJump bastion\n  PermitLocalCommand yes\n\nHost web1\n  Port 99\n\nHost *\n  User everybody\n";
        let note = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(text, home.path()),
            [
                ("web1".to_owned(), note("10.0.0.1, as deploy, port 99")),
                ("web2".to_owned(), note("10.0.0.1, as deploy")),
                ("db".to_owned(), note("as everybody, port 2222, through bastion")),
            ]
        );
        assert_eq!(read("", home.path()), []);
    }

    #[test]
    fn included_files_are_read_and_what_matches_by_a_command_is_not_run() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".ssh/conf.d")).unwrap();
        fs::write(home.path().join(".ssh/conf.d/work"), "Host inner\n  User me\n").unwrap();
        let ran = home.path().join("ran");
        let text = format!(
            "Include conf.d/*\nMatch host outer exec \"touch {}\"\n  User root\nHost outer\n  User you\n",
            ran.display()
        );
        let hosts: Vec<String> = read(&text, home.path()).into_iter().map(|(host, _)| host).collect();
        assert_eq!(hosts, ["inner", "outer"]);
        assert!(!ran.exists());
    }

    #[test]
    fn a_file_that_includes_itself_is_refused_with_a_sentence() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join(".ssh")).unwrap();
        fs::write(home.path().join(".ssh/loop"), "Include loop\n").unwrap();
        let error = ssh_hosts("Include loop\n", home.path()).unwrap_err().to_string();
        assert!(error.contains("cannot be read"), "{error}");
    }
}
