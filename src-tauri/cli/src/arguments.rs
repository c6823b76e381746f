//! What can be typed after `allgood`: names, help texts and examples. RUNS.md, "The command line", has the contract.

mod access;
mod files;
mod find;
mod incident;
mod learning;
mod library;
mod link;
mod parameter;
mod schedule;
mod taking;
mod writing;

use std::path::PathBuf;

pub(crate) use access::*;
pub(crate) use files::{
    ConvertArguments, ConvertFormat, ImportArguments, MoveArguments, PinArguments, RemoveArguments,
};
pub(crate) use find::FindArguments;
pub(crate) use incident::{MarkArguments, UpdateArguments};
pub(crate) use learning::{CompareArguments, Keep, ProposeArguments, RunsArguments, SpaceArguments};
pub(crate) use library::{
    LibraryClone, LibraryCommand, LibraryCommit, LibraryOne, LibraryPull, LibraryRecords, LibraryStatus,
    ListArguments, OpenArguments, ShareArguments, ShareWhat, ShowArguments, SortBy, TakeSide,
};
pub(crate) use link::*;
pub(crate) use schedule::*;
pub(crate) use taking::{ExportArguments, OnFailureArgument, ResumeArguments, RollbackArguments, TakeArguments};
pub(crate) use writing::{DiffArguments, DraftsArguments, HistoryArguments, RestoreArguments, TryArguments};

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use parameter::parse_parameter;

/// Run Markdown runbooks step by step, with a record of what happened.
#[derive(Debug, Parser)]
#[command(
    name = "allgood",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  allgood run runbooks/backup.md             go through a runbook, step by step
  allgood run runbooks/backup.md --auto      run its commands until a person is needed
  allgood runs                               what was run, and how it ended

The store is in $ALLGOOD_DATA, else $XDG_DATA_HOME/allgood. NO_COLOR=1 turns colours off."
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// One subcommand each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The folders of runbooks that Allgood shows
    #[command(
        subcommand,
        after_help = "Examples:
  allgood library add ~/runbooks             show the runbooks of that folder
  allgood library list                       which folders there are"
    )]
    Library(LibraryCommand),
    /// Access entries: how to reach systems, their secrets in the keychain
    #[command(subcommand, after_help = access::EXAMPLES)]
    Access(AccessCommand),
    /// Links that you keep: found, opened, filled with values
    #[command(subcommand, after_help = link::EXAMPLES)]
    Link(LinkCommand),
    /// Runbooks that run by themselves at certain times
    #[command(subcommand, after_help = schedule::EXAMPLES)]
    Schedule(ScheduleCommand),
    /// Find anything by a few letters: runs under way, runbooks, steps, links, access entries
    #[command(after_help = find::EXAMPLES)]
    Find(FindArguments),
    /// List the runbooks of the library
    #[command(after_help = "Examples:
  allgood list                               a table
  allgood list --kind incident --tag database
  allgood list --review overdue --sort review
  allgood list --problem no-rollback         those that change something and say no way back
  allgood list --json | jq -r '.[].path'     their paths")]
    List(ListArguments),
    /// Find runbooks by words in their title, text and commands
    #[command(after_help = "Examples:
  allgood search certificate renew           runbooks that hold both words
  allgood search disk --json                 the same as data")]
    Search(SearchArguments),
    /// Make a new runbook, from a template, a terminal session or a page; nothing is overwritten
    #[command(after_help = "Examples:
  allgood new --list                         which templates there are
  allgood new incident --title 'Disk almost full' --owner 'web team'
  allgood new routine team/rotate-logs.md --title 'Rotate the logs'
  allgood new --from-session session.txt     a draft from what was copied from a terminal
  wl-paste | allgood new --from-html - wiki/failover.md
  allgood new backup --print                 the text alone, no file

Without a name the file is called after its title, in this folder. Nothing that was pasted is run.")]
    New(NewArguments),
    /// Bring runbooks in from a file, a folder, a zip archive or a git address; nothing is overwritten, nothing is run
    #[command(after_help = files::IMPORT)]
    Import(ImportArguments),
    /// Say a runbook as a CACAO playbook, or a playbook as a runbook, and what does not fit
    #[command(after_help = files::CONVERT)]
    Convert(ConvertArguments),
    /// Rename or move a runbook or a folder within its library; links to it follow
    #[command(after_help = "Examples:
  allgood move disk.md storage/disk-full.md
  allgood move guides/ handbook --plan       say which links would follow, and change nothing

