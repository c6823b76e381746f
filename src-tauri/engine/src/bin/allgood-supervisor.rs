//! The supervisor as a program of its own: small, so that starting it is quick.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// Whatever is freed is wiped first: a secret leaves no copy where it went through (ACCESS.md, "Masking").
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    engine::process::supervisor_main()
}
