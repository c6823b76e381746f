//! Trying one block of a text that is being written, in a run that no list shows.

use std::{path::Path, sync::Arc};

use engine::Command;

use super::text::bytes_of;
use crate::{
    ApiError, App, ErrorCode,
    library::Opened,
    runs::RunFile,
    wire::{Mode, RunView, TryBlock},
};

impl App {
    /// Starts one item of a text in a scratch run, by the same rules as any: the folder is trusted, the item is the one
    /// that was on screen, and its guards are asked. The page watches it as any run.
    ///
    /// # Errors
    /// When a rule is not met; nothing was started then.
    pub fn try_block(self: &Arc<Self>, block: TryBlock) -> Result<RunView, ApiError> {
        let spot = self.spot(Path::new(&block.path))?;
        let path = spot.open()?.to_owned();
        let name = path.display().to_string();
        if let Some(library) = &spot.library {
            let origin = access::Origin::Library { folder: &library.path, trusted: library.is_trusted() };
            access::may_run(origin, engine::event::Mode::Hand)
                .map_err(|error| ApiError::new(ErrorCode::NotTrusted, error.to_string()))?;
        }
        let bytes = bytes_of(&block.text);
        let runbook = self.parse(&name, &bytes, &path);
        let Some((_, _, item)) = runbook.item(&block.item) else {
            let sentence = format!("The text has no item \"{}\": look at it again.", block.item);
            return Err(ApiError::new(ErrorCode::NotFound, sentence));
        };
        if item.hash != block.hash {
            let sentence =
                format!("\"{}\" has changed since it was shown: look at it again before you try it.", block.item);
            return Err(ApiError::new(ErrorCode::Stale, sentence));
        }
        // Values of parameters belong to the run, those of placeholders to the item.
        let param = |name: &String| runbook.settings.params.iter().any(|param| param.name == *name);
        let (of_run, of_item) = block.values.into_iter().partition(|(name, _)| param(name));
        let request = RunFile {
            path: path.clone(),
            mode: Mode::Hand,
            attended: true,
            yes: false,
            probes: false,
            step: None,
            values: of_run,
            size: None,
            environment: block.environment,
            environment_typed: block.environment_typed,
            on_failure: engine::run::OnFailure::Stop,
        };
        let live = self.start_scratch(Opened { path, bytes, runbook }, request)?;
        let start = Command::Start {
            item: block.item,
            hash: block.hash,
            values: of_item,
            confirmed: block.confirmed,
            edited: None,
        };
        if let Err(error) = live.send(start) {
            live.stop("what was tried was not started");
            return Err(error);
        }
        Ok(live.view(false))
    }
}