Moving back restores every byte.")]
    Move(MoveArguments),
    /// Move a runbook or a folder of the library to the system's bin
    #[command(after_help = "Example:
  allgood remove old-procedure.md            its history and the records of its runs stay")]
    Remove(RemoveArguments),
    /// Pin a runbook, so that it is found first
    #[command(after_help = "Examples:
  allgood pin failover.md
  allgood pin failover.md --off
  allgood list --pinned")]
    Pin(PinArguments),
    /// Print what Allgood understands of a runbook: phases, steps, items
    #[command(after_help = "Examples:
  allgood show backup.md                     an outline
  allgood show backup.md --json              everything, as FORMAT.md describes it")]
    Show(ShowArguments),
    /// Show what an address from outside (allgood://open/…) would fill in; nothing is started
    #[command(after_help = "Examples:
  allgood open 'allgood://open/db/failover.md?region=eu-1&alert=DiskFull'
  allgood open 'allgood://open/failover?region=eu-1' --json | jq '.runbooks[0].values'

Such an address is what an alert's runbook_url can be. It names a runbook by its path in a library, by
its file's name or by its title, and fills in parameters that the runbook declares, and no secret ones.")]
    Open(OpenArguments),
    /// Check runbooks for mistakes, missing parts, dead links and secrets
    #[command(after_help = "Examples:
  allgood check backup.md                    problems, each pointing into the text
  allgood check                              every runbook of the library
  allgood check runbooks/ --sarif            for a code host
  allgood check runbooks/ --fix --dry-run    what a machine would mend
  allgood check . --code secret-in-text      secrets alone

Exit status: 0 without errors, 1 if an error is found (with --strict also for a warning), 2 if a
path cannot be read. Otherwise warnings and hints leave it 0.")]
    Check(CheckArguments),
    /// List the kept revisions of a runbook, newest first
    #[command(after_help = "Examples:
  allgood history disk.md                    when, what changed, who or what changed it
  allgood history disk.md --json | jq '.[0].revision'

Kept is what was saved in Allgood and what other programs wrote to a runbook that was opened here; in a
trusted folder also what was committed in git.")]
    History(HistoryArguments),
    /// Show what changed between two revisions of a runbook, word by word
    #[command(after_help = "Examples:
  allgood diff disk.md                       what the newest revision changed
  allgood diff disk.md 3                     what changed since revision 3
  allgood diff disk.md 3 5                   from revision 3 to revision 5

Words that went are [-like this-], words that came {+like this+}; a terminal shows them in colour.")]
    Diff(DiffArguments),
    /// Put a revision back, as a new save
    #[command(after_help = "Examples:
  allgood restore disk.md 3 --dry-run        what would change
  allgood restore disk.md 3                  the text now stays in the history

Nothing is overwritten: if another program writes the file meanwhile, nothing happens.")]
    Restore(RestoreArguments),
    /// List what was typed in the window and not saved
    #[command(after_help = "Examples:
  allgood drafts
  allgood drafts --drop disk.md              throw away what was typed; the file stays as it is")]
    Drafts(DraftsArguments),
    /// Try one command of a runbook, outside any record
    #[command(after_help = "Examples:
  allgood try disk.md look-for-large-files
  allgood try pods.md restart --param 'pod name=web-1'

It runs by the rules of any run: what is missing is asked for, guards are asked. No list shows it, and its
record is gone after a day.

Exit status: 0 passed, 1 failed, 2 bad input, 4 a person or a missing value was needed, 130 stopped.")]
    Try(TryArguments),
    /// Run a runbook and keep the record
    #[command(after_help = "Examples:
  allgood run backup.md                      a checklist in the terminal
  allgood run backup.md --plan               what it will need; nothing is started
  allgood run backup.md --auto --yes         without a person, as far as that goes
  allgood run pods.md --auto --param 'pod name=web-1'
  allgood run backup.md --step verify        one step of it
  allgood run backup.md --environment prod   with the variables of an environment
  allgood run backup.md --rehearse --probes  execute nothing but the probes
  allgood run backup.md --auto --json        one event a line, as in the journal
  allgood run move.md --auto --on-failure rollback    undo what was done if a step fails
  allgood run backup.md --auto --junit r.xml with a report for machines that collect results

