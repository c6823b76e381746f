//! The library as both faces see it: its list, what changes outside, what is done with its files. Everything is real.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod files;
mod git;
pub(crate) mod house;
mod importing;
mod list;
mod moving;
mod outside;
mod reading;
mod watching;
