//! New runbooks, images beside them, and what an editor offers.

use std::{fs, os::unix::fs::symlink, path::Path};

use api::{
    ApiError,
    commands::*,
    wire::{KeepImage, ListQuery, ListSort, MakeFrom, MakeText, NewRunbook, ReadImage},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::house::{House, argument};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n one";

fn keep(house: &House, file: &Path, name: &str, bytes: &[u8]) -> Result<String, ApiError> {
    let image = KeepImage { path: file.display().to_string(), name: name.to_owned(), data: STANDARD.encode(bytes) };
    house.app.image_keep(image).map(|kept| kept.link)
}

fn read(house: &House, file: &Path, link: &str) -> Result<String, ApiError> {
    let image = ReadImage { path: file.display().to_string(), link: link.to_owned() };
    house.app.image_read(image).map(|data| data.url)
}

fn make(house: &House, relative: &str, text: &str) -> Result<String, ApiError> {
    house.app.runbook_new(NewRunbook { library: house.id, relative: relative.to_owned(), text: text.to_owned() })
}

#[test]
fn an_image_is_kept_beside_its_file_under_a_name_of_its_own() {
    let house = House::new();
    let file = house.put("deep/a.md", "# A\n");
    assert_eq!(keep(&house, &file, "Disk Usage.PNG", PNG).unwrap(), "images/disk-usage.png");
    assert_eq!(fs::read(house.library.join("deep/images/disk-usage.png")).unwrap(), PNG);
    assert_eq!(keep(&house, &file, "other.png", PNG).unwrap(), "images/disk-usage.png", "the same bytes are there");
    let second = [PNG, b"two"].concat();
    assert_eq!(keep(&house, &file, "disk usage.gif", &second).unwrap(), "images/disk-usage-2.png");
    let pasted = keep(&house, &file, "", b"\xff\xd8\xff pasted").unwrap();
    assert!(pasted.starts_with("images/image-20") && pasted.ends_with("-1.jpg"), "{pasted}");
    assert_eq!(
        read(&house, &file, &pasted).unwrap(),
        format!("data:image/jpeg;base64,{}", STANDARD.encode(b"\xff\xd8\xff pasted"))
    );
}

#[test]
fn an_image_goes_where_the_other_images_of_its_file_are() {
    let house = House::new();
    house.put("my pictures/one.png", PNG);
    let file = house
        .put("deep/a.md", "![gone](gone/x.png) ![web](https://a.example/x.png)\n![one](../my%20pictures/one.png)\n");
    let link = keep(&house, &file, "two.png", &[PNG, b"2"].concat()).unwrap();
    assert_eq!(link, "../my%20pictures/two.png");
    assert!(read(&house, &file, &link).unwrap().starts_with("data:image/png;base64,"));
}

#[test]
fn nothing_but_images_within_the_library_is_kept_or_shown() {
    let house = House::new();
    let file = house.put("a.md", "# A\n");
    for (bytes, says) in [
        (&b"#!/bin/sh\n"[..], "no PNG"),
        (b"<svg><script>x</script></svg>", "scripts"),
        (&[PNG, &vec![0; 10 * 1024 * 1024]].concat(), "10 MiB"),
    ] {
        assert!(keep(&house, &file, "x.png", bytes).unwrap_err().message.contains(says));
    }
    assert!(!house.library.join("images").exists());
    let outside = house.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret.png"), PNG).unwrap();
    fs::write(house.library.join("text.png"), "text").unwrap();
    symlink(outside.join("secret.png"), house.library.join("link.png")).unwrap();
    for link in [
        "../outside/secret.png",
        "link.png",
        "text.png",
        "/etc/passwd",
        "https://a.example/x.png",
        "data:image/png,x",
        "",
        "none.png",
        "%ff.png",
    ] {
        assert!(read(&house, &file, link).is_err(), "{link}");
    }
    symlink(&outside, house.library.join("images")).unwrap();
    assert!(keep(&house, &file, "x.png", PNG).unwrap_err().message.contains("leads out"));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn a_new_runbook_is_made_with_its_folders_and_never_over_another() {
    let house = House::new();
    let path = make(&house, "net/dns/flush.md", "# Flush\r\n").unwrap();
    assert_eq!(path, house.library.join("net/dns/flush.md").display().to_string());
    assert_eq!(fs::read(&path).unwrap(), b"# Flush\r\n");
    assert_eq!(
        house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows[0].title,
        "Flush"
    );
    house.app.draft_keep(api::wire::KeepDraft { path: path.clone(), base: None, text: "typed".to_owned() }).unwrap();
    assert!(make(&house, "net/dns/flush.md", "# Other\n").unwrap_err().message.contains("already"));
    assert_eq!(fs::read(&path).unwrap(), b"# Flush\r\n");
    assert_eq!(house.source(Path::new(&path)).draft.unwrap().text, "typed", "its draft stays too");
    let outside = house.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, house.library.join("out")).unwrap();
    for relative in
        ["../x.md", "/x.md", "", ".hidden/x.md", "a/../x.md", "out/x.md", "out/deep/x.md", "x.sh", "a\0.md"]
    {
        assert!(make(&house, relative, "x").is_err(), "{relative}");
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn every_template_makes_a_runbook_with_its_title() {
    let house = House::new();
    let templates = house.app.templates(Nothing {}).unwrap();
    assert!(templates.len() >= 7, "{templates:?}");
    for template in templates {
        let source = MakeFrom::Template { name: template.name.clone() };
        let made = house
            .app
            .make_text(MakeText {
                source,
                title: "Disk: almost \"full\"".to_owned(),
                owner: Some("web team".to_owned()),
            })
            .unwrap();
        assert_eq!((made.title.as_str(), made.file_name.as_str()), ("Disk: almost \"full\"", "disk-almost-full.md"));
        make(&house, &format!("{}.md", template.name), &made.text).unwrap();
    }
    let session = MakeFrom::Session { text: "$ df -h /\nFilesystem Size\n$ du -sh /var\n".to_owned() };
    let made =
        house.app.make_text(MakeText { source: session, title: "Look at the disk".to_owned(), owner: None }).unwrap();
    assert_eq!((made.title.as_str(), made.file_name.as_str()), ("Look at the disk", "look-at-the-disk.md"));
    assert!(made.text.contains("df -h /"), "{}", made.text);
    let page = MakeFrom::Page { html: "<h1>From the wiki</h1><ol><li>One<script>x</script></li></ol>".to_owned() };
    let made = house.app.make_text(MakeText { source: page, title: String::new(), owner: None }).unwrap();
    assert_eq!(made.title, "From the wiki");
    assert!(made.text.contains("One") && !made.text.contains("script"), "{}", made.text);
    let unknown = MakeText { source: MakeFrom::Template { name: "x".to_owned() }, title: String::new(), owner: None };
    assert!(house.app.make_text(unknown).unwrap_err().message.contains("choose one of"));
}

#[test]
fn what_can_be_written_is_offered() {
    let house = House::new();
    house.put(
        "allgood.toml",
        "[environments.prod]\nkind = \"production\"\nvars = { CLUSTER = \"p\" }\naccess = { db = \"x\" }\n",
    );
    house.put("deep/other file.md", "---\nowner: ops\ntags: [disk]\nseverity: SEV2\n---\n# O\n");
    house.put("deep/images/i.png", PNG);
    house.put(".hidden/no.md", "");
    let file = house.put(
        "deep/a.md",
        "---\nparams: {REGION: {prompt: Which region}}\naccess: {T: keychain://vault/token}\n---\n# A\n",
    );
    house.app.library_rescan(Nothing {}).unwrap();
    let offered = house.app.vocabulary(argument(&file)).unwrap();
    let names = |words: &[api::wire::Word]| words.iter().map(|word| word.word.clone()).collect::<Vec<_>>();
    assert_eq!(names(&offered.variables), ["CLUSTER", "REGION"]);
    assert_eq!(offered.variables[1].hint, "Which region");
    assert_eq!(names(&offered.access), ["db", "vault"]);
    assert_eq!(names(&offered.files), ["other%20file.md", "images/i.png"]);
    assert_eq!(
        (offered.owners, offered.tags, offered.severities),
        (vec!["ops".to_owned()], vec!["disk".to_owned()], vec!["SEV2".to_owned()])
    );
    assert_eq!(offered.environments[0].name, "prod");
    for (words, word) in [
        (&offered.keys, "review_every"),
        (&offered.attributes, "expect"),
        (&offered.languages, "sh"),
        (&offered.headings, "Rollback"),
    ] {
        assert!(words.iter().any(|known| known.word == word), "{word}");
    }
}
