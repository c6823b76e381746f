//! What an address from outside would have shown (ACCESS.md, "Getting in from outside").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An address that came from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutsideAddress {
    /// `allgood://open/RUNBOOK?NAME=VALUE`.
    pub address: String,
}

/// What it asks to be shown. Nothing of it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutsideView {
    /// The path or name that it gives.
    pub asked: String,
    /// The runbooks that are meant by it: one, or several of the same name.
    pub runbooks: Vec<OutsideRunbook>,
}

/// A runbook that is meant, and what is filled in there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutsideRunbook {
    /// The whole path of its file.
    pub path: String,
    /// Its title.
    pub title: String,
    /// The path within its library.
    pub relative: String,
    /// Values of parameters that it declares.
    pub values: BTreeMap<String, String>,
    /// What is not filled in, and why, in the address's order.
    pub left_out: Vec<LeftOut>,
}

/// A value of an address that is not filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeftOut {
    /// Its name, as the address has it.
    pub name: String,
    /// Why, in a few words.
    pub why: String,
}
