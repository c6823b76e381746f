//! The real window, driven as a person would: WebKitWebDriver presses its buttons under a display of the test's own,
//! with a home of the test's own. Screenshots are left in `artifacts/screenshots/`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod around;
mod author;
mod bus;
mod commands;
mod connect;
mod crash;
mod display;
mod examples;
mod failing;
mod fleet;
mod frame;
mod holding;
mod incident;
mod kills;
mod library;
mod linked;
mod links;
mod measuring;
#[path = "../cli/access/onlooker.rs"]
mod onlooker;
mod outside;
mod page;
mod palette;
mod record;
mod run;
mod schedules;
mod shortcut;
mod start;
mod states;
mod still;
mod targets;
mod team;
mod tray;
mod walls;
mod world;
