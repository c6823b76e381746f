use engine::Secrets as _;

use super::*;
use crate::{KnownSecrets, Secret, stream::MARK};

/// With everything in it that somebody escapes.
const SECRETS: [&[u8]; 3] =
    [b"p \"q\" it's $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9", b"~#a\tb\"c\nd'e\\f\n", b"a\x1bb\x01c d"];

/// What real programs print of them: bash 5.2, dash 0.5.12, zsh 5.9, ksh 93u+m, fish 3.6, coreutils 9.1, Perl 5.36, jq 1.6,
/// Node.js, curl, Python 3.11, xxd.
#[rustfmt::skip]
const PRINTED: &[(usize, &str, &[u8])] = &[
    (0, "bash %q", b"p\\ \\\"q\\\"\\ it\\'s\\ \\$x\\ \\`b\\`\\ \\\\\\ \\&\\ \\<t\\>\\ /~#\\;\\,=%+\\!\\{\\}\\|\\*\\?\\(\\)\\[\\]\\^:@-_.\xc3\xa9"),
    (0, "bash ${…@Q}, zsh qq, zsh q+, zsh q-, coreutils", b"'p \"q\" it'\\''s $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'"),
    (0, "bash %q, LC_ALL=C", b"$'p \"q\" it\\'s $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\\303\\251'"),
    (0, "bash declare", b"declare -- x=\"p \\\"q\\\" it's \\$x \\`b\\` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\"\n"),
    (0, "bash export", b"declare -x x=\"p \\\"q\\\" it's \\$x \\`b\\` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\"\n"),
    (0, "bash set", b"x='p \"q\" it'\\''s $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'\n"),
    (0, "bash -x", b"+ : 'p \"q\" it'\\''s $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'\n"),
    (0, "dash -x", b"+ : p \"q\" it's $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\n"),
    (0, "dash export", b"export x='p \"q\" it'\"'\"'s $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'\n"),
    (0, "zsh q, zsh %q", b"p\\ \\\"q\\\"\\ it\\'s\\ \\$x\\ \\`b\\`\\ \\\\\\ \\&\\ \\<t\\>\\ /~\\#\\;,=%+!\\{\\}\\|\\*\\?\\(\\)\\[\\]\\^:@-_.\xc3\xa9"),
    (0, "zsh qqq", b"\"p \\\"q\\\" it's \\$x \\`b\\` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\""),
    (0, "zsh qqqq", b"$'p \"q\" it\\'s $x `b` \\\\ & <t> /~#;,=%+\\!{}|*?()[]^:@-_.\xc3\xa9'"),
    (0, "ksh %q", b"$'p \"q\" it\\'s $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'"),
    (0, "ksh -x", b"+ : $'p \"q\" it\\'s $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'\n"),
    (0, "fish, fish -n", b"p\\ \\\"q\\\"\\ it\\'s\\ \\$x\\ `b`\\ \\\\\\ \\&\\ \\<t\\>\\ /\\~\\#\\;,=\\%+!\\{\\}\\|\\*\\?\\(\\)\\[\\]^:@-_.\xc3\xa9\n"),
    (0, "jq json", b"\"p \\\"q\\\" it's $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\"\n"),
    (0, "jq ascii", b"\"p \\\"q\\\" it's $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\\u00e9\"\n"),
    (0, "jq uri", b"p%20%22q%22%20it's%20%24x%20%60b%60%20%5C%20%26%20%3Ct%3E%20%2F~%23%3B%2C%3D%25%2B!%7B%7D%7C*%3F()%5B%5D%5E%3A%40-_.%C3%A9\n"),
    (0, "jq html", b"p &quot;q&quot; it&apos;s $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\n"),
    (0, "jq sh", b"'p \"q\" it'\\''s $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'\n"),
    (0, "jq @base64", b"cCAicSIgaXQncyAkeCBgYmAgXCAmIDx0PiAvfiM7LD0lKyF7fXwqPygpW11eOkAtXy7DqQ==\n"),
    (0, "jq @base64, behind 5 bytes", b"dXNlcjpwICJxIiBpdCdzICR4IGBiYCBcICYgPHQ+IC9+IzssPSUrIXt9fCo/KClbXV46QC1fLsOpIQ==\n"),
    (0, "jq @base64, behind 3 bytes", b"dXM6cCAicSIgaXQncyAkeCBgYmAgXCAmIDx0PiAvfiM7LD0lKyF7fXwqPygpW11eOkAtXy7DqSEh\n"),
    (0, "encodeURIComponent", b"p%20%22q%22%20it's%20%24x%20%60b%60%20%5C%20%26%20%3Ct%3E%20%2F~%23%3B%2C%3D%25%2B!%7B%7D%7C*%3F()%5B%5D%5E%3A%40-_.%C3%A9"),
    (0, "encodeURI", b"p%20%22q%22%20it's%20$x%20%60b%60%20%5C%20&%20%3Ct%3E%20/~#;,=%25+!%7B%7D%7C*?()%5B%5D%5E:@-_.%C3%A9"),
    (0, "URLSearchParams", b"p+%22q%22+it%27s+%24x+%60b%60+%5C+%26+%3Ct%3E+%2F%7E%23%3B%2C%3D%25%2B%21%7B%7D%7C*%3F%28%29%5B%5D%5E%3A%40-_.%C3%A9"),
    (0, "a password in URL", b"p%20%22q%22%20it's%20$x%20%60b%60%20%5C%20&%20%3Ct%3E%20%2F~%23%3B,%3D%+!%7B%7D%7C*%3F()%5B%5D%5E%3A%40-_.%C3%A9"),
    (0, "a question in URL", b"?p%20%22q%22%20it%27s%20$x%20`b`%20\\%20&%20%3Ct%3E%20/~%23;,=%+!{}|*?()[]^:@-_.%C3%A9"),
    (0, "a fragment in URL", b"#p%20%22q%22%20it's%20$x%20%60b%60%20\\%20&%20%3Ct%3E%20/~#;,=%+!{}|*?()[]^:@-_.%C3%A9"),
    (0, "JSON.stringify, py json u", b"\"p \\\"q\\\" it's $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\""),
    (0, "curl", b"http://127.0.0.1:1/?a=p+%22q%22+it%27s+%24x+%60b%60+%5c+%26+%3ct%3e+%2f~%23%3b%2c%3d%25%2b%21%7b%7d%7c%2a%3f%28%29%5b%5d%5e%3a%40-_.%c3%a9"),
    (0, "py quote", b"p%20%22q%22%20it%27s%20%24x%20%60b%60%20%5C%20%26%20%3Ct%3E%20/~%23%3B%2C%3D%25%2B%21%7B%7D%7C%2A%3F%28%29%5B%5D%5E%3A%40-_.%C3%A9"),
    (0, "py quote safe", b"p%20%22q%22%20it%27s%20%24x%20%60b%60%20%5C%20%26%20%3Ct%3E%20%2F~%23%3B%2C%3D%25%2B%21%7B%7D%7C%2A%3F%28%29%5B%5D%5E%3A%40-_.%C3%A9"),
    (0, "py plus", b"p+%22q%22+it%27s+%24x+%60b%60+%5C+%26+%3Ct%3E+%2F~%23%3B%2C%3D%25%2B%21%7B%7D%7C%2A%3F%28%29%5B%5D%5E%3A%40-_.%C3%A9"),
    (0, "py json", b"\"p \\\"q\\\" it's $x `b` \\\\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\\u00e9\""),
    (0, "py html", b"p &quot;q&quot; it&#x27;s $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9"),
    (0, "py html nq, py sax", b"p \"q\" it's $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9"),
    (0, "py quoteattr", b"\"p &quot;q&quot; it's $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9\""),
    (0, "ElementTree", b"p \"q\" it's $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.&#233;"),
    (0, "ElementTree, attribute", b"p &quot;q&quot; it's $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.&#233;"),
    (0, "py shlex", b"'p \"q\" it'\"'\"'s $x `b` \\ & <t> /~#;,=%+!{}|*?()[]^:@-_.\xc3\xa9'"),
    (0, "xmlcharrefreplace", b"p &quot;q&quot; it&#x27;s $x `b` \\ &amp; &lt;t&gt; /~#;,=%+!{}|*?()[]^:@-_.&#233;"),
    (0, "hex", b"7020227122206974277320247820606260205c2026203c743e202f7e233b2c3d252b217b7d7c2a3f28295b5d5e3a402d5f2ec3a9"),
    (0, "HEX", b"7020227122206974277320247820606260205C2026203C743E202F7E233B2C3D252B217B7D7C2A3F28295B5D5E3A402D5F2EC3A9"),
    (0, "xxd -p", b"7020227122206974277320247820606260205c2026203c743e202f7e233b\n2c3d252b217b7d7c2a3f28295b5d5e3a402d5f2ec3a9\n"),
    (0, "od", b" 70 20 22 71 22 20 69 74 27 73 20 24 78 20 60 62\n 60 20 5c 20 26 20 3c 74 3e 20 2f 7e 23 3b 2c 3d\n 25 2b 21 7b 7d 7c 2a 3f 28 29 5b 5d 5e 3a 40 2d\n 5f 2e c3 a9\n"),
    (0, "base64 -w7", b"cCAicSI\ngaXQncy\nAkeCBgY\nmAgXCAm\nIDx0PiA\nvfiM7LD\n0lKyF7f\nXwqPygp\nW11eOkA\ntXy7DqQ\n==\n"),
    (0, "xxd and sed", b"%70%20%22%71%22%20%69%74%27%73%20%24%78%20%60%62%60%20%5c%20%26%20%3c%74%3e%20%2f%7e%23%3b%2c%3d%25%2b%21%7b%7d%7c%2a%3f%28%29%5b%5d%5e%3a%40%2d%5f%2e%c3%a9"),
    (0, "base64url", b"cCAicSIgaXQncyAkeCBgYmAgXCAmIDx0PiAvfiM7LD0lKyF7fXwqPygpW11eOkAtXy7DqQ=="),
    (1, "bash %q, bash ${…@Q}, bash %q, LC_ALL=C, zsh qqqq, zsh q+, ksh %q", b"$'~#a\\tb\"c\\nd\\'e\\\\f\\n'"),
    (1, "bash declare", b"declare -- x=$'~#a\\tb\"c\\nd\\'e\\\\f\\n'\n"),
    (1, "bash export", b"declare -x x=$'~#a\\tb\"c\\nd\\'e\\\\f\\n'\n"),
    (1, "bash set", b"x=$'~#a\\tb\"c\\nd\\'e\\\\f\\n'\n"),
    (1, "bash -x", b"+ : '~#a\tb\"c\nd'\\''e\\f\n'\n"),
    (1, "dash -x", b"+ : ~#a\tb\"c\nd'e\\f\n\n"),
    (1, "dash export", b"export x='~#a\tb\"c\nd'\"'\"'e\\f\n'\n"),
    (1, "zsh q, zsh %q", b"\\~\\#a$'\\t'b\\\"c$'\\n'd\\'e\\\\f$'\\n'"),
    (1, "zsh qq, zsh q-", b"'~#a\tb\"c\nd'\\''e\\f\n'"),
    (1, "zsh qqq", b"\"~#a\tb\\\"c\nd'e\\\\f\n\""),
    (1, "ksh -x", b"+ : $'~#a\\tb\"c\\nd\\'e\\\\f\\n'\n"),
    (1, "fish, fish -n", b"\\~\\#a\\tb\\\"c\\nd\\'e\\\\f\\n\n"),
    (1, "coreutils", b"'''~#a'$'\\t''b\"c'$'\\n''d'\\''e\\f'$'\\n'"),
    (1, "perl quotemeta", b"\\~\\#a\\\tb\\\"c\\\nd\\'e\\\\f\\\n"),
    (1, "jq json, jq ascii", b"\"~#a\\tb\\\"c\\nd'e\\\\f\\n\"\n"),
    (1, "jq uri", b"~%23a%09b%22c%0Ad'e%5Cf%0A\n"),
    (1, "jq html", b"~#a\tb&quot;c\nd&apos;e\\f\n\n"),
    (1, "jq sh", b"'~#a\tb\"c\nd'\\''e\\f\n'\n"),
    (1, "jq @base64", b"fiNhCWIiYwpkJ2VcZgo=\n"),
    (1, "jq @base64, behind 5 bytes", b"dXNlcjp+I2EJYiJjCmQnZVxmCiE=\n"),
    (1, "jq @base64, behind 3 bytes", b"dXM6fiNhCWIiYwpkJ2VcZgohIQ==\n"),
    (1, "encodeURIComponent, a password in URL", b"~%23a%09b%22c%0Ad'e%5Cf%0A"),
    (1, "encodeURI", b"~#a%09b%22c%0Ad'e%5Cf%0A"),
    (1, "URLSearchParams", b"%7E%23a%09b%22c%0Ad%27e%5Cf%0A"),
    (1, "JSON.stringify, py json, py json u", b"\"~#a\\tb\\\"c\\nd'e\\\\f\\n\""),
    (1, "curl", b"http://127.0.0.1:1/?a=~%23a%09b%22c%0ad%27e%5cf%0a"),
    (1, "py quote, py quote safe, py plus", b"~%23a%09b%22c%0Ad%27e%5Cf%0A"),
    (1, "py html, xmlcharrefreplace", b"~#a\tb&quot;c\nd&#x27;e\\f\n"),
    (1, "py html nq, py sax, ElementTree", b"~#a\tb\"c\nd'e\\f\n"),
    (1, "py quoteattr", b"\"~#a&#9;b&quot;c&#10;d'e\\f&#10;\""),
    (1, "ElementTree, attribute", b"~#a&#09;b&quot;c&#10;d'e\\f&#10;"),
    (1, "py shlex", b"'~#a\tb\"c\nd'\"'\"'e\\f\n'"),
    (1, "hex", b"7e2361096222630a6427655c660a"),
    (1, "HEX", b"7E2361096222630A6427655C660A"),
    (1, "xxd -p", b"7e2361096222630a6427655c660a\n"),
    (1, "od", b" 7e 23 61 09 62 22 63 0a 64 27 65 5c 66 0a\n"),
    (1, "base64 -w7", b"fiNhCWI\niYwpkJ2\nVcZgo=\n"),
    (1, "xxd and sed", b"%7e%23%61%09%62%22%63%0a%64%27%65%5c%66%0a"),
    (1, "base64url", b"fiNhCWIiYwpkJ2VcZgo="),
    (2, "bash %q, bash ${…@Q}, bash %q, LC_ALL=C", b"$'a\\Eb\\001c d'"),
    (2, "bash declare", b"declare -- x=$'a\\Eb\\001c d'\n"),
    (2, "bash export", b"declare -x x=$'a\\Eb\\001c d'\n"),
    (2, "bash set", b"x=$'a\\Eb\\001c d'\n"),
    (2, "bash -x", b"+ : 'a\x1bb\x01c d'\n"),
    (2, "dash -x", b"+ : a\x1bb\x01c d\n"),
    (2, "dash export", b"export x='a\x1bb\x01c d'\n"),
    (2, "zsh q, zsh %q", b"a$'\\033'b$'\\001'c\\ d"),
    (2, "zsh qq, zsh q-, py shlex", b"'a\x1bb\x01c d'"),
    (2, "zsh qqq, py quoteattr", b"\"a\x1bb\x01c d\""),
    (2, "zsh qqqq", b"$'a\\033b\\001c d'"),
    (2, "zsh q+", b"$'a\\C-[b\\C-Ac d'"),
    (2, "ksh %q", b"$'a\\Eb\\x[01]c d'"),
    (2, "ksh -x", b"+ : $'a\\Eb\\x[01]c d'\n"),
    (2, "fish, fish -n", b"a\\eb\\cac\\ d\n"),
    (2, "coreutils", b"'a'$'\\033''b'$'\\001''c d'"),
    (2, "perl quotemeta", b"a\\\x1bb\\\x01c\\ d"),
    (2, "jq json, jq ascii", b"\"a\\u001bb\\u0001c d\"\n"),
    (2, "jq uri", b"a%1Bb%01c%20d\n"),
    (2, "jq html", b"a\x1bb\x01c d\n"),
    (2, "jq sh", b"'a\x1bb\x01c d'\n"),
    (2, "jq @base64", b"YRtiAWMgZA==\n"),
    (2, "jq @base64, behind 5 bytes", b"dXNlcjphG2IBYyBkIQ==\n"),
    (2, "jq @base64, behind 3 bytes", b"dXM6YRtiAWMgZCEh\n"),
    (2, "encodeURIComponent, encodeURI, a password in URL, py quote, py quote safe", b"a%1Bb%01c%20d"),
    (2, "URLSearchParams, py plus", b"a%1Bb%01c+d"),
    (2, "a question in URL", b"?a%1Bb%01c%20d"),
    (2, "a path in URL", b"/a%1Bb%01c%20d"),
    (2, "a fragment in URL", b"#a%1Bb%01c%20d"),
    (2, "JSON.stringify, py json, py json u", b"\"a\\u001bb\\u0001c d\""),
    (2, "curl", b"http://127.0.0.1:1/?a=a%1bb%01c+d"),
    (2, "py html, py html nq, py sax, xmlcharrefreplace", b"a\x1bb\x01c d"),
    (2, "hex", b"611b6201632064"),
    (2, "HEX", b"611B6201632064"),
    (2, "xxd -p", b"611b6201632064\n"),
    (2, "od", b" 61 1b 62 01 63 20 64\n"),
    (2, "base64 -w7", b"YRtiAWM\ngZA==\n"),
    (2, "xxd and sed", b"%61%1b%62%01%63%20%64"),
    (2, "base64url", b"YRtiAWMgZA=="),
];

