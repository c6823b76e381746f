//! Journeys through the command line: the real binary, a real shell, a real pseudo-terminal, a real store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod access;
mod adversity;
mod ahead;
mod ansible;
mod aside;
mod attacks;
mod bringing;
mod cases;
mod checking;
mod contract;
mod crash;
mod documents;
mod exits;
mod finding;
mod fleets;
mod flood;
mod formats;
mod handing;
mod learning;
mod library;
mod links;
mod masking;
mod measuring;
mod metrics;
mod nested;
mod new;
mod progress;
mod querying;
mod record;
mod records;
mod rolling_back;
mod schedule;
mod signals;
mod space;
mod subruns;
mod support;
mod taking;
mod targets;
mod teams;
mod terminal;
mod together;
mod upstream;
mod ways_out;
mod writing;
