//! Opening the store: its folder and modes, migrations with a backup before them, and what is damaged set aside.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    ErrorKind, Store, backup,
    connections::{self, Connections},
    error::StoreError,
    facets::Cache,
    files::{self, BACKUPS, DATABASE, FileLock, RUNS},
    journal::States,
    recover, schema,
    spelling::Known,
};

/// How long to wait for another process that migrates the store or has it open while it must be migrated.
const PATIENCE: Duration = Duration::from_secs(5);
/// Up to this size the whole file is checked at each start; a bigger one when its daily backup is made.
const CHECKED_AT_START: u64 = 16 * 1024 * 1024;

/// What a store's file needs before it can be used.
enum Need {
    Nothing(Connection),
    /// Its log, or migrations from this version on: work for one who is alone.
    Work(Connection, usize),
    SettingAside(String),
}

pub(crate) fn open(folder: &Path) -> Result<Store, StoreError> {
    match open_to_write(folder) {
        // What cannot be written can often be read: a disk that was mounted so after a failure, a backup, somebody else's.
        Err(error) if error.kind() == ErrorKind::ReadOnly && folder.join(DATABASE).is_file() => {
            let opened = open_to_read(folder);
            opened.map_err(|why| if why.kind() == ErrorKind::ReadOnly { error } else { why })
        }
        opened => opened,
    }
}

/// Opens a store that is only read.
pub(crate) fn open_to_read(folder: &Path) -> Result<Store, StoreError> {
    let file = folder.join(DATABASE);
    let lock = files::open_lock_to_read(folder)?;
    let connections = Connections::to_read(file.clone()).map_err(|error| error.at(&file))?;
    let found = connections.read(|view| schema::version(view))?;
    if usize::try_from(found).ok() != Some(schema::VERSION) {
        let newer = usize::try_from(found).is_ok_and(|found| found > schema::VERSION);
        let (kind, what) = if newer {
            (ErrorKind::Newer, "a newer version of Allgood: use that version, or a newer one")
        } else {
            (
                ErrorKind::Refused,
                "an older version of Allgood, and is brought up to date before it is read: make it writable for you, or \
                 open a copy of its folder that is (`ALLGOOD_DATA=COPY`)",
            )
        };
        return Err(StoreError::new(kind, format!("{} was written by {what}", file.display())));
    }
    let notice = format!(
        "{} cannot be written: what is in it is shown as it was left, and nothing can be run or kept. Make the folder and its \
         files writable for you to change that.",
        file.display()
    );
    Ok(Store {
        folder: folder.to_owned(),
        connections,
        states: States::default(),
        facets: Cache::default(),
        words: Known::default(),
        notices: vec![notice],
        _open: lock,
    })
}

fn open_to_write(folder: &Path) -> Result<Store, StoreError> {
    files::private_folder(folder)?;
    files::private_folder(&folder.join(BACKUPS))?;
    files::private_folder(&folder.join(RUNS))?;
    let file = folder.join(DATABASE);
    let mut notices = Vec::new();
    let mut aside = None;
    let (connection, lock) = prepare(folder, &file, &mut aside).map_err(|error| error.at(&file))?;
    for path in files::with_companions(&file) {
        files::close_to_others(&path, 0o600)?;
    }
    let connections = Connections::new(file, connection);
    if let Some(aside) = aside {
        notices.push(recovered(folder, &aside, &connections));
    }
    Ok(Store {
        folder: folder.to_owned(),
        connections,
        states: States::default(),
        facets: Cache::default(),
        words: Known::default(),
        notices,
        _open: Some(lock),
    })
}