Exit status: 0 passed, 1 failed or abandoned, 2 bad input, 3 rolled back, 4 a person or a missing
parameter was needed, 5 Allgood itself failed, 130 stopped. 4 and 130 leave the run paused.")]
    Run(RunArguments),
    /// Go on with a run that was put aside, was interrupted, has failed, or was handed over to here
    #[command(after_help = "Examples:
  allgood resume 0199c2e4                    in a terminal; what was interrupted is asked about
  allgood resume 0199c2e4 --again --auto     run the interrupted or failed command again, and go on
  allgood resume 0199c2e4 --done 'the copy is there'
  allgood resume 0199c2e4 --skip 'not needed today' --param API_TOKEN=s3cret

Nothing is run twice by itself: without a terminal, what was interrupted or has failed needs one of
--again, --done and --skip. The run goes on with the revision that it began with.

Exit status: as of `allgood run`.")]
    Resume(ResumeArguments),
    /// Undo what a run has done, latest step first, after showing the plan
    #[command(after_help = "Examples:
  allgood rollback 0199c2e4                  shows the plan, and asks before it begins
  allgood rollback 0199c2e4 --plan           the plan alone
  allgood rollback 0199c2e4 --leave-out remove-copy
  allgood rollback 0199c2e4 --took-effect no --yes

A step that failed is undone as well, unless it is said that it took no effect. What is marked
undo=none is undone by a person: without one the rollback ends with 4, paused.

Exit status: 3 rolled back, 1 an undo failed, and otherwise as of `allgood run`.")]
    Rollback(RollbackArguments),
    /// Mark a moment or a fact of an incident: when it was detected, how bad it is, who responds
    #[command(after_help = "Examples:
  allgood mark 0199c2e4                      the incident as it stands
  allgood mark 0199c2e4 detected --at 02:47
  allgood mark 0199c2e4 mitigated            now; marked again, the later one counts
  allgood mark 0199c2e4 verified --withdraw --reason 'it came back'
  allgood mark 0199c2e4 severity SEV1 --reason 'orders are lost'
  allgood mark 0199c2e4 responder MK --role 'incident lead'
  allgood mark 0199c2e4 snoozed --at 10m --reason 'the call goes on'

WHAT is began, detected, mitigated, verified, severity, responder, update, snoozed or incident. A run that
is over, or that nobody drives, stays as it is. One that another process drives is marked there: whoever
drives a run writes its record.")]
    Mark(MarkArguments),
    /// Status updates of an incident: list and print the runbook's messages, say that one was sent
    #[command(after_help = "Examples:
  allgood update 0199c2e4                    the messages, and when the next is due
  allgood update 0199c2e4 tell-engineers | wl-copy
  allgood update 0199c2e4 tell-engineers --sent
  allgood update 0199c2e4 tell-engineers --text - < sent.txt
  allgood update 0199c2e4 --text 'Said by phone: mitigated, we watch it.'

Allgood sends nothing: it fills the text in, and records that a person has sent it.")]
    Update(UpdateArguments),
    /// List the runs that were recorded, newest first
    #[command(after_help = "Examples:
  allgood runs                               a table
  allgood runs --since 7d --state failed,abandoned
  allgood runs --runbook failover.md --environment prod --failures
  allgood runs --words database
  allgood runs --json | jq '.[0].id'         the newest run")]
    Runs(RunsArguments),
    /// Print the record of a run: items, attempts, expected and observed, notes, verdict
    #[command(after_help = "Examples:
  allgood show-run 0199c2e4                  the beginning of an id is enough
  allgood show-run 0199c2e4 --output         with all that its commands printed
  allgood show-run 0199c2e4 --json | jq '.items[] | select(.status == \"failed\")'")]
    ShowRun(ShowRunArguments),
    /// Say how much space outputs take, and for how long they are kept
    #[command(after_help = "Examples:
  allgood space                              what outputs take, and for how long they are kept
  allgood space --days 90                    what keeping them for 90 days would remove; nothing is removed
  allgood space --keep 90                    keep them for 90 days from now on
  allgood space --keep forever
  allgood space --json | jq .bytes

