//! The targets under libFuzzer. Which one: `ALLGOOD_FUZZ=NAME`.

#![no_main]

use std::sync::OnceLock;

use fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&'static Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("ALLGOOD_FUZZ").unwrap_or_default();
        TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            eprintln!("ALLGOOD_FUZZ={name} is no target: there are {}", names.join(", "));
            std::process::exit(2)
        })
    })
}

fuzz_target!(|bytes: &[u8]| (chosen().run)(bytes));
