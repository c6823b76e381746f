//! Which runbooks of the library refer to an entry.

use std::{fs, path::Path};

use crate::{ApiError, App, wire::AccessUse};

/// Files that are larger are not looked through, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

impl App {
    /// Every runbook of the library that refers to the entry of that name, by path. Files that cannot be read are passed over.
    pub(crate) fn used_by(&self, name: &str) -> Result<Vec<AccessUse>, ApiError> {
        let mut uses = Vec::new();
        for library in self.store.libraries()? {
            for seen in self.store.seen(library.id)? {
                let path = library.path.join(&seen.path);
                let small = fs::metadata(&path).is_ok_and(|found| found.len() <= LARGEST);
                let Some(bytes) = small.then(|| fs::read(&path).ok()).flatten() else { continue };
                if refers_to_any(&bytes) {
                    uses.extend(self.uses_in(&path, &bytes, name)?);
                }
            }
        }
        Ok(uses)
    }

    fn uses_in(&self, path: &Path, bytes: &[u8], name: &str) -> Result<Vec<AccessUse>, ApiError> {
        let shown = path.display().to_string();
        let runbook = self.parse(&shown, bytes, path);
        let file = self.library_file_of(path)?;
        // What the runbook writes, and the environment in which that means this entry.
        let mut names: Vec<(&str, Option<&str>)> = vec![(name, None)];
        for environment in &file.environments {
            let means = environment.access.iter().filter(|(_, entry)| entry == name);
            names.extend(means.map(|(alias, _)| (alias.as_str(), Some(environment.name.as_str()))));
        }
        let referred = runbook.settings.access.iter().filter_map(|(variable, reference)| {
            let rest = reference.strip_prefix("keychain://")?;
            Some((rest.split('/').next()?.to_owned(), format!("{variable}: {reference}")))
        });
        let targets = runbook.items().filter_map(|(_, _, item)| {
            let target = item.attributes.get("on")?.as_str()?;
            Some((target.to_owned(), format!("on={target}")))
        });
        let mut uses: Vec<AccessUse> = Vec::new();
        for (entry, written) in referred.chain(targets) {
            for (_, environment) in names.iter().filter(|(alias, _)| *alias == entry) {
                let one = AccessUse {
                    path: shown.clone(),
                    title: runbook.title.clone(),
                    written: written.clone(),
                    environment: environment.map(str::to_owned),
                };
                if !uses.contains(&one) {
                    uses.push(one);
                }
            }
        }
        Ok(uses)
    }
}

/// Whether it is worth while to read it as a runbook.
fn refers_to_any(bytes: &[u8]) -> bool {
    [&b"keychain:"[..], b"on="].iter().any(|word| bytes.windows(word.len()).any(|part| part == *word))
}
