//! What the history of runs can be filtered by.

use crate::{
    ApiError, App,
    commands::Nothing,
    wire::{FacetValue, RunFacets, RunbookFacet},
};

impl App {
    /// Environments, people and runbooks of all runs, with how many runs each has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn run_facets(&self, _: Nothing) -> Result<RunFacets, ApiError> {
        let found = self.store.run_facets()?;
        let values = |all: Vec<store::FacetValue>| {
            all.into_iter().map(|one| FacetValue { value: one.value, count: one.count }).collect()
        };
        Ok(RunFacets {
            environments: values(found.environments),
            people: values(found.actors),
            runbooks: found
                .files
                .into_iter()
                .map(|file| RunbookFacet { path: file.path, title: file.title, count: file.count })
                .collect(),
        })
    }
}
