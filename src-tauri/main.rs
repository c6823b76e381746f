//! The binary `allgood-desktop`: Allgood's window. Everything it shows and does is decided in `api`.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod shell;

use std::process::ExitCode;

fn main() -> ExitCode {
    shell::rendering::choose();
    shell::run()
}
