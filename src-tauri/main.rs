//! The binary `allgood-desktop`: Allgood's window. Everything it shows and does is decided in `api`.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod shell;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == api::SUPERVISOR_ARGUMENT) || api::is_askpass() {
        api::supervisor_main();
    }
    shell::rendering::choose();
    shell::run()
}
