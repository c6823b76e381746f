//! Writes the seeds of one target into a folder: `fuzz-seeds TARGET FOLDER`; without arguments it names the targets.

use std::{fs, io, path::PathBuf, process::ExitCode};

use fuzz::TARGETS;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(name), Some(folder)) = (arguments.next(), arguments.next()) else {
        for target in TARGETS {
            println!("{}", target.name);
        }
        return ExitCode::SUCCESS;
    };
    match write(&name.to_string_lossy(), &PathBuf::from(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", name.display());
            ExitCode::FAILURE
        }
    }
}

fn write(name: &str, folder: &std::path::Path) -> io::Result<()> {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.ok_or_else(|| io::Error::other("no target has that name"))?;
    fs::create_dir_all(folder)?;
    for (number, seed) in target.seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}
