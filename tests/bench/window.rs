//! How soon the window can be used: from the start of the process until the screen has become what it stays.
//!
//! The screen is that of an Xvfb whose picture lies in a file, so that watching it disturbs nobody: every few
//! milliseconds some of its lines are compared with what they were.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::Read as _,
    os::unix::{fs::FileExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

use crate::{
    Outcome, measure,
    report::{Part, Row, megabytes, ratio, seconds, share},
};

/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(4);
/// A screen that has not changed for so long is what it stays.
const SETTLED: Duration = Duration::from_millis(1_500);
/// Longer than this and something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
/// Fewer changed points than this are a caret that blinks.
const CARET: usize = 32;
/// Every so many lines of the screen are looked at.
const STRIDE: u64 = 4;

/// The programs to compare.
pub(crate) struct Programs {
    /// The command line, which fills the library.
    pub(crate) allgood: PathBuf,
    /// The window.
    pub(crate) desktop: PathBuf,
    /// A Tauri window with one word in it.
    pub(crate) bare: PathBuf,
}

/// What one start gave.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    /// Until something showed.
    pub(crate) first: Duration,
    /// Until the screen became what it stays.
    pub(crate) last: Duration,
    /// Of all its processes, in bytes.
    pub(crate) memory: u64,
}

impl Start {
    /// The middle of each figure of several starts.
    pub(crate) fn median(starts: &[Self]) -> Outcome<Self> {
        let pick = |what: fn(&Self) -> Duration| measure::median(&starts.iter().map(what).collect::<Vec<_>>());
        Ok(Self {
            first: pick(|start| start.first)?,
            last: pick(|start| start.last)?,
            memory: measure::median(&starts.iter().map(|start| start.memory).collect::<Vec<_>>())?,
        })
    }
}

/// A screen and a session bus: what a window needs, and nobody else's.
pub(crate) struct Desk {
    pub(crate) screen: Screen,
    bus: Bus,
}

impl Desk {
    /// Starts both, with their files in `folder`.
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let folder = folder.join("desk");
        fs::create_dir_all(&folder)?;
        Ok(Self { bus: Bus::start(&folder)?, screen: Screen::start(&folder)? })
    }

    /// What a program is given that opens its window here.
    pub(crate) fn environment(&self, homes: &[(OsString, OsString)]) -> Vec<(OsString, OsString)> {
        let mut environment = homes.to_vec();
        environment.extend([
            ("DISPLAY".into(), format!(":{}", self.screen.number).into()),
            ("GDK_BACKEND".into(), "x11".into()),
            ("DBUS_SESSION_BUS_ADDRESS".into(), self.bus.address.clone().into()),
            // What Allgood sets for itself where there is no hardware rendering.
            ("WEBKIT_DISABLE_DMABUF_RENDERER".into(), OsString::from("1")),
        ]);
        environment
    }
}

/// Measures.
pub(crate) fn measure(programs: &Programs, corpus: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("the window …");
    let folder = tempfile::tempdir()?;
    let environment = crate::machine::homes(folder.path())?;
    let mut library = vec![fs::canonicalize("runbooks")?];
    if corpus.is_dir() {
        library.push(fs::canonicalize(corpus)?);
    }
    for path in &library {
        let mut add = measure::program(&programs.allgood, folder.path(), &["library", "add"]);
        add.arguments.push(path.into());
        add.environment.clone_from(&environment);
        add.sample()?;
    }
    let desk = Desk::start(folder.path())?;
    let environment = desk.environment(&environment);
    let (mut floor, mut ours) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let bare = desk.screen.start_of(&programs.bare, &environment)?;
        let desktop = desk.screen.start_of(&programs.desktop, &environment)?;
        if round > 0 {
            floor.push(bare);
            ours.push(desktop);
        }
    }
    let (ours, floor) = (Start::median(&ours)?, Start::median(&floor)?);
    Ok(Part {
        title: "Window".into(),
        text: format!(
            "Under Xvfb (1440×900, no graphics card), from the start of the process: until something shows, and until the \
             screen has become what it stays for {:.1} s, which for Allgood is the library with {} in it, ready for a key. \
             The floor is a Tauri window of the same version with one word in it (`tests/bench/bare-window`). Memory is \
             the proportional share (PSS) of all its processes.",
            SETTLED.as_secs_f64(),
            if library.len() > 1 { "the examples and a folder of several hundred runbooks" } else { "the examples" }
        ),
        rows: vec![
            Row::new("something shows", seconds(floor.first), seconds(ours.first), ratio(ours.first, floor.first)),
            Row::new("usable", seconds(floor.last), seconds(ours.last), ratio(ours.last, floor.last)),
            Row::new("memory", megabytes(floor.memory), megabytes(ours.memory), share(ours.memory, floor.memory)),
        ],
    })
}

