//! The machine that was measured, in words, and homes of its own for every program.

use std::{ffi::OsString, fs, path::Path, process::Command};

use crate::Outcome;

/// What a reader must know to judge the figures.
pub(crate) struct Machine {
    /// Name and value, in order.
    pub(crate) facts: Vec<(&'static str, String)>,
}

/// Looks at the machine.
pub(crate) fn describe() -> Outcome<Machine> {
    let processor = fs::read_to_string("/proc/cpuinfo")?;
    let model = field(&processor, "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field(&fs::read_to_string("/proc/meminfo")?, "MemTotal")
        .and_then(|text| text.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()))
        .map_or_else(|| "unknown".to_owned(), |kib| format!("{} GiB", (kib + (1 << 19)) >> 20));
    let system = fs::read_to_string("/etc/os-release").ok().and_then(|text| {
        text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=").map(|name| name.trim_matches('"').to_owned()))
    });
    // The version; what a builder put behind it says nothing to a reader.
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let kernel = kernel.split('-').next().unwrap_or_default();
    let cores = std::thread::available_parallelism()?;
    let scratch = std::env::temp_dir();
    let disk = said("findmnt", &["-n", "-o", "FSTYPE", "-T", &scratch.display().to_string()]);
    let facts = vec![
        ("processor", format!("{model}, {cores} cores")),
        ("memory", memory),
        ("system", format!("{}, Linux {}", system.unwrap_or_else(|| "Linux".to_owned()), kernel.trim())),
        ("file system of the store", disk.unwrap_or_else(|| "unknown".to_owned())),
        ("compiler", said("rustc", &["--version"]).unwrap_or_else(|| "unknown".to_owned())),
    ];
    Ok(Machine { facts })
}

/// When and on what a part is measured, how often, of which commit, and how busy the machine is just before.
pub(crate) fn circumstances(machine: &Machine, rounds: u16) -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    let commit = said("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    // The report is written while this measures.
    let edited = said("git", &["status", "--porcelain", "--untracked-files=no", "--", ":!docs"]).is_some();
    let edited = if edited { " with changes" } else { "" };
    let at = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M").to_string();
    let processor = machine.facts.iter().find(|(name, _)| *name == "processor").map_or("unknown", |(_, model)| model);
    format!("on {at} at commit {commit}{edited}, on {processor}, {rounds} rounds, at a load of {load}")
}

fn field(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let answer = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let text = text.trim();
    (answer.status.success() && !text.is_empty()).then(|| text.to_owned())
}

/// A home, a store and settings below `folder`, so that nothing of the person's own is touched.
pub(crate) fn homes(folder: &Path) -> Outcome<Vec<(OsString, OsString)>> {
    let mut homes = Vec::new();
    for (name, part) in [
        ("HOME", "home"),
        ("ALLGOOD_DATA", "store"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
    ] {
        let path = folder.join("homes").join(part);
        fs::create_dir_all(&path)?;
        homes.push((name.into(), path.into()));
    }
    Ok(homes)
}
