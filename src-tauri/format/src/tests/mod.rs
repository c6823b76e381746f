//! The promises of the format, as tests.

mod anywhere;
mod cases;
mod checking;
mod corpus;
mod edits;
mod filling;
mod fixing;
mod guards;
mod large;
mod links;
mod pages;
mod properties;
mod reading;
mod sentences;
mod support;
mod variables;
