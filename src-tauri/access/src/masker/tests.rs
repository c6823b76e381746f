mod oracle;
mod properties;

use super::*;
use crate::stream::MARK;

fn knowing(secrets: &[&str]) -> KnownSecrets {
    let known = KnownSecrets::new();
    for secret in secrets {
        let _ = known.register(&Secret::new(secret.as_bytes().to_vec()));
    }
    known
}

fn in_pieces(known: &KnownSecrets, pieces: &[&[u8]]) -> String {
    let mut masker = known.masker();
    let mut out: Vec<u8> = pieces.iter().flat_map(|piece| masker.push(piece)).collect();
    out.extend(masker.finish());
    String::from_utf8(out).unwrap()
}

#[test]
fn without_secrets_every_byte_passes_at_once() {
    let mut masker = KnownSecrets::new().masker();
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(masker.push(&bytes), bytes);
    assert_eq!(masker.push(b""), b"");
    assert_eq!(masker.finish(), b"");
}

#[test]
fn a_secret_becomes_one_mark() {
    for (secrets, text, expected) in [
        (&["hunter22"][..], "the password is hunter22.", "the password is •••."),
        (&["hunter22"], "hunter22hunter22", "••••••"),
        (&["hunter22"], "hunter2 hunter222", "hunter2 •••2"),
        (&["hunter22"], "", ""),
        // Overlapping ones are merged, whatever their order and number.
        (&["abcdef", "defghi"], "xabcdefghix", "x•••x"),
        (&["abcdefgh", "cdef"], "xabcdefghx", "x•••x"),
        (&["aaaa"], "aaaaaaaaab", "•••b"),
        (&["abab"], "ababababab", "•••"),
        // The whole value, and each line of 4 or more characters.
        (&["first line\nabc\nlast line"], "first line\nabc\nlast line", "•••"),
        (&["first line\nabc\nlast line"], "last line, abc, first line", "•••, abc, •••"),
        (&["first line\r\nlast line"], "first line / last line", "••• / •••"),
        (&["pässwörd"], "das pässwörd", "das •••"),
        // Too short to be masked.
        (&["abc", ""], "abc", "abc"),
    ] {
        assert_eq!(knowing(secrets).mask_text(text), expected, "{secrets:?} {text:?}");
    }
}

#[test]
fn a_secret_is_masked_without_the_white_space_around_it_too() {
    for secret in ["hunter22 ", "\thunter22", " hunter22\t\n", "other\n  hunter22 \nmore"] {
        let known = knowing(&[secret]);
        assert_eq!(in_pieces(&known, &[b"pw=hunter22."]), "pw=•••.", "{secret:?}");
        assert_eq!(in_pieces(&known, &[b"pw=hun", b"ter22\x1b[0m."]), "pw=•••\x1b[0m.", "{secret:?}");
    }
}

#[test]
fn a_secret_whose_first_or_last_byte_makes_a_control_character_with_what_is_beside_it_is_masked() {
    for (secret, text) in [
        (&b"pass\xc2"[..], &b"a pass\xc2\x9a."[..]),
        (b"\x9apass", b"a \xc2\x9apass."),
        (b"pa\xc2\0\x9ass", b"a pa\xc2\0\x9ass."),
        (b"pa\xc2\xc2\x9a\x9ass", b"a pa\xc2\xc2\x9a\x9ass."),
    ] {
        let known = KnownSecrets::new();
        known.register(&Secret::new(secret.to_vec())).unwrap();
        let masked = known.masker().push(text);
        assert!(
            masked.windows(MARK.len()).any(|part| part == MARK.as_bytes()),
            "{:?}",
            masked.escape_ascii().to_string()
        );
        assert!(!masked.windows(secret.len()).any(|part| part == secret), "{:?}", masked.escape_ascii().to_string());
    }
}

#[test]
fn a_secret_split_over_two_reads_is_masked() {
    let known = knowing(&["hunter22", "ter22 and"]);
    let text = b"my hunter22 and yours";
    for at in 0..=text.len() {
        assert_eq!(in_pieces(&known, &[&text[..at], &text[at..]]), "my ••• yours", "split at {at}");
    }
    let single: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(in_pieces(&known, &single), "my ••• yours");
}

#[test]
fn text_is_held_back_only_while_its_end_could_be_the_beginning_of_a_secret() {
    let mut masker = knowing(&["hunter22"]).masker();
    assert_eq!(masker.push(b"a prompt> "), b"a prompt> ");
    assert_eq!(masker.push(b"a hunt"), b"a ");
    assert_eq!(masker.push(b"s"), b"hunts");
    assert_eq!(masker.push(b"hunter2"), b"");
    assert_eq!(masker.push(b"2"), MARK.as_bytes());
    assert_eq!(masker.finish(), b"");
}

#[test]
fn a_silence_shows_up_to_three_held_bytes_and_no_more() {
    let mut masker = knowing(&["hunter22"]).masker();
    assert_eq!(masker.push(b"$ hun"), b"$ ");
    assert_eq!(masker.silence(), b"hun");
    assert_eq!(masker.silence(), b"");
    assert_eq!(masker.push(b"gry"), b"gry", "what was shown is not shown twice");
    masker.push(b" hun");
    assert_eq!(masker.silence(), b"hun");
    assert_eq!(masker.push(b"ter22!"), "•••!".as_bytes(), "what follows is still masked");
    assert_eq!(masker.push(b"hunt"), b"");
    assert_eq!(masker.silence(), b"", "four bytes are too many");
    assert_eq!(masker.finish(), b"hunt");
}

#[test]
fn a_secret_learned_in_the_middle_of_a_stream_is_masked_from_then_on() {
    let known = KnownSecrets::new();
    let mut masker = known.masker();
    assert_eq!(masker.push(b"token-123 "), b"token-123 ");
    known.learn("token-123");
    assert_eq!(masker.push(b"token-123 "), "••• ".as_bytes());
    known.learn("abc");
    assert_eq!(known.mask_text("abc"), "abc");
}

#[test]
fn what_is_held_stays_bounded_whatever_comes() {
    let known = knowing(&["aaaaaaaa", "aaab"]);
    let mut masker = known.masker();
    let piece = [b'a'; 1 << 16];
    let shown: usize = (0..64).map(|_| masker.push(&piece).len()).sum();
    assert_eq!(shown, MARK.len(), "one mark for all of it");
    assert_eq!(masker.push(b"c"), b"c");
}

#[test]
fn the_known_secrets_do_not_print_themselves() {
    assert_eq!(format!("{:?}", knowing(&["hunter22"])), "KnownSecrets(<redacted>)");
}
