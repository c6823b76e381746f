//! Runbooks, and what is made into runbooks.

use format::{Part, Runbook, World};

use crate::{LONGEST, text};

pub(crate) const RUNBOOKS: &[&[u8]] = &[
    b"---\ntitle: A\nparams: {NODE: {pattern: 'n[0-9]+'}, ZONE: {choices: [a, b]}}\naccess: {PW: keychain://db/password}\n---\n\n# A\n\n## Steps\n\n1. One\n\n   ```sh {name=one timeout=5m expect=\"ok\" export=X}\n   echo <node> $NODE\n   ```\n\n   ```sh {undo}\n   echo back\n   ```\n\n- [ ] Seen\n\n## Rollback\n\n```message {to=\"all\"}\nBack at <time>\n```\n",
    b"## Steps\n\n<script>alert(1)</script> <img src=x onerror=alert(1)> <svg onload=alert(1)>[a](javascript:alert(1)) [b](java&#115;cript:alert(1)) ![c](http://x.example/p.png)\n",
    b"## Steps\n\n- 1\n  - 2\n    - 3\n      - 4\n\n> > > > q\n\n| a | b |\n|---|---|\n| `x` | <b onclick=x>y</b> |\n",
    b"\xff\xfe---\n\0\n```sh {name=\"\xc3\"}\r\nls\r\n```\r\n",
    b"```probe {every=10s for=2m}\ncurl -f localhost\n```\n\n```sh {expect_json='$.a[0]' expect_number=\"< 3\"}\n:\n```\n",
];

pub(crate) const PAGES: &[&[u8]] = &[
    b"<h2>Steps</h2><ol><li>Do<pre><code class=\"language-bash\">ls &lt;x&gt;</code></pre></li></ol>",
    b"<ac:structured-macro ac:name=\"code\"><ac:plain-text-body><![CDATA[rm -rf ]]></ac:plain-text-body></ac:structured-macro>",
    b"<table><tr><td><p>a<td>b<script>x</script><template><div><svg><math></table><a href=javascript:x>y</a>",
];

pub(crate) const SESSIONS: &[&[u8]] = &[
    b"ada@host:~$ ls\na b\nada@host:~$ cat <<EOF\n> x\n> EOF\nx\n",
    b"\x1b[1;32mroot@db1\x1b[0m:/# echo \x1b]0;title\x07hi\r\nhi\r\n# exit\n",
];

pub(crate) const LIBRARY_FILES: &[&[u8]] = &[
    b"[environments.production]\nkind = \"production\"\nguard = true\nparams = { ZONE = \"eu\" }\n\n[run]\nshell = \"bash\"\n",
    b"[environments]\na = 1\n[environments.a.b.c.d]\nx = [[[[[]]]]]\n",
];

pub(crate) const MERGES: &[&[u8]] = &[b"a\nb\nc\n\0a\nB\nc\n\0a\nb\nC\n", b"\0\0", b"a\r\nb\0a\r\n\0b"];

fn parsed(bytes: &[u8]) -> Runbook {
    format::parse("fuzz.md", &bytes[..bytes.len().min(LONGEST)])
}

/// Reading never fails, and what is found stands where it says.
pub(crate) fn runbook(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let runbook = parsed(bytes);
    let problems = format::check(&runbook, bytes, &World::default());
    for problem in &problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= bytes.len(), "{problem:?}");
    }
    let _ = (format::plain_text(&runbook, bytes), format::headings(bytes));
}

/// No page carries a script, an event handler, a frame or a form.
pub(crate) fn page(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let page = format::page(&parsed(bytes), bytes);
    for section in &page.sections {
        harmless(&section.heading);
        let bodies = section.steps.iter().flat_map(|step| &step.body);
        for part in section.intro.iter().chain(&section.outro).chain(bodies) {
            if let Part::Html(html) = part {
                harmless(html);
            }
        }
    }
    harmless(&format::html(&text(bytes)));
}

/// Every tag is looked at as a browser does: text that only looks like one stands escaped.
fn harmless(html: &str) {
    let lower = html.to_ascii_lowercase();
    for tag in lower.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        for never in
            ["script", "iframe", "frame", "object", "embed", "form", "style", "link", "meta", "base", "svg", "math"]
        {
            assert_ne!(name, never, "{html}");
        }
        // Values stand in double quotes, with theirs escaped: what is outside of them is attributes.
        let outside: String = tag.split('"').step_by(2).collect();
        let handler = outside.split_ascii_whitespace().skip(1).any(|attribute| attribute.starts_with("on"));
        assert!(!handler, "{html}");
        for address in tag
            .split('"')
            .collect::<Vec<_>>()
            .windows(2)
            .filter(|pair| pair[0].ends_with("href=") || pair[0].ends_with(" src="))
        {
            let scheme = address[1].trim_start();
            for never in ["javascript:", "data:", "vbscript:"] {
                assert!(!scheme.starts_with(never), "{html}");
            }
        }
    }
}

/// Whatever is filled into a command, a shell reads it as one word: no panic, and no placeholder by chance.
pub(crate) fn fill(bytes: &[u8]) {
    let runbook = parsed(bytes);
    let value = text(bytes).chars().take(40).collect::<String>();
    for (_, _, item) in items(&runbook) {
        let values = item.placeholders.iter().map(|one| (one.clone(), value.clone())).collect();
        let _ = format::fill(item, &values);
    }
}

fn items(runbook: &Runbook) -> impl Iterator<Item = (&format::Section, &format::Step, &format::Item)> {
    runbook.phases.iter().flat_map(|section| {
        section.steps.iter().flat_map(move |step| step.items.iter().map(move |item| (section, step, item)))
    })
}

/// What comes of a page of the web is a runbook that can be read.
pub(crate) fn html_import(bytes: &[u8]) {
    runbook(format::from_html(&text(bytes)).as_bytes());
}

/// What comes of a session in a terminal is a runbook that can be read.
pub(crate) fn session_import(bytes: &[u8]) {
    runbook(format::from_session(&text(bytes)).as_bytes());
}

/// A library's file is read or refused with a sentence, never with a panic.
pub(crate) fn library_file(bytes: &[u8]) {
    let _ = format::parse_library_file(&text(bytes));
}

/// Three versions are merged or in conflict; what nobody changed stays.
pub(crate) fn merge(bytes: &[u8]) {
    let text = text(bytes);
    let mut parts = text.split('\0');
    let (base, ours, theirs) = (parts.next(), parts.next(), parts.next());
    let (base, ours, theirs) = (base.unwrap_or_default(), ours.unwrap_or_default(), theirs.unwrap_or_default());
    let _ = format::merge(base, ours, theirs);
    assert_eq!(format::merge(base, ours, base).text, ours, "only one side changed something");
}
