//! What can be written where the caret stands: the format's own words, and those of this file and its library.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{images::encoded, place::Spot};
use crate::{
    ApiError, App,
    commands::PathArgument,
    wire::{Snippet, Vocabulary, Word},
};

/// How many files are offered.
const FILES: usize = 5_000;
/// How many entries of folders are looked at for them.
const LOOKED_AT: usize = 50_000;
/// What is offered as a link beside Markdown files.
const IMAGES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "svg"];

impl App {
    /// Everything that can be written in a file, as far as it can be named.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn vocabulary(&self, argument: PathArgument) -> Result<Vocabulary, ApiError> {
        let spot = self.spot(Path::new(&argument.path))?;
        let draft = self.store.draft(&spot.path)?.map(|draft| draft.bytes);
        let bytes = draft.or_else(|| fs::read(&spot.path).ok()).unwrap_or_default();
        let runbook = self.parse(&argument.path, &bytes, &spot.path);
        let file = self.library_file_of(&spot.path)?;
        let plain =
            |word: &str, hint: &str| Word { word: word.to_owned(), hint: hint.to_owned(), values: Vec::new() };
        let variables = format::declared(&runbook, &file).into_iter().map(|name| {
            let param = runbook.settings.params.iter().find(|param| param.name == name);
            let hint = param.map_or("", |param| param.prompt.as_deref().unwrap_or("asked for at the start"));
            plain(&name, hint)
        });
        let variables = variables.collect();
        let named =
            file.environments.iter().flat_map(|environment| &environment.access).map(|(name, _)| name.as_str());
        let used = runbook.settings.access.iter().filter_map(|(_, address)| {
            address.strip_prefix("keychain://")?.split('/').next().filter(|name| !name.is_empty())
        });
        let entries = self.store.access_entries()?;
        let known: BTreeSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let access: BTreeSet<&str> = named.chain(used).filter(|name| !known.contains(name)).collect();
        let entries = entries.iter().map(|entry| Word {
            word: entry.name.clone(),
            hint: entry.kind.clone(),
            values: entry.fields.keys().cloned().collect(),
        });
        let groups: BTreeMap<&String, &Vec<String>> = file
            .environments
            .iter()
            .flat_map(|one| &one.groups)
            .chain(&file.groups)
            .map(|(name, hosts)| (name, hosts))
            .collect();
        let groups = groups.into_iter().map(|(name, hosts)| Word {
            word: name.clone(),
            hint: format!("group of {}", hosts.join(", ")),
            values: hosts.clone(),
        });
        let facets = match &spot.library {
            Some(library) => {
                let today = jiff::Zoned::now().date().to_string();
                let query = store::ListQuery { libraries: vec![library.id], today, ..store::ListQuery::default() };
                self.store.facets(&query)?
            }
            None => store::Facets::default(),
        };
        let values = |found: Vec<store::FacetValue>| {
            let found = found.into_iter().map(|value| value.value).filter(|value| !value.is_empty());
            found.collect::<Vec<_>>()
        };
        Ok(Vocabulary {
            keys: words(format::vocabulary::KEYS),
            attributes: words(format::vocabulary::ATTRIBUTES),
            languages: words(format::vocabulary::LANGUAGES),
            headings: words(format::vocabulary::HEADINGS),
            variables,
            access: entries.chain(access.into_iter().map(|name| plain(name, ""))).collect(),
            groups: groups.collect(),
            owners: values(facets.owners),
            tags: values(facets.tags),
            severities: values(facets.severities),
            environments: self.environments_of(&spot.path)?,
            files: files(&spot),
            snippets: snippets(),
        })
    }
}

fn snippets() -> Vec<Snippet> {
    let pieces = format::snippets().iter().map(|piece| Snippet {
        name: piece.name.to_owned(),
        title: piece.title.to_owned(),
        hint: piece.hint.to_owned(),
        text: piece.text.to_owned(),
    });
    pieces.collect()
}

fn words(words: &[format::vocabulary::Word]) -> Vec<Word> {
    let words = words.iter().map(|word| Word {
        word: word.word.to_owned(),
        hint: word.hint.to_owned(),
        values: word.values.iter().map(|value| (*value).to_owned()).collect(),
    });
    words.collect()
}

/// The Markdown files and images of the library as links from a file, the nearest first.
fn files(spot: &Spot) -> Vec<Word> {
    let (Some(library), Some(own)) = (&spot.library, spot.path.parent()) else { return Vec::new() };
    let mut found: Vec<PathBuf> = Vec::new();
    let mut folders = std::collections::VecDeque::from([library.path.clone()]);
    let mut left = LOOKED_AT;
    while let Some(folder) = folders.pop_front() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            left = left.saturating_sub(1);
            let name = entry.file_name();
            let hidden = name.as_encoded_bytes().starts_with(b".") || name == "node_modules";
            let Some(kind) = entry.file_type().ok().filter(|_| !hidden && left > 0) else { continue };
            if kind.is_dir() {
                folders.push_back(entry.path());
            } else if kind.is_file() && offered(&entry.path()) && entry.path() != spot.path {
                found.push(entry.path());
            }
        }
        if left == 0 || found.len() >= FILES {
            break;
        }
    }
    let links = found.iter().filter_map(|file| Some((relative(own, file)?, file)));
    let mut links: Vec<(String, &PathBuf)> = links.collect();
    links.sort_by(|one, other| (one.0.matches('/').count(), &one.0).cmp(&(other.0.matches('/').count(), &other.0)));
    links.truncate(FILES);
    let word = |(link, file): (String, &PathBuf)| Word {
        word: link,
        hint: file.strip_prefix(&library.path).unwrap_or(file).display().to_string(),
        values: Vec::new(),
    };
    links.into_iter().map(word).collect()
}

fn offered(path: &Path) -> bool {
    super::place::is_markdown(path)
        || path.extension().is_some_and(|extension| IMAGES.iter().any(|image| extension.eq_ignore_ascii_case(image)))
}

/// A file as a link from a folder, both in one tree; none where its name is not UTF-8.
fn relative(from: &Path, to: &Path) -> Option<String> {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).map(|part| part.as_os_str().to_str().map(encoded));
    let down: Option<Vec<String>> = down.collect();
    Some(up.chain(down?).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_goes_up_and_down_and_is_encoded() {
        for (from, to, link) in [
            ("/l", "/l/a.md", "a.md"),
            ("/l/x", "/l/a b.md", "../a%20b.md"),
            ("/l/x/y", "/l/x/z/i.png", "../z/i.png"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)).as_deref(), Some(link));
        }
    }
}
