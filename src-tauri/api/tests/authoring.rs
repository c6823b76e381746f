//! What writing runbooks relies on: a text loses no byte, nothing that was typed or written by anybody is lost, and
//! what is shown while one writes is what a runner will see.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

#[path = "authoring/house.rs"]
mod house;
#[path = "authoring/looking.rs"]
mod looking;
#[path = "authoring/making.rs"]
mod making;
#[path = "authoring/remembering.rs"]
mod remembering;
#[path = "authoring/saving.rs"]
mod saving;
#[path = "authoring/together.rs"]
mod together;
#[path = "authoring/trying.rs"]
mod trying;
