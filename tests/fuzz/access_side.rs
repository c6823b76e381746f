//! Links, entries that come from elsewhere, references to secrets, and the masker.

use std::path::Path;

use access::{Invitation, KnownSecrets, Reference, Schemes, Secret};
use engine::Secrets as _;

use crate::{LONGEST, text};

pub(crate) const LINKS: &[&[u8]] = &[
    b"https://grafana.example/d/orders?var-region=eu&from=1",
    b"mailto:ops@example.org?subject=x",
    b"java\tscript:alert(1)",
    b" \x01javascript:alert(1)",
    b"JaVaScRiPt&colon;alert(1)",
    b"data:text/html;base64,PHNjcmlwdD4=",
    b"http://[::1]:99999/",
    b"https://user:password@evil.example\\@good.example/",
    b"https://xn--80ak6aa92e.com/\xe2\x80\xaegnp.exe",
];

pub(crate) const INVITATIONS: &[&[u8]] = &[
    b"allgood://open/db/failover.md?region=eu-1&alert=DiskFull",
    b"allgood://open/../../etc/passwd",
    b"allgood://open/%2e%2e/%2fetc?x=%00",
    b"allgood://run/a.md",
    b"ALLGOOD://open:1/a\\b?=&=#",
];

pub(crate) const SSH_CONFIGS: &[&[u8]] = &[
    b"Host web1 web2\n  HostName 10.0.0.1\n  User ada\n  Port 2222\n\nHost *\n  ProxyJump gate\n",
    b"Host \"\nMatch exec \"rm -rf /\"\nInclude /etc/passwd\nHost !a *?[\n\tPort 99999999999\n",
];

pub(crate) const TABLES: &[&[u8]] = &[
    b"name,kind,address,user,password\norders,database,db1,ada,secret\n",
    b"title;url;username;password;notes\r\n\"a\"\"b\";=cmd|' /C calc'!A0;x;y;\"z\nz\"\r\n",
    b"\xef\xbb\xbfname\tpassword\n\0\t\xff\n",
];

pub(crate) const BOOKMARKS: &[&[u8]] = &[
    b"<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><p><DT><H3>A</H3><DL><p><DT><A HREF=\"https://a.example/{{x}}\" TAGS=\"b,c\">T</A></DL></DL>",
    b"<DL><DT><A HREF=\"java&#x09;script:alert(1)\">&#x202e;&#27;]0;t&#7;<script>x</script></A><DL><DL><H3><A HREF=&colon;>",
    b"title,address,group,tags,pinned\r\nA,https://a.example/?q={{q}},G / H,\"b,c\",yes\r\n=cmd,data:x,,,\r\n",
];

pub(crate) const REFERENCES: &[&[u8]] = &[
    b"keychain://orders-db/password",
    b"op://vault/item/field",
    b"keychain://../a/b",
    b"keychain:///",
    b"keychain://a%2fb/c",
];

pub(crate) const SEEDS: &[&[u8]] = &[
    b"GEZDGNBVGY3TQOJQ",
    b"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&digits=8&period=30&algorithm=SHA512",
    b"otpauth://totp/?secret=&period=0&digits=99999",
];

pub(crate) const PRINTED: &[&[u8]] = &[
    b"\x08s3cr3t-9before s3cr3t-9 after",
    b"\x08hunter22\x1b[1mhun\x1b[0mter22\x1b[0m",
    b"\x08hunter22aHVudGVyMjI=",
    b"\x04aaaaaaaaaaaaaaaa",
    b"\x09hunter22\thunter22 ",
    b"\x09h\x01\x06\t\0\0\x009\n\0h\x01\x06\t\0\0\x009*1\t;hfore\x04\x01\x06\t\0\0\x009\n",
    b"\x46\xc2\x57\x09\x59\x68\xc2\x9a\x59\xc2\x09\xc2\x59\xe2\xc2\xc2\x57\x09\x59\x68\xc2\x9a\x59\x09\0\0\0\0\0\x39\xc2\x33\x29",
];

