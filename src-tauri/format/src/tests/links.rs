//! Links lead where they led, whatever is renamed or moved.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::support::corpus;
use crate::{Edit, Runbook, Target, parse, relink, resolve};

/// The corpus as one library, with the bytes; paths count from its root.
static LIBRARY: LazyLock<Vec<(Runbook, Vec<u8>)>> = LazyLock::new(|| {
    corpus()
        .into_iter()
        .map(|(path, bytes)| {
            let (_, path) = path.rsplit_once("shared/corpus/").expect("the corpus");
            (parse(path, &bytes), bytes)
        })
        .collect()
});

static FILES: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| LIBRARY.iter().map(|(runbook, _)| runbook.path.clone()).collect());

/// Where each link and picture of a file leads: the file that it finds, else the path that it writes.
fn leads(runbook: &Runbook, files: &BTreeSet<String>) -> Vec<(Target, Option<String>)> {
    let links = runbook.links.iter().map(|link| &link.target);
    links
        .chain(runbook.images.iter().map(|image| &image.target))
        .map(|target| (target.clone(), resolve(target, &runbook.path, files)))
        .collect()
}

fn moved(path: &str, old: &str, new: &str) -> String {
    match path.strip_prefix(old) {
        Some("") => new.to_owned(),
        Some(rest) if rest.starts_with('/') => format!("{new}{rest}"),
        _ => path.to_owned(),
    }
}

fn apply(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut result = bytes.to_vec();
    for edit in edits.iter().rev() {
        result.splice(edit.span.start..edit.span.end, edit.text.bytes());
    }
    result
}

/// Moves a file or a folder of a library; gives how many addresses changed.
fn check(library: &[(Runbook, Vec<u8>)], files: &BTreeSet<String>, old: &str, new: &str) -> usize {
    let after: BTreeSet<String> = files.iter().map(|file| moved(file, old, new)).collect();
    let mut changed = 0;
    for (runbook, bytes) in library {
        let path = &runbook.path;
        let edits = relink(runbook, bytes, path, old, new, files);
        let addresses: Vec<_> = runbook
            .links
            .iter()
            .filter_map(|link| link.url_span)
            .chain(runbook.images.iter().filter_map(|image| image.url_span))
            .collect();
        let mut end = 0;
        for edit in &edits {
            assert!(edit.span.start >= end, "{path}: edits stand in order and apart");
            end = edit.span.end;
            assert!(
                addresses.iter().any(|span| span.start <= edit.span.start && edit.span.end <= span.end),
                "{path}: {edit:?} is not within an address"
            );
        }
        let result = apply(bytes, &edits);
        // All other bytes are the same: with the addresses cut out, nothing differs.
        let mut other = result.clone();
        let mut own = bytes.clone();
        let mut shift = 0_isize;
        let mut places = Vec::new();
        for edit in &edits {
            let start =
                usize::try_from(isize::try_from(edit.span.start).expect("small") + shift).expect("in the file");
            places.push(start..start + edit.text.len());
            shift += isize::try_from(edit.text.len()).expect("small")
                - isize::try_from(edit.span.end - edit.span.start).expect("small");
        }
        for place in places.into_iter().rev() {
            other.drain(place);
        }
        for edit in edits.iter().rev() {
            own.drain(edit.span.start..edit.span.end);
        }
        assert_eq!(own, other, "{path}");
        changed += edits.len();
        let before = leads(runbook, files);
        let path_now = moved(path, old, new);
        let now = if edits.is_empty() && path_now == *path {
            leads(runbook, &after)
        } else {
            leads(&parse(&path_now, &result), &after)
        };
        assert_eq!(before.len(), now.len(), "{path}");
        for ((target, file), (target_now, file_now)) in before.into_iter().zip(now) {
            // A folder whose last file has gone is nowhere.
            let folder = file.as_ref().filter(|file| !files.contains(*file)).map(|file| moved(file, old, new));
            if folder.is_some_and(|folder| !after.iter().any(|file| file.starts_with(&format!("{folder}/")))) {
                continue;
            }
            // A link that led nowhere may find what now stands where it points.
            let arrived = |file: &String| file == new || file.starts_with(&format!("{new}/"));
            if file.is_none() && file_now.as_ref().is_some_and(arrived) {
                continue;
            }
            assert_eq!(
                file.map(|file| moved(&file, old, new)),
                file_now,
                "{path}: {target:?} became {target_now:?} when {old} became {new}"
            );
            if let (Target::Inside { anchor, .. }, Target::Inside { anchor: anchor_now, .. }) = (&target, &target_now)
            {
                assert_eq!(anchor, anchor_now, "{path}");
            }
            assert_eq!(
                matches!(target, Target::Outside | Target::Escapes),
                matches!(target_now, Target::Outside | Target::Escapes),
                "{path}: {target:?} became {target_now:?}"
            );
        }
    }
    changed
}