What is removed are the bytes that commands printed, of runs that finished longer ago; the rest of the
record stays, with the length and hash of each output, and `allgood verify` still holds. --keep removes
at once what is older already, after asking: without a terminal it needs --yes.")]
    Space(SpaceArguments),
    /// Hold two runs of a runbook beside each other: what went otherwise, and what ran otherwise
    #[command(after_help = "Examples:
  allgood compare 0199c2e4 0199c3a1          the older one first
  allgood compare 0199c2e4 0199c3a1 --all    also the items that went the same way")]
    Compare(CompareArguments),
    /// Show what a run suggests to change in its runbook: edited commands that passed, and overrides
    #[command(after_help = "Examples:
  allgood propose 0199c2e4                   what would change, word by word
  allgood propose 0199c2e4 --apply           put the edited commands into the file, as one save

Nothing is overwritten: a command that was changed in the file since the run is left for a person.")]
    Propose(ProposeArguments),
    /// Check that the journal of a run is as it was written
    #[command(after_help = "Examples:
  allgood verify 0199c2e4                    0 if it holds, 1 if not, naming the event
  allgood verify 0199c2e4 --json | jq -r .last_hash    to keep it in another place")]
    Verify(VerifyArguments),
    /// Write the report of a run: what was done, by whom, where, and what came
    #[command(after_help = "Examples:
  allgood report 0199c2e4                                as Markdown
  allgood report 0199c2e4 --format html -o run.html      one page to keep, to send or to print
  allgood report 0199c2e4 --format junit -o run.xml      for machines that collect results
  allgood report 0199c2e4 --format jsonl -o run.jsonl    the journal itself, one event a line

A run that is not finished gives a report that says so. No file is written over. Of long output the
beginning and the end stand in a report; `allgood show-run RUN --output` prints all that was kept.")]
    Report(ReportArguments),
    /// Write a run as one file, with its revision, journal and output, for another machine
    #[command(after_help = "Examples:
  allgood export 0199c2e4 -o failover.allgood-run
  allgood export 0199c2e4 -o failover.allgood-run --hand-over bob@ops

On the other machine: `allgood take failover.allgood-run`, then `allgood resume`. The file holds what
the commands printed, and no secret that Allgood knows of.")]
    Export(ExportArguments),
    /// Take in a run that another machine wrote; nothing is run
    #[command(after_help = "Examples:
  allgood take failover.allgood-run
  allgood take failover.allgood-run --look
  allgood take failover.allgood-run --save-runbook failover.md    where it is not there yet
  allgood take failover.allgood-run --runbook ~/runbooks/failover.md

Every event and every byte of output is checked first; what does not hold is not taken. A run that
comes back is made longer by what is new.")]
    Take(TakeArguments),
    /// Share records of runs with whoever reads the repository of their library
    #[command(after_help = "Examples:
  allgood share 0199c2e4
  allgood library records ~/runbooks --share finished    share each run when it finishes

The record goes to the branch allgood-records of the library's remote, with what the commands printed, and no secret that
Allgood knows of. In a terminal the first one of a folder is asked about; without one it ends with status 4 then.")]
    Share(ShareArguments),
    /// Print a completion script for a shell
    #[command(after_help = "Examples:
  allgood completions bash > ~/.local/share/bash-completion/completions/allgood
  allgood completions fish > ~/.config/fish/completions/allgood.fish")]
    Completions(CompletionsArguments),
    /// Print the manual page, of Allgood or of one command
    #[command(after_help = "Examples:
  allgood man | man -l -                     read it
  allgood man run > allgood-run.1            the page of one command")]
    Man(ManArguments),
}

