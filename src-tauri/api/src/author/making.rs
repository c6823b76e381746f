//! New runbooks: what they begin with, and their file.

use std::{
    fs,
    path::{Component, Path},
};

use super::{
    saving::{Writing, not_written},
    text::bytes_of,
};
use crate::{
    ApiError, App, ErrorCode,
    commands::Nothing,
    wire::{MadeText, MakeFrom, MakeText, NewRunbook, Saved, TemplateView},
};

impl App {
    /// What a new runbook may begin with, in the order in which it is offered.
    ///
    /// # Errors
    /// None.
    pub fn templates(&self, _: Nothing) -> Result<Vec<TemplateView>, ApiError> {
        let templates = format::templates().into_iter().map(|template| TemplateView {
            name: template.name.to_owned(),
            title: template.title,
            summary: template.summary.to_owned(),
            kind: template.kind.map(crate::views::kind),
        });
        Ok(templates.collect())
    }

    /// The text of a new runbook. Nothing is written.
    ///
    /// # Errors
    /// When there is no such template.
    pub fn make_text(&self, make: MakeText) -> Result<MadeText, ApiError> {
        let today = jiff::Zoned::now().date().to_string();
        let title = make.title.trim();
        let owner = make.owner.as_deref().unwrap_or_default().trim();
        let text = match &make.source {
            MakeFrom::Template { name } => format::new_runbook(name, title, owner, &today).ok_or_else(|| {
                let names: Vec<&str> = format::templates().iter().map(|template| template.name).collect();
                let sentence = format!("There is no template \"{name}\": choose one of {}.", names.join(", "));
                ApiError::new(ErrorCode::NotFound, sentence)
            })?,
            MakeFrom::Session { text } => format::with_title(&format::from_session(text), title, owner),
            MakeFrom::Page { html } => format::with_title(&format::from_html(html), title, owner),
        };
        let title = format::parse("", text.as_bytes()).title;
        Ok(MadeText { file_name: format::file_name(&title), title, text })
    }

    /// Makes a file with this text, and the folders that it needs; gives its path.
    ///
    /// # Errors
    /// When something has that name already, or the path leads out of the folder.
    pub fn runbook_new(&self, new: NewRunbook) -> Result<String, ApiError> {
        let library = self.store.library(store::LibraryId(new.library))?;
        let relative = Path::new(&new.relative);
        let plain = relative.components().all(|part| match part {
            Component::Normal(name) => {
                !name.as_encoded_bytes().starts_with(b".") && !name.as_encoded_bytes().contains(&0)
            }
            _ => false,
        });
        if !plain || new.relative.is_empty() {
            let sentence = format!(
                "\"{}\" is no place within {}: write names with / between.",
                new.relative,
                library.path.display()
            );
            return Err(ApiError::new(ErrorCode::BadInput, sentence));
        }
        let path = library.path.join(relative);
        // Looked at before folders are made, which would follow a link out of the library.
        let place = self.spot(&path)?;
        let folder = place.open()?.parent().unwrap_or(&library.path);
        fs::create_dir_all(folder).map_err(|error| not_written(&path, &error))?;
        let spot = self.spot(&path)?;
        let writing = Writing { base: None, bytes: &bytes_of(&new.text), message: None };
        match self.write_file(&spot, &writing)? {
            Saved::Saved { .. } => Ok(spot.path.display().to_string()),
            Saved::Changed { .. } => {
                let sentence = format!("There is a file {} already: choose another name.", spot.path.display());
                Err(ApiError::new(ErrorCode::BadInput, sentence))
            }
        }
    }
}
