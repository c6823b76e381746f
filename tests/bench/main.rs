//! `make bench`: Allgood beside the floor, in one go, as ratios of medians.
//!
//! Owns the measuring and the report `docs/benchmarks.md`. Knows the programs only from outside, as a person starts
//! them; what it measures in its own process is what the window asks of `api` in the same way, beside the Markdown parser
//! and the SQLite that it stands on.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Parser, Subcommand, ValueEnum as _};

mod driven;
mod editor;
mod fleet;
mod flood;
mod generated;
mod library;
mod look;
mod machine;
mod masker;
mod measure;
mod output;
mod parsing;
mod report;
mod runs;
mod steps;
mod window;

/// What can go wrong: said to the person, who mends it and measures again.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures Allgood beside the floor and writes the report.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program `allgood`, a release build
    #[arg(long, default_value = "target/release/allgood")]
    allgood: PathBuf,
    /// The program `allgood-desktop`, a release build
    #[arg(long, default_value = "target/release/allgood-desktop")]
    desktop: PathBuf,
    /// The bare window of tests/bench/bare-window, a release build
    #[arg(long, default_value = "target/release/bare-window")]
    bare: PathBuf,
    /// Markdown files to parse; without this folder, those of the project itself
    #[arg(long, default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Where the report goes
    #[arg(long, default_value = "docs/benchmarks.md")]
    report: PathBuf,
    /// How often each thing is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
    /// How many runbooks the generated library has
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    runbooks: u32,
    /// How many runs, of a thousand events each, the store of the part `runs` has
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    runs: u32,
    /// Only these parts: they take the place of those in the report, the others stay as they are
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    #[command(subcommand)]
    inner: Option<Inner>,
}

/// The parts of the report, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// 1,000 commands beside `bash` and the journal's synced commits, and how 1,000 compare to 100
    Commands,
    /// 100 MB and 1 GB of output
    Output,
    /// 1 GB of output in the real window: its longest stall, and its memory
    Flood,
    /// 10,000 runs and ten million events: opening, history, a run, two compared
    Runs,
    /// A command on 200 hosts, beside plain `ssh` and Ansible
    Fleet,
    /// Output through the masker beside copying it, with 1, 10 and 100 secrets
    Masker,
    /// `format::parse` beside pulldown-cmark
    Parsing,
    /// What a runbook of a megabyte means, as the editor asks
    Look,
    /// Time to a usable window
    Window,
    /// A runbook of a megabyte in the editor: opening, and key to paint
    Editor,
    /// 100,000 runbooks: index, search and window beside bare SQLite and `rg`
    Library,
}

/// What this program does when it starts itself.
#[derive(Debug, Subcommand)]
enum Inner {
    /// Runs one command and prints its wall time and the largest process of its tree
    #[command(hide = true)]
    Measure {
        /// The command
        #[arg(last = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
    /// Runs one command and prints the memory of all its processes together, and how many there were
    #[command(hide = true)]
    Tree {
        /// The command
        #[arg(last = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
    /// Does one stage of the part `library` and prints its figures
    #[command(hide = true)]
    Library {
        /// Which
        #[arg(value_enum)]
        stage: library::Stage,
        /// How many runbooks there are
        runbooks: usize,
        /// Where
        folder: PathBuf,
    },
    /// Fills the store up to so many runs, asks what a person asks, and prints its figures
    #[command(hide = true)]
    Runs {
        /// How many
        runs: usize,
        /// The runbook that was run
        book: PathBuf,
        /// The events of its run, one a line
        facts: PathBuf,
    },
    /// Does the part `look` and prints its figures
    #[command(hide = true)]
    Look {
        /// Where
        folder: PathBuf,
    },
}

impl Part {
    /// Its heading in the report.
    fn title(self) -> &'static str {
        match self {
            Self::Commands => "Commands",
            Self::Output => "Output",
            Self::Flood => "Flood",
            Self::Runs => "Runs",
            Self::Fleet => "Fleet",
            Self::Masker => "Masker",
            Self::Parsing => "Parsing",
            Self::Look => "Look",
            Self::Window => "Window",
            Self::Editor => "Editor",
            Self::Library => "Library",
        }
    }

    fn measure(self, arguments: &Arguments) -> Outcome<report::Part> {
        let rounds = usize::from(arguments.rounds);
        let allgood = || program(&arguments.allgood);
        let desktop = || program(&arguments.desktop);
        match self {
            Self::Commands => steps::measure(&allgood()?, rounds),
            Self::Output => output::measure(&allgood()?, rounds),
            Self::Flood => flood::measure(&allgood()?, &desktop()?),
            Self::Runs => runs::measure(&allgood()?, usize::try_from(arguments.runs)?, rounds),
            Self::Fleet => fleet::measure(&allgood()?, rounds),
            Self::Masker => masker::measure(rounds),
            Self::Parsing => parsing::measure(&arguments.corpus, rounds),
            Self::Look => look::measure(rounds),
            Self::Window => {
                let programs =
                    window::Programs { allgood: allgood()?, desktop: desktop()?, bare: program(&arguments.bare)? };
                window::measure(&programs, &arguments.corpus, rounds)
            }
            Self::Editor => editor::measure(&allgood()?, &desktop()?, rounds),
            Self::Library => library::measure(&allgood()?, &desktop()?, usize::try_from(arguments.runbooks)?, rounds),
        }
    }
}

fn main() -> Outcome<ExitCode> {
    let arguments = Arguments::parse();
    match &arguments.inner {
        Some(Inner::Measure { command }) => measure::inside(command)?,
        Some(Inner::Tree { command }) => fleet::inside(command)?,
        Some(Inner::Library { stage, runbooks, folder }) => library::inside(*stage, *runbooks, folder)?,
        Some(Inner::Runs { runs, book, facts }) => runs::inside(usize::from(arguments.rounds), *runs, book, facts)?,
        Some(Inner::Look { folder }) => look::inside(usize::from(arguments.rounds), folder)?,
        None => return all(&arguments),
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures one part after the other and writes the report after each: what comes later and fails loses nothing.
fn all(arguments: &Arguments) -> Outcome<ExitCode> {
    let machine = machine::describe()?;
    let titles: Vec<&str> = Part::value_variants().iter().map(|part| part.title()).collect();
    let mut failed = false;
    for part in Part::value_variants() {
        if !(arguments.only.is_empty() || arguments.only.contains(part)) {
            continue;
        }
        let circumstances = machine::circumstances(&machine, arguments.rounds);
        let begin = Instant::now();
        let section = match part.measure(arguments) {
            Ok(measured) => report::section(&measured, &circumstances, begin.elapsed()),
            Err(error) => {
                failed = true;
                eprintln!("{} was not measured: {error}", part.title());
                report::failed(part.title(), &error.to_string(), &circumstances)
            }
        };
        println!("## {}\n\n{}", section.0, section.1);
        let mut sections =
            fs::read_to_string(&arguments.report).map(|text| report::sections(&text)).unwrap_or_default();
        sections.retain(|(title, _)| *title != section.0);
        sections.push(section);
        fs::write(&arguments.report, report::markdown(&machine, &titles, &sections))?;
    }
    eprintln!("written to {}", arguments.report.display());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn program(path: &Path) -> Outcome<PathBuf> {
    std::fs::canonicalize(path).map_err(|error| {
        format!("{} is not there ({error}): `make bench` builds it, or name it by its option", path.display()).into()
    })
}
