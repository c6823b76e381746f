//! Opening links with the system's own handler, and which may be opened (ACCESS.md, "Links").

use std::{collections::BTreeSet, io};

use url::Url;

/// Allowed from the start.
const ALLOWED: [&str; 3] = ["https", "http", "mailto"];
/// Never allowed, whatever the person adds: they run what they carry, or read what is on this machine.
const NEVER: [&str; 8] = ["javascript", "data", "file", "vbscript", "blob", "about", "view-source", "filesystem"];
/// Bytes. Longer ones are cut by browsers and mail programs, or refused.
const LONGEST: usize = 8 * 1024;

/// Why a link was not opened. Displays as a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Its scheme is none of the allowed ones.
    #[error(
        "links that begin with \"{0}:\" are not opened: allowed are {1}; other schemes can be added in the settings"
    )]
    Scheme(String, String),
    /// Its scheme is dangerous and can never be added.
    #[error("links that begin with \"{0}:\" are never opened: they can run code or read files of this machine")]
    Never(String),
    /// It has no scheme, or is no address.
    #[error("\"{0}\" is no address that can be opened ({1}): write it in full, as in https://example.org/")]
    NoAddress(String, String),
    /// It holds a character that no address has, which could hide its scheme.
    #[error("the link holds the control character U+{0:04X}, which no address has: it is not opened")]
    ControlCharacter(u32),
    /// It is too long.
    #[error("the link is {0} bytes long, and at most {LONGEST} are opened")]
    TooLong(usize),
    /// It is no name of a scheme.
    #[error(
        "\"{0}\" is no name of a scheme: it begins with a letter and holds letters, digits, \"+\", \"-\" and \".\""
    )]
    NoScheme(String),
    /// The system could not open it.
    #[error("the system could not open {0} ({1}): open it by hand")]
    System(String, String),
}

/// The schemes of links that may be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schemes(BTreeSet<String>);

impl Default for Schemes {
    fn default() -> Self {
        Self(ALLOWED.map(str::to_owned).into())
    }
}

impl Schemes {
    /// Allows one more, at the person's wish.
    ///
    /// # Errors
    /// When it is no scheme, or one that is never opened.
    pub fn allow(&mut self, scheme: &str) -> Result<(), LinkRefusal> {
        let scheme = scheme.to_ascii_lowercase();
        let mut bytes = scheme.bytes();
        let letter_first = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !letter_first || !bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            return Err(LinkRefusal::NoScheme(scheme));
        }
        if NEVER.contains(&scheme.as_str()) {
            return Err(LinkRefusal::Never(scheme));
        }
        self.0.insert(scheme);
        Ok(())
    }

    /// The address as it would be given to the system: whole, in its normal form, ASCII, without spaces and quotes.
    ///
    /// # Errors
    /// When it may not be opened; the sentence names the scheme.
    pub fn check(&self, address: &str) -> Result<String, LinkRefusal> {
        if address.len() > LONGEST {
            return Err(LinkRefusal::TooLong(address.len()));
        }
        // The URL standard takes these out before it reads the scheme: what a person sees would not be what is opened.
        if let Some(control) = address.chars().find(|character| character.is_control()) {
            return Err(LinkRefusal::ControlCharacter(control.into()));
        }
        let url = Url::parse(address.trim_matches(' '))
            .map_err(|error| LinkRefusal::NoAddress(address.to_owned(), error.to_string()))?;
        let scheme = url.scheme();
        if NEVER.contains(&scheme) {
            return Err(LinkRefusal::Never(scheme.to_owned()));
        }
        if !self.0.contains(scheme) {
            let allowed: Vec<&str> = self.0.iter().map(String::as_str).collect();
            return Err(LinkRefusal::Scheme(scheme.to_owned(), allowed.join(", ")));
        }
        Ok(encoded(url.as_str()))
    }
}

/// What gives an address to the system. A trait so that tests see what would be opened.
pub trait Opener: Send + Sync {
    /// Has the system's handler open it, without waiting for it to end.
    ///
    /// # Errors
    /// When there is no handler or it could not be started.
    fn open(&self, address: &str) -> io::Result<()>;
}

impl<O: Opener + ?Sized> Opener for &O {
    fn open(&self, address: &str) -> io::Result<()> {
        (**self).open(address)
    }
}

/// The desktop's own handler, started as a program with one argument, never through a shell.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemOpener;

impl Opener for SystemOpener {
    fn open(&self, address: &str) -> io::Result<()> {
        open::that_detached(address)
    }
}

/// Opens links.
pub struct Links<O> {
    schemes: Schemes,
    opener: O,
}

impl<O: Opener> Links<O> {
    /// By these rules, with this opener.
    pub fn new(schemes: Schemes, opener: O) -> Self {
        Self { schemes, opener }
    }

    /// Opens an address and gives it back as it was opened, for the record.
    ///
    /// # Errors
    /// When it may not be opened, or the system could not: nothing was started then.
    pub fn open(&self, address: &str) -> Result<String, LinkRefusal> {
        let address = self.schemes.check(address)?;
        match self.opener.open(&address) {
            Ok(()) => Ok(address),
            Err(error) => Err(LinkRefusal::System(address, error.to_string())),
        }
    }
}

