//! What masking costs: bytes through the masker, in the pieces in which they come from a terminal, beside copying them.

use std::{hint::black_box, time::Duration};

use access::{KnownSecrets, Secret};
use engine::Secrets as _;
use nix::time::{ClockId, clock_gettime};

use crate::{
    Outcome, measure,
    report::{Part, Row, megabytes, ratio},
};

/// As much as comes from a terminal at once.
const PIECE: usize = 64 * 1024;
/// How much is masked in a round, in bytes.
const AMOUNT: usize = 64_000_000;

/// Measures.
pub(crate) fn measure(rounds: usize) -> Outcome<Part> {
    eprintln!("masking …");
    let mut numbers = Numbers(1);
    let texts = [
        ("log lines", plain(&mut numbers)),
        ("coloured lines", coloured(&mut numbers)),
        ("checksums", sums(&mut numbers)),
    ];
    let mut rows = Vec::new();
    let mut largest = Vec::new();
    for count in [1, 10, 100] {
        let before = resident()?;
        let known = KnownSecrets::new();
        for _ in 0..count {
            known.register(&Secret::new(numbers.secret()))?;
        }
        // Made ready when something is masked for the first time.
        black_box(known.mask_text("nothing"));
        largest.push(format!("{count}: {}", megabytes(resident()?.saturating_sub(before))));
        for (name, text) in &texts {
            let (mut floor, mut ours) = (Vec::new(), Vec::new());
            for round in 0..=rounds {
                let copied = copied(text)?;
                let masked = masked(&known, text)?;
                if round > 0 {
                    floor.push(copied);
                    ours.push(masked);
                }
            }
            let (floor, ours) = (measure::median(&floor)?, measure::median(&ours)?);
            let secrets = if count == 1 { "1 secret".to_owned() } else { format!("{count} secrets") };
            rows.push(Row::new(&format!("{name}, {secrets}"), speed(floor), speed(ours), ratio(ours, floor)));
        }
    }
    Ok(Part {
        title: "Masker".into(),
        text: format!(
            "{} MB of output in pieces of 64 KiB through the masker, in one process, beside copying the same pieces; processor \
             time. The secrets are of 32 characters of base64, none of them in the output. Each is looked for in some 30 \
             forms. With no secret in use nothing is looked at. What the forms take in memory: {}.",
            AMOUNT / 1_000_000,
            largest.join(", ")
        ),
        rows,
    })
}

/// Time of the processor that this thread had: other work of the machine counts less.
fn now() -> Outcome<Duration> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    Ok(time.into())
}

fn copied(text: &[u8]) -> Outcome<Duration> {
    let begin = now()?;
    for piece in text.chunks(PIECE) {
        black_box(black_box(piece).to_vec());
    }
    Ok(now()?.saturating_sub(begin))
}

fn masked(known: &KnownSecrets, text: &[u8]) -> Outcome<Duration> {
    let begin = now()?;
    let mut masker = known.masker();
    for piece in text.chunks(PIECE) {
        black_box(masker.push(black_box(piece)));
    }
    black_box(masker.finish());
    Ok(now()?.saturating_sub(begin))
}

fn speed(time: Duration) -> String {
    format!("{:.0} MB/s", AMOUNT as f64 / 1e6 / time.as_secs_f64())
}

/// What this process holds in memory, in bytes.
fn resident() -> Outcome<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = pages.split(' ').nth(1).ok_or("statm has no second field")?.parse()?;
    Ok(pages * 4096)
}

/// The same numbers each time (Knuth's linear congruential generator): what is measured is the same, too.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn secret(&mut self) -> Vec<u8> {
        let characters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..32).filter_map(|_| characters.get(usize::try_from(self.below(64)).ok()?).copied()).collect()
    }
}

fn filled(mut line: impl FnMut() -> String) -> Vec<u8> {
    let mut text = Vec::with_capacity(AMOUNT + 200);
    while text.len() < AMOUNT {
        text.extend_from_slice(line().as_bytes());
    }
    text.truncate(AMOUNT);
    text
}

fn plain(numbers: &mut Numbers) -> Vec<u8> {
    filled(|| {
        let (second, took, order) = (numbers.below(60), numbers.below(500), numbers.below(100_000));
        format!(
            "2026-11-22T15:04:{second:02}.123Z INFO request answered in {took} ms with status 200 by web-1 in eu-west-1 \
             /orders/{order}\r\n"
        )
    })
}

fn coloured(numbers: &mut Numbers) -> Vec<u8> {
    filled(|| {
        let (second, took, order) = (numbers.below(60), numbers.below(500), numbers.below(100_000));
        format!(
            "\x1b[2m2026-11-22T15:04:{second:02}.123Z\x1b[0m \x1b[32mINFO\x1b[0m request answered in \x1b[1m{took}\x1b[0m ms \
             \x1b[2mpath\x1b[0m=/orders/{order}\r\n"
        )
    })
}

fn sums(numbers: &mut Numbers) -> Vec<u8> {
    filled(|| {
        let sum: String = (0..8).map(|_| format!("{:08x}", numbers.below(1 << 31))).collect();
        format!("{sum}  ./file-{}\r\n", numbers.below(100_000))
    })
}
