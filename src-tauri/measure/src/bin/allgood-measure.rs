//! What measures, as a program of its own: it is started for each measurement and ended like any command.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// Whatever is freed is wiped first: a secret leaves no copy where it went through (ACCESS.md, "Masking").
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> std::process::ExitCode {
    measure::main()
}
