//! Nothing takes longer than in proportion to its size. Each input is large enough that a walk of it for each of its
//! parts would take minutes; these tests would not end.

use crate::{fill, page, parse, plain_text};

fn read(markdown: &str) {
    let runbook = parse("large.md", markdown.as_bytes());
    let _ = (page(&runbook, markdown.as_bytes()), plain_text(&runbook, markdown.as_bytes()));
    for (_, _, item) in runbook.items() {
        let values =
            item.placeholders.iter().chain(&item.doubts).map(|name| (name.clone(), "x".to_owned())).collect();
        let _ = fill(item, &values);
    }
}

fn script(lines: &str) -> String {
    format!("## Steps\n\n````sh\n{lines}\n````\n")
}

#[test]
fn deep_nests_are_read() {
    let lists: String = (0..400).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    for markdown in [
        ">".repeat(50_000),
        "- ".repeat(5000),
        "1. ".repeat(5000),
        lists,
        "<div>".repeat(20_000),
        "x <span>".repeat(20_000),
    ] {
        read(&markdown);
    }
}

#[test]
fn long_lines_are_read() {
    for part in [
        "[",
        "[a](",
        "![",
        "`a``b",
        "*a **b ",
        "<",
        "<a ",
        "word ",
        "https://a.example/b ",
        "\\",
        "&amp;",
        "|",
        "{{",
        "<node> ",
    ] {
        read(&part.repeat(20_000));
    }
    read(&format!("https://a.example/b{}", ")".repeat(50_000)));
    read(&format!("```sh {{{}}}\nls\n```\n", "expect=/a b ".repeat(10_000)));
    read(&format!("```sh {{{}}}\nls\n```\n", "a=b ".repeat(10_000)));
}

#[test]
fn long_scripts_are_read() {
    for part in [
        "$(",
        "`",
        "\"",
        "'",
        "echo <a> ",
        "<a> ",
        "[NAME] ",
        "<<E ",
        "${",
        "A=1 ",
        "ssh x ",
        "; ",
        "| cat ",
        "\\\n",
        "(",
        "((",
        "$A ",
    ] {
        read(&script(&format!("echo {}", part.repeat(10_000))));
    }
    for part in [
        "cat <<E\n<a>\nE\n",
        "$ ls\nout\n",
        "echo \"$A\" <b c> [NAME] $(x)\n",
        "for a in b; do\n",
        "ssh x\n",
        "> x\n",
    ] {
        read(&script(&part.repeat(5_000)));
    }
}

#[test]
fn many_parts_are_read() {
    for part in [
        "```sh\necho hello\n```\n\n",
        "# a\n\nx\n\n",
        "## Steps\n\n### a\n\nx\n\n",
        "1. Do x\n",
        "- [ ] x\n",
        "[a]: b\n",
        "|a|b|\n|-|-|\n|c|d|\n",
        "<!--\n",
        "```\n",
        "\u{0}\n",
    ] {
        read(&part.repeat(3_000));
    }
}