/// Many may have the store open; who changes its schema or sets it aside must be alone.
fn prepare(folder: &Path, file: &Path, aside: &mut Option<Aside>) -> Result<(Connection, FileLock), StoreError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = files::open_lock(folder, false)?
            && let Need::Nothing(connection) = inspect(file)?
        {
            return Ok((connection, lock));
        }
        if let Some(alone) = files::open_lock(folder, true)? {
            match inspect(file)? {
                Need::Nothing(connection) => drop(connection),
                Need::Work(connection, from) => {
                    connections::keep_log(file, &connection)?;
                    migrate(folder, connection, from)?;
                }
                Need::SettingAside(why) => *aside = Some(set_aside(folder, file, &why)?),
            }
            drop(alone);
            continue;
        }
        if Instant::now() > deadline {
            return Err(StoreError::new(
                ErrorKind::Busy,
                format!(
                    "{} must be brought up to date or set aside, and another Allgood has it open: close that one and \
                     try again",
                    file.display()
                ),
            ));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn inspect(file: &Path) -> Result<Need, StoreError> {
    files::create_database(file)?;
    match look_at(file) {
        Err(error) if error.kind() == ErrorKind::Damaged => Ok(Need::SettingAside(error.to_string())),
        other => other,
    }
}

fn look_at(file: &Path) -> Result<Need, StoreError> {
    let connection = connections::writer(file)?;
    let found = schema::version(&connection)?;
    let Some(version) = usize::try_from(found).ok().filter(|version| *version <= schema::VERSION) else {
        return Err(StoreError::new(
            ErrorKind::Newer,
            format!(
                "{} was written by a newer version of Allgood (its schema is {found}, this version knows up to {}): \
                 use that version, or a newer one",
                file.display(),
                schema::VERSION
            ),
        ));
    };
    let size = fs::metadata(file).map_err(|error| StoreError::io(file, &error))?.len();
    if size <= CHECKED_AT_START
        && let Some(wrong) = backup::check(&connection)?
    {
        return Ok(Need::SettingAside(wrong));
    }
    let ready = version == schema::VERSION && connections::has_log(&connection)?;
    Ok(if ready { Need::Nothing(connection) } else { Need::Work(connection, version) })
}

fn migrate(folder: &Path, mut connection: Connection, from: usize) -> Result<(), StoreError> {
    if from == schema::VERSION {
        return Ok(());
    }
    // A store that has just been made holds nothing to keep. What lies between two versions no program has written:
    // nobody would go back to it.
    if from > 0 {
        backup::before_migration(&connection, folder, from, Timestamp::now())?;
    }
    for version in from + 1..=schema::VERSION {
        schema::migrate(&mut connection, version)?;
    }
    tracing::info!(from, to = schema::VERSION, "the store was brought up to date");
    Ok(())
}

/// A store that was damaged.
struct Aside {
    /// Where it is now.
    path: PathBuf,
    /// What was wrong and where it went: a sentence.
    sentence: String,
    /// Where the newest backup is, if there is one.
    rescue: String,
}

/// Renames the file, with its log, which may hold what the file does not.
fn set_aside(folder: &Path, file: &Path, why: &str) -> Result<Aside, StoreError> {
    let path = free_name(file, Timestamp::now());
    for (from, to) in files::with_companions(file).iter().zip(files::with_companions(&path)) {
        match fs::rename(from, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io(from, &error)),
        }
    }
    files::sync_folder(folder)?;
    let rescue = match backup::newest(folder)? {
        Some(backup) => format!("the newest backup is {}", backup.display()),
        None => "there is no backup yet".to_owned(),
    };
    let sentence =
        format!("{} is damaged ({why}). It was set aside as {}, unchanged", file.display(), path.display());
    Ok(Aside { path, sentence, rescue })
}

/// Takes over what the damaged store still gives, and says what was done.
fn recovered(folder: &Path, aside: &Aside, connections: &Connections) -> String {
    let Aside { path, sentence, rescue } = aside;
    let taken = recover::recover(folder, path, connections).unwrap_or_else(|error| {
        tracing::error!(%error, "the damaged store gives no more");
        None
    });
    let sentence = match taken {
        Some(taken) => {
            format!("{sentence}, and a new one was begun with what could still be read: {taken}; {rescue}.")
        }
        None => format!("{sentence}, and an empty store was begun, because nothing of it could be read; {rescue}."),
    };
    tracing::error!("{sentence}");
    sentence
}

fn free_name(file: &Path, now: Timestamp) -> PathBuf {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let mut count = 0_u32;
    loop {
        let mut name = file.as_os_str().to_owned();
        name.push(if count == 0 { format!(".damaged-{stamp}") } else { format!(".damaged-{stamp}-{count}") });
        let path = PathBuf::from(name);
        if !path.exists() {
            return path;
        }
        count += 1;
    }
}
