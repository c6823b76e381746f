//! Journeys through the whole program.
