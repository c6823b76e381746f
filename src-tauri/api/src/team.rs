//! A library that a team shares by git: cloned, looked at, committed, taken in, handed on (`docs/teams.md`).
//!
//! All of it is the system's git. Looking starts nothing that the repository names. What speaks with a remote asks nobody
//! anything, and refuses where the repository's own configuration names a program for it. The files of the work tree are
//! written by git alone, in one step at the end, and never over what is not committed.

mod branch;
mod changes;
mod cloning;
mod committing;
mod following;
mod joining;
mod pulling;
mod pushing;
mod records;
mod repository;
mod upstream;
