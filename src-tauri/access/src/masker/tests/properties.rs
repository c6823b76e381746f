//! The masker beside the oracle, on whatever text, in whatever pieces.

use proptest::{collection::vec, prelude::*, sample::Index};

use super::oracle;
use crate::{KnownSecrets, Secret, forms::Forms, stream::MARK};
use engine::Secrets as _;

/// One part of a text.
#[derive(Clone, Debug)]
enum Part {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// A form of one of the secrets, up to a place in it (so that it is only a beginning, or whole), with these between
    /// its bytes.
    Form { secret: Index, form: Index, until: Index, whole: bool, between: Vec<(Index, Vec<u8>)> },
}

fn secrets() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let one = prop_oneof![
        4 => "[ab\n]{0,9}".prop_map(String::into_bytes),
        2 => "[a1 %&<\"'\\\\/\r\n\tä£]{3,12}".prop_map(String::into_bytes),
        2 => "[A-Za-z0-9+/=_-]{4,24}".prop_map(String::into_bytes),
        1 => "[0-9;m\\[]{4,6}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..9),
    ];
    vec(one, 0..4)
}

/// What a terminal obeys, and what is not shown.
fn unseen() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => "\x1b\\[[0-9;]{0,4}[mKHa]".prop_map(String::into_bytes),
        2 => "\x1b\\][0-2ab]{0,3};[ab]{0,5}(\x07|\x1b\\\\)".prop_map(String::into_bytes),
        1 => "\x1bP[ab]{0,3}(\x1b\\\\|\x18)".prop_map(String::into_bytes),
        1 => "\x1b[(a7=X_]".prop_map(String::into_bytes),
        1 => "\u{9b}[0-9]{0,2}m".prop_map(String::into_bytes),
        1 => "[\r\0\x07\x7f\u{85}]".prop_map(String::into_bytes),
        1 => "[\x1b£\u{9d}\u{90}\x18]".prop_map(String::into_bytes),
        1 => Just(vec![0xC2]),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let wrap =
        prop_oneof![Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b"\r\n   ".to_vec()), Just(b"\t".to_vec())];
    let between = vec((any::<Index>(), prop_oneof![unseen(), wrap]), 0..4);
    let form = (any::<Index>(), any::<Index>(), any::<Index>(), any::<bool>(), between);
    prop_oneof![
        4 => "[ab\n]{0,9}".prop_map(|text| Part::Bytes(text.into_bytes())),
        1 => "[A-Za-z0-9+/= \r\nä£]{0,9}".prop_map(|text| Part::Bytes(text.into_bytes())),
        2 => unseen().prop_map(Part::Bytes),
        1 => vec(any::<u8>(), 0..4).prop_map(Part::Bytes),
        6 => form.prop_map(|(secret, form, until, whole, between)| Part::Form { secret, form, until, whole, between }),
    ]
}

/// The text that the parts make, with the forms of these secrets.
fn text(secrets: &[Vec<u8>], parts: &[Part]) -> Vec<u8> {
    let mut text = Vec::new();
    for part in parts {
        match part {
            Part::Bytes(bytes) => text.extend_from_slice(bytes),
            Part::Form { secret, form, until, whole, between } => {
                let Some(secret) = secrets.get(secret.index(secrets.len().max(1))) else { continue };
                let forms = Forms::of(secret);
                let all: Vec<_> = forms.written.iter().chain(&forms.coded).collect();
                let Some(form) = all.get(form.index(all.len().max(1))) else { continue };
                let until = if *whole { form.len() } else { until.index(form.len() + 1) };
                let mut bytes = form[..until].to_vec();
                for (at, what) in between {
                    let at = at.index(bytes.len() + 1);
                    bytes.splice(at..at, what.iter().copied());
                }
                text.extend(bytes);
            }
        }
    }
    text
}

pub(super) fn knowing(secrets: &[Vec<u8>]) -> KnownSecrets {
    let known = KnownSecrets::new();
    for secret in secrets {
        let _ = known.register(&Secret::new(secret.clone()));
    }
    known
}

/// The text in the pieces that these cuts make.
fn pieces<'a>(text: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

fn masked(known: &KnownSecrets, pieces: &[&[u8]]) -> Vec<u8> {
    let mut masker = known.masker();
    let mut out: Vec<u8> = pieces.iter().flat_map(|piece| masker.push(piece)).collect();
    out.extend(masker.finish());
    out
}

fn readable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// How many texts are tried: more where somebody asks for it by `ALLGOOD_MASKED`.
fn cases() -> u32 {
    std::env::var("ALLGOOD_MASKED").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn however_it_is_split_a_stream_is_masked_as_the_rule_says(
        secrets in secrets(),
        parts in vec(part(), 0..9),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let text = text(&secrets, &parts);
        let expected = readable(&oracle::masked(&secrets, &text));
        let known = knowing(&secrets);
        prop_assert_eq!(readable(&masked(&known, &[&text])), expected.as_str(), "in one piece: {}", readable(&text));
        let pieces = pieces(&text, &cuts);
        prop_assert_eq!(readable(&masked(&known, &pieces)), expected.as_str(), "in pieces: {}", readable(&text));
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        prop_assert_eq!(readable(&masked(&known, &bytes)), expected.as_str(), "byte by byte: {}", readable(&text));
    }

    #[test]
    fn a_silence_anywhere_shows_three_bytes_of_a_beginning_at_most_and_no_secret_whole(
        secrets in secrets(),
        parts in vec(part(), 0..9),
        cuts in vec((any::<Index>(), any::<bool>()), 0..12),
    ) {
        let text = text(&secrets, &parts);
        let known = knowing(&secrets);
        let places: Vec<Index> = cuts.iter().map(|(cut, _)| *cut).collect();
        let mut masker = known.masker();
        let mut out = Vec::new();
        for (at, piece) in pieces(&text, &places).into_iter().enumerate() {
            out.extend(masker.push(piece));
            if cuts.get(at).is_some_and(|(_, silent)| *silent) {
                let shown = masker.silence();
                // In bytes: half a character is one or two of them, and not the three of the mark for what is no text.
                let marks = String::from_utf8_lossy(&shown).matches(MARK).count() * MARK.len();
                let seen = shown.iter().filter(|byte| !byte.is_ascii_whitespace() && !byte.is_ascii_control()).count();
                let seen = seen - marks;
                // Parts of sequences come along with it.
                let plain = !text.contains(&0x1b) && !text.contains(&0xc2);
                prop_assert!(seen <= 3 || !plain, "{}", readable(&shown));
                out.extend(shown);
                prop_assert_eq!(masker.silence(), b"", "once");
            }
        }
        out.extend(masker.finish());
        // Nothing that the rule masks goes without its mark; what was shown too early can part one from another.
        let marks = |bytes: &[u8]| String::from_utf8_lossy(bytes).matches(MARK).count();
        prop_assert!(marks(&out) >= marks(&oracle::masked(&secrets, &text)), "{} {}", readable(&text), readable(&out));
    }
}
