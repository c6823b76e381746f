//! A repository becomes a folder of the library: whole, or not at all.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    ApiError, App, ErrorCode,
    author::git,
    commands::{Nothing, PathArgument},
    library::remote,
    team::repository::{LOCAL, shown},
    wire::{CloneLibrary, LibraryFolder},
};

impl App {
    /// Clones a repository into a new folder and adds it to the library. As of any other folder nothing in it can be run
    /// until it is trusted. Where it fails or is stopped, nothing is left of it.
    ///
    /// # Errors
    /// When the address is none, the folder is taken, or git does not get the repository.
    pub fn library_clone(&self, argument: CloneLibrary) -> Result<LibraryFolder, ApiError> {
        let refuse = |why: String| ApiError::new(ErrorCode::BadInput, why);
        let address = remote::address(&argument.url)?;
        let named = shown(&address);
        if named != address {
            return Err(refuse(format!(
                "{named} was not cloned: with a password in the address, git would keep it in a file. Leave it out, and \
                 let git's credential helper or an ssh key give it."
            )));
        }
        if address.to_ascii_lowercase().starts_with("git://") {
            return Err(refuse(format!(
                "{named} was not cloned: nothing says whose answer that is. Use its https or ssh address."
            )));
        }
        let to = PathBuf::from(&argument.folder);
        let folder = self.free_folder(&to)?;
        let above = folder.parent().unwrap_or(Path::new("/"));
        let wrong = |error: io::Error| {
            ApiError::new(
                ErrorCode::File,
                format!("{} cannot be made: {error}. Choose another folder.", to.display()),
            )
        };
        fs::create_dir_all(above).map_err(wrong)?;
        // Beside its place, so that it comes there as a whole.
        let made = tempfile::Builder::new().prefix(".allgood-clone-").tempdir_in(above).map_err(wrong)?;
        let coming = made.path().join("repository");
        let mut work = self.news.work("Cloning");
        let environment = &self.engine.settings.environment;
        let talk = remote::Talk { failed: "was not cloned", ..remote::cloning(&address, &coming, &[], environment) };
        remote::speak(&talk, &self.team, &mut |done, total| {
            work.progress(done, total);
        })
        .map_err(super::pushing::told_how)?;
        self.follows_its_remote(&coming);
        super::upstream::cloned(&coming);
        drop(work);
        // An empty folder is replaced by it; one that is not empty by now is left alone.
        fs::rename(&coming, &folder).map_err(wrong)?;
        self.library_add(PathArgument { path: folder.display().to_string() })
    }

    /// Has a clone of a repository that was empty fetch what is pushed to it later: git, asked for one branch, found none.
    fn follows_its_remote(&self, repository: &Path) {
        let git = self.git();
        if git::configured(&git, repository).iter().any(|one| one.is_own() && one.name == "remote.origin.fetch") {
            return;
        }
        let words = ["config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"].map(OsStr::new);
        match git.still(repository, &words, &[], LOCAL) {
            Ok(answer) if answer.success => {}
            Ok(_) => tracing::warn!(folder = %repository.display(), "what a fetch brings is not configured"),
            Err(error) => tracing::warn!(%error, "what a fetch brings is not configured"),
        }
    }

    /// Stops what git is doing with a remote: it answers that it was stopped. Where nothing is, nothing happens.
    ///
    /// # Errors
    /// None today.
    pub fn team_stop(&self, _: Nothing) -> Result<(), ApiError> {
        self.team.stop();
        Ok(())
    }

    /// Stops whatever git is doing with a remote that somebody asked for; whether anything was.
    #[must_use]
    pub fn remotes_stop(&self) -> bool {
        let import = self.importing.stop();
        self.team.stop() || import
    }

    /// The folder that a clone goes to, with its real path.
    fn free_folder(&self, to: &Path) -> Result<PathBuf, ApiError> {
        let refuse = |why: String| Err(ApiError::new(ErrorCode::BadInput, why));
        let name = to.display();
        let (true, Some(last)) = (to.is_absolute(), to.file_name()) else {
            return refuse(format!("\"{name}\" names no folder: give its whole path."));
        };
        match fs::symlink_metadata(to) {
            Ok(found) if !found.is_dir() => {
                return refuse(format!("{name} is there already: choose another folder."));
            }
            Ok(_) if fs::read_dir(to).is_ok_and(|mut inside| inside.next().is_none()) => {}
            Ok(_) => return refuse(format!("{name} is not empty: choose another folder.")),
            Err(_) => {}
        }
        let above = to.parent().unwrap_or(Path::new("/"));
        let real = above.ancestors().find_map(|folder| Some((folder, fs::canonicalize(folder).ok()?)));
        let above = real.map_or_else(
            || above.to_owned(),
            |(folder, real)| real.join(above.strip_prefix(folder).unwrap_or(Path::new(""))),
        );
        let folder = above.join(last);
        if let Some(library) = self.store.library_of(&folder)? {
            let library = library.path.display();
            return refuse(format!(
                "{name} is in {library}, which is in the library already: choose another folder."
            ));
        }
        Ok(folder)
    }
}
