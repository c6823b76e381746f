//! Where Allgood keeps its things, who the person is and what runs its commands (RUNS.md, "The command line"): the one
//! place where the environment and the home are read, for both faces.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use engine::process::{SUPERVISOR_ARGUMENT, Supervisor};

use crate::{ApiError, ErrorCode};

/// Folders and files of this person on this machine. All absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Folder of the store and its files: `$ALLGOOD_DATA`, else `$XDG_DATA_HOME/allgood`.
    pub data: PathBuf,
    /// The settings: `$XDG_CONFIG_HOME/allgood/config.toml`.
    pub settings: PathBuf,
    /// Folder of the logs: `$XDG_STATE_HOME/allgood`.
    pub state: PathBuf,
}

/// The platform's folders: those of the XDG Base Directory Specification, or what macOS and Windows have instead.
struct Base {
    data: Option<PathBuf>,
    config: Option<PathBuf>,
    state: Option<PathBuf>,
}

impl Places {
    /// As the environment says.
    ///
    /// # Errors
    /// [`ErrorCode::BadInput`] when there is neither a home nor a variable that says where to.
    pub fn from_environment() -> Result<Self, ApiError> {
        let base = Base {
            data: dirs::data_dir(),
            config: dirs::config_dir(),
            state: dirs::state_dir().or_else(dirs::data_local_dir),
        };
        Self::new(std::env::var_os("ALLGOOD_DATA"), base)
    }

    fn new(given: Option<OsString>, base: Base) -> Result<Self, ApiError> {
        let own = |base: Option<PathBuf>, variable: &str| {
            base.map(|folder| folder.join("allgood")).ok_or_else(|| {
                let message = format!("Allgood has no place for its files: neither HOME nor {variable} is set.");
                ApiError::new(ErrorCode::BadInput, message)
            })
        };
        let data = match given.filter(|given| !given.is_empty()) {
            Some(given) => std::path::absolute(&given).map_err(|error| {
                let message = format!("ALLGOOD_DATA ({}) cannot be used: {error}.", given.to_string_lossy());
                ApiError::new(ErrorCode::BadInput, message)
            })?,
            None => own(base.data, "XDG_DATA_HOME")?,
        };
        Ok(Self {
            data,
            settings: own(base.config, "XDG_CONFIG_HOME")?.join("config.toml"),
            state: own(base.state, "XDG_STATE_HOME")?,
        })
    }
}

/// What a command needs of the folder for scripts at least, in bytes: its script, and what it starts with and leaves.
const ROOM: usize = 64 * 1024;

/// A folder for scripts under way and what they carry, that only its owner can enter: in `$XDG_RUNTIME_DIR`, else in
/// memory-backed storage, else among the temporary files.
///
/// # Errors
/// [`ErrorCode::File`] when none of these can be made, is full, or can only be read, or somebody else holds its name.
pub fn scratch() -> Result<PathBuf, ApiError> {
    let owner = nix::unistd::geteuid();
    let named = format!("allgood-{owner}");
    let runtime = dirs::runtime_dir().map(|folder| folder.join("allgood"));
    let candidates =
        runtime.into_iter().chain([Path::new("/dev/shm").join(&named), std::env::temp_dir().join(&named)]);
    let mut troubles = Vec::new();
    for folder in candidates {
        match private(&folder).and_then(|()| has_room(&folder)) {
            Ok(()) => return Ok(folder),
            Err(error) => troubles.push(format!("{}: {error}", folder.display())),
        }
    }
    let message = format!(
        "There is no private place for the scripts of a run ({}): free one of them, or name another with TMPDIR.",
        troubles.join("; ")
    );
    Err(ApiError::new(ErrorCode::File, message))
}

/// Makes sure that a small script fits into the folder: it may be full, or on what can only be read.
fn has_room(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    io::Write::write_all(&mut file, &[0; ROOM])
}

/// Makes the folder, or makes sure that it is this user's and nobody else's.
fn private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(folder)?;
            let mine = found.is_dir() && found.uid() == nix::unistd::geteuid().as_raw() && found.mode() & 0o077 == 0;
            if mine { Ok(()) } else { Err(io::Error::other("it is there already and not private")) }
        }
        made => made,
    }
}

/// The person's home, where their other programs keep their settings.
#[must_use]
pub fn home() -> Option<PathBuf> {
    dirs::home_dir()
}

/// Who acts: `user@host`, as it stands in records.
#[must_use]
pub fn actor() -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten().map(|user| user.name);
    let user = user.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| nix::unistd::getuid().to_string());
    let host = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned());
    format!("{user}@{}", host.as_deref().unwrap_or("localhost"))
}

/// What is started for each attempt: the small program beside this one, because it starts several times faster than a
/// copy of a large one; without it this program, whose `main` must then hand over at [`SUPERVISOR_ARGUMENT`].
///
/// # Errors
/// [`ErrorCode::Internal`] when the system does not tell where this program is.
pub fn supervisor() -> Result<Supervisor, ApiError> {
    let own = std::env::current_exe().map_err(|error| {
        let message = format!("The system does not tell where Allgood's own program is: {error}.");
        ApiError::new(ErrorCode::Internal, message)
    })?;
    Ok(beside(own))
}

fn beside(own: PathBuf) -> Supervisor {
    let small = own.with_file_name(format!("allgood-supervisor{}", std::env::consts::EXE_SUFFIX));
    if small.is_file() {
        Supervisor { program: small, arguments: Vec::new() }
    } else {
        Supervisor { program: own, arguments: vec![SUPERVISOR_ARGUMENT.into()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(folder: &str) -> Base {
        let of = |name: &str| Some(Path::new(folder).join(name));
        Base { data: of("data"), config: of("config"), state: of("state") }
    }

    #[test]
    fn the_store_is_where_allgood_data_says_and_else_in_the_platforms_folder() {
        let here = std::env::current_dir().unwrap();
        for (given, data) in [
            (None, PathBuf::from("/base/data/allgood")),
            (Some(""), PathBuf::from("/base/data/allgood")),
            (Some("/elsewhere"), PathBuf::from("/elsewhere")),
            (Some("here"), here.join("here")),
        ] {
            let places = Places::new(given.map(OsString::from), base("/base")).unwrap();
            let expected = Places {
                data,
                settings: "/base/config/allgood/config.toml".into(),
                state: "/base/state/allgood".into(),
            };
            assert_eq!(places, expected, "{given:?}");
        }
    }

    #[test]
    fn without_a_home_the_missing_variable_is_named() {
        let nothing = Base { data: None, config: None, state: None };
        let error = Places::new(None, nothing).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput);
        assert!(error.message.contains("XDG_DATA_HOME"), "{}", error.message);
    }

    #[test]
    fn a_scratch_folder_that_others_can_enter_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("scratch");
        private(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        private(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(private(&folder).is_err());
        let link = temporary.path().join("link");
        std::os::unix::fs::symlink(temporary.path(), &link).unwrap();
        assert!(private(&link).is_err(), "a link may lead anywhere");
    }

    #[test]
    fn the_small_supervisor_beside_the_program_is_preferred() {
        let temporary = tempfile::tempdir().unwrap();
        let own = temporary.path().join("allgood");
        let alone = beside(own.clone());
        assert_eq!((alone.program, alone.arguments), (own.clone(), vec![OsString::from(SUPERVISOR_ARGUMENT)]));
        let small = temporary.path().join("allgood-supervisor");
        fs::write(&small, "").unwrap();
        let both = beside(own);
        assert_eq!((both.program, both.arguments), (small, Vec::<OsString>::new()));
    }
}
