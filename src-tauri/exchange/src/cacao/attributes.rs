//! The attributes of a block that is written.

/// In the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    /// Sets one. Values are names, numbers with a unit, and lists of them: nothing that has to be quoted.
    pub(super) fn set(&mut self, key: &'static str, value: &str) {
        self.0.push((key, value.to_owned()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