/// The files of the corpus that other files link to.
fn linked() -> Vec<String> {
    let mut linked = BTreeSet::new();
    for (runbook, _) in LIBRARY.iter() {
        linked.extend(
            leads(runbook, &FILES)
                .into_iter()
                .filter_map(|(_, file)| file)
                .filter(|file| *file != runbook.path && FILES.contains(file)),
        );
    }
    linked.into_iter().collect()
}

#[test]
fn over_the_corpus_links_follow_each_file_that_others_link_to() {
    let mut changed = 0;
    let linked = linked();
    for file in &linked {
        let name = file.rsplit('/').next().expect("a name");
        for new in
            [format!("moved to/{name}"), format!("{}/ReNamed (1).md", file.rsplit_once('/').expect("a folder").0)]
        {
            let count = check(&LIBRARY, &FILES, file, &new);
            assert!(count > 0, "{file} is linked to");
            changed += count;
        }
    }
    assert!(changed > linked.len(), "{changed}");
    let folders: BTreeSet<_> =
        FILES.iter().filter_map(|file| file.rsplit_once('/')).map(|(folder, _)| folder).collect();
    for folder in folders {
        check(&LIBRARY, &FILES, folder, &format!("{folder}-2"));
        check(&LIBRARY, &FILES, folder, "elsewhere/in here");
    }
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a"),
        Just("b"),
        Just("B"),
        Just("my page"),
        Just("größe"),
        Just("a(b)"),
        Just("100%"),
        Just("x#y"),
        Just("q?r"),
        Just("a&amp;b"),
        Just("[c]"),
        Just("it's"),
        Just("a.b"),
        Just("<d>"),
        Just("e\\f"),
        Just("a+b"),
        Just("`g`"),
        Just("c:d"),
        Just("{{x}}"),
        Just("-"),
    ]
    .prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    (prop::collection::vec(part(), 0..3), part()).prop_map(|(mut folders, name)| {
        folders.push(format!("{name}.md"));
        folders.join("/")
    })
}

