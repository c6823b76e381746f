//! The completeness check (FORMAT.md): what reading found, each with its exact place and the ways to mend it, and what only
//! the whole runbook, or the world around it, shows.
//!
//! Spans within this folder are those of the text; [`Problems::finish`] turns them into those of the file.

mod access;
mod context;
mod endings;
mod fences;
mod found;
mod guidance;
mod keys;
mod links;
mod looking;
mod parameters;
mod parts;
mod review;
mod schedule;
mod secrets;
mod variables;

use context::Context;
pub use links::asks;
pub use looking::only_looks;
pub(crate) use parameters::variable as parameter_name;

use crate::front_matter;
use crate::model::{Problem, Runbook};
use crate::problems::Problems;
use crate::source::Source;
use crate::world::World;

/// Every problem of a runbook: what [`crate::parse`] found, what the whole shows, and what the world shows, in line
/// order. `bytes` are those that it was read from. What `world` does not say is not looked at.
#[must_use]
pub fn check(runbook: &Runbook, bytes: &[u8], world: &World) -> Vec<Problem> {
    let source = Source::new(bytes);
    let layout = front_matter::layout(&source);
    let context = Context::new(runbook, &source, layout, world);
    let mut problems = Problems::new(&source);
    found::refine(&context, &mut problems);
    parts::check(&context, &mut problems);
    parameters::check(&context, &mut problems);
    review::check(&context, &mut problems);
    schedule::check(&context, &mut problems);
    guidance::check(&context, bytes, &mut problems);
    variables::check(&context, &mut problems);
    access::check(&context, &mut problems);
    endings::check(&context, &mut problems);
    links::check(&context, &mut problems);
    secrets::check(&context, &mut problems);
    problems.finish()
}
