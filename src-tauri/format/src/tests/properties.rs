//! Any bytes are a runbook.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::support::{check_page, check_spans, corpus};
use crate::{parse, plain_text, show_json};

static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| corpus().into_iter().map(|(_, bytes)| bytes).collect());

fn check(bytes: &[u8], page: bool) {
    let runbook = parse("any.md", bytes);
    check_spans(&runbook, bytes);
    let whole = crate::check(&runbook, bytes, &crate::World::default());
    check_spans(&crate::Runbook { problems: whole, ..runbook.clone() }, bytes);
    let _ = (show_json(&runbook), plain_text(&runbook, bytes));
    if page {
        check_page(&runbook, bytes);
    } else {
        let _ = crate::page(&runbook, bytes);
    }
}

/// Pieces that Markdown is made of, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("# A\n"),
        Just("## Steps\n"),
        Just("### 2. Go\n"),
        Just("1. Run\n"),
        Just("2. x\n"),
        Just("   1. y\n"),
        Just("- [ ] z\n"),
        Just("  - [x] w\n"),
        Just("- v\n"),
        Just("> q\n"),
        Just("```sh\n"),
        Just("```\n"),
        Just("   ```\n"),
        Just("~~~ {name=a}\n"),
        Just("    ls -l\n"),
        Just("$ ls <a b>\n"),
        Just("echo '$X' \"[NAME]\"\n"),
        Just("cat <<EOF\n"),
        Just("EOF\n"),
        Just("ssh web1\n"),
        Just("\n"),
        Just("\n\n"),
        Just("\r\n"),
        Just("\r"),
        Just("\t"),
        Just("text "),
        Just("**If it fails** do\n"),
        Just("[l](u)\n"),
        Just("![i](u)"),
        Just("| a | b |\n|---|---|\n| c | d |\n"),
        Just("---\n"),
        Just("+++\n"),
        Just("a: b\n"),
        Just("<details>\n"),
        Just("<node>"),
        Just("`c`"),
        Just("é…"),
        Just("\u{feff}"),
        Just("https://a.example/b"),
        Just("=====\n"),
        Just("\\"),
        Just("{{x}}"),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in ".{0,400}") {
        check(text.as_bytes(), false);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes, false);
    }

    #[test]
    fn any_markdown_is_read_and_shown_whole(text in pieces()) {
        check(text.as_bytes(), !text.contains('<'));
    }

    #[test]
    fn any_attributes_are_read(attributes in "[a-z_ =\"'/{}\\\\,0-9$\\[]{0,60}") {
        check(format!("```sh {{{attributes}}}\nls\n```\n").as_bytes(), false);
    }

    #[test]
    fn any_script_is_read(script in "[a-z <>$(){}'\"`\\\\#\n|&;=\\[\\]A-Z-]{0,200}") {
        check(format!("````sh\n{script}\n````\n").as_bytes(), false);
    }

    #[test]
    fn mutated_runbooks_are_read(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..20),
    ) {
        let mut bytes = file.get(&CORPUS).clone();
        for (at, byte, what) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => {
                    bytes.remove(at);
                }
                _ => bytes.truncate(at),
            }
        }
        check(&bytes, false);
    }
}
