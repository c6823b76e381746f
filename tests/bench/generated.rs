//! A library of runbooks that nobody wrote: the same every time, with words as often as people use them.

use std::{fmt::Write as _, fs, path::Path};

use crate::Outcome;

/// The most common words, most of them of the trade, the commonest first.
const COMMON: &[&str] = &[
    "the",
    "to",
    "a",
    "is",
    "and",
    "of",
    "on",
    "in",
    "for",
    "if",
    "it",
    "that",
    "with",
    "check",
    "run",
    "service",
    "node",
    "this",
    "server",
    "restart",
    "cluster",
    "database",
    "are",
    "from",
    "not",
    "disk",
    "log",
    "logs",
    "then",
    "be",
    "when",
    "command",
    "status",
    "host",
    "pod",
    "wait",
    "until",
    "by",
    "alert",
    "error",
    "backup",
    "restore",
    "version",
    "update",
    "deploy",
    "config",
    "file",
    "network",
    "memory",
    "replica",
    "primary",
    "queue",
    "storage",
    "user",
    "access",
    "key",
    "token",
    "certificate",
    "renew",
    "expire",
    "dashboard",
    "latency",
    "traffic",
    "region",
    "zone",
    "failover",
    "rollback",
    "drain",
    "cordon",
    "scale",
    "limit",
    "timeout",
    "connection",
    "pool",
    "postgres",
    "redis",
    "kafka",
    "nginx",
    "kubernetes",
    "namespace",
    "secret",
    "volume",
    "mount",
    "snapshot",
    "upgrade",
    "patch",
    "reboot",
    "kernel",
    "metric",
    "threshold",
    "incident",
    "escalate",
    "page",
    "owner",
    "review",
    "verify",
    "expected",
    "output",
    "healthy",
    "ready",
    "pending",
    "failed",
    "running",
    "stopped",
    "leader",
    "election",
    "quorum",
    "partition",
    "consumer",
    "producer",
    "topic",
    "offset",
    "lag",
    "cache",
    "evict",
    "flush",
    "index",
    "vacuum",
    "lock",
    "deadlock",
    "query",
    "slow",
    "schema",
    "migration",
    "table",
    "row",
    "column",
    "endpoint",
    "gateway",
    "proxy",
    "firewall",
    "route",
    "subnet",
    "resolver",
    "domain",
    "record",
    "zonefile",
    "ticket",
    "customer",
    "payment",
    "invoice",
    "order",
    "checkout",
    "session",
    "login",
    "password",
    "rotate",
    "vault",
    "policy",
    "role",
    "permission",
    "audit",
    "report",
    "weekly",
    "monthly",
    "quarterly",
];
/// How many different words there are in all.
const WORDS: usize = 40_000;
const SYLLABLES: &[&str] = &[
    "ka", "re", "mo", "ti", "lan", "ster", "ver", "con", "pro", "dis", "sen", "tra", "gor", "bel", "nix", "fil",
    "ump", "ard", "ose", "ine", "ton", "mer", "qua", "zel", "hub", "pex", "dra", "sil", "wen", "jot",
];
const OWNERS: usize = 60;
const TAGS: usize = 150;
const PROGRAMS: &[&str] = &[
    "kubectl get pods -n",
    "systemctl restart",
    "psql -c 'select 1' -h",
    "journalctl -u",
    "curl -fsS https://",
    "df -h /srv/",
    "aws s3 ls s3://",
    "ssh ops@",
    "openssl x509 -enddate -in",
    "terraform plan -target",
];

/// Numbers that look like chance and are the same every time (xorshift64*, Vigna 2016).
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Each seed gives another row of them.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or_default() % end.max(1)
    }

    /// From 0 up to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Words by how often they are used (Zipf: the n-th word is used 1/n as often as the first).
pub(crate) struct Vocabulary {
    words: Vec<String>,
    sums: Vec<f64>,
}