/// What may be opened is one of the allowed schemes, and the system gets it in printable ASCII without spaces and quotes.
pub(crate) fn link(bytes: &[u8]) {
    let Ok(address) = Schemes::default().check(&text(bytes)) else { return };
    let scheme = address.split(':').next().unwrap_or_default();
    assert!(["https", "http", "mailto"].contains(&scheme), "{address}");
    assert!(address.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'`<>\\^{|}".contains(&byte)), "{address}");
    assert!(!address.starts_with('-'), "{address}");
}

/// The path stays within the library, and each name comes once.
pub(crate) fn invitation(bytes: &[u8]) {
    let Ok(invitation) = Invitation::parse(&text(bytes)) else { return };
    let path = Path::new(&invitation.runbook);
    assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))), "{path:?}");
    assert!(!invitation.runbook.is_empty() && !invitation.runbook.chars().any(char::is_control), "{path:?}");
    let mut names = std::collections::BTreeSet::new();
    assert!(
        invitation.values.iter().all(|(name, _)| !name.is_empty() && names.insert(name)),
        "{:?}",
        invitation.values
    );
}

/// Names are such that an entry can have them, and each once.
pub(crate) fn ssh_config(bytes: &[u8]) {
    let Ok(hosts) = access::ssh_hosts(&text(bytes), Path::new("/home/nobody")) else { return };
    named(&hosts);
}

/// The same of a table; a secret is never a part of anything that can be printed.
pub(crate) fn csv(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let Ok(entries) = access::table(bytes) else { return };
    named(&entries);
}

fn named(entries: &[access::Incoming]) {
    let mut names = std::collections::BTreeSet::new();
    for entry in entries {
        assert!(access::check_entry_name(&entry.name).is_ok(), "{:?}", entry.name);
        assert!(names.insert(entry.name.to_lowercase()), "{:?} twice", entry.name);
    }
}

/// A title is one line in which nothing is hidden, and an address that is kept opens as one that may be opened, whatever is filled
/// in.
pub(crate) fn bookmarks(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    let Ok(links) = access::read_links(bytes) else { return };
    let schemes = Schemes::default();
    for one in links {
        assert!(access::check_text("title", &one.title, access::LONGEST_TITLE).is_ok(), "{:?}", one.title);
        let Ok(address) = access::check_address(&one.address, &schemes) else { continue };
        let values = access::parameters(&address).into_iter().map(|name| (name, "javascript:x".to_owned())).collect();
        if let Ok(opened) = access::filled(&address, &values, &schemes) {
            assert_eq!(opened.split(':').next(), address.to_ascii_lowercase().split(':').next(), "{opened}");
            link(opened.as_bytes());
        }
    }
}

/// A reference names one entry and one field, or is refused.
pub(crate) fn reference(bytes: &[u8]) {
    let _ = Reference::parse(&text(bytes));
}

/// A code has six to eight digits, or there is none.
pub(crate) fn one_time_code(bytes: &[u8]) {
    let seed = Secret::new(bytes[..bytes.len().min(4096)].to_vec());
    if let Ok(code) = access::code(&seed, 1_700_000_000) {
        assert!((6..=8).contains(&code.digits.len()) && code.digits.bytes().all(|byte| byte.is_ascii_digit()));
    }
}

/// The first byte says how long the secret is that follows, the rest is printed in pieces: the secret is never shown, and what
/// holds nothing of it comes out as it was.
pub(crate) fn masker(bytes: &[u8]) {
    let Some((length, rest)) = bytes[..bytes.len().min(4096)].split_first() else { return };
    let (secret, printed) = rest.split_at((usize::from(*length) % 64).min(rest.len()));
    let known = KnownSecrets::new();
    if known.register(&Secret::new(secret.to_vec())).is_err() {
        return;
    }
    for step in [1, 3, 7, printed.len().max(1)] {
        let mut masker = known.masker();
        let mut shown = Vec::new();
        for piece in printed.chunks(step) {
            shown.extend(masker.push(piece));
        }
        shown.extend(masker.finish());
        let trimmed = secret.trim_ascii_end();
        assert!(trimmed.len() < 4 || !has(&shown, trimmed), "{:?} in {:?}", text(secret), text(&shown));
    }
}

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
