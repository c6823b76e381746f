//! Files that were written to break in, through the command line (docs/attacks.md).

use std::{fs, io::Write as _, path::Path};

use zip::write::SimpleFileOptions;

use crate::support::{Done, Home, text};

/// Sequences that set a terminal's title, write the clipboard, have it answer, hide text, and marks that turn text around.
const HOSTILE: &str =
    "\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIC8=\x07\x1b[6n\x1bP$q\"p\x1b\\\x1b[8mhidden\x1b[0m\u{9b}5n\u{202e}txt.exe";

fn assert_harmless(done: &Done, what: &str) {
    for said in [&done.out, &done.err] {
        let obeyed = said.chars().find(|c| (c.is_control() && !"\n\t".contains(*c)) || *c == '\u{202e}');
        assert_eq!(obeyed, None, "{what}: {said:?}");
    }
}

/// What a terminal obeys, and what turns text around, is neither in what is said of a runbook nor in the record of what it printed.
#[test]
fn what_a_runbook_says_and_a_command_prints_obeys_nobody_in_a_terminal() {
    let home = Home::new();
    let quoted = HOSTILE.replace('\\', "\\\\").replace('"', "\\\"");
    let yaml: String = quoted
        .chars()
        .map(|c| if c.is_control() { format!("\\x{:02x}", u32::from(c)) } else { c.to_string() })
        .collect();
    let book = format!(
        "---\ntitle: \"A{yaml}\"\nowner: \"{yaml}\"\nparams: {{X: {{prompt: \"{yaml}\", default: \"{yaml}\"}}}}\n---\n\n# A{HOSTILE}\n\n## Steps\n\n\
         1. One {HOSTILE}\n\n   ```sh {{name=one}}\n   cat printed # {HOSTILE}\n   ```\n\n- [ ] Seen {HOSTILE}\n"
    );
    home.file("books/a.md", &book);
    fs::write(home.path("books/printed"), format!("before\n{HOSTILE}\nafter\n")).unwrap();
    home.expect(0, &["library", "add", "books"]);
    for arguments in [
        &["show", "books/a.md"][..],
        &["check", "books/a.md"],
        &["list"],
        &["search", "owned"],
        &["run", "books/a.md", "--plan"],
        &["run", "books/a.md", "--rehearse", "--yes"],
        &["library", "list"],
    ] {
        let done = home.allgood(arguments);
        assert!(done.status.is_some_and(|status| status < 5), "{arguments:?}: {done:?}");
        assert_harmless(&done, &arguments.join(" "));
    }
    let run = home.allgood(&["run", "books/a.md", "--auto", "--yes"]);
    assert!(run.out.contains("after") || run.err.contains("after"), "{run:?}");
    let runs = home.runs();
    let id = text(&runs[0], "id");
    for arguments in [
        &["runs"][..],
        &["show-run", id],
        &["report", id],
        &["report", id, "--format", "html"],
        &["report", id, "--format", "junit"],
    ] {
        let done = home.allgood(arguments);
        assert_eq!(done.status, Some(0), "{arguments:?}: {done:?}");
        assert_harmless(&done, &arguments.join(" "));
    }
}

/// Nothing here ends otherwise than read or refused with a sentence, and in a time that does not grow with the square of it.
#[test]
fn huge_and_deeply_nested_files_are_read_or_refused() {
    let home = Home::new();
    for (name, text) in [
        ("quotes", ">".repeat(20_000)),
        ("lists", (0..2_000).map(|depth| format!("{}- a\n", "  ".repeat(depth % 500))).collect()),
        ("brackets", "[".repeat(100_000)),
        ("emphasis", "*a **b ".repeat(20_000)),
        ("links", "[a](<".repeat(30_000)),
        ("html", "<div><b><i>".repeat(20_000)),
        ("fences", "```sh {".repeat(10_000)),
        ("entities", "&#x6a;&#97;".repeat(40_000)),
        ("front", format!("---\n{}\n---\n", "a: [".repeat(5_000))),
        (
            "anchors",
            format!("---\na: &a [x]\n{}\n---\n", (0..2_000).map(|n| format!("k{n}: *a\n")).collect::<String>()),
        ),
        ("laughs", {
            let levels = (1..30).map(|n| format!("l{n}: &l{n} [*l{p}, *l{p}, *l{p}, *l{p}]\n", p = n - 1));
            format!("---\nl0: &l0 [ha]\n{}---\n", levels.collect::<String>())
        }),
        ("table", format!("|{}\n|{}\n", "a|".repeat(5_000), "-|".repeat(5_000))),
        ("one-line", "a".repeat(2_000_000)),
    ] {
        let file = format!("books/{name}.md");
        home.file(&file, &format!("{text}\n\n## Steps\n\n- [ ] x\n"));
        let done = home.allgood(&["check", &file]);
        assert!(matches!(done.status, Some(0..=2)), "{name}: {:?} {}", done.status, done.err);
        assert!(!done.err.contains("panicked") && !done.err.contains("Allgood itself"), "{name}: {}", done.err);
    }
    let added = home.expect(0, &["library", "add", "books"]);
    assert!(added.out.contains("books"), "{added:?}");
}

