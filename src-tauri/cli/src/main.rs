//! The binary `allgood`: arguments, printing and exit statuses over the handlers of `api`.
//!
//! It decides nothing that the window would have to repeat, and knows of no other room than `api`.

mod arguments;
mod commands;
mod look;
mod out;
mod progress;
mod prose;
mod run;
mod status;
mod stopping;

use std::{alloc::System, panic, process::ExitCode, sync::Arc};

use api::{App, Config, places};
use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

use crate::{
    arguments::{Arguments, Command},
    out::{Out, message},
    status::{Failure, Status},
    stopping::stoppable,
};

/// Whatever is freed is wiped first: a secret leaves no copy where it went through (ACCESS.md, "Masking").
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    // Started by itself for a command of a run, or by ssh to ask something: nothing of what follows is wanted in that small
    // process.
    if std::env::args_os().nth(1).is_some_and(|first| first == api::SUPERVISOR_ARGUMENT) || api::is_askpass() {
        api::supervisor_main();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and versions are results, everything else is bad input; whoever does not read it misses nothing.
            let _ = error.print();
            return if error.use_stderr() { Status::Input.into() } else { Status::Good.into() };
        }
    };
    let done = panic::catch_unwind(panic::AssertUnwindSafe(|| perform(arguments.command)));
    let status = match done {
        Ok(Ok(status)) => status,
        Ok(Err(failure)) => {
            message(&format!("allgood: {}", look::visible(&failure.message)));
            failure.status
        }
        // What went wrong was said when it happened, and the terminal given back.
        Err(_) => Status::Broken,
    };
    status.into()
}

fn perform(command: Command) -> Result<Status, Failure> {
    let mut out = Out::new();
    let status = match command {
        Command::Completions(arguments) => commands::completions(&mut out, &arguments),
        Command::Man(arguments) => commands::man(&mut out, &arguments)?,
        command => with_store(&mut out, command)?,
    };
    out.flush();
    Ok(status)
}

fn with_store(out: &mut Out, command: Command) -> Result<Status, Failure> {
    let app = open()?;
    let may_finish =
        matches!(command, Command::Run(_) | Command::Resume(_) | Command::Rollback(_) | Command::Schedule(_));
    let done = perform_with(&app, out, command);
    if may_finish {
        out.flush();
        commands::share_finished(&app);
    }
    done.map_err(|failure| Failure { message: app.mask(&failure.message), ..failure })
}

fn perform_with(app: &Arc<App>, out: &mut Out, command: Command) -> Result<Status, Failure> {
    match command {
        Command::Library(command) => stoppable(app, || commands::library(app, out, &command)),
        Command::Access(command) => commands::access(app, out, &command),
        Command::Link(command) => commands::link(app, out, &command),
        Command::Schedule(command) => commands::schedule(app, out, &command),
        Command::Find(arguments) => commands::find(app, out, &arguments),
        Command::List(arguments) => commands::list(app, out, &arguments),
        Command::Search(arguments) => commands::search(app, out, &arguments),
        Command::New(arguments) => commands::new(app, out, &arguments),
        Command::Import(arguments) => stoppable(app, || commands::import(app, out, &arguments)),
        Command::Convert(arguments) => commands::convert(app, out, &arguments),
        Command::Move(arguments) => commands::relocate(app, out, &arguments),
        Command::Remove(arguments) => commands::remove(app, out, &arguments),
        Command::Pin(arguments) => commands::pin(app, out, &arguments),
        Command::Show(arguments) => commands::show(app, out, &arguments),
        Command::Open(arguments) => commands::open(app, out, &arguments),
        Command::Check(arguments) => commands::check(app, out, &arguments),
        Command::History(arguments) => commands::history(app, out, &arguments),
        Command::Diff(arguments) => commands::diff(app, out, &arguments),
        Command::Restore(arguments) => commands::restore(app, out, &arguments),
        Command::Drafts(arguments) => commands::drafts(app, out, &arguments),
        Command::Try(arguments) => run::attempt(app, out, &arguments),
        Command::Run(arguments) => run::run(app, out, arguments),
        Command::Resume(arguments) => run::resume(app, out, &arguments),
        Command::Rollback(arguments) => run::rollback(app, out, &arguments),
        Command::Export(arguments) => commands::export(app, out, &arguments),
        Command::Take(arguments) => commands::take(app, out, &arguments),
        Command::Mark(arguments) => commands::mark(app, out, &arguments),
        Command::Update(arguments) => commands::update(app, out, &arguments),
        Command::Runs(arguments) => commands::runs(app, out, &arguments),
        Command::Space(arguments) => commands::space(app, out, &arguments),
        Command::Compare(arguments) => commands::compare(app, out, &arguments),
        Command::Propose(arguments) => commands::propose(app, out, &arguments),
        Command::ShowRun(arguments) => commands::show_run(app, out, &arguments),
        Command::Verify(arguments) => commands::verify(app, out, &arguments),
        Command::Report(arguments) => commands::report(app, out, &arguments),
        Command::Share(arguments) => stoppable(app, || commands::share(app, out, &arguments)),
        Command::Completions(arguments) => Ok(commands::completions(out, &arguments)),
        Command::Man(arguments) => commands::man(out, &arguments),
    }
}

/// Opens the store where this person's environment says it is.
fn open() -> Result<Arc<App>, Failure> {
    let places = places::Places::from_environment()?;
    let log = api::logs::start(&places.state);
    let app = App::open(Config::from_environment(&places)?)?;
    match log {
        Ok(log) => {
            // The log outlives the program: it must not hold the store open, and what cannot be masked is not written.
            let masking = Arc::downgrade(&app);
            log.mask_with(move |line| masking.upgrade().map(|app| app.mask(line)).unwrap_or_default());
        }
        // A log that cannot be kept is no reason not to work.
        Err(error) => message(&format!("allgood: {}", error.message)),
    }
    if let Some(notice) = app.notice() {
        message(&look::visible(notice));
    }
    Ok(app)
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::unix::fs::FileExt as _};

    #[test]
    fn what_is_freed_is_wiped() {
        // Read through the system, as another program would: what was freed is nobody's to look at from within.
        let memory = File::open("/proc/self/mem").unwrap();
        let secret = vec![0xA5_u8; 5000];
        let (at, mut seen) = (secret.as_ptr() as u64, vec![0; 5000]);
        memory.read_exact_at(&mut seen, at).unwrap();
        assert_eq!(seen, secret);
        drop(secret);
        memory.read_exact_at(&mut seen, at).unwrap();
        assert!(!seen.windows(16).any(|part| part == [0xA5; 16]));
    }
}
