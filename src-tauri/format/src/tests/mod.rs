//! The promises of the format, as tests.

mod cases;
mod corpus;
mod filling;
mod guards;
mod large;
mod links;
mod pages;
mod properties;
mod reading;
mod support;
mod variables;
