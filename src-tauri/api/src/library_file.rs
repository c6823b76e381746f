//! The library file of a runbook: the nearest `allgood.toml` upwards within its library (FORMAT.md, "The library file"),
//! and the environment that a run is to be in.

use std::{fs, io, path::Path};

use format::{EnvironmentKind, Knowledge, LibraryFile, Runbook};

use crate::{
    ApiError, App, ErrorCode,
    library::{Opened, read},
    wire::EnvironmentView,
};

/// Its name.
pub(crate) const NAME: &str = "allgood.toml";
/// A larger one is none: it holds names and addresses.
const LARGEST: u64 = 1024 * 1024;

impl App {
    /// The library file that holds for a runbook; the empty one where there is none. It is looked for upwards to the
    /// folder of the library, and for a file outside any library to the root of its git repository, else in its own
    /// folder alone. One that is there and cannot be read says so in [`LibraryFile::refused`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn library_file_of(&self, path: &Path) -> Result<LibraryFile, ApiError> {
        let Some(own) = path.parent() else { return Ok(LibraryFile::default()) };
        let library = self.store.library_of(path)?.map(|library| library.path);
        let top =
            library.or_else(|| own.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_path_buf));
        let top = top.as_deref().unwrap_or(own);
        let mut folders = own.ancestors().take_while(|folder| folder.starts_with(top));
        Ok(folders.find_map(in_folder).unwrap_or_default())
    }

    /// Reads bytes as the runbook that stands at that path, by the name given: with the commands that its library file
    /// names (`[library] commands`). Every face reads through here, so that a block is a command everywhere or nowhere. A
    /// library file that cannot be read names none; the check says so.
    pub(crate) fn parse(&self, name: &str, bytes: &[u8], path: &Path) -> Runbook {
        let file = self.library_file_of(path).unwrap_or_default();
        format::parse_with(name, bytes, &Knowledge::from(&file))
    }

    /// Reads a runbook's file, as [`App::parse`] does.
    pub(crate) fn opened(&self, path: &Path) -> Result<Opened, ApiError> {
        let (path, bytes) = read(path)?;
        let runbook = self.parse(&path.display().to_string(), &bytes, &path);
        Ok(Opened { path, bytes, runbook })
    }

    /// The environments of a runbook's library file, as a face shows them.
    pub(crate) fn environments_of(&self, path: &Path) -> Result<Vec<EnvironmentView>, ApiError> {
        Ok(self.library_file_of(path)?.environments.iter().map(view).collect())
    }

    /// The environment of that name for a run of a runbook.
    pub(crate) fn environment(&self, path: &Path, name: &str) -> Result<format::Environment, ApiError> {
        let file = self.library_file_of(path)?;
        if let Some(refusal) = file.refusal(name) {
            return Err(ApiError::new(
                ErrorCode::Guard,
                format!("Nothing is run in environment \"{name}\": {refusal}"),
            ));
        }
        let Some(environment) = file.environment(name) else {
            let known: Vec<&str> = file.environments.iter().map(|environment| environment.name.as_str()).collect();
            let known = if known.is_empty() {
                format!("no {NAME} above {} names any", path.display())
            } else {
                format!("choose one of {}", known.join(", "))
            };
            return Err(ApiError::new(ErrorCode::BadInput, format!("There is no environment \"{name}\": {known}.")));
        };
        Ok(environment.clone())
    }
}

/// The library file of this very folder, if it has one. One that cannot be read says so in [`LibraryFile::refused`].
pub(crate) fn in_folder(folder: &Path) -> Option<LibraryFile> {
    let file = folder.join(NAME);
    match text_of(&file) {
        Ok(text) => Some(format::parse_library_file(&text).0),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => {
            let refused = Some(format!("{} cannot be read: {error}", file.display()));
            Some(LibraryFile { refused, ..LibraryFile::default() })
        }
    }
}

fn text_of(file: &Path) -> io::Result<String> {
    let found = fs::metadata(file)?;
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if found.len() > LARGEST {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    fs::read_to_string(file)
}

/// As a face shows it.
pub(crate) fn view(environment: &format::Environment) -> EnvironmentView {
    EnvironmentView {
        name: environment.name.clone(),
        kind: environment.kind.map(|kind| {
            match kind {
                EnvironmentKind::Production => "production",
                EnvironmentKind::Staging => "staging",
                EnvironmentKind::Development => "development",
            }
            .to_owned()
        }),
        guard: environment.guard,
    }
}

/// The variables of a runbook that nobody runs: its own, and what its parameters are where nobody says otherwise. Never
/// those of secret parameters.
pub(crate) fn at_rest(runbook: &Runbook, file: &LibraryFile) -> format::Variables {
    let mut values: format::Values = runbook.settings.env.iter().cloned().collect();
    let defaults =
        runbook.settings.params.iter().filter_map(|param| Some((param.name.clone(), param.default.clone()?)));
    values.extend(defaults);
    variables(runbook, file, values)
}

/// The variables of a runbook with these values, without those of secret parameters.
pub(crate) fn variables(runbook: &Runbook, file: &LibraryFile, mut values: format::Values) -> format::Variables {
    for param in runbook.settings.params.iter().filter(|param| param.secret) {
        values.remove(&param.name);
    }
    format::Variables { declared: format::declared(runbook, file), values }
}
