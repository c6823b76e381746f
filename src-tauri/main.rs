//! The binary `allgood-desktop`: Allgood's window. Everything it shows and does is decided in `api`.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod shell;

use std::{alloc::System, process::ExitCode};

use zeroizing_alloc::ZeroAlloc;

/// Whatever is freed is wiped first: a secret leaves no copy where it went through (ACCESS.md, "Masking").
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == api::SUPERVISOR_ARGUMENT) || api::is_askpass() {
        api::supervisor_main();
    }
    shell::rendering::choose();
    shell::run()
}