/// What may be left around a mark: quotation marks, what a program says of itself, what was beside the secret.
#[rustfmt::skip]
const AROUND: &[&str] = &[
    "declare -- x=", "declare -x x=", "export x=", "x=", "+ : ", "http://127.0.0.1:1/?a=", "dXNlcjp", "dXM6", "hIQ==", "IQ==",
    "Eh", "E=", "\\n", "$", "'", "\"", "?", "#", "/", " ", "\n",
];

#[test]
fn what_programs_print_of_a_secret_is_masked_whole() {
    for (secret, program, printed) in PRINTED {
        let known = KnownSecrets::new();
        known.register(&Secret::new(SECRETS[*secret].to_vec())).unwrap();
        let mut masker = known.masker();
        let mut out = masker.push(printed);
        out.extend(masker.finish());
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.matches(MARK).count(), 1, "{program}: {out:?}");
        let mut left = out.replace(MARK, "");
        for around in AROUND {
            left = left.replace(around, "");
        }
        assert_eq!(left, "", "{program}: {out:?}");
    }
}

/// The longest part that is the same in all of these.
fn in_common(texts: &[String]) -> String {
    let first = &texts[0];
    let parts = (0..first.len()).flat_map(|from| (from..=first.len()).map(move |to| &first[from..to]));
    let common = parts.filter(|part| texts.iter().all(|text| text.contains(part)));
    common.max_by_key(|part| part.len()).unwrap_or_default().to_owned()
}