/// A child that is ended with this value.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A session bus of the bench's own: a window looks there whether it is the only one.
pub(crate) struct Bus {
    /// Where it listens, as its variable says it.
    pub(crate) address: String,
    _process: Guard,
}

impl Bus {
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let address = format!("unix:path={}", folder.join("bus").display());
        let process = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--address", &address])
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("dbus-daemon cannot be started ({error}): install the package dbus"))?;
        let process = Guard(process);
        wait_for(|| Ok(folder.join("bus").exists().then_some(())), "the session bus")?;
        Ok(Self { address, _process: process })
    }
}

/// An X server without a screen of glass, and its picture.
pub(crate) struct Screen {
    /// The display's.
    pub(crate) number: u32,
    picture: File,
    header: Header,
    _process: Guard,
}

/// Where the points lie in the picture (the X window dump's header: 25 numbers of four bytes, big-endian).
#[derive(Clone, Copy)]
struct Header {
    points: u64,
    line: u64,
    lines: u64,
    bytes_per_point: usize,
}

impl Screen {
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let pictures = folder.join("screen");
        fs::create_dir_all(&pictures)?;
        let process = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-fbdir"])
            .arg(&pictures)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb cannot be started ({error}): install the package xvfb"))?;
        let mut process = Guard(process);
        let mut said = process.0.stdout.take().ok_or("Xvfb has no standard output")?;
        let mut number = Vec::new();
        let mut byte = [0];
        while said.read(&mut byte)? == 1 && byte != *b"\n" {
            number.extend(byte);
        }
        let number = String::from_utf8(number)?.trim().parse().map_err(|_| "Xvfb did not name its display")?;
        let picture = File::open(pictures.join("Xvfb_screen0"))?;
        let header = Header::read(&picture)?;
        Ok(Self { number, picture, header, _process: process })
    }

    /// Some lines of what the screen shows.
    fn look(&self, into: &mut Vec<u8>) -> Outcome<()> {
        let Header { points, line, lines, .. } = self.header;
        let width = usize::try_from(line)?;
        into.resize(width * usize::try_from(lines / STRIDE)?, 0);
        for (index, row) in into.chunks_exact_mut(width).enumerate() {
            self.picture.read_exact_at(row, points + u64::try_from(index)? * STRIDE * line)?;
        }
        Ok(())
    }

    fn changed(&self, before: &[u8], now: &[u8]) -> bool {
        if before == now {
            return false;
        }
        let size = self.header.bytes_per_point;
        before.chunks_exact(size).zip(now.chunks_exact(size)).filter(|(a, b)| a != b).take(CARET).count() == CARET
    }

    /// Starts a program, waits until its window has come to rest, and ends it.
    pub(crate) fn start_of(&self, program: &Path, environment: &[(OsString, OsString)]) -> Outcome<Start> {
        let (mut before, mut now) = (Vec::new(), Vec::new());
        self.look(&mut before)?;
        let empty = before.clone();
        let begin = Instant::now();
        let child = Command::new(program)
            .envs(environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let mut child = Group(child);
        let (mut first, mut last) = (None, begin);
        loop {
            sleep(LOOK);
            self.look(&mut now)?;
            let seen = Instant::now();
            if self.changed(&before, &now) {
                first.get_or_insert(seen);
                last = seen;
                std::mem::swap(&mut before, &mut now);
            } else if first.is_some() && seen - last > SETTLED {
                break;
            }
            if let Some(status) = child.0.try_wait()? {
                return Err(format!("{} ended with {status} before it showed anything", program.display()).into());
            }
            if seen - begin > PATIENCE {
                return Err(format!("{} did not come to rest within {PATIENCE:?}", program.display()).into());
            }
        }
        let memory = memory_of_group(child.0.id())?;
        drop(child);
        wait_for(
            || {
                self.look(&mut now)?;
                Ok((!self.changed(&empty, &now)).then_some(()))
            },
            "the screen to be empty again",
        )?;
        let first = first.ok_or("nothing was shown")?;
        Ok(Start { first: first - begin, last: last - begin, memory })
    }
}

