//! `make bench`: Allgood beside the floor, in one go, as ratios of medians.
//!
//! Owns the measuring and the report `docs/benchmarks.md`. Knows the programs only from outside, as a person starts
//! them; what it measures in its own process is `format::parse` beside the Markdown parser that it stands on, and the
//! store beside bare SQLite.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand};

mod generated;
mod library;
mod machine;
mod measure;
mod output;
mod parsing;
mod report;
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
    /// Only these parts; the report is printed, not written
    #[arg(long, value_enum)]
    only: Vec<Part>,
    #[command(subcommand)]
    inner: Option<Inner>,
}

/// The parts of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// 200 commands, and how 300 compare to 30
    Steps,
    /// 100 MB and 1 GB of output
    Output,
    /// `format::parse` beside pulldown-cmark
    Parsing,
    /// 100,000 runbooks: index and search beside bare SQLite and `rg`
    Library,
    /// Time to a usable window
    Window,
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
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    match &arguments.inner {
        Some(Inner::Measure { command }) => return measure::inside(command),
        Some(Inner::Library { stage, runbooks, folder }) => return library::inside(*stage, *runbooks, folder),
        None => {}
    }
    let wanted = |part: Part| arguments.only.is_empty() || arguments.only.contains(&part);
    let rounds = usize::from(arguments.rounds);
    let machine = machine::describe()?;
    let mut parts = Vec::new();
    if wanted(Part::Steps) {
        parts.push(steps::measure(&program(&arguments.allgood)?, rounds)?);
    }
    if wanted(Part::Output) {
        parts.push(output::measure(&program(&arguments.allgood)?, rounds)?);
    }
    if wanted(Part::Parsing) {
        parts.push(parsing::measure(&arguments.corpus, rounds)?);
    }
    if wanted(Part::Library) {
        parts.push(library::measure(usize::try_from(arguments.runbooks)?)?);
    }
    if wanted(Part::Window) {
        let programs = window::Programs {
            allgood: program(&arguments.allgood)?,
            desktop: program(&arguments.desktop)?,
            bare: program(&arguments.bare)?,
        };
        parts.push(window::measure(&programs, &arguments.corpus, rounds)?);
    }
    let text = report::markdown(&machine, rounds, &parts);
    if arguments.only.is_empty() {
        std::fs::write(&arguments.report, &text)?;
        eprintln!("written to {}", arguments.report.display());
    } else {
        println!("{text}");
    }
    Ok(())
}

fn program(path: &Path) -> Outcome<PathBuf> {
    std::fs::canonicalize(path).map_err(|error| {
        format!("{} is not there ({error}): `make bench` builds it, or name it by its option", path.display()).into()
    })
}