#[test]
fn base64_is_found_whatever_stands_before_and_behind() {
    use base64::Engine as _;
    for (engine, secret) in [
        (base64::engine::general_purpose::STANDARD, &b"hunter22"[..]),
        (base64::engine::general_purpose::URL_SAFE, b"\xfb\xff\xfe?>~~"),
        (base64::engine::general_purpose::STANDARD, b"\xfb\xff\xfe?>~~"),
        (base64::engine::general_purpose::STANDARD_NO_PAD, b"abcd"),
    ] {
        let forms = Forms::of(secret).coded;
        let has = |text: &str| forms.iter().any(|form| form.as_slice() == text.as_bytes());
        for before in 0..3 {
            let around = |byte: u8| [vec![byte; before], secret.to_vec(), vec![byte; 3]].concat();
            let texts: Vec<String> = [0x00, 0x55, 0xaa, 0xff].map(|byte| engine.encode(around(byte))).into();
            assert!(has(&in_common(&texts)), "{before} before {secret:?}");
            // At the end of what is encoded it is found with its last bits and the padding.
            for more in [vec![], vec![0x00], vec![0xff], vec![b'\n']] {
                let text = engine.encode([vec![0; before], secret.to_vec(), more.clone()].concat());
                let last = (before + secret.len()) * 8 % 6 != 0;
                let end =
                    if more.is_empty() { text.len() } else { (before + secret.len()) * 8 / 6 + usize::from(last) };
                let form = &text[[0, 2, 3][before]..end];
                assert!(has(form), "{form} of {text}, {before} before {secret:?}");
            }
        }
    }
}