/// The ways in which an author may write a link to a path.
fn written(path: &str, way: usize) -> String {
    let encoded: String = path
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"/.-_".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let short = encoded.strip_suffix(".md").unwrap_or(&encoded).to_owned();
    match way {
        0 => format!("[x](/{encoded}#part)"),
        1 => format!("[x](</{encoded}?a=b#c> \"t\")"),
        2 => format!("[x](/{short})"),
        3 => format!("[x][r{encoded}]\n\n[r{encoded}]: /{encoded}\n"),
        4 => format!("<a href=\"/{encoded}\">x</a>"),
        5 => format!("![x](/{encoded})"),
        6 => format!("[[{}]]", path.strip_suffix(".md").unwrap_or(path)),
        7 => format!("| [x](/{encoded}) |\n|---|\n"),
        8 => format!("[x](/{encoded}#a\\(b)"),
        _ => format!("> - [x](./{encoded})"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn links_follow_any_name(
        files in prop::collection::btree_set(path(), 2..6),
        ways in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..10), 1..8),
        old in any::<prop::sample::Index>(),
        new in path(),
    ) {
        let names: Vec<String> = files.iter().cloned().collect();
        let old = old.get(&names).clone();
        // A file cannot take another's place, nor stand within one.
        prop_assume!(!files.contains(&new) && !files.iter().any(|file| file.starts_with(&format!("{new}/")) || new.starts_with(&format!("{file}/"))));
        // A wiki link cannot name such a file.
        let nameless = |path: &str| path.contains(['[', '|', '#', '\\', '`', '<', '*']);
        // Nor one in a folder of such a name, where it is another file of that name that moves nearer.
        let ways = ways.into_iter().map(|(file, way)| {
            let lost = nameless(&new) || nameless(file.get(names.as_slice()).as_str());
            (file, if lost && way == 6 { 0 } else { way })
        });
        let text: String = ways.map(|(file, way)| format!("{}\n\n", written(file.get(names.as_slice()).as_str(), way))).collect();
        let library: Vec<_> = names.iter().map(|name| (parse(name, text.as_bytes()), text.clone().into_bytes())).collect();
        check(&library, &files, &old, &new);
    }
}

#[test]
fn every_way_to_write_a_link_is_found_with_its_address() {
    let text = "[a](1.md) [b][r] <https://a.example> <a@b.example> www.a.example\n\n<a href=\"2.md\" id=x>**c**</a> [[3#part|d]] ![e](4.png) \
                ![[5.png]] [[#here]]\n\n<p><img src='6.png' alt=f><a href=7.md>g <b>h</b></a></p>\n\n[![i](8.png)](9.md) [[x]](10.md) `[[no]]`\n\
                if [[ -f x ]]; \\[[no]] [[ no ]]\n\n[r]: <11.md>\n\n```\n[[no]] [no](no)\n```\n";
    let runbook = parse("f/x.md", text.as_bytes());
    let found: Vec<_> = runbook
        .links
        .iter()
        .map(|link| (link.text.as_str(), link.url.as_str(), link.url_span.map(|span| &text[span.start..span.end])))
        .collect();
    assert_eq!(
        found,
        [
            ("a", "1.md", Some("1.md")),
            ("b", "11.md", Some("11.md")),
            ("https://a.example", "https://a.example", Some("https://a.example")),
            ("a@b.example", "mailto:a@b.example", None),
            ("www.a.example", "http://www.a.example", None),
            ("c", "2.md", Some("2.md")),
            ("d", "3#part", Some("3#part")),
            ("here", "#here", Some("#here")),
            ("g h", "7.md", Some("7.md")),
            ("", "9.md", Some("9.md")),
            ("[x]", "10.md", Some("10.md")),
        ]
    );
    let images: Vec<_> = runbook
        .images
        .iter()
        .map(|image| (image.alt.as_str(), image.url.as_str(), image.url_span.map(|span| &text[span.start..span.end])))
        .collect();
    assert_eq!(
        images,
        [
            ("e", "4.png", Some("4.png")),
            ("5.png", "5.png", Some("5.png")),
            ("f", "6.png", Some("6.png")),
            ("i", "8.png", Some("8.png"))
        ]
    );
    let target = |at: usize| runbook.links[at].target.clone();
    assert_eq!(target(0), Target::Inside { path: "f/1.md".to_owned(), anchor: None });
    assert_eq!(target(6), Target::Named("3".to_owned(), Some("part".to_owned())));
    assert_eq!(target(7), Target::Anchor("here".to_owned()));
}

#[test]
fn a_footnote_is_no_link_into_the_library() {
    let runbook = parse("x.md", b"a[^1] b[^2] [c]\n\n[^1]: Later\n[^2]: https://a.example\n[c]: d.md\n");
    let urls: Vec<_> = runbook.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example", "d.md"]);
}