impl Header {
    fn read(picture: &File) -> Outcome<Self> {
        let mut bytes = [0; 100];
        picture.read_exact_at(&mut bytes, 0)?;
        let number = |index: usize| -> Outcome<u64> {
            let four = bytes.get(index * 4..index * 4 + 4).ok_or("the header is too short")?;
            Ok(u64::from(u32::from_be_bytes(four.try_into()?)))
        };
        // header_size, pixmap_height, bits_per_pixel, bytes_per_line, ncolors; a colour takes 12 bytes.
        Ok(Self {
            points: number(0)? + number(19)? * 12,
            line: number(12)?,
            lines: number(5)?,
            bytes_per_point: usize::try_from(number(11)? / 8)?,
        })
    }
}

/// A process group that is ended with this value.
pub(crate) struct Group(pub(crate) Child);

impl Drop for Group {
    fn drop(&mut self) {
        if let Ok(id) = i32::try_from(self.0.id()) {
            // It may be gone already.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
        let _ = self.0.wait();
    }
}

/// The proportional share of memory of every process of a group, in bytes.
pub(crate) fn memory_of_group(leader: u32) -> Outcome<u64> {
    Ok(processes()?.into_iter().filter(|one| one.group == leader).map(|one| memory_of(one.id)).sum())
}

/// That of everything that a process started, directly or not, and how many processes that is.
pub(crate) fn memory_below(top: u32) -> Outcome<(u64, usize)> {
    let all = processes()?;
    let mut below = vec![top];
    let mut looked = 0;
    while let Some(parent) = below.get(looked).copied() {
        below.extend(all.iter().filter(|one| one.parent == parent).map(|one| one.id));
        looked += 1;
    }
    Ok((below.iter().skip(1).map(|id| memory_of(*id)).sum(), below.len() - 1))
}

struct Process {
    id: u32,
    parent: u32,
    group: u32,
}

fn processes() -> Outcome<Vec<Process>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let entry = entry?;
        // A process may end while it is looked at.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // After the name in brackets: state, parent, group.
        let rest: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().take(3).collect();
        let number = |text: Option<&&str>| text.and_then(|text| text.parse().ok());
        if let (Some(id), Some(parent), Some(group)) =
            (entry.file_name().to_str().and_then(|id| id.parse().ok()), number(rest.get(1)), number(rest.get(2)))
        {
            all.push(Process { id, parent, group });
        }
    }
    Ok(all)
}

/// In bytes; of a process that is gone, none.
fn memory_of(id: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let kib =
        rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

fn wait_for(mut ready: impl FnMut() -> Outcome<Option<()>>, what: &str) -> Outcome<()> {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if ready()?.is_some() {
            return Ok(());
        }
        sleep(LOOK);
    }
    Err(format!("waited {PATIENCE:?} for {what}, in vain").into())
}