#[test]
fn a_hostile_library_file_sets_nothing_and_says_why() {
    let home = Home::new();
    home.file("books/a.md", "# A\n\n## Steps\n\n```sh\necho \"$LD_PRELOAD|$PATH\"\n```\n");
    let nested = format!("[environments.prod]\nx = {}{}\n", "[".repeat(2_000), "]".repeat(2_000));
    for (name, file) in [
        ("escapes in a name", "[environments.\"\\u001b]0;x\\u0007\"]\nkind = \"production\"\n".to_owned()),
        ("nested", nested),
        (
            "a shell that is a script",
            "[run]\nshell = \"sh -c 'touch owned'\"\n[environments.prod]\nshell = \"touch owned\"\n".to_owned(),
        ),
        ("an include", "include = \"/etc/passwd\"\n[environments.prod]\nenv_file = \"/etc/passwd\"\n".to_owned()),
        ("no text", "\u{0}\u{1}[[[[".to_owned()),
        ("a guard that is no guard", "[environments.prod]\nguard = \"maybe\"\n".to_owned()),
    ] {
        home.file("books/allgood.toml", &file);
        for arguments in [
            &["check", "books/a.md"][..],
            &["run", "books/a.md", "--plan"],
            &["run", "books/a.md", "--rehearse", "--yes", "--env", "prod"],
        ] {
            let done = home.allgood(arguments);
            assert!(matches!(done.status, Some(0..=4)), "{name}, {arguments:?}: {done:?}");
            assert_harmless(&done, name);
        }
        assert!(!home.path("books/owned").exists() && !home.path("owned").exists(), "{name}");
    }
}

fn archive(path: &Path, files: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// A file that says it is a run is read to its bounds and no further, and nothing of it lands anywhere.
#[test]
fn a_run_file_that_is_a_bomb_or_leads_outside_is_refused_and_nothing_is_written() {
    let home = Home::new();
    let zeros = vec![0_u8; 64 << 20];
    let passwd = home.file("outside", "mine");
    for (name, files) in [
        (
            "a bomb",
            vec![
                ("run.json", zeros.as_slice()),
                ("journal.jsonl", zeros.as_slice()),
                ("runbook.md", zeros.as_slice()),
            ],
        ),
        ("paths", vec![("../outside", b"theirs".as_slice()), ("/outside", b"theirs"), ("runbook.md", b"# A")]),
        ("nothing", vec![]),
    ] {
        let file = home.path("in.allgood-run");
        archive(&file, &files);
        for arguments in [&["take", "in.allgood-run", "--look"][..], &["take", "in.allgood-run"]] {
            let done = home.allgood(arguments);
            assert!(matches!(done.status, Some(1..=2)), "{name}: {done:?}");
            assert!(!done.err.is_empty() && !done.err.contains("panicked"), "{name}: {done:?}");
        }
    }
    assert_eq!(fs::read_to_string(passwd).unwrap(), "mine");
    assert!(home.runs().is_empty());
}

/// A link in the library that leads out of it is neither listed nor written through.
#[test]
fn a_symbolic_link_out_of_the_library_leads_nowhere() {
    let home = Home::new();
    home.file("books/a.md", "# A\n\n## Steps\n\n- [ ] x\n");
    let target = home.file("elsewhere/secret.md", "# Secret words\n\n## Steps\n\n- [ ] x\n");
    std::os::unix::fs::symlink(&target, home.path("books/link.md")).unwrap();
    std::os::unix::fs::symlink(home.path("elsewhere"), home.path("books/folder")).unwrap();
    home.expect(0, &["library", "add", "books"]);
    let listed = home.expect(0, &["list", "--json"]).out;
    assert!(!listed.contains("Secret words") && listed.contains("a.md"), "{listed}");
    assert!(!home.expect(0, &["search", "secret words", "--json"]).out.contains("Secret words"));
}
