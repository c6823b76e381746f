//! The supervisor as a program of its own: small, so that starting it is quick.

fn main() {
    engine::process::supervisor_main()
}
