//! Where a link in a runbook's text leads within its library.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use format::Target;

use super::is_markdown;
use crate::{ApiError, App, ErrorCode, wire::FollowLink};

impl App {
    /// The file that a link of a runbook leads to: an absolute path of a runbook of the same library.
    ///
    /// # Errors
    /// When it leads out of the library, nowhere, or to something that is no runbook.
    pub fn link_follow(&self, follow: FollowLink) -> Result<String, ApiError> {
        let path = PathBuf::from(&follow.path);
        let library = self.store.library_of(&path)?.ok_or_else(|| {
            let path = path.display();
            ApiError::new(
                ErrorCode::NotFound,
                format!("{path} is in no folder of the library: add its folder first."),
            )
        })?;
        let from = path.strip_prefix(&library.path).unwrap_or(&path).display().to_string();
        let link = &follow.link;
        let target = match link.strip_prefix("[[").and_then(|link| link.strip_suffix("]]")) {
            Some(named) => {
                let (name, heading) = named.split_once('#').map_or((named, None), |(name, part)| (name, Some(part)));
                Target::Named(name.to_owned(), heading.map(str::to_owned))
            }
            None => format::target(&from, link),
        };
        if matches!(target, Target::Outside | Target::Escapes) {
            let message =
                format!("The link {link} leads out of the folder {}: it is not opened.", library.path.display());
            return Err(ApiError::new(ErrorCode::BadInput, message));
        }
        let files: BTreeSet<String> = self.store.seen(library.id)?.into_iter().map(|seen| seen.path).collect();
        if let Some(found) = format::resolve(&target, &from, &files) {
            let file = library.path.join(&found);
            if file.is_file() {
                return Ok(file.display().to_string());
            }
        }
        let message = match target {
            Target::Inside { path, .. } if library.path.join(&path).is_file() && !is_markdown(Path::new(&path)) => {
                format!("{path} is no runbook: open it with another program.")
            }
            _ => format!("The link {link} leads nowhere: there is no such runbook in {}.", library.path.display()),
        };
        Err(ApiError::new(ErrorCode::NotFound, message))
    }
}
