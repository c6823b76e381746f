//! What writing runbooks relies on: a text loses no byte, nothing that was typed or written by anybody is lost, and
//! what is shown while one writes is what a runner will see.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod disks;
mod house;
mod learning;
mod looking;
mod making;
mod remembering;
mod saving;
mod taught;
mod together;
mod trying;
