//! The promises of the format, as tests.

mod cases;
