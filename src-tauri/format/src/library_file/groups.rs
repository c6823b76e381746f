//! `[groups]` of the library file: names for several access entries.

use toml::de::DeValue;

use super::read::{CODE, Reader, Value, at, ordered};
use crate::fleet;
use crate::model::Span;

/// Groups, in the file's order.
pub(super) type Groups = Vec<(String, Vec<String>)>;

impl Reader<'_> {
    /// Reads a table of groups. One with anything wrong in it is left out as a whole: a command on some of its hosts would look
    /// like one on all of them.
    ///
    /// # Errors
    /// The first thing that is wrong, where it is a table of an environment: a problem is told in either case.
    pub(super) fn groups(
        &mut self,
        environment: Option<&str>,
        value: &Value<'_>,
        span: Span,
        skipped: usize,
    ) -> Result<Groups, String> {
        let place = environment.map_or_else(String::new, |name| format!(" of the environment `{name}`"));
        let mut wrong: Option<String> = None;
        let mut groups: Groups = Vec::new();
        let DeValue::Table(table) = value.get_ref() else {
            let message =
                format!("`groups`{place} has the wrong type: write a table such as `web = [\"web1\", \"web2\"]`");
            self.problems.error(CODE, span, message.clone());
            return Err(message);
        };
        let names: Vec<String> = ordered(table).iter().map(|(key, _)| key.get_ref().to_string()).collect();
        for (key, value) in ordered(table) {
            let group = key.get_ref().to_string();
            match members(&group, value, &names) {
                Ok(hosts) => groups.push((group, hosts)),
                Err(why) => {
                    let message = format!("the group `{group}`{place} {why}");
                    self.problems.error(CODE, at(&key.span(), skipped), message.clone());
                    wrong.get_or_insert(message);
                }
            }
        }
        match (environment, wrong) {
            (Some(_), Some(sentence)) => Err(sentence),
            _ => Ok(groups),
        }
    }
}

/// The hosts of a group, each once.
fn members(group: &str, value: &Value<'_>, groups: &[String]) -> Result<Vec<String>, String> {
    if !fleet::is_name(group) {
        return Err("has no name that `on` could hold: use no comma, colon or slash, and no dash first".to_owned());
    }
    let list = || "is no list of access entries: write `[\"web1\", \"web2\"]`".to_owned();
    let DeValue::Array(values) = value.get_ref() else { return Err(list()) };
    let mut hosts: Vec<String> = Vec::new();
    for value in values.iter() {
        let host = value.get_ref().as_str().map(str::trim).ok_or_else(list)?;
        if !fleet::is_name(host) {
            return Err(format!("names \"{host}\", which is no name of an access entry: mend it"));
        }
        if groups.iter().any(|known| known == host) {
            return Err(format!("names \"{host}\", which is a group: name its access entries"));
        }
        if !hosts.iter().any(|known| known == host) {
            hosts.push(host.to_owned());
        }
    }
    if hosts.is_empty() { Err("is empty: name its access entries, or remove it".to_owned()) } else { Ok(hosts) }
}

#[cfg(test)]
mod tests {
    use crate::parse_library_file;

    #[test]
    fn groups_are_read_and_an_environment_may_give_others() {
        let (file, problems) = parse_library_file(
            "[groups]\nweb = [\"web1\", \"web2\", \"web1\"]\ndb = [\"db1\"]\n[environments.prod.groups]\nweb = [\"p1\"]\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(file.groups(None)["web"], ["web1", "web2"]);
        let prod = file.groups(file.environment("prod"));
        assert_eq!(
            (prod["web"].as_slice(), prod["db"].as_slice()),
            (&["p1".to_owned()][..], &["db1".to_owned()][..])
        );
    }

    #[test]
    fn a_group_with_anything_wrong_in_it_is_left_out_and_an_environment_of_it_refused() {
        for wrong in [
            "web = \"web1\"",
            "web = []",
            "web = [1]",
            "web = [\"\"]",
            "web = [\"-oProxyCommand=x\"]",
            "web = [\"a,b\"]",
            "\"a,b\" = [\"web1\"]",
            "db = [\"db1\"]\nweb = [\"db\"]",
        ] {
            let (file, problems) = parse_library_file(&format!("[groups]\n{wrong}\n"));
            assert_eq!(problems.len(), 1, "{wrong}");
            assert!(!file.groups(None).contains_key("web"), "{wrong}");
            let (file, problems) =
                parse_library_file(&format!("[groups]\nweb = [\"w\"]\n[environments.prod.groups]\n{wrong}\n"));
            assert_eq!(problems.len(), 1, "{wrong}");
            assert!(file.refusal("prod").is_some(), "{wrong}");
        }
        assert_eq!(parse_library_file("groups = 1\n").1.len(), 1);
    }
}
