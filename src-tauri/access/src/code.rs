//! One-time codes from a kept seed (RFC 6238; ACCESS.md, "Access entries").

use std::fmt;

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::Secret;

/// The field that a seed is kept in.
pub const SEED_FIELD: &str = "totp";

/// A code, and how long it holds.
pub struct OneTimeCode {
    /// Six to eight digits.
    pub digits: Zeroizing<String>,
    /// Seconds from the moment that was asked about until the next code.
    pub seconds_left: u64,
    /// Seconds that each code holds.
    pub period: u64,
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OneTimeCode").field("seconds_left", &self.seconds_left).finish_non_exhaustive()
    }
}

/// Why there is no code. Displays as a sentence for a person, without the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSeed {
    /// Neither an address nor base32.
    #[error(
        "what is kept is no seed of one-time codes: it is the text under the picture (letters and the digits 2 to 7), \
         or the whole address that begins with otpauth://totp/"
    )]
    Unreadable,
    /// An address that asks for something else than six to eight digits each few seconds.
    #[error(
        "the seed's address asks for codes that nobody uses: 6 to 8 digits, each for 1 second to 10 minutes, are known"
    )]
    Unusual,
}

/// The code of a seed at a moment, in seconds since 1970: of an `otpauth://totp/` address, or of base32 text, for which SHA-1,
/// six digits and 30 seconds are meant. Blanks and hyphens that group its letters are passed over.
///
/// # Errors
/// When the seed cannot be read.
pub fn code(seed: &Secret, unix_seconds: u64) -> Result<OneTimeCode, NoSeed> {
    let text = std::str::from_utf8(seed.expose()).map_err(|_| NoSeed::Unreadable)?.trim();
    let totp = if text.get(..10).is_some_and(|begin| begin.eq_ignore_ascii_case("otpauth://")) {
        Totp::from_url_unchecked(text).map_err(|_| NoSeed::Unreadable)?
    } else {
        let plain = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '='));
        let plain: Zeroizing<String> = Zeroizing::new(plain.map(|c| c.to_ascii_uppercase()).collect());
        let secret = totp_rs::Secret::try_from_base32(plain.as_str()).map_err(|_| NoSeed::Unreadable)?;
        if secret.as_bytes().is_empty() {
            return Err(NoSeed::Unreadable);
        }
        Builder::new().with_secret(secret).build_noncompliant()
    };
    if !(6..=8).contains(&totp.digits()) || !(1..=600).contains(&totp.step()) {
        return Err(NoSeed::Unusual);
    }
    let digits = Zeroizing::new(totp.generate(unix_seconds).to_string());
    Ok(OneTimeCode { digits, seconds_left: totp.step() - unix_seconds % totp.step(), period: totp.step() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seed: &str, seconds: u64) -> String {
        code(&Secret::new(seed.as_bytes().to_vec()), seconds).unwrap().digits.to_string()
    }

    /// RFC 6238, appendix B: the seeds are the ASCII digits, 20, 32 and 64 bytes long.
    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let seeds = [
            ("SHA1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            ("SHA256", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"),
            (
                "SHA512",
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA",
            ),
        ];
        for (seconds, expected) in [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ] {
            for ((algorithm, seed), expected) in seeds.iter().zip(expected) {
                let url = format!("otpauth://totp/A:b?secret={seed}&digits=8&algorithm={algorithm}");
                assert_eq!(at(&url, seconds), expected, "{algorithm} at {seconds}");
            }
        }
    }

    #[test]
    fn a_bare_seed_gives_six_digits_however_it_is_grouped() {
        for seed in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n",
            "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ===",
        ] {
            assert_eq!(at(seed, 59), "287082", "{seed:?}");
        }
        // Sixteen letters, as many services give them.
        assert_eq!(at("JBSWY3DPEHPK3PXP", 0).len(), 6);
        let code = code(&Secret::new(b"JBSWY3DPEHPK3PXP".to_vec()), 59).unwrap();
        assert_eq!((code.seconds_left, code.period), (1, 30));
        assert!(!format!("{code:?}").contains(code.digits.as_str()));
    }

    #[test]
    fn what_is_no_seed_is_said_without_showing_it() {
        for (seed, expected) in [
            ("", NoSeed::Unreadable),
            ("not a seed!", NoSeed::Unreadable),
            ("otpauth://totp/x", NoSeed::Unreadable),
            ("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=86400", NoSeed::Unusual),
        ] {
            assert_eq!(code(&Secret::new(seed.into()), 0).unwrap_err(), expected, "{seed:?}");
        }
        assert!(code(&Secret::new(vec![255, 254]), 0).is_err());
    }
}