/// Arguments of `new`.
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// What it begins with: a name that --list shows; `blank` without one
    #[arg(value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,
    /// The file to make, or a folder that it goes into
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Its title
    #[arg(long, value_name = "TITLE")]
    pub(crate) title: Option<String>,
    /// Who keeps it true: a team, or a person
    #[arg(long, value_name = "OWNER")]
    pub(crate) owner: Option<String>,
    /// Begin with what was copied from a terminal, in a file or, with -, on standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) from_session: Option<PathBuf>,
    /// Begin with a page's HTML, in a file or, with -, on standard input
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath, conflicts_with = "from_session")]
    pub(crate) from_html: Option<PathBuf>,
    /// List the templates
    #[arg(long, exclusive = true)]
    pub(crate) list: bool,
    /// Print the text, and make no file
    #[arg(long)]
    pub(crate) print: bool,
}

/// Arguments of `search`.
#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// What to look for; all of the words must be there
    #[arg(value_name = "WORDS", required = true)]
    pub(crate) words: Vec<String>,
    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Runbooks, and folders whose Markdown files are checked; without any, the folders of the library
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Print a JSON array of {path, problems}
    #[arg(long)]
    pub(crate) json: bool,
    /// Print SARIF 2.1.0, for code hosts and editors
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
    /// Mend what means the same whoever mends it, and say what was mended
    #[arg(long, conflicts_with_all = ["json", "sarif"])]
    pub(crate) fix: bool,
    /// With --fix: show the changes, and write nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    /// Only problems of this code; may be given more than once
    #[arg(long = "code", value_name = "CODE", value_delimiter = ',')]
    pub(crate) codes: Vec<String>,
    /// Only problems at least as bad
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) severity: Option<Least>,
    /// End with 1 for warnings too
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How bad a problem is at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Least {
    // Comments for the help would make its page three times as long.
    Hint,
    Warning,
    Error,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The runbook
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Only this step, by its id or title
    #[arg(long, value_name = "STEP")]
    pub(crate) step: Option<String>,
    /// A value for a parameter, placeholder or variable; may be given more than once
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Run in this environment of the library's allgood.toml
    #[arg(long, visible_alias = "env", value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// Run commands and probes by themselves until a person is needed
    #[arg(long, conflicts_with = "rehearse")]
    pub(crate) auto: bool,
    /// Execute nothing: show exactly what would be
    #[arg(long)]
    pub(crate) rehearse: bool,
    /// With --rehearse: run the probes, which change nothing, and playbooks of Ansible in check mode
    #[arg(long, requires = "rehearse", conflicts_with = "auto")]
    pub(crate) probes: bool,
    /// What a failure leads to where nobody can be asked
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = OnFailureArgument::Stop)]
    pub(crate) on_failure: OnFailureArgument,
    /// Tick checks and answer confirmations, recorded as attested by --yes; never answers a guard, a confirmation that
    /// is to be typed, or a missing value
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print what it will need, how far it can be taken back and what past runs tell; start nothing
    #[arg(long, conflicts_with = "junit")]
    pub(crate) plan: bool,
    /// Print one event a line, as in the journal; nobody is asked anything. With --plan: one object
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the report of the run as JUnit XML to this file, which must not exist yet
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) junit: Option<PathBuf>,
}

/// Arguments of `show-run`.
#[derive(Debug, Args)]
pub(crate) struct ShowRunArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Print all output that was kept, not only its last lines
    #[arg(long)]
    pub(crate) output: bool,
    /// Print one JSON object: items with their states and attempts, rollback, marks, timeline
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Print one JSON object: {run, holds, events, seq, last_hash, remark, sentence}
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// The run's id, or a beginning of it that no other run has
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// What to write
    #[arg(long, value_enum, default_value_t = ReportFormat::Md)]
    pub(crate) format: ReportFormat,
    /// Write to this file, which must not exist yet, instead of standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Markdown
    Md,
    /// One page of HTML that needs nothing beside it and prints
    Html,
    /// The journal itself, one event a line
    Jsonl,
    /// JUnit XML, for machines that collect results
    Junit,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The words of a command, such as `run` or `library add`
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_in_its_help() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let name = command.get_name();
            assert!(help.contains("Example") && help.contains("  allgood "), "`{name} --help` has no example");
            command.get_subcommands().filter(|one| one.get_name() != "help").for_each(check);
        }
        check(&Arguments::command());
    }
}