impl Vocabulary {
    /// The same every time.
    pub(crate) fn new() -> Self {
        let mut chance = Chance::new(1);
        let mut words: Vec<String> = COMMON.iter().map(|word| (*word).to_owned()).collect();
        let mut known: std::collections::HashSet<String> = words.iter().cloned().collect();
        while words.len() < WORDS {
            let count = 2 + chance.below(3);
            let word: String = (0..count).map(|_| SYLLABLES[chance.below(SYLLABLES.len())]).collect();
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let sums = (1..=words.len())
            .map(|place| {
                sum += 1.0 / place as f64;
                sum
            })
            .collect();
        Self { words, sums }
    }

    /// A word, the common ones more often.
    pub(crate) fn word(&self, chance: &mut Chance) -> &str {
        let wanted = chance.share() * self.sums.last().copied().unwrap_or_default();
        let place = self.sums.partition_point(|sum| *sum < wanted).min(self.words.len() - 1);
        &self.words[place]
    }

    fn sentence(&self, chance: &mut Chance, length: usize) -> String {
        let words: Vec<&str> = (0..length).map(|_| self.word(chance)).collect();
        words.join(" ")
    }

    /// The title of the runbook with this number.
    pub(crate) fn title(&self, number: usize) -> String {
        let mut chance = Chance::new(1_000_000 + number as u64);
        let length = 3 + chance.below(4);
        let mut title = self.sentence(&mut chance, length);
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        title
    }

    /// The runbook with this number: some 4 KB.
    pub(crate) fn runbook(&self, number: usize) -> String {
        let mut chance = Chance::new(10_000_000 + number as u64);
        let mut text = String::with_capacity(4_400);
        let kind = ["incident", "routine"][chance.below(2)];
        let (owner, tag, other) = (chance.below(OWNERS), chance.below(TAGS), chance.below(TAGS));
        let _ = write!(
            text,
            "---\nkind: {kind}\nowner: team-{owner}\ntags: [tag-{tag}, tag-{other}]\nseverity: {}\nreviewed: 2026-{:02}-{:02}\n\
             review_every: 90d\n---\n\n# {}\n\n{}.\n",
            1 + chance.below(4),
            1 + chance.below(12),
            1 + chance.below(28),
            self.title(number),
            self.sentence(&mut chance, 40),
        );
        while text.len() < 3_700 {
            let words = 2 + chance.below(4);
            let _ =
                write!(text, "\n## {}\n\n{}.\n", self.sentence(&mut chance, words), self.sentence(&mut chance, 60));
            let program = PROGRAMS[chance.below(PROGRAMS.len())];
            let _ = write!(text, "\n```sh\n{program} {}\n```\n", self.sentence(&mut chance, 2).replace(' ', "-"));
            let _ =
                write!(text, "\n- [ ] {}\n- [ ] {}\n", self.sentence(&mut chance, 12), self.sentence(&mut chance, 9));
        }
        text
    }
}

/// One runbook of at least so many bytes: steps with text, checks and commands.
pub(crate) fn large(size: usize) -> String {
    let vocabulary = Vocabulary::new();
    let mut text = vocabulary.runbook(0);
    let mut number = 1;
    while text.len() < size {
        // Of the others only what comes after the front matter.
        let other = vocabulary.runbook(number);
        text.push_str(other.splitn(3, "---\n").nth(2).unwrap_or_default());
        number += 1;
    }
    text
}

/// Writes so many runbooks into `folder`, a hundred to a folder.
pub(crate) fn write(vocabulary: &Vocabulary, folder: &Path, count: usize) -> Outcome<()> {
    for number in 0..count {
        let below = folder.join(format!("team-{:04}", number / 100));
        if number % 100 == 0 {
            fs::create_dir_all(&below)?;
        }
        fs::write(below.join(format!("runbook-{number:06}.md")), vocabulary.runbook(number))?;
    }
    Ok(())
}

/// What somebody types, letter by letter: words of titles, common and rare ones, one to three of them, some with the
/// letters of a word turned round.
pub(crate) fn typed(vocabulary: &Vocabulary, count: usize, runbooks: usize) -> Vec<String> {
    let mut chance = Chance::new(42);
    let mut typed = Vec::new();
    for number in 0..count {
        let mut query = match number % 3 {
            0 => {
                let title = vocabulary.title(chance.below(runbooks));
                let words: Vec<&str> = title.split(' ').take(3).collect();
                words.join(" ").to_lowercase()
            }
            1 => COMMON[13 + chance.below(COMMON.len() - 13)].to_owned(),
            _ => {
                let length = 1 + chance.below(3);
                vocabulary.sentence(&mut chance, length)
            }
        };
        if number % 10 == 9
            && let Some(last) = query.pop()
        {
            let before = query.pop().unwrap_or(last);
            query.extend([last, before]);
        }
        typed.extend((1..=query.len()).filter_map(|end| query.get(..end)).map(str::to_owned));
    }
    typed
}