/// Percent-encodes what RFC 3986 has no place for, as the URL standard leaves some of it in `mailto:` and its like; and the
/// single quote, which has a place there but ends a word in a shell that some handler may pass it through.
fn encoded(address: &str) -> String {
    let mut encoded = String::with_capacity(address.len());
    for byte in address.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&()*+,;=%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Recorder {
        opened: Mutex<Vec<String>>,
        fails: bool,
    }

    impl Opener for Recorder {
        fn open(&self, address: &str) -> io::Result<()> {
            if self.fails {
                return Err(io::Error::other("no browser"));
            }
            self.opened.lock().unwrap().push(address.to_owned());
            Ok(())
        }
    }

    fn open(address: &str) -> Result<String, LinkRefusal> {
        let recorder = Recorder::default();
        let result = Links::new(Schemes::default(), &recorder).open(address);
        let opened = recorder.opened.into_inner().unwrap();
        assert_eq!(opened, result.clone().ok().into_iter().collect::<Vec<_>>(), "only what is allowed is opened");
        result
    }

    #[test]
    fn web_and_mail_addresses_are_opened() {
        for (address, opened) in [
            ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
            ("http://127.0.0.1:3000/d/orders", "http://127.0.0.1:3000/d/orders"),
            ("HTTPS://Example.org/Path", "https://example.org/Path"),
            ("  https://example.org/ ", "https://example.org/"),
            ("https://example.org/a b\"c`d", "https://example.org/a%20b%22c%60d"),
            ("https://exämple.org/ü", "https://xn--exmple-cua.org/%C3%BC"),
            ("mailto:on-call@example.org?subject=disk full", "mailto:on-call@example.org?subject=disk%20full"),
            ("mailto:a b`id`\"@example.org", "mailto:a%20b%60id%60%22@example.org"),
        ] {
            assert_eq!(open(address).as_deref(), Ok(opened), "{address:?}");
        }
    }

    #[test]
    fn every_other_scheme_is_refused_and_named() {
        for (address, scheme) in [
            ("ssh://host", "ssh"),
            ("ftp://host/file", "ftp"),
            ("vscode://file/etc/passwd", "vscode"),
            ("steam://run/1", "steam"),
            ("ms-msdt:/id", "ms-msdt"),
            ("x", "no address"),
            ("javascript:alert(1)", "javascript"),
            ("JavaScript:alert(1)", "javascript"),
            ("  javascript:alert(1)", "javascript"),
            ("data:text/html,<script>alert(1)</script>", "data"),
            ("file:///etc/passwd", "file"),
            ("FILE:///etc/passwd", "file"),
            ("vbscript:msgbox", "vbscript"),
            ("blob:https://example.org/x", "blob"),
        ] {
            let sentence = open(address).unwrap_err().to_string();
            assert!(sentence.contains(scheme), "{address:?}: {sentence}");
        }
    }

    #[test]
    fn an_address_that_hides_its_scheme_is_refused() {
        let long = format!("https://example.org/{}", "a".repeat(LONGEST));
        for address in [
            "java\tscript:alert(1)",
            "java\nscript:alert(1)",
            "java\rscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "\u{0}https://example.org",
            "https://example.org/\u{0}",
            "https://example.org/\u{85}",
            "https://example.org/\r\n",
            "java%73cript:alert(1)",
            "java&#115;cript:alert(1)",
            "\u{a0}javascript:alert(1)",
            "\u{200b}javascript:alert(1)",
            "javascript\u{ff1a}alert(1)",
            "ｊavascript:alert(1)",
            "//example.org/x",
            "/etc/passwd",
            "etc/passwd",
            "-h",
            "--version",
            "C:\\Windows\\notepad.exe",
            "\\\\server\\share",
            "https://",
            "https:// ",
            "http://exa mple.org/",
            "",
            " ",
            ":",
            "://x",
            &long,
        ] {
            assert!(open(address).is_err(), "{address:?}");
        }
    }

    #[test]
    fn the_person_can_allow_more_schemes_but_never_the_dangerous_ones() {
        let mut schemes = Schemes::default();
        schemes.allow("SSH").unwrap();
        schemes.allow("web+thing").unwrap();
        assert_eq!(schemes.check("ssh://ada@host:22").as_deref(), Ok("ssh://ada@host:22"));
        assert_eq!(schemes.check("web+thing:x").as_deref(), Ok("web+thing:x"));
        for scheme in ["javascript", "JavaScript", "data", "file", "vbscript"] {
            let sentence = schemes.allow(scheme).unwrap_err().to_string();
            assert!(sentence.contains("never"), "{sentence}");
        }
        for scheme in ["", "1ssh", "a b", "ssh:", "sch\u{e4}me", "-"] {
            assert!(matches!(schemes.allow(scheme), Err(LinkRefusal::NoScheme(_))), "{scheme:?}");
        }
    }

    #[test]
    fn a_link_that_the_system_cannot_open_says_its_address() {
        let recorder = Recorder { fails: true, ..Recorder::default() };
        let error = Links::new(Schemes::default(), &recorder).open("https://example.org/").unwrap_err();
        let sentence = error.to_string();
        assert!(sentence.contains("https://example.org/") && sentence.contains("no browser"), "{sentence}");
    }

    proptest! {
        #[test]
        fn whatever_is_opened_begins_with_an_allowed_scheme_and_is_plain_ascii(
            address in prop_oneof![any::<String>(), "(https?|mailto|file|data|javascript)?:?(//)?[ -~\u{0}-\u{ff}]{0,30}"],
        ) {
            if let Ok(opened) = open(&address) {
                prop_assert!(ALLOWED.iter().any(|scheme| opened.starts_with(&format!("{scheme}:"))), "{opened:?}");
                let plain = opened.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"`<>\\^{|}".contains(&byte));
                prop_assert!(plain, "{opened:?}");
            }
        }
    }
}
