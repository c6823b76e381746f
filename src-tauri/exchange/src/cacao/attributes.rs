//! The attributes of a block that is written.

/// In the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    /// Sets one. Values are names, numbers with a unit, and lists of them: nothing that has to be quoted.
    pub(super) fn set(&mut self, key: &'static str, value: &str) {
        self.0.push((key, value.to_owned()));
    }

    /// Sets one that may be there.
    pub(super) fn set_once(&mut self, key: &'static str, value: &str) {
        if !self.0.iter().any(|(known, _)| *known == key) {
            self.set(key, value);
        }
    }

    pub(super) fn append(&mut self, others: &Self) {
        self.0.extend(others.0.iter().cloned());
    }

    /// What stands after the fence: `bash {timeout=5000ms}`.
    pub(super) fn after(&self, language: &str) -> String {
        if self.0.is_empty() {
            return language.to_owned();
        }
        let pairs: Vec<String> = self.0.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{language} {{{}}}", pairs.join(" "))
    }
}
