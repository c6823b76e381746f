use super::*;
use crate::parse;

fn files(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The text with its edits made.
fn apply(text: &str, edits: &[Edit]) -> String {
    let mut result = text.to_owned();
    for edit in edits.iter().rev() {
        result.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    result
}

fn relinked(text: &str, from: &str, old: &str, new: &str) -> String {
    let files = files(&[
        "a.md",
        "b.md",
        "guide/index.md",
        "guide/My page.md",
        "guide/deep/x.md",
        "pics/p.png",
        "web/Drain.md",
        "db/Drain.md",
        "web/x.md",
        "guide/größe.md",
    ]);
    let runbook = parse(from, text.as_bytes());
    apply(text, &relink(&runbook, text.as_bytes(), from, old, new, &files))
}

#[test]
fn links_follow_a_file_and_keep_their_authors_way_of_writing() {
    for (text, from, old, new, expected) in [
        ("[x](b.md)", "a.md", "b.md", "sub/c.md", "[x](sub/c.md)"),
        ("[x](./b.md#part \"T\")", "a.md", "b.md", "c.md", "[x](./c.md#part \"T\")"),
        ("[x](/b.md?plain=1#L2)", "guide/index.md", "b.md", "sub/c.md", "[x](/sub/c.md?plain=1#L2)"),
        ("[x](../b.md)", "guide/index.md", "b.md", "guide/c.md", "[x](c.md)"),
        ("[x](b)", "a.md", "b.md", "c.md", "[x](c)"),
        ("[x](b)", "a.md", "b.md", "guide.md", "[x](guide.md)"),
        (
            "[x](guide/My%20page.md)",
            "a.md",
            "guide/My page.md",
            "guide/Our (new) page.md",
            "[x](guide/Our%20%28new%29%20page.md)",
        ),
        ("[x](<guide/My page.md>)", "a.md", "guide/My page.md", "guide/Our page.md", "[x](<guide/Our page.md>)"),
        ("[x](<guide/My page.md>)", "a.md", "guide/My page.md", "c.md", "[x](<c.md>)"),
        ("[x](b.md)", "a.md", "b.md", "my page.md", "[x](my%20page.md)"),
        ("[x](b.md)", "a.md", "b.md", "größe.md", "[x](größe.md)"),
        ("[x](guide/gr%C3%B6%C3%9Fe.md)", "a.md", "guide/größe.md", "größe.md", "[x](gr%C3%B6%C3%9Fe.md)"),
        ("[x][r] [r] [r][]\n\n[r]: b.md 'T'\n", "a.md", "b.md", "c.md", "[x][r] [r] [r][]\n\n[r]: c.md 'T'\n"),
        ("[x][R\\]]\n\n[r\\]]:\n  <b.md>\n", "a.md", "b.md", "c d.md", "[x][R\\]]\n\n[r\\]]:\n  <c d.md>\n"),
        ("<a class=k href='b.md#y'>B</a>", "a.md", "b.md", "c.md", "<a class=k href='c.md#y'>B</a>"),
        ("![p](pics/p.png)", "a.md", "pics/p.png", "img/p.png", "![p](img/p.png)"),
        ("[![p](pics/p.png)](b.md)", "a.md", "pics", "img", "[![p](img/p.png)](b.md)"),
        ("<img src=\"pics/p.png\">", "a.md", "pics/p.png", "q.png", "<img src=\"q.png\">"),
        ("[x](b\\.md#y)", "a.md", "b.md", "c.md", "[x](c.md#y)"),
        ("[x](b.md?a=1&amp;b=2)", "a.md", "b.md", "c.md", "[x](c.md?a=1&amp;b=2)"),
        (
            "[b](b.md) `[x](b.md)`\n\n    [x](b.md)\n",
            "a.md",
            "b.md",
            "c.md",
            "[b](c.md) `[x](b.md)`\n\n    [x](b.md)\n",
        ),
        ("> [x](\n> b.md)", "a.md", "b.md", "c.md", "> [x](\n> c.md)"),
        ("| [x](b.md) |\n|---|\n", "a.md", "b.md", "c|d.md", "| [x](c%7Cd.md) |\n|---|\n"),
        ("[x](b.md)", "a.md", "b.md", "a:b.md", "[x](./a:b.md)"),
        ("[x](guide/)", "a.md", "guide", "handbook", "[x](handbook/)"),
        ("[x](guide/deep/x.md)", "a.md", "guide", "hand/book", "[x](hand/book/deep/x.md)"),
        (
            "[x](https://a.example/b.md) [y](#b.md) b.md",
            "a.md",
            "b.md",
            "c.md",
            "[x](https://a.example/b.md) [y](#b.md) b.md",
        ),
        ("[x](c.md)", "a.md", "b.md", "d.md", "[x](c.md)"),
        (
            "[x](guide) [y](guide/)",
            "a.md",
            "guide/index.md",
            "guide/start.md",
            "[x](guide/start.md) [y](guide/start.md)",
        ),
        ("[x](b)", "b.md", "a.md", "b/a.md", "[x](b.md)"),
    ] {
        assert_eq!(relinked(text, from, old, new), expected, "{text} when {old} becomes {new}");
    }
}

#[test]
fn a_backtick_that_goes_from_an_address_makes_no_fence_of_text() {
    for (text, expected) in [
        ("``` [x](a`b.md)\nand\n", "\\`\\`\\` [x](c.md)\nand\n"),
        ("> - ```` [x](a`b.md)\n", "> - \\`\\`\\`\\` [x](c.md)\n"),
        ("```x <a href=\"a`b.md\">\n", "\\`\\`\\`x <a href=\"c.md\">\n"),
        (
            "[y](a%60b.md)\n\n``` ![x](<a`b.md>)\n\n[z](a%60b.md)\n",
            "[y](c.md)\n\n\\`\\`\\` ![x](<c.md>)\n\n[z](c.md)\n",
        ),
        // No line that would open one.
        ("`` [x](a`b.md)\n", "`` [x](c.md)\n"),
        ("x ``` [x](a`b.md)\n", "x ``` [x](c.md)\n"),
        ("``` [x](a`b.md) `` y\n", "``` [x](c.md) `` y\n"),
        ("<div>\n``` <a href=\"a`b.md\">\n</div>\n", "<div>\n``` <a href=\"c.md\">\n</div>\n"),
        ("``` a `` [x](b.md)\n", "``` a `` [x](b.md)\n"),
    ] {
        let files = files(&["any.md", "a`b.md", "b.md"]);
        let runbook = parse("any.md", text.as_bytes());
        let edits = relink(&runbook, text.as_bytes(), "any.md", "a`b.md", "c.md", &files);
        let after = apply(text, &edits);
        assert_eq!(after, expected, "{text}");
        let again = parse("any.md", after.as_bytes());
        assert_eq!((again.links.len(), again.blocks.len()), (runbook.links.len(), runbook.blocks.len()), "{text}");
    }
}

#[test]
fn a_file_that_moves_takes_its_links_along() {
    for (text, from, new, expected) in [
        ("[x](b.md)", "a.md", "sub/a.md", "[x](../b.md)"),
        ("[x](b.md)", "a.md", "c.md", "[x](b.md)"),
        ("[x](a.md#y)", "a.md", "c.md", "[x](c.md#y)"),
        ("[x](/b.md)", "a.md", "sub/a.md", "[x](/b.md)"),
        ("[x](../b.md)", "guide/index.md", "index.md", "[x](b.md)"),
        ("[x](deep/x.md)", "guide/index.md", "guide/deep/index.md", "[x](x.md)"),
        ("[x](..)", "guide/index.md", "guide/deep/index.md", "[x](../..)"),
        ("[x](gone.md)", "a.md", "sub/a.md", "[x](../gone.md)"),
        ("[x](../../out.md)", "guide/index.md", "index.md", "[x](../out.md)"),
        ("![p](../pics/p.png)", "guide/index.md", "guide/deep/index.md", "![p](../../pics/p.png)"),
    ] {
        assert_eq!(relinked(text, from, from, new), expected, "{text} when {from} becomes {new}");
    }
    // Within a folder that moves, nothing changes.
    assert_eq!(
        relinked("[x](deep/x.md) [y](../b.md)", "guide/index.md", "guide", "book"),
        "[x](deep/x.md) [y](../b.md)"
    );
    assert_eq!(
        relinked("[x](deep/x.md) [y](../b.md)", "guide/index.md", "guide", "a/book"),
        "[x](deep/x.md) [y](../../b.md)"
    );
}

#[test]
fn wiki_links_follow_by_name() {
    for (text, from, old, new, expected) in [
        ("[[b]] [[B#Part|text]]", "a.md", "b.md", "sub/c.md", "[[c]] [[c#Part|text]]"),
        ("[[b]]", "a.md", "b.md", "sub/b.md", "[[b]]"),
        ("[[b.md]]", "a.md", "b.md", "c.md", "[[c.md]]"),
        ("[[drain]]", "web/x.md", "web/Drain.md", "other/Drain.md", "[[other/Drain]]"),
        ("[[drain]]", "web/x.md", "web/x.md", "db/x.md", "[[web/Drain]]"),
        ("[[b]]", "a.md", "b.md", "c]d.md", "[[b]]"),
        ("![[p.png]]", "a.md", "pics/p.png", "pics/q.png", "![[q.png]]"),
    ] {
        assert_eq!(relinked(text, from, old, new), expected, "{text} when {old} becomes {new}");
    }
}
