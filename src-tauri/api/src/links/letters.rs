//! The two letters of a link: one of its group, one of its title. Older links choose first, so that what somebody's fingers know
//! stays when others are added.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use store::Link;

/// The letters of each link, by its id; none where there are not enough.
pub(super) fn letters<'a>(links: impl Iterator<Item = &'a Link>) -> HashMap<String, String> {
    let mut links: Vec<&Link> = links.collect();
    links.sort_by(|one, other| one.id.cmp(&other.id));
    let mut groups: BTreeMap<&str, Option<char>> = BTreeMap::new();
    let mut taken: BTreeMap<&str, BTreeSet<char>> = BTreeMap::new();
    let mut found = HashMap::new();
    for link in links {
        let group = link.group.as_deref().unwrap_or_default();
        if !groups.contains_key(group) {
            let used = groups.values().flatten().copied().collect();
            groups.insert(group, free(group, &used));
        }
        let Some(first) = groups.get(group).copied().flatten() else { continue };
        let used = taken.entry(group).or_default();
        let Some(second) = free(&link.title, used) else { continue };
        used.insert(second);
        found.insert(link.id.clone(), format!("{first}{second}"));
    }
    found
}

/// The first letter of a name that nobody has: the beginnings of its words first, then any of it, then any at all.
fn free(name: &str, used: &BTreeSet<char>) -> Option<char> {
    let begins = name.split(|character: char| !character.is_alphanumeric()).filter_map(|word| word.chars().next());
    begins
        .chain(name.chars())
        .map(|letter| letter.to_ascii_lowercase())
        .chain('a'..='z')
        .find(|letter| letter.is_ascii_lowercase() && !used.contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(id: usize, group: &str, title: &str) -> Link {
        Link {
            id: format!("{id:04}"),
            title: title.to_owned(),
            group: (!group.is_empty()).then(|| group.to_owned()),
            ..Link::default()
        }
    }

    #[test]
    fn two_letters_mean_one_link_and_stay_when_others_are_added() {
        let mut links = vec![
            link(1, "On call", "Alerts firing now"),
            link(2, "On call", "All of them"),
            link(3, "Orders", "Überblick"),
            link(4, "", "Rota"),
        ];
        let before = letters(links.iter());
        let of = |id: &str| before[id].as_str();
        assert_eq!([of("0001"), of("0002"), of("0003"), of("0004")], ["oa", "oo", "rb", "ar"]);
        links.extend((5..40).map(|id| link(id, "On call", &format!("Another {id}"))));
        let after = letters(links.iter());
        assert!(before.iter().all(|(id, keys)| after[id] == *keys));
        let distinct: BTreeSet<&String> = after.values().collect();
        assert_eq!(distinct.len(), after.len());
        assert_eq!(after.values().filter(|keys| keys.starts_with('o')).count(), 26, "there are no more letters");
    }
}