#[test]
fn json_is_found_as_a_library_writes_it() {
    for secret in ["a\"b\\c/d\u{8}\u{c}\n\r\t\u{1}\u{7f}é😀<>&'", "plain-enough"] {
        let written = serde_json::to_string(secret).unwrap();
        let forms = Forms::of(secret.as_bytes()).written;
        let form = without_controls(written.trim_matches('"').as_bytes());
        assert!(forms.iter().any(|known| known.as_slice() == form), "{written}");
        for change in [("/", "\\/"), ("<", "\\u003c"), ("é", "\\u00e9"), ("😀", "\\ud83d\\ude00")] {
            let text = written.replace(change.0, change.1);
            let masked = masked(&[secret], &text);
            assert!(!masked.contains("plain") && masked.contains(MARK), "{text}: {masked}");
        }
    }
}

fn masked(secrets: &[&str], text: &str) -> String {
    let known = KnownSecrets::new();
    for secret in secrets {
        known.register(&Secret::new(secret.as_bytes().to_vec())).unwrap();
    }
    known.mask_text(text)
}

#[test]
fn each_line_of_four_characters_or_more_is_a_secret_in_every_form_too() {
    let secret = "user: me\nabc\npass word=1\n";
    for (text, expected) in [
        ("user: me", "•••"),
        ("abc", "abc"),
        ("pass+word%3D1 pass%20word%3d1", "••• •••"),
        ("cGFzcyB3b3JkPTE=", "•••"),
        ("70617373 20776f72 643d31", "•••"),
        ("user: me\r\nabc\r\npass word=1", "•••"),
        ("\"user: me\\nabc\\npass word=1\"", "\"•••\""),
    ] {
        assert_eq!(masked(&[secret], text), expected, "{text}");
    }
}

#[test]
fn a_value_without_the_line_end_behind_it_is_masked_in_every_form() {
    for text in ["dG9rZW4tMTIz", "746f6b656e2d313233", "%74%6f%6b%65%6e%2d%31%32%33", "token-123"] {
        assert_eq!(masked(&["token-123\n"], text), MARK, "{text}");
    }
}

#[test]
fn of_a_very_large_value_its_text_and_its_lines_are_looked_for() {
    let line = "0123456789abcdef".repeat(32);
    let value = vec![line.as_str(); 64].join("\n");
    assert!(value.len() > LARGEST_IN_ALL_FORMS);
    let forms = Forms::of(value.as_bytes());
    assert_eq!((forms.written.len(), forms.coded.len()), (2, 0));
    assert_eq!(masked(&[&value], &line), MARK);
}
