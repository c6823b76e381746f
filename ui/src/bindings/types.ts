// Generated from src-tauri/api by `make types`. Never edited.

export type ErrorCode = "bad_input" | "not_found" | "needs_values" | "needs_confirmation" | "guard" | "not_trusted" | "stale" | "state" | "nothing_to_undo" | "locked" | "scheme" | "needs_grant" | "keychain" | "vault_locked" | "store" | "file" | "internal";

export type Needs = { 
/**
 * Names of placeholders, without the brackets.
 */
placeholders: Array<string>, 
/**
 * Doubts, as they stand in the command; the same text as value means "as it stands".
 */
doubts: Array<string>, 
/**
 * Environment variables that nobody set; may be given empty on purpose.
 */
variables: Array<string>, };

export type Question = { 
/**
 * The text that has to be typed; none where a yes is enough.
 */
typed: string | null, 
/**
 * The guard of the run's environment asks, not the item.
 */
environment: boolean, };

export type GrantsNeeded = { 
/**
 * The entries, by name.
 */
entries: Array<string>, 
/**
 * Whose runbooks would use them: a library's folder, or the one runbook's file that is in none.
 */
scope: string, };

export type ApiError = { 
/**
 * Stable.
 */
code: ErrorCode, 
/**
 * One sentence that names the thing, what is wrong and what to do.
 */
message: string, 
/**
 * With [`ErrorCode::NeedsValues`]: which.
 */
needs?: Needs, 
/**
 * With [`ErrorCode::NeedsConfirmation`]: what is asked.
 */
confirm?: Question, 
/**
 * With [`ErrorCode::NeedsGrant`]: what has to be allowed.
 */
grants?: GrantsNeeded, };

export type AppState = { 
/**
 * Of this program.
 */
version: string, 
/**
 * Where the store is.
 */
data: string, 
/**
 * `user@host`, as it stands in records.
 */
actor: string, 
/**
 * Nothing has ever been added: the first start.
 */
first_start: boolean, 
/**
 * Whether the shipped examples can be added from here.
 */
examples_offered: boolean, 
/**
 * How many runbooks the library holds.
 */
runbooks: number, 
/**
 * How many runs are recorded.
 */
runs: number, 
/**
 * How many access entries there are.
 */
entries: number, 
/**
 * How many links are kept.
 */
links: number, 
/**
 * How many schedules there are.
 */
schedules: number, 
/**
 * The one of them whose time comes next.
 */
next_up: NextUp | null, 
/**
 * Runs under way, paused or interrupted, newest first.
 */
open_runs: Array<RunSummary>, 
/**
 * Something the person should know about the store at this start (a damaged store set aside, for example).
 */
notice: string | null, };

export type ScheduleFailure = "stop" | "rollback";

export type ScheduleMissed = "skip" | "once";

export type NewSchedule = { 
/**
 * The runbook's file.
 */
runbook: string, 
/**
 * What it is called; else the runbook's title.
 */
name: string | null, 
/**
 * When: a cron expression of five fields, or `@daily` and its like.
 */
cron: string | null, 
/**
 * A time zone of the IANA database; else that of this machine.
 */
zone: string | null, 
/**
 * An environment of the library's file.
 */
environment: string | null, 
/**
 * Values by name. Never a secret.
 */
values: { [key in string]: string }, 
/**
 * What a failure leads to.
 */
on_failure: ScheduleFailure | null, 
/**
 * What becomes of a missed time.
 */
missed: ScheduleMissed | null, 
/**
 * The revision that was on screen: no other is accepted. Left out, the file as it is now is.
 */
revision: string | null, };

export type EditSchedule = { 
/**
 * Which: its id or its name.
 */
schedule: string, 
/**
 * What it is to be called.
 */
name: string | null, 
/**
 * When.
 */
cron: string | null, 
/**
 * In which time zone.
 */
zone: string | null, 
/**
 * In which environment; an empty text takes it away.
 */
environment: string | null, 
/**
 * Values by name, in place of those that are there.
 */
values: { [key in string]: string } | null, 
/**
 * What a failure leads to.
 */
on_failure: ScheduleFailure | null, 
/**
 * What becomes of a missed time.
 */
missed: ScheduleMissed | null, 
/**
 * Whether none of its times counts for now.
 */
paused: boolean | null, 
/**
 * Accepts the runbook as it is now, if it is this revision; an empty text accepts whichever it is.
 */
accept: string | null, };

export type ScheduleArgument = { 
/**
 * Its id or its name.
 */
schedule: string, };

export type PreviewSchedule = { 
/**
 * The expression.
 */
cron: string, 
/**
 * The time zone; else that of this machine.
 */
zone: string | null, };

export type ScheduleTimes = { 
/**
 * In words: `At 03:30, every day`.
 */
words: string, 
/**
 * The time zone.
 */
zone: string, 
/**
 * The next five times.
 */
next: Array<string>, };

export type ScheduleList = { 
/**
 * By name.
 */
schedules: Array<ScheduleView>, 
/**
 * What runbooks of the library propose that is no schedule yet, by title.
 */
proposals: Array<ScheduleProposalView>, };

export type ScheduleView = { 
/**
 * Its name for programs; never changes.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * The runbook's file.
 */
runbook: string, 
/**
 * When.
 */
cron: string, 
/**
 * The same in words.
 */
words: string, 
/**
 * In which time zone.
 */
zone: string, 
/**
 * In which environment.
 */
environment: string | null, 
/**
 * Values by name.
 */
values: { [key in string]: string }, 
/**
 * What a failure leads to.
 */
on_failure: ScheduleFailure, 
/**
 * What becomes of a missed time.
 */
missed: ScheduleMissed, 
/**
 * None of its times counts for now.
 */
paused: boolean, 
/**
 * The revision that a person accepted.
 */
revision: string, 
/**
 * When they did.
 */
accepted_at: string, 
/**
 * When it was added.
 */
added_at: string, 
/**
 * Why nothing of it would be run now, if nothing would: one sentence.
 */
problem: string | null, 
/**
 * The file has changed since it was accepted: until that is accepted too, nothing is run.
 */
changed: boolean, 
/**
 * What a run of it would wait for a person at, each as a phrase; none where it goes through by itself unless something fails.
 */
stops?: Array<string>, 
/**
 * Its next five times; none while it is paused.
 */
next: Array<string>, 
/**
 * Its times on each of the coming seven days that has some, as days are on this machine; none while it is paused.
 */
week: Array<ScheduleDay>, 
/**
 * How long its runbook usually takes, where one passed.
 */
usual_ms: number | null, 
/**
 * What became of its last times, the latest first.
 */
firings: Array<FiringView>, };

export type NextUp = { 
/**
 * Which.
 */
schedule: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Its next time.
 */
at: string, };

export type ScheduleDay = { 
/**
 * The day: `2026-11-29`.
 */
day: string, 
/**
 * The first of them.
 */
first: string, 
/**
 * How many there are; 25 where there are that many or more.
 */
count: number, };

export type FiringView = { 
/**
 * When it was due; of several that were missed the last.
 */
due: string, 
/**
 * How many times it stands for.
 */
times: number, 
/**
 * When that was settled; of a run, when it was begun.
 */
at: string, 
/**
 * A person started it.
 */
by_hand: boolean, 
/**
 * How it stands.
 */
state: FiringState, 
/**
 * The run.
 */
run: string | null, 
/**
 * When that ended.
 */
ended_at: string | null, 
/**
 * Why there is no run, or why it is late: one sentence.
 */
why: string | null, };

export type FiringState = "running" | "waits" | "passed" | "failed" | "rolled_back" | "abandoned" | "handed_over" | "interrupted" | "missed" | "refused";

export type ScheduleProposalView = { 
/**
 * The runbook's file.
 */
runbook: string, 
/**
 * Its title.
 */
title: string, 
/**
 * When.
 */
cron: string, 
/**
 * The same in words.
 */
words: string, 
/**
 * In which time zone.
 */
zone: string, 
/**
 * In which environment.
 */
environment: string | null, 
/**
 * What a failure is to lead to.
 */
on_failure: ScheduleFailure, 
/**
 * What is to become of a missed time.
 */
missed: ScheduleMissed, 
/**
 * Its next five times.
 */
next: Array<string>, 
/**
 * Why it cannot be accepted as it is, if it cannot: one sentence.
 */
problem: string | null, };

export type LibraryFolder = { 
/**
 * Names it in other calls.
 */
id: number, 
/**
 * Its absolute path.
 */
path: string, 
/**
 * The last part of the path.
 */
name: string, 
/**
 * Whether its runbooks may be run.
 */
trusted: boolean, 
/**
 * How many runbooks were found in it.
 */
runbooks: number, 
/**
 * Why it cannot be read, if it cannot.
 */
problem: string | null, 
/**
 * The number of the reading that is under way, or comes next: `runbooks` is what was known before it, and
 * [`News::Read`] tells when it is over. None when nothing is left to be read.
 */
reading: number | null, 
/**
 * Why changes outside are seen late, if they are; it can be read and used as any other.
 */
late: string | null, 
/**
 * Where it stands in git, as far as it is known by now: of a trusted folder in a repository.
 */
git: GitState | null, };

export type CloneLibrary = { 
/**
 * `https://…`, `ssh://…`, `user@host:path`, `file://…` or a whole path.
 */
url: string, 
/**
 * The whole path of the folder that is made. It is not there yet, or empty.
 */
folder: string, };

export type TeamState = { 
/**
 * The folder's id.
 */
library: number, 
/**
 * Its path.
 */
path: string, 
/**
 * The repository's folder.
 */
root: string, 
/**
 * The branch; none where the head is on no branch.
 */
branch: string | null, 
/**
 * What the branch follows, `origin/main`; none where it follows nothing.
 */
upstream: string | null, 
/**
 * The address of the remote, without a password.
 */
remote: string | null, 
/**
 * Commits that are here and not there.
 */
ahead: number, 
/**
 * Commits that are there and not here.
 */
behind: number, 
/**
 * When the remote last answered. UTC, RFC 3339.
 */
fetched_at: string | null, 
/**
 * What is not committed of this folder, by path.
 */
changes: Array<TeamFile>, 
/**
 * What `behind` changes of this folder, by path, 1000 at most.
 */
incoming: Array<TeamFile>, 
/**
 * How many of those that come are runbooks that were run from here, or are pinned.
 */
used: number, 
/**
 * How records of runs are shared.
 */
records: TeamRecords, };

export type TeamChange = "added" | "changed" | "removed" | "conflict";

export type TeamFile = { 
/**
 * Within the folder of the library.
 */
path: string, 
/**
 * The whole path.
 */
file: string, 
/**
 * How.
 */
change: TeamChange, 
/**
 * Of a runbook: its title.
 */
title: string | null, 
/**
 * It was run from here, or is pinned.
 */
used: boolean, };

export type TeamCommit = { 
/**
 * The folder.
 */
library: number, 
/**
 * Which files, within it: at least one.
 */
files: Array<string>, 
/**
 * The message; none for the one that is suggested.
 */
message: string | null, 
/**
 * Who commits, where git does not know it: it is kept in the repository's configuration.
 */
author: TeamAuthor | null, };

export type TeamAuthor = { 
/**
 * As in `Ada Lovelace`.
 */
name: string, 
/**
 * As in `ada@example.org`.
 */
email: string, };

export type TeamFiles = { 
/**
 * The folder.
 */
library: number, 
/**
 * Which files, within it.
 */
files: Array<string>, };

export type TeamSuggestion = { 
/**
 * The message.
 */
message: string, 
/**
 * As whom; none where git does not know it.
 */
author: TeamAuthor | null, };

export type TeamCommitted = { 
/**
 * The commit's short name.
 */
commit: string, 
/**
 * Its message.
 */
message: string, 
/**
 * How many files.
 */
files: number, };

export type TeamPull = { 
/**
 * The folder.
 */
library: number, 
/**
 * With decisions: what they were made on, as it was answered. Nothing is fetched then.
 */
between: string | null, 
/**
 * What a person decided of the conflicts that were answered.
 */
decisions: Array<Decision>, };

export type Decision = { 
/**
 * The file, as the conflict named it.
 */
path: string, 
/**
 * What becomes of it.
 */
take: Decided, };

export type Decided = { "what": "mine" } | { "what": "theirs" } | { "what": "places", 
/**
 * One for each place.
 */
choices: Array<PlaceChoice>, } | { "what": "text", 
/**
 * The whole file.
 */
text: string, };

export type PlaceChoice = "mine" | "theirs" | "both";

export type TeamPullDone = { 
/**
 * Of the files.
 */
files: TeamPulled, 
/**
 * Of the records of others, where they are taken in here.
 */
records: RecordsTaken | null, };

export type TeamPulled = { "what": "current" } | { "what": "taken", 
/**
 * How many commits came.
 */
commits: number, 
/**
 * What they changed of this folder, by path, 1000 at most.
 */
files: Array<TeamFile>, 
/**
 * Both sides had commits: one was made that holds both.
 */
joined: boolean, 
/**
 * The files that both sides changed, within the repository.
 */
both: Array<string>, } | { "what": "conflicts", 
/**
 * What the decisions are made on.
 */
between: string, 
/**
 * File by file.
 */
files: Array<TeamConflict>, };

export type TeamConflict = { 
/**
 * Within the repository.
 */
path: string, 
/**
 * The whole path.
 */
file: string, 
/**
 * Of a runbook: its title here.
 */
title: string | null, 
/**
 * The text that both began with; none where it is no text or was not there.
 */
base: string | null, 
/**
 * The text here; none where it is no text or is gone.
 */
mine: string | null, 
/**
 * The text there; none where it is no text or is gone.
 */
theirs: string | null, 
/**
 * It is not there any more here.
 */
removed_here: boolean, 
/**
 * It is not there any more there.
 */
removed_there: boolean, 
/**
 * Where it cannot be joined; none where the file can only be taken as a whole.
 */
places: Array<TeamPlace>, };

export type TeamPlace = { 
/**
 * Its first line in the text here, from 1.
 */
line: number, 
/**
 * What both began with.
 */
base: string, 
/**
 * What is here.
 */
mine: string, 
/**
 * What is there.
 */
theirs: string, };

export type TeamPushed = { 
/**
 * How many commits; none where the other side had them all.
 */
commits: number, 
/**
 * Where they are now: `origin/main`.
 */
upstream: string, };

export type RecordsMode = "off" | "named" | "finished";

export type TeamRecords = { 
/**
 * What a person chose.
 */
mode: RecordsMode, 
/**
 * Where they are, or would be: `origin/allgood-records`; none where the repository has no remote.
 */
upstream: string | null, 
/**
 * The address of that remote, without a password.
 */
address: string | null, 
/**
 * How many runs were shared from here.
 */
shared: number, 
/**
 * How many runs of others are here.
 */
taken: number, 
/**
 * How many finished runs are to be shared and are not yet.
 */
due: number, 
/**
 * What others shared and is not taken in.
 */
refused: Array<RefusedRecord>, };

export type RefusedRecord = { 
/**
 * The run that its name speaks of.
 */
run: string, 
/**
 * Who put it there, as git says.
 */
who: string | null, 
/**
 * Why, in one sentence.
 */
why: string, };

export type ChooseRecords = { 
/**
 * The folder.
 */
library: number, 
/**
 * How.
 */
mode: RecordsMode, };

export type ShareRuns = { 
/**
 * Their ids, or beginnings of ids that no other run has: all of one folder of the library.
 */
runs: Array<string>, };

export type RunsShared = { 
/**
 * The runs that were not in the records before, or not as far.
 */
runs: Array<string>, 
/**
 * How many were there already, whole.
 */
known: number, 
/**
 * Where they are now: `origin/allgood-records`.
 */
upstream: string, };

export type RecordsTaken = { 
/**
 * Runs that are new here.
 */
new: number, 
/**
 * Runs of which more came.
 */
longer: number, 
/**
 * What was refused now.
 */
refused: Array<RefusedRecord>, 
/**
 * Why they could not be looked at, if they could not.
 */
problem: string | null, };

export type UpstreamChange = { 
/**
 * The folder.
 */
library: number, 
/**
 * How many commits change its file.
 */
commits: number, 
/**
 * Where they are: `origin/main`.
 */
upstream: string, 
/**
 * When the remote last answered. UTC, RFC 3339.
 */
fetched_at: string | null, };

export type TeamCompare = { 
/**
 * The folder.
 */
library: number, 
/**
 * The file, within it.
 */
path: string, 
/**
 * What would come by a pull; else what is not committed.
 */
incoming: boolean, };

export type Survey = { 
/**
 * The folder.
 */
folder: LibraryFolder, 
/**
 * How many commands its runbooks hold.
 */
commands: number, 
/**
 * The first words of commands and how often each stands there, most frequent first, at most 20.
 */
programs: Array<[string, number]>, };

export type Severity = "hint" | "warning" | "error";

export type Problem = { 
/**
 * A code of FORMAT.md's table.
 */
code: string, 
/**
 * How bad.
 */
severity: Severity, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * One sentence.
 */
message: string, };

export type RunbookRow = { 
/**
 * Absolute path; names it in other calls.
 */
path: string, 
/**
 * Path within its library folder.
 */
relative: string, 
/**
 * Which folder.
 */
library: number, 
/**
 * Its title.
 */
title: string, 
/**
 * `incident`, `routine`, or none.
 */
kind: string | null, 
/**
 * As written.
 */
severity: string | null, 
/**
 * As written.
 */
owner: string | null, 
/**
 * As written.
 */
tags: Array<string>, 
/**
 * Steps on the path.
 */
steps: number, 
/**
 * Whether its folder is trusted.
 */
trusted: boolean, 
/**
 * Errors and warnings of the check.
 */
errors: number, 
/**
 * Errors and warnings of the check.
 */
warnings: number, 
/**
 * When its review is due, a date.
 */
review_due: string | null, 
/**
 * Days until then; negative when it is over.
 */
review_days: number | null, 
/**
 * Whether it is pinned.
 */
pinned: boolean, 
/**
 * Whether something was typed in it and not saved.
 */
draft: boolean, 
/**
 * It changes something and says no way back.
 */
no_rollback: boolean, 
/**
 * How often it is done, for a routine: `nightly`, as its tags or schedule say it.
 */
cadence: string | null, 
/**
 * `modified`, `untracked`, … as [`GitState`] says it; none where it is clean, not in git, or not
 * looked at yet.
 */
git: string | null, 
/**
 * The file cannot be read: why.
 */
problem: string | null, 
/**
 * Its last runs, newest first, at most four.
 */
last_runs: Array<RunSummary>, 
/**
 * How its last runs ended; none where none finished.
 */
outcomes?: Outcomes, 
/**
 * With a search: where it was found, with `\u{2}` before and `\u{3}` after each hit.
 */
snippet: string | null, };

export type RunbookView = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * Path within its library folder, or the file's name.
 */
relative: string, 
/**
 * Which folder, if any.
 */
library: number | null, 
/**
 * Whether it may be run.
 */
trusted: boolean, 
/**
 * SHA-256 of its bytes.
 */
revision: string, 
/**
 * Its title.
 */
title: string, 
/**
 * `incident`, `routine`, or none.
 */
kind: string | null, 
/**
 * As written in the front matter.
 */
severity: string | null, 
/**
 * What it is for.
 */
summary: string | null, 
/**
 * What success looks like.
 */
outcome: string | null, 
/**
 * Who keeps it.
 */
owner: string | null, 
/**
 * As written.
 */
tags: Array<string>, 
/**
 * When it was last reviewed, as written.
 */
reviewed: string | null, 
/**
 * Why none of it can be run, if its front matter cannot be honoured.
 */
refused: string | null, 
/**
 * What to ask at the start.
 */
params: Array<ParamView>, 
/**
 * The environments of its library's file.
 */
environments: Array<EnvironmentView>, 
/**
 * Its sections in the document's order.
 */
sections: Array<SectionView>, 
/**
 * Its items by id.
 */
items: { [key in string]: ItemView }, 
/**
 * The links of the front matter and the text, each address once, in order.
 */
links: Array<LinkView>, 
/**
 * What the check finds.
 */
problems: Array<Problem>, 
/**
 * Its last runs, newest first, at most four.
 */
last_runs: Array<RunSummary>, 
/**
 * How many runs of it are recorded.
 */
runs: number, 
/**
 * What its last runs teach; left out of the page of a run, which has its own, and of a text being written.
 */
usual?: Usual, };

export type ParamView = { 
/**
 * The variable's name.
 */
name: string, 
/**
 * What to ask.
 */
prompt: string | null, 
/**
 * Used when nothing is given.
 */
default: string | null, 
/**
 * The only values allowed, when there are any.
 */
choices: Array<string>, 
/**
 * A regular expression (Rust's `regex` syntax) that the whole value must match.
 */
pattern: string | null, 
/**
 * Whether a run may start without it.
 */
required: boolean, 
/**
 * Whether its value is kept out of every record.
 */
secret: boolean, };

export type SectionView = { 
/**
 * `reference`, `preconditions`, `diagnosis`, `steps`, `validation` or `rollback`.
 */
phase: Phase, 
/**
 * The heading as sanitised HTML; empty before the first heading.
 */
heading: string, 
/**
 * Level of the heading, 0 before the first.
 */
level: number, 
/**
 * Line of the heading, from 1.
 */
line: number, 
/**
 * What stands before the first step.
 */
intro: Array<Part>, 
/**
 * The steps.
 */
steps: Array<StepView>, 
/**
 * What stands after the last step.
 */
outro: Array<Part>, };

export type Phase = "reference" | "preconditions" | "diagnosis" | "steps" | "validation" | "rollback";

export type StepView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Plain text.
 */
title: string, 
/**
 * The number that the document gives it, if any.
 */
number: string | null, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * Whether it holds an undo.
 */
can_undo: boolean, 
/**
 * A point of no return (`undo=none`).
 */
no_return: boolean, 
/**
 * Advice for when it fails, as sanitised HTML.
 */
if_it_fails: string | null, 
/**
 * Prose and items in order.
 */
body: Array<Part>, 
/**
 * Ids of its items in order.
 */
items: Array<string>, };

export type Part = { "part": "html", "value": string } | { "part": "item", "value": string };

export type ItemKind = "check" | "probe" | "command" | "undo" | "message";

export type ItemView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The id of its step.
 */
step: string, 
/**
 * What kind.
 */
kind: ItemKind, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * To be sent back with a start: what was on screen.
 */
hash: string, 
/**
 * Whether it is part of the path.
 */
on_path: boolean, 
/**
 * A check's or message's text, plain.
 */
text: string, 
/**
 * Whom a message is for, as written.
 */
to?: string, 
/**
 * The fence's language.
 */
language: string, 
/**
 * Where it runs, if not on this machine: `web1`, `docker:web`.
 */
on?: string, 
/**
 * What would run, placeholders unfilled.
 */
script: string, 
/**
 * Expectations in words, as written: `expect /promoted/`.
 */
expects: Array<string>, 
/**
 * Ends after this.
 */
timeout_ms: number | null, 
/**
 * A probe's period.
 */
every_ms: number | null, 
/**
 * A probe's patience.
 */
within_ms: number | null, 
/**
 * Its failure does not fail the run.
 */
optional: boolean, 
/**
 * Taken for a command though the fence has no language.
 */
guessed: boolean, 
/**
 * Why it cannot be run, if a guard cannot be honoured.
 */
refused: string | null, 
/**
 * Names of placeholders, in its script and in the lines for its session.
 */
placeholders: Array<string>, 
/**
 * Doubts as they stand.
 */
doubts: Array<string>, 
/**
 * Variables that it uses and that neither it, the runbook nor the environment sets.
 */
variables: Array<string>, 
/**
 * It asks before it is started.
 */
confirm: boolean, 
/**
 * It asks to type this text.
 */
confirm_text: string | null, 
/**
 * Further attempts after a failure.
 */
retry: number, 
/**
 * The variable that its output becomes.
 */
capture: string | null, 
/**
 * The path goes on while it runs; it ends with the run.
 */
background: boolean, 
/**
 * Somebody can type into it.
 */
interactive: boolean, 
/**
 * Rows of its terminal, where the runbook says how many.
 */
terminal_rows: number | null, 
/**
 * Lines for the session that it opens; sent by the person, one at a time.
 */
session_input: Array<string>, 
/**
 * Sample output of the document.
 */
sample: string | null, 
/**
 * The runbook that a check stands for.
 */
linked?: LinkedBookView, };

export type LinkView = { 
/**
 * Its text.
 */
text: string, 
/**
 * Its address.
 */
url: string, 
/**
 * Host, or file, for the right-hand side of a row.
 */
place: string, 
/**
 * Whether it may be opened in the system's browser.
 */
opens: boolean, };

export type RunSummary = { 
/**
 * Its id.
 */
id: string, 
/**
 * The runbook's title.
 */
title: string, 
/**
 * The runbook's path.
 */
runbook: string, 
/**
 * SHA-256 of the bytes it runs.
 */
revision: string, 
/**
 * Its state.
 */
state: RunStatus, 
/**
 * `hand`, `auto` or `rehearse`.
 */
mode: Mode, 
/**
 * Who started it.
 */
actor: string, 
/**
 * When it started.
 */
started_at: string, 
/**
 * When it finished, if it has.
 */
ended_at: string | null, 
/**
 * Items of the path that are settled.
 */
done: number, 
/**
 * Items of the path.
 */
total: number, 
/**
 * Title of the step in hand, or of the one that failed.
 */
step: string | null, 
/**
 * A failure was rescued on the way: it passed after another try or an override.
 */
rescued: boolean, 
/**
 * This process drives it.
 */
live: boolean, 
/**
 * This process drives it, and its item in hand has failed: it waits for a choice.
 */
failing?: boolean, 
/**
 * This process drives it, and its record cannot be kept: it stands still.
 */
held?: boolean, 
/**
 * The environment that it is in, by name, if any.
 */
environment?: string, 
/**
 * The run that it is a part of, if it was opened for a check of another one.
 */
parent?: PartOf, 
/**
 * Who shared it, of a run of somebody else: as git names them.
 */
shared_by?: string, };

export type Mode = "hand" | "auto" | "rehearse";

export type RunStatus = "waiting" | "running" | "paused" | "passed" | "failed" | "rolled_back" | "abandoned" | "handed_over" | "interrupted";

export type ItemStatus = "pending" | "ready" | "running" | "waiting" | "passed" | "failed" | "skipped" | "overridden" | "undone" | "interrupted";

export type ItemProgress = { 
/**
 * Which item.
 */
item: string, 
/**
 * Its state.
 */
status: ItemStatus, 
/**
 * When its state last changed; empty before.
 */
at: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * The note of a tick, the reason of a skip or an override.
 */
remark: string | null, 
/**
 * Its attempts, in order.
 */
attempts: Array<AttemptView>, 
/**
 * Its hosts, where it runs on several, in order.
 */
hosts?: Array<HostView>, 
/**
 * Why it was not begun on some of them, or what else their exit statuses do not say.
 */
hosts_note?: string, 
/**
 * Milliseconds that it took on all of them together: many run at the same time.
 */
hosts_took_ms?: number, 
/**
 * It runs, or ran last, beside the path.
 */
background: boolean, 
/**
 * The text that ran in its place in this run alone: the last edit.
 */
edited: Edited | null, 
/**
 * The run that was opened for it last, of a check that stands for one.
 */
linked?: LinkedRun, };

export type AttemptView = { 
/**
 * From 1.
 */
number: number, 
/**
 * Which of the item's hosts it runs on, where there are several.
 */
host?: string, 
/**
 * When it started.
 */
started_at: string, 
/**
 * The exact command, masked.
 */
command: string, 
/**
 * Where it ran.
 */
target: string, 
/**
 * The directory it started in.
 */
cwd: string, 
/**
 * How it ended; none while it runs.
 */
state: AttemptState | null, 
/**
 * Exit status.
 */
exit: number | null, 
/**
 * Signal.
 */
signal: string | null, 
/**
 * A sentence about its end.
 */
note: string | null, 
/**
 * From start to end.
 */
duration_ms: number | null, 
/**
 * The number of the last attempt that may follow by itself (`retry`).
 */
of: number | null, 
/**
 * Bytes of output so far.
 */
output_bytes: number, 
/**
 * Expected against observed.
 */
expectations: Array<Expected>, 
/**
 * Something was typed into it.
 */
typed: boolean, };

export type AttemptState = "passed" | "failed" | "stopped";

export type Expected = { expected: string, observed: string, holds: boolean, };

export type TimelineEntry = { 
/**
 * Sequence number of the event.
 */
seq: number, 
/**
 * When.
 */
at: string, 
/**
 * Who.
 */
actor: string, 
/**
 * The event's kind (RUNS.md).
 */
kind: string, 
/**
 * Which item, if one.
 */
item: string | null, 
/**
 * Which attempt, if one.
 */
attempt: number | null, 
/**
 * Note, reason, address, state: what the event says, if it is text.
 */
text: string | null, 
/**
 * Exit status, if one.
 */
exit: number | null, 
/**
 * How long, if it says.
 */
duration_ms: number | null, 
/**
 * The mark of an incident, if it is one.
 */
mark?: MarkView, };

export type RunView = { 
/**
 * The run.
 */
run: RunSummary, 
/**
 * The runbook as it was when the run started.
 */
runbook: RunbookView, 
/**
 * The file has changed since.
 */
moved_on: boolean, 
/**
 * The one step of the runbook that is run, by the id or title that it was asked for by; none where all of its path is.
 */
only?: string, 
/**
 * The schedule that started it, by its name then; none where a person did.
 */
schedule?: string, 
/**
 * The item in hand: the next to be done, or the one that runs, failed or waits.
 */
hand: string | null, 
/**
 * Values given, by name; secret ones as `•••`.
 */
parameters: { [key in string]: string }, 
/**
 * The environment that it runs in, if any.
 */
environment: EnvironmentView | null, 
/**
 * The guard of that environment was answered.
 */
environment_confirmed: boolean, 
/**
 * The text of each message, by item, with the values that are known by now.
 */
messages: { [key in string]: string }, 
/**
 * The lines for the session that an item opens, by item, with the values that are known by now, secret ones as
 * `•••`; only where they hold placeholders.
 */
session_lines: { [key in string]: Array<string> }, 
/**
 * Names of the variables that commands of this run, its environment or its runbook have set: nobody is asked for them.
 */
set: Array<string>, 
/**
 * Names of the values that were kept in memory alone, where the process that knew them no longer drives the run:
 * whoever takes it up can give them again.
 */
lost: Array<string>, 
/**
 * What happened to each item that anything happened to.
 */
progress: Array<ItemProgress>, 
/**
 * What a rollback would do now, or does.
 */
rollback: RollbackView, 
/**
 * Marks of an incident, oldest first.
 */
marks: Array<MarkView>, 
/**
 * The frame of an incident, where the run is one.
 */
incident: IncidentView | null, 
/**
 * Everything but output, oldest first.
 */
timeline: Array<TimelineEntry>, 
/**
 * Sequence number of the last event folded in.
 */
seq: number, 
/**
 * The runs that were opened for its checks, the last of each, as they stand now.
 */
linked?: Array<RunSummary>, 
/**
 * What the other runs of this runbook teach; none where there is none.
 */
usual?: Usual, 
/**
 * How long what is left usually takes, where past runs tell.
 */
left?: TimeLeft, };

export type RunUpdate = { 
/**
 * The run.
 */
run: RunSummary, 
/**
 * The item in hand.
 */
hand: string | null, 
/**
 * The guard of its environment was answered.
 */
environment_confirmed: boolean, 
/**
 * The text of each message, by item, with the values that are known by now.
 */
messages: { [key in string]: string }, 
/**
 * The lines for the session that an item opens, by item, with the values that are known by now, secret ones as
 * `•••`; only where they hold placeholders.
 */
session_lines: { [key in string]: Array<string> }, 
/**
 * The page anew, where a value that it shows has changed.
 */
runbook: RunbookView | null, 
/**
 * Names of the variables that commands of this run, its environment or its runbook have set.
 */
set: Array<string>, 
/**
 * What a rollback would do now, or does.
 */
rollback: RollbackView, 
/**
 * Marks of an incident, oldest first.
 */
marks: Array<MarkView>, 
/**
 * The frame of an incident, where the run is one.
 */
incident: IncidentView | null, 
/**
 * Items that changed.
 */
progress: Array<ItemProgress>, 
/**
 * New lines of the timeline.
 */
timeline: Array<TimelineEntry>, 
/**
 * Sequence number of the last event folded in.
 */
seq: number, 
/**
 * The runs that were opened for its checks, the last of each, as they stand now.
 */
linked?: Array<RunSummary>, 
/**
 * The run cannot go on because the store does not keep its facts: one sentence.
 */
trouble: string | null, 
/**
 * How long what is left usually takes, where past runs tell: in place of what was said before.
 */
left?: TimeLeft, };

export type OutputHeader = { 
/**
 * Which item.
 */
item: string, 
/**
 * Which attempt.
 */
attempt: number, 
/**
 * Where in the attempt's output the bytes stand.
 */
offset: number, 
/**
 * Bytes before them that this view skipped because it fell behind; the journal has them.
 */
skipped: number, 
/**
 * When the output was removed by the retention setting, if it was: there are no bytes then.
 */
removed?: string, 
/**
 * Of an attempt that was under way when the watch began, first and without bytes: the watch tells what comes from `offset` on,
 * and the record has, or is about to have, its bytes up to here.
 */
joins?: number, };

export type PrepareRun = { 
/**
 * Absolute path of the runbook.
 */
path: string, 
/**
 * The environment of the library's file that it would be in, by name.
 */
environment?: string, 
/**
 * The one step that would be run, by id or title; without one all of its path.
 */
step?: string, 
/**
 * Values for parameters as they are being given, by name: whether they fit.
 */
values: { [key in string]: string }, };

export type RunPreparation = { 
/**
 * Absolute path of the runbook.
 */
path: string, 
/**
 * SHA-256 of its bytes now.
 */
revision: string, 
/**
 * The environment that was asked about.
 */
environment: EnvironmentView | null, 
/**
 * The last run of this runbook in this environment that was no rehearsal, and the values of parameters that it was
 * given and that still fit; never a secret.
 */
remembered: RememberedValues | null, 
/**
 * Of the values that were sent, those that do not fit, by name, each with the sentence that a start would refuse it with.
 */
unfit: { [key in string]: string }, 
/**
 * What of it cannot be run as it is written, in the order of the document: of its path, and of its way back.
 */
cannot?: Array<CannotRun>, 
/**
 * Access entries that it refers to.
 */
access: Array<NeededAccess>, 
/**
 * Where its commands run that do not run on this machine, in the order of the document.
 */
targets: Array<NeededTarget>, 
/**
 * Programs that its commands call by name, in the order of the document.
 */
tools: Array<NeededTool>, 
/**
 * A command of it changes where programs are looked for: what is missing now may be there then.
 */
tools_uncertain: boolean, 
/**
 * Values that will be asked for on the way, beside its parameters.
 */
asked: Array<AskedValue>, 
/**
 * How each step of the path that changes something is taken back, in order.
 */
way_back: Array<StepWayBack>, 
/**
 * It has a rollback phase.
 */
rollback_phase: boolean, 
/**
 * Items that auto stops before: checks, messages, guesses, and what asks first. Of how many items of the path.
 */
needs_person: number, 
/**
 * Items of the path.
 */
items: number, 
/**
 * What its last runs teach; none where there is none. Where one step would be run, `median_ms` is of that alone.
 */
usual: Usual | null, 
/**
 * The day of its next review, `2027-02-20`, if it says one.
 */
review_due: string | null, 
/**
 * Days until then; negative when it is over.
 */
review_days: number | null, 
/**
 * Where its file stands in git: only of a trusted folder.
 */
git: GitState | null, 
/**
 * What others pushed of it and is not taken in, as far as it was fetched.
 */
upstream?: UpstreamChange, };

export type RememberedValues = { 
/**
 * The run.
 */
run: string, 
/**
 * When it started.
 */
started_at: string, 
/**
 * By name.
 */
values: { [key in string]: string }, };

export type NeededAccess = { 
/**
 * The variable.
 */
name: string, 
/**
 * What it refers to, as written: `keychain://orders-db/password`.
 */
reference: string, 
/**
 * The entry that this means in the run's environment, where there is one.
 */
entry?: string, 
/**
 * Why it cannot be fetched, and what to do; none where it can.
 */
problem: string | null, 
/**
 * What is not as it should be all the same: its secrets are past their date.
 */
warning?: string, 
/**
 * The runbook's library has not used the entry yet: a person is asked before the run starts.
 */
asks: boolean, 
/**
 * The vault that it is in has to be opened first.
 */
vault_locked: boolean, };

export type HostView = { 
/**
 * The access entry.
 */
name: string, 
/**
 * How it stands there.
 */
status: HostStatus, 
/**
 * The last attempt there.
 */
attempt?: number, };

export type HostStatus = "waiting" | "running" | "passed" | "failed" | "stopped" | "not_reached" | "interrupted";

export type NeededTarget = { 
/**
 * As its blocks name it: `web1`, `docker:web`.
 */
target: string, 
/**
 * The items that run there, by id.
 */
items: Array<string>, 
/**
 * The access entry that this means in the run's environment, where it is one.
 */
entry?: string, 
/**
 * Where it leads, where that says more than its name: `web1 (ann@10.0.0.1:2222)`.
 */
place?: string, 
/**
 * Why it cannot be reached, and what to do, as far as that is known before anybody goes there.
 */
problem: string | null, 
/**
 * What is not as it should be all the same: its secrets are past their date.
 */
warning?: string, 
/**
 * The runbook's library has not used the entry yet: a person is asked before the run starts.
 */
asks: boolean, 
/**
 * The vault that its secrets are in has to be opened first.
 */
vault_locked: boolean, };

export type CannotRun = { 
/**
 * Its item, by id.
 */
item: string, 
/**
 * The line on which it begins, from 1.
 */
line: number, 
/**
 * Why: one sentence, without a full stop.
 */
why: string, 
/**
 * It is met on the way back alone.
 */
way_back: boolean, };

export type NeededTool = { 
/**
 * Its name, or its absolute path.
 */
name: string, 
/**
 * Where it is on this machine; none where it is missing.
 */
path: string | null, 
/**
 * The items that call it, by id.
 */
items: Array<string>, };

export type AskedValue = { 
/**
 * The first item that asks for it.
 */
item: string, 
/**
 * What kind.
 */
kind: AskedKind, 
/**
 * Its name.
 */
name: string, };

export type AskedKind = "placeholder" | "doubt" | "variable";

export type StepWayBack = { 
/**
 * The step.
 */
step: string, 
/**
 * Its title.
 */
title: string, 
/**
 * The number that the document gives it, if any.
 */
number: string | null, 
/**
 * How.
 */
way: WayBack, };

export type WayBack = "undo" | "by_hand" | "refused" | "unsaid";

export type StartRun = { 
/**
 * Absolute path of the runbook.
 */
path: string, 
/**
 * The revision that was on screen.
 */
revision: string, 
/**
 * How.
 */
mode: Mode, 
/**
 * Only this step, by id or title; without one all of its path.
 */
step?: string, 
/**
 * Values for parameters, by name.
 */
values: { [key in string]: string }, 
/**
 * An environment of the library's file, by name.
 */
environment?: string, 
/**
 * What was typed to answer the guard of that environment; without it the guard is asked about before the first
 * command that changes something.
 */
environment_typed?: string, };

export type RunAction = { "do": "start", item: string, hash: string, values: { [key in string]: string }, 
/**
 * The answer to `confirm`: the text that was typed, or anything where a yes is enough.
 */
confirmed?: string, 
/**
 * Another text for this run alone: recorded as a deviation.
 */
edited?: Edited, } | { "do": "mark" } & Marking | { "do": "follow", to: string, } | { "do": "rollback", leave_out: Array<string>, 
/**
 * Whether the step that failed took effect in part; has to be said where one failed.
 */
took_effect: boolean | null, } | { "do": "undone_by_hand", item: string, note: string | null, } | { "do": "confirm_environment", typed: string, } | { "do": "tick", item: string, note: string | null, } | { "do": "untick", item: string, } | { "do": "fail", item: string, note: string | null, } | { "do": "skip", item: string, reason: string, } | { "do": "override", item: string, reason: string, } | { "do": "note", item: string | null, text: string, } | { "do": "message_sent", item: string, text: string, } | { "do": "input", item: string, text: string, } | { "do": "send_line", item: string, line: number, } | { "do": "resize", item: string, columns: number, rows: number, } | { "do": "stop", item: string, } | { "do": "stop_run", reason: string | null, } | { "do": "pause" } | { "do": "resume" } | { "do": "abandon", reason: string | null, };

export type Edited = { 
/**
 * What runs in its place, placeholders as in a runbook.
 */
text: string, 
/**
 * Why; may be empty.
 */
reason: string, };

export type ResumeRun = { 
/**
 * Which.
 */
run: string, 
/**
 * How it goes on; as before where none is given.
 */
mode?: Mode, 
/**
 * Values by name: those that were kept in memory alone, and any other.
 */
values: { [key in string]: string }, 
/**
 * What was typed to answer the guard of its environment; without it the guard is asked about again.
 */
environment_typed?: string, };

export type RollbackRun = { 
/**
 * Which.
 */
run: string, 
/**
 * What of the plan is left out, by item.
 */
leave_out: Array<string>, 
/**
 * Whether the step that failed took effect in part; has to be said where one failed.
 */
took_effect: boolean | null, 
/**
 * What was typed to answer the guard of its environment.
 */
environment_typed?: string, };

export type OpenLinked = { 
/**
 * The run that the check stands in.
 */
run: string, 
/**
 * The check.
 */
item: string, 
/**
 * Values for the parameters of the linked runbook, beside those of the same names here.
 */
values: { [key in string]: string }, 
/**
 * What was typed to answer the guard of the environment.
 */
environment_typed?: string, };

export type PartOf = { 
/**
 * Its id.
 */
run: string, 
/**
 * The check there.
 */
item: string, 
/**
 * The title of its runbook, where that run is known here.
 */
title: string | null, };

export type LinkedRun = { 
/**
 * Its id.
 */
run: string, 
/**
 * How it stands.
 */
state: LinkedState, };

export type LinkedState = "opened" | "passed" | "failed" | "abandoned" | "rolled_back";

export type LinkedBookView = { 
/**
 * Its file.
 */
path: string, 
/**
 * Its title.
 */
title: string, 
/**
 * The title of the one step of it that is run.
 */
step: string | null, 
/**
 * Why no run of it is opened, if none is: one sentence.
 */
refused: string | null, };

export type HandOverRun = { 
/**
 * Which.
 */
run: string, 
/**
 * The file; must not exist yet.
 */
path: string, 
/**
 * To whom it is handed over: from then on it is finished here. Without it the file is a copy, and nothing changes.
 */
to?: string, 
/**
 * What whoever goes on with it should know: a note in the record, kept before it is handed over.
 */
note?: string, };

export type TakeRun = { 
/**
 * The file.
 */
path: string, 
/**
 * Where its runbook is on this machine: its commands start in that folder. Without it, where it was.
 */
runbook?: string, };

export type TakenRun = { 
/**
 * The run.
 */
run: RunSummary, 
/**
 * How many of its events are new here.
 */
events: number, 
/**
 * It was known here already, and what is new of it was added.
 */
known: boolean, 
/**
 * The folder of its runbook, where that is not on this machine: no command of it can start before it is said where
 * the runbook is.
 */
missing: string | null, 
/**
 * The runbook's file here says something else by now: the run goes on with its own revision.
 */
differs: boolean, };

export type HandedFile = { 
/**
 * Its absolute path, as it was written.
 */
path: string, 
/**
 * There is a file there still.
 */
there: boolean, };

export type RunFileView = { 
/**
 * The run's id.
 */
run: string, 
/**
 * The runbook's title.
 */
title: string, 
/**
 * Where the runbook was: on the machine that it was run on first.
 */
runbook: string, 
/**
 * SHA-256 of the bytes that it runs.
 */
revision: string, 
/**
 * How it stands.
 */
state: RunStatus, 
/**
 * How it was driven.
 */
mode: Mode, 
/**
 * The environment that it was started in, if any.
 */
environment: string | null, 
/**
 * Who started it (`user@host`).
 */
started_by: string, 
/**
 * When.
 */
started_at: string, 
/**
 * Who did the last thing in it.
 */
last_by: string, 
/**
 * When.
 */
last_at: string, 
/**
 * To whom it was handed over, if it was.
 */
to: string | null, 
/**
 * The last note before that, by whoever handed it over.
 */
note: string | null, 
/**
 * Items of the path that are settled.
 */
done: number, 
/**
 * Items of the path.
 */
total: number, 
/**
 * What is to be done next, by the titles of its steps, in order; at most 20.
 */
left: Array<string>, 
/**
 * How many events its journal has, all of which hold.
 */
events: number, 
/**
 * What is known of it here.
 */
known: KnownHere, 
/**
 * How many of its events are new here.
 */
new_events: number, 
/**
 * Files of the library here that its runbook may be: those with its very text first. At most 20.
 */
files: Array<RunFilePlace>, 
/**
 * Which file it would be run from, where there is one that may be.
 */
place: string | null, 
/**
 * Why it cannot be taken in as things are: one sentence that says what to do.
 */
refused: string | null, };

export type KnownHere = "new" | "longer" | "known" | "parted";

export type RunFilePlace = { 
/**
 * Its absolute path.
 */
path: string, 
/**
 * Its folder is trusted.
 */
trusted: boolean, 
/**
 * It says, word for word, what the run runs.
 */
same: boolean, };

export type SaveRunbook = { 
/**
 * The file of the run.
 */
path: string, 
/**
 * The file to write; must not exist yet.
 */
to: string, };

export type Undoing = "undo" | "by_hand" | "phase" | "run";

export type RollbackEntry = { 
/**
 * The undo block, the command that says `undo=none`, or the item of the rollback phase.
 */
item: string, 
/**
 * Its step.
 */
step: string, 
/**
 * The title of its step.
 */
title: string, 
/**
 * What is done: the command's first line, or the check's text.
 */
text: string, 
/**
 * How it is done.
 */
how: Undoing, 
/**
 * Its step failed, or nobody knows how it ended: it may have taken effect in part.
 */
in_part: boolean, 
/**
 * It is done, was left out, or taken as done.
 */
settled: boolean, 
/**
 * It was tried and failed.
 */
failed: boolean, 
/**
 * The run that is to be rolled back for it.
 */
run?: string, };

export type RollbackView = { 
/**
 * When it began, if it did.
 */
at: string | null, 
/**
 * In order.
 */
entries: Array<RollbackEntry>, 
/**
 * Titles of steps whose commands have begun and that say nothing of how they are undone.
 */
without: Array<string>, };

export type Marking = { 
/**
 * `began`, `detected`, `mitigated`, `verified`, `severity`, `responder`, `update`, `snoozed` or `incident`.
 */
what: string, 
/**
 * Which severity, who, which incident, what was said; beside a moment what is known of it.
 */
value?: string, 
/**
 * When, where that is not now: a clock time where this machine is (`02:47`, `2026-11-22 02:47`), a time of RFC 3339,
 * or how long ago (`15m`); of `snoozed`, until when or for how long.
 */
when?: string, 
/**
 * In which role, of a responder.
 */
role?: string, 
/**
 * Why.
 */
reason?: string, 
/**
 * It does not hold after all; of a responder: they leave, or, with a role, hand that back.
 */
withdrawn?: boolean, };

export type MarkRun = { 
/**
 * Which.
 */
run: string, 
/**
 * What.
 */
mark: Marking, };

export type SendUpdate = { 
/**
 * Which run.
 */
run: string, 
/**
 * The message of the runbook that it was made from; none of a text of one's own.
 */
item?: string, 
/**
 * What was sent.
 */
text: string, };

export type MarkView = { 
/**
 * When it was marked.
 */
at: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * As [`Marking::what`].
 */
what: string, 
/**
 * Which, or who.
 */
value: string | null, 
/**
 * The moment that is meant, where that is another.
 */
when?: string, 
/**
 * In which role.
 */
role?: string, 
/**
 * Why.
 */
reason?: string, 
/**
 * It does not hold after all.
 */
withdrawn: boolean, };

export type IncidentView = { 
/**
 * Which one, where that was marked.
 */
name: string | null, 
/**
 * How bad.
 */
severity: IncidentSeverity | null, 
/**
 * The severities to choose from, the worst first.
 */
severities: Array<string>, 
/**
 * Who takes part: the roles of the runbook with who has them, then others.
 */
responders: Array<ResponderView>, 
/**
 * Who took part and left; `at` is when they did.
 */
left: Array<ResponderView>, 
/**
 * The moments that are marked: of `began`, `detected`, `mitigated`, `verified`, in that order.
 */
moments: Array<MomentView>, 
/**
 * What was told, and when the next word is due.
 */
updates: UpdatesView, };

export type IncidentSeverity = { 
/**
 * As it was written.
 */
value: string, 
/**
 * What it was before; none where it was not changed in this run.
 */
before: string | null, 
/**
 * `raised` or `lowered`, where that can be told.
 */
moved: string | null, 
/**
 * When it was set in this run.
 */
at: string | null, 
/**
 * By whom.
 */
actor: string | null, 
/**
 * Why.
 */
reason: string | null, };

export type ResponderView = { 
/**
 * The role; none of somebody who just takes part.
 */
role: string | null, 
/**
 * Who has it in this run; none where nobody has taken it.
 */
who: string | null, 
/**
 * Whom the runbook names for it.
 */
written: string | null, 
/**
 * How the runbook says that they are reached.
 */
contact: string | null, 
/**
 * Since when.
 */
at: string | null, };

export type MomentView = { 
/**
 * `began`, `detected`, `mitigated` or `verified`.
 */
what: string, 
/**
 * When it was.
 */
when: string, 
/**
 * When it was marked.
 */
at: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * What was said of it.
 */
note: string | null, 
/**
 * How often it was marked before, or taken back.
 */
corrected: number, 
/**
 * How long it took, from `since`; none where it was before that.
 */
took_ms: number | null, 
/**
 * What `took_ms` counts from: `began`, `detected` or `run`, the start of the run.
 */
since: string | null, };

export type UpdatesView = { 
/**
 * How many were sent.
 */
sent: number, 
/**
 * When the last was.
 */
last_at: string | null, 
/**
 * By whom.
 */
last_by: string | null, 
/**
 * How long after one the next is due, at this severity; none where nobody is reminded.
 */
every_ms: number | null, 
/**
 * When the next is due; none where none is: nobody is reminded at this severity, the run is not under way, is only
 * rehearsed, or it was told that the incident is over.
 */
due: string | null, 
/**
 * The next one was put off until `due`.
 */
snoozed: boolean, 
/**
 * Why.
 */
snoozed_reason: string | null, 
/**
 * The messages of the runbook that an update can be made from. Their text is in the run's `messages`.
 */
templates: Array<UpdateTemplate>, };

export type UpdateTemplate = { 
/**
 * Which.
 */
item: string, 
/**
 * Whom it is for, where it says so.
 */
to: string | null, 
/**
 * How often it was sent in this run.
 */
sent: number, };

export type UpdateMinutes = { 
/**
 * The worst: SEV1, P1, critical.
 */
sev1: number, 
/**
 * SEV2, P2, high.
 */
sev2: number, 
/**
 * SEV3, P3, medium.
 */
sev3: number, 
/**
 * SEV4 and beyond, P4, low.
 */
sev4: number, 
/**
 * Any other severity, and none.
 */
other: number, };

export type RunFilter = { 
/**
 * Only of this runbook.
 */
runbook: string | null, 
/**
 * Only in this state.
 */
state: RunStatus | null, 
/**
 * Only in one of these states, beside `state`.
 */
states?: Array<RunStatus>, 
/**
 * Only whose title or path contains this.
 */
words: string | null, 
/**
 * Only in this environment; of an empty name: in none.
 */
environment?: string, 
/**
 * Only driven so.
 */
mode?: Mode, 
/**
 * Only started by them, `user@host`; without `@`, by this user wherever.
 */
actor?: string, 
/**
 * Only those that started then or later: a time of RFC 3339, a day (`2026-11-22`, where this machine is), or so long
 * ago (`7d`, `12h`, `2w`).
 */
since?: string, 
/**
 * Only those that started before, written in the same ways.
 */
until?: string, 
/**
 * Only those in which something failed, whatever became of it afterwards.
 */
failures?: boolean, 
/**
 * How many to leave out, for paging.
 */
offset: number, 
/**
 * How many at most; 0 is 100.
 */
limit: number, };

export type RunPage = { 
/**
 * Newest first.
 */
runs: Array<RunSummary>, 
/**
 * How many there are in all.
 */
total: number, };

export type Verdict = { 
/**
 * The run.
 */
run: string, 
/**
 * It holds.
 */
holds: boolean, 
/**
 * How many events were checked.
 */
events: number, 
/**
 * The first event that does not hold.
 */
seq: number | null, 
/**
 * The hash of the last event, where it holds.
 */
last_hash?: string, 
/**
 * What holds but could not be checked as a whole, and why: output that the retention setting removed, a secret that
 * was taken out. Part of the sentence, too.
 */
remark?: string, 
/**
 * One sentence.
 */
sentence: string, };

export type Usual = { 
/**
 * Runs that ended or were put aside.
 */
runs: number, 
/**
 * How many of them passed.
 */
passed: number, 
/**
 * How long those took, from start to end: the middle one.
 */
median_ms: number | null, 
/**
 * When one passed last, however long ago.
 */
last_passed_at: string | null, 
/**
 * Item by item, by id.
 */
items: { [key in string]: UsualItem }, };

export type UsualItem = { 
/**
 * Runs in which anything happened to it.
 */
runs: number, 
/**
 * In how many it passed in the end.
 */
passed: number, 
/**
 * In how many it failed at any time, also where that was rescued.
 */
failed: number, 
/**
 * In how many it was skipped.
 */
skipped: number, 
/**
 * In how many it was taken as done in spite of the machine.
 */
overridden: number, 
/**
 * How many of those that passed are timed.
 */
timed: number, 
/**
 * How long it took when it passed: the middle one. A command's last attempt; what a person did, from when the item
 * before was settled.
 */
median_ms: number | null, 
/**
 * One in ten was at least as quick.
 */
low_ms: number | null, 
/**
 * Nine in ten were at least as quick.
 */
high_ms: number | null, };

export type TimeLeft = { 
/**
 * The sum of what each item left to do usually takes.
 */
ms: number, 
/**
 * On how many past runs each of them rests at least; 2 or more.
 */
runs: number, 
/**
 * Items left to do that are not in the sum, because fewer than 2 past runs timed them.
 */
unknown: number, };

export type Outcomes = { 
/**
 * Of the last 50 that finished; rehearsals are none.
 */
runs: number, 
/**
 * How many of those passed.
 */
passed: number, 
/**
 * When one passed last, however long ago.
 */
last_passed_at: string | null, };

export type RunProposals = { 
/**
 * The run.
 */
run: string, 
/**
 * Absolute path of the runbook's file now.
 */
path: string, 
/**
 * SHA-256 of the file's bytes now, which the edits are made for; none where it cannot be read.
 */
revision: string | null, 
/**
 * In the order of the document.
 */
proposals: Array<Proposal>, };

export type Proposal = { 
/**
 * Which item.
 */
item: string, 
/**
 * The title of its step.
 */
title: string, 
/**
 * What happened.
 */
kind: ProposalKind, 
/**
 * Why the person did it.
 */
reason: string, 
/**
 * When.
 */
at: string, 
/**
 * Who.
 */
actor: string, 
/**
 * Its line in the file now, from 1; none where it stands there no more.
 */
line: number | null, 
/**
 * What ran in the run's own revision, before anybody edited it.
 */
was: string, 
/**
 * What the file says now; none where the item stands there no more.
 */
now: string | null, 
/**
 * What ran: the edited text, or the last command of what was taken as done.
 */
ran: string | null, 
/**
 * What was expected of it and what came, of what was taken as done.
 */
expectations: Array<Expected>, 
/**
 * What puts the edited text into the file's text as it is now, in UTF-16 units, in order.
 */
edits: Array<TextEdit>, 
/**
 * What that would change.
 */
comparison: Comparison | null, 
/**
 * Why there is no edit: one sentence.
 */
refused: string | null, };

export type ProposalKind = "edited" | "overridden";

export type CompareRuns = { 
/**
 * The one, usually the older.
 */
one: string, 
/**
 * The other.
 */
other: string, };

export type RunComparison = { 
/**
 * The one.
 */
one: RunSummary, 
/**
 * The other.
 */
other: RunSummary, 
/**
 * From start to end, where both are known.
 */
duration_ms: [number | null, number | null], 
/**
 * The environment of each.
 */
environment: [string | null, string | null], 
/**
 * Whether both ran the same text.
 */
same_revision: boolean, 
/**
 * Parameters whose values differ.
 */
parameters: Array<ParameterDifference>, 
/**
 * Items in the order of the other run's document; those that only the one has stand where they stood there.
 */
items: Array<ItemComparison>, };

export type ParameterDifference = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value in each run; secret ones as `•••`, none where it was not given.
 */
values: [string | null, string | null], };

export type ItemComparison = { 
/**
 * Which item.
 */
item: string, 
/**
 * The title of its step.
 */
title: string, 
/**
 * A check's or message's text; empty for commands.
 */
text: string, 
/**
 * How it went in each run; none where that runbook does not have it.
 */
sides: [ItemSide | null, ItemSide | null], 
/**
 * What differs: `presence`, `status`, `exit`, `attempts`, `observed`, `command`. Durations alone do not.
 */
differs: Array<string>, 
/**
 * What ran, word by word, where that differs.
 */
command: Comparison | null, };

export type ItemSide = { 
/**
 * Its state.
 */
status: ItemStatus, 
/**
 * How many attempts.
 */
attempts: number, 
/**
 * How the last one ended.
 */
state: AttemptState | null, 
/**
 * Its exit status.
 */
exit: number | null, 
/**
 * Its signal.
 */
signal: string | null, 
/**
 * How long it took.
 */
duration_ms: number | null, 
/**
 * What was expected of it and what came.
 */
expectations: Array<Expected>, 
/**
 * The note of a tick, the reason of a skip or an override.
 */
remark: string | null, };

export type RunFacets = { 
/**
 * Names of environments.
 */
environments: Array<FacetValue>, 
/**
 * Who started runs (`user@host`).
 */
people: Array<FacetValue>, 
/**
 * Files of runbooks, by their absolute path now.
 */
runbooks: Array<RunbookFacet>, };

export type RunbookFacet = { 
/**
 * Absolute path of its file now.
 */
path: string, 
/**
 * Its title in its last run.
 */
title: string, 
/**
 * How many runs.
 */
count: number, };

export type SpaceQuery = { 
/**
 * If they were kept for so many days, 1 to 36,500.
 */
days?: number, };

export type OutputSpace = { 
/**
 * Bytes of output that are kept.
 */
bytes: number, 
/**
 * Of how many runs.
 */
runs: number, 
/**
 * How many of those bytes would be removed now, if outputs were kept for as many days as was asked.
 */
due_bytes: number, 
/**
 * Of how many runs.
 */
due_runs: number, 
/**
 * Bytes that were removed before; of each its length and hash are kept.
 */
removed_bytes: number, };

export type ReportFormat = "md" | "html" | "jsonl" | "junit";

export type WriteReport = { 
/**
 * Which run: its id, or the beginning of one that no other run has.
 */
run: string, 
/**
 * In which form.
 */
format: ReportFormat, 
/**
 * The file to write, which must not exist yet; without it the text is answered.
 */
path?: string, };

export type WrittenReport = { 
/**
 * What its file may be called: `run-0199c2e4.html`.
 */
name: string, 
/**
 * Its text, where it was not written to a file.
 */
text: string | null, };

export type RecordView = { 
/**
 * The run.
 */
run: string, 
/**
 * The runbook's title.
 */
title: string, 
/**
 * Absolute path of the runbook's file, where it was when the run started.
 */
runbook: string, 
/**
 * How it ended, or stands.
 */
state: RunStatus, 
/**
 * `hand`, `auto` or `rehearse`.
 */
mode: Mode, 
/**
 * When it started.
 */
started_at: string, 
/**
 * When it finished, if it has.
 */
ended_at: string | null, 
/**
 * `All good`, `Failed`, `Rolled back`, …
 */
heading: string, 
/**
 * What was achieved, in how much time, and what did not go by itself.
 */
sentence: string, 
/**
 * Why this is not the last word, where the run is not finished: a sentence.
 */
partial: string | null, 
/**
 * From start to end, where it is finished.
 */
took_ms: number | null, 
/**
 * What its items took, added up.
 */
items_ms: number, 
/**
 * The environment that it ran in, if any.
 */
environment: EnvironmentView | null, 
/**
 * Runbook, revision, who, where, when.
 */
facts: Array<RecordFact>, 
/**
 * The frame of an incident, where it is one.
 */
incident: RecordIncident | null, 
/**
 * What was done, in the document's order.
 */
phases: Array<RecordPhase>, 
/**
 * Values that were given, with where each came from.
 */
parameters: Array<RecordFact>, 
/**
 * Everything that happened, oldest first.
 */
timeline: Array<RecordMoment>, 
/**
 * How many events the journal has.
 */
events: number, 
/**
 * What commands printed; `output_read` gives it.
 */
evidence: Array<RecordEvidence>, 
/**
 * Names of the secrets that it could use. No value of them is in the record.
 */
secrets: Array<string>, 
/**
 * Items of the path that are not done.
 */
left: Array<RecordLeft>, 
/**
 * What the other runs of this runbook teach; none where there is none.
 */
usual?: Usual, };

export type RecordFact = { 
/**
 * `Revision`
 */
name: string, 
/**
 * What it is.
 */
value: string, 
/**
 * Written by or for a machine.
 */
literal: boolean, };

export type RecordIncident = { 
/**
 * Which one, where that was said.
 */
name: string | null, 
/**
 * How bad.
 */
severity: string | null, 
/**
 * That it was raised or lowered in the run: from what, when, by whom, why.
 */
changed: string | null, 
/**
 * Who takes part, in which role.
 */
responders: Array<string>, 
/**
 * Time to detect, to mitigate, to verify.
 */
times: Array<RecordTiming>, 
/**
 * How many status updates were sent, and when the last was.
 */
updates: string | null, };

export type RecordTiming = { 
/**
 * `Time to mitigate`
 */
name: string, 
/**
 * Where it was marked.
 */
took_ms: number | null, 
/**
 * `25:41 after it was detected`; `not marked`.
 */
text: string, 
/**
 * When it was, UTC, to be read.
 */
at: string | null, 
/**
 * Who marked it.
 */
by: string | null, 
/**
 * That it was marked later, or corrected.
 */
remark: string | null, };

export type RecordPhase = { 
/**
 * Its phase, as a heading: `Preconditions`.
 */
phase: string, 
/**
 * The document's heading, where it says something else.
 */
heading: string | null, 
/**
 * Its steps that belong to the run.
 */
steps: Array<RecordStep>, };

export type RecordStep = { 
/**
 * Its number, as the document gives it.
 */
number: string | null, 
/**
 * Its title.
 */
title: string, 
/**
 * It has a title of its own; else it is that of its section, and its items stand for themselves.
 */
titled: boolean, 
/**
 * The state of all its items together.
 */
state: ItemStatus, 
/**
 * Who did something in it (`user@host`), or `sensed`.
 */
who: Array<string>, 
/**
 * From the first thing that began to the last one that ended.
 */
took_ms: number | null, 
/**
 * In a few words: `second try, exit 0`; the reason of a skip.
 */
result: string, 
/**
 * Its items.
 */
items: Array<RecordItem>, };

export type RecordItem = { 
/**
 * Its id.
 */
item: string, 
/**
 * What kind.
 */
kind: ItemKind, 
/**
 * A check's text, else its name.
 */
label: string, 
/**
 * Its state.
 */
state: ItemStatus, 
/**
 * Who did it (`user@host`), or `sensed`.
 */
who: Array<string>, 
/**
 * How long it took.
 */
took_ms: number | null, 
/**
 * In a few words.
 */
result: string, 
/**
 * How many attempts it had.
 */
attempts: number, };

export type RecordMoment = { 
/**
 * Of the (first) event.
 */
seq: number, 
/**
 * When.
 */
at: string, 
/**
 * By whom.
 */
actor: string, 
/**
 * The event's kind (RUNS.md).
 */
kind: string, 
/**
 * What stands beside it: a state of an item or a run, or `start`, `note`, `link`, `mark`.
 */
shape: string, 
/**
 * Which item, as it is called, where it is about one.
 */
item: string | null, 
/**
 * What happened, on one line.
 */
text: string, 
/**
 * What a person wrote, or a command's text: may have several lines.
 */
detail: string | null, 
/**
 * Worth a line where not everything is told.
 */
notable: boolean, };

export type RecordEvidence = { 
/**
 * `promote.log`, `repoint.2.log`.
 */
name: string, 
/**
 * Which item.
 */
item: string, 
/**
 * Which attempt.
 */
attempt: number, 
/**
 * How many bytes.
 */
bytes: number, 
/**
 * How many lines, where it is short enough to be counted.
 */
lines: number | null, };

export type RecordLeft = { 
/**
 * What it is called.
 */
label: string, 
/**
 * The title of its step.
 */
step: string, 
/**
 * How it stands.
 */
state: ItemStatus, 
/**
 * Why it was left out, where it was.
 */
reason: string | null, };

export type SourceView = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * Path within its library folder, or the file's name.
 */
relative: string, 
/**
 * Which folder, if any.
 */
library: number | null, 
/**
 * Whether it may be run.
 */
trusted: boolean, 
/**
 * SHA-256 of the bytes on disk; none when there is no such file (any more), only a draft of it.
 */
revision: string | null, 
/**
 * The file as it is on disk; empty when it is not there.
 */
text: string, 
/**
 * What ends most of its lines: `\n` or `\r\n`.
 */
line_end: string, 
/**
 * When the file was last changed; none when it is not there.
 */
modified: string | null, 
/**
 * Why it cannot be saved here, if it cannot.
 */
read_only: string | null, 
/**
 * What was typed and not saved.
 */
draft: DraftView | null, 
/**
 * How many revisions are kept.
 */
revisions: number, };

export type DraftView = { 
/**
 * The revision it was begun from; none for a file that was not there.
 */
base: string | null, 
/**
 * The text.
 */
text: string, 
/**
 * When it was last kept.
 */
at: string, 
/**
 * Whether the file on disk is no longer the revision it was begun from.
 */
file_changed: boolean, };

export type DraftRow = { 
/**
 * Absolute path of the file.
 */
path: string, 
/**
 * Its title, as typed.
 */
title: string, 
/**
 * When it was last kept.
 */
at: string, };

export type KeepDraft = { 
/**
 * Absolute path of the file.
 */
path: string, 
/**
 * The revision it was begun from.
 */
base: string | null, 
/**
 * The whole text.
 */
text: string, };

export type LookAt = { 
/**
 * Absolute path of the file it is or will be.
 */
path: string, 
/**
 * The whole text.
 */
text: string, 
/**
 * The environment whose variables are shown, if any.
 */
environment: string | null, 
/**
 * Whether the page is asked for: of a text of a megabyte it is several.
 */
page: boolean, 
/**
 * Of a long text only what stands around this line is given as the page; none asks for all of it.
 */
around: number | null, };

export type Looked = { 
/**
 * SHA-256 of the text's bytes: as a file's revision would be.
 */
revision: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Exactly what a runner would see; none when it was not asked for.
 */
view: RunbookView | null, 
/**
 * The lines that the page shows, where that is not all of the text.
 */
shown: ShownLines | null, 
/**
 * Its items, in order: what can be tried in place.
 */
items: Array<ItemMark>, 
/**
 * What the check finds, in the order of the text.
 */
problems: Array<TextProblem>, 
/**
 * Headings and steps, in order, for the outline and for folding.
 */
outline: Array<OutlineEntry>, 
/**
 * Where variables `{{name}}` stand.
 */
variables: Array<VariableMark>, 
/**
 * Guidance of a template.
 */
guidance: Array<GuidanceMark>, 
/**
 * The environments of its library's file.
 */
environments: Array<EnvironmentView>, };

export type ShownLines = { 
/**
 * The first, from 1.
 */
first: number, 
/**
 * The last.
 */
last: number, 
/**
 * How many the text has.
 */
all: number, };

export type TextProblem = { 
/**
 * A code of FORMAT.md's table.
 */
code: string, 
/**
 * How bad.
 */
severity: Severity, 
/**
 * One sentence that says what to do.
 */
message: string, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * First unit.
 */
from: number, 
/**
 * One past the last.
 */
to: number, 
/**
 * The ways to mend it, the likeliest first.
 */
fixes: Array<FixView>, };

export type FixView = { 
/**
 * As a button says it.
 */
title: string, 
/**
 * The changes, in order.
 */
edits: Array<TextEdit>, };

export type TextEdit = { 
/**
 * First unit.
 */
from: number, 
/**
 * One past the last.
 */
to: number, 
/**
 * What comes in its place.
 */
text: string, };

export type OutlineEntry = { 
/**
 * Plain text.
 */
title: string, 
/**
 * The number that the document gives it.
 */
number: string | null, 
/**
 * Which phase.
 */
phase: Phase, 
/**
 * Level of the heading; 0 for a step that no heading opens.
 */
level: number, 
/**
 * The id of the step, if it is one.
 */
step: string | null, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * First unit.
 */
from: number, 
/**
 * One past the last unit of all that belongs to it.
 */
to: number, };

export type ItemMark = { 
/**
 * Its id.
 */
id: string, 
/**
 * What kind.
 */
kind: ItemKind, 
/**
 * To be sent back to try it: what was on screen.
 */
hash: string, 
/**
 * Why it cannot be run, if a guard cannot be honoured.
 */
refused: string | null, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * First unit of its fence or list entry.
 */
from: number, 
/**
 * One past the last.
 */
to: number, };

export type VariableMark = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value, if it has one here.
 */
value: string | null, 
/**
 * First unit.
 */
from: number, 
/**
 * One past the last.
 */
to: number, };

export type GuidanceMark = { 
/**
 * What it says.
 */
text: string, 
/**
 * Takes it out, with its line.
 */
remove: TextEdit, 
/**
 * Whether something was written there, so that it may go.
 */
answered: boolean, 
/**
 * First unit.
 */
from: number, 
/**
 * One past the last.
 */
to: number, };

export type EnvironmentView = { 
/**
 * As a person chooses it.
 */
name: string, 
/**
 * `production`, `staging`, `development`, or none.
 */
kind: string | null, 
/**
 * A run asks to type its name.
 */
guard: boolean, };

export type SaveText = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * The revision that the text was made from; none for a file that must not exist yet.
 */
base: string | null, 
/**
 * The whole text.
 */
text: string, 
/**
 * What changed, for the history.
 */
message: string | null, };

export type Saved = { "outcome": "saved", 
/**
 * SHA-256 of its bytes.
 */
revision: string, 
/**
 * Its number in the history.
 */
number: number, 
/**
 * When.
 */
at: string, 
/**
 * What was saved but not all right, in a sentence: the history could not be kept, for example.
 */
notice: string | null, } | { "outcome": "changed", 
/**
 * SHA-256 of the bytes on disk now; none when the file is gone.
 */
revision: string | null, 
/**
 * What is on disk now.
 */
theirs: string, 
/**
 * Both changes in one text; none where they touch, or where the base is not known.
 */
merged: string | null, 
/**
 * How many places both changed.
 */
conflicts: number, };

export type RevisionRow = { 
/**
 * SHA-256 of its bytes.
 */
revision: string, 
/**
 * From 1, per file; 0 for a commit that this program never saw on disk.
 */
number: number, 
/**
 * When it was saved or seen.
 */
at: string, 
/**
 * `here`, `outside` or `git`.
 */
origin: string, 
/**
 * Who, if known.
 */
actor: string | null, 
/**
 * What was said of it.
 */
message: string | null, 
/**
 * What changed against the one before, in a few words: `2 steps changed`.
 */
summary: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * Runs of it.
 */
runs: number, 
/**
 * Those that failed.
 */
failed: number, };

export type HistoryQuery = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * Skips so many.
 */
offset: number, 
/**
 * At most so many, 200 at most.
 */
limit: number, };

export type HistoryPage = { 
/**
 * The rows.
 */
rows: Array<RevisionRow>, 
/**
 * How many there are in all.
 */
total: number, };

export type CompareTexts = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * The older revision.
 */
from: string, 
/**
 * The newer revision; none for `text`.
 */
to: string | null, 
/**
 * The text being written, where there is no `to`.
 */
text: string | null, };

export type Comparison = { 
/**
 * Lines, with three of context around each change.
 */
lines: Array<DiffLine>, 
/**
 * Lines that came.
 */
added: number, 
/**
 * Lines that went.
 */
removed: number, 
/**
 * The changes that turn the newer text into the older one: restoring.
 */
restore: Array<TextEdit>, };

export type DiffLine = { 
/**
 * `same`, `added`, `removed`, or `gap` for lines left out.
 */
kind: DiffKind, 
/**
 * Line in the older text, from 1.
 */
old: number | null, 
/**
 * Line in the newer text, from 1.
 */
new: number | null, 
/**
 * The line in pieces; a piece is marked where the words differ.
 */
parts: Array<DiffPart>, };

export type DiffKind = "same" | "added" | "removed" | "gap";

export type DiffPart = { 
/**
 * The text.
 */
text: string, 
/**
 * Whether these words differ.
 */
changed: boolean, };

export type GitState = { 
/**
 * The repository's folder.
 */
root: string, 
/**
 * The branch, or the commit's short name where the head is detached.
 */
branch: string, 
/**
 * `clean`, `modified`, `staged`, `untracked`, `ignored` or `conflict`.
 */
state: string, 
/**
 * Commits that the branch has and its upstream has not; none without an upstream.
 */
ahead: number | null, 
/**
 * Commits that the upstream has and the branch has not.
 */
behind: number | null, };

export type GitCommit = { 
/**
 * Absolute paths, in one repository.
 */
paths: Array<string>, 
/**
 * The message.
 */
message: string, };

export type TryBlock = { 
/**
 * Absolute path of the file.
 */
path: string, 
/**
 * The text as it is being written.
 */
text: string, 
/**
 * The id of the item in that text.
 */
item: string, 
/**
 * Its hash, as [`Looked`] gave it.
 */
hash: string, 
/**
 * Values of parameters and placeholders.
 */
values: { [key in string]: string }, 
/**
 * The environment, if any.
 */
environment: string | null, 
/**
 * What was typed to answer the guard of that environment.
 */
environment_typed?: string, 
/**
 * The answer to the block's `confirm`: the text that was typed, or anything where a yes is enough.
 */
confirmed?: string, };

export type KeepImage = { 
/**
 * Absolute path of the Markdown file.
 */
path: string, 
/**
 * The name that it came with; empty for one from the clipboard.
 */
name: string, 
/**
 * Its bytes in base64; PNG, JPEG, GIF, WebP or SVG, 10 MiB at most.
 */
data: string, };

export type KeptImage = { 
/**
 * As a link from the file: `images/disk.png`.
 */
link: string, };

export type ReadImage = { 
/**
 * Absolute path of the Markdown file.
 */
path: string, 
/**
 * The address in it.
 */
link: string, };

export type ImageData = { 
/**
 * A `data:` address.
 */
url: string, };

export type Vocabulary = { 
/**
 * Keys of the front matter.
 */
keys: Array<Word>, 
/**
 * Attributes of a fence.
 */
attributes: Array<Word>, 
/**
 * Languages of a fence that run.
 */
languages: Array<Word>, 
/**
 * Headings that open a phase.
 */
headings: Array<Word>, 
/**
 * Variables that are declared here.
 */
variables: Array<Word>, 
/**
 * Access entries, by name.
 */
access: Array<Word>, 
/**
 * Groups of access entries, by name, with their members.
 */
groups: Array<Word>, 
/**
 * Owners, tags and severities in use in the library.
 */
owners: Array<string>, 
/**
 * Tags in use.
 */
tags: Array<string>, 
/**
 * Severities in use.
 */
severities: Array<string>, 
/**
 * Environments.
 */
environments: Array<EnvironmentView>, 
/**
 * Markdown files and images of the library, as links from this file, at most 5,000.
 */
files: Array<Word>, 
/**
 * What `/` inserts.
 */
snippets: Array<Snippet>, };

export type Word = { 
/**
 * What is written.
 */
word: string, 
/**
 * What it means, in a few words.
 */
hint: string, 
/**
 * Its possible values, where they are few.
 */
values: Array<string>, };

export type Snippet = { 
/**
 * What is typed after `/`.
 */
name: string, 
/**
 * As the menu says it.
 */
title: string, 
/**
 * What it is for.
 */
hint: string, 
/**
 * The text; `${name}` are fields to fill, `${}` is where the caret ends.
 */
text: string, };

export type TemplateView = { 
/**
 * Names it in other calls.
 */
name: string, 
/**
 * As a person reads it.
 */
title: string, 
/**
 * What it is for.
 */
summary: string, 
/**
 * `incident`, `routine`, or none.
 */
kind: string | null, };

export type MakeFrom = { "from": "template", 
/**
 * Its name.
 */
name: string, } | { "from": "session", 
/**
 * The text.
 */
text: string, } | { "from": "page", 
/**
 * HTML.
 */
html: string, };

export type MakeText = { 
/**
 * What from.
 */
source: MakeFrom, 
/**
 * Its title; empty leaves the template's or takes what the text says.
 */
title: string, 
/**
 * Who keeps it; none, or an empty one, leaves what the text says.
 */
owner?: string, };

export type MadeText = { 
/**
 * The text.
 */
text: string, 
/**
 * Its title.
 */
title: string, 
/**
 * A file name that fits it: `disk-almost-full.md`.
 */
file_name: string, };

export type NewRunbook = { 
/**
 * Which folder of the library.
 */
library: number, 
/**
 * Path within it, with `/`.
 */
relative: string, 
/**
 * The text.
 */
text: string, };

export type ListQuery = { 
/**
 * Words to search for; empty lists everything.
 */
words: string, 
/**
 * Only this folder of the library.
 */
library: number | null, 
/**
 * Only what lies in this folder within the library, with `/`.
 */
folder: string | null, 
/**
 * `incident`, `routine`, or `none`.
 */
kind: string | null, 
/**
 * Only with this tag.
 */
tag: string | null, 
/**
 * Only of this owner.
 */
owner: string | null, 
/**
 * Only of this severity.
 */
severity: string | null, 
/**
 * Only those whose review is `overdue`, or due within `7`, `30`, `90` days.
 */
review: string | null, 
/**
 * Only with problems: a code of FORMAT.md's table, or `errors`, `warnings`.
 */
problem: string | null, 
/**
 * Only the pinned.
 */
pinned: boolean, 
/**
 * In which order.
 */
sort: ListSort, 
/**
 * The other way round.
 */
descending: boolean, 
/**
 * Skips so many.
 */
offset: number, 
/**
 * At most so many, 500 at most.
 */
limit: number, 
/**
 * With words: what there is at once, for somebody who types. [`ListPage::cut`] says whether to ask again without.
 */
quick: boolean, };

export type ListSort = "best" | "title" | "path" | "last_run" | "review" | "opened";

export type ListPage = { 
/**
 * The rows.
 */
rows: Array<RunbookRow>, 
/**
 * How many there are in all.
 */
total: number, 
/**
 * How many there would be without any filter and words.
 */
all: number, 
/**
 * Counts of what else could be chosen.
 */
facets: Facets, 
/**
 * Words that were taken for others that are spelt nearly so: as typed, and what was searched for instead.
 */
corrected: Array<[string, Array<string>]>, 
/**
 * Something was left out to answer at once: hits may be missing, and not all are counted.
 */
cut: boolean, };

export type Facets = { 
/**
 * Kinds.
 */
kinds: Array<FacetValue>, 
/**
 * Tags.
 */
tags: Array<FacetValue>, 
/**
 * Owners.
 */
owners: Array<FacetValue>, 
/**
 * Severities.
 */
severities: Array<FacetValue>, 
/**
 * `overdue`, `7`, `30`, `90`.
 */
review: Array<FacetValue>, 
/**
 * Codes of problems, and `errors`, `warnings`.
 */
problems: Array<FacetValue>, 
/**
 * Folders within the libraries, two levels.
 */
folders: Array<FacetValue>, 
/**
 * How many are pinned.
 */
pinned: number, };

export type FacetValue = { 
/**
 * The value.
 */
value: string, 
/**
 * How often.
 */
count: number, };

export type PinArgument = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * Whether it is pinned from now on.
 */
pinned: boolean, };

export type MoveArgument = { 
/**
 * Absolute path.
 */
path: string, 
/**
 * Where to, within the same folder of the library, with `/`.
 */
to: string, };

export type MovePlan = { 
/**
 * Absolute path afterwards.
 */
path: string, 
/**
 * Files whose links follow, as paths within the library, and how many links of each.
 */
links: Array<FacetValue>, 
/**
 * Why it cannot be done, if it cannot.
 */
refused: string | null, };

export type FolderArgument = { 
/**
 * Which folder of the library.
 */
library: number, 
/**
 * Path within it, with `/`.
 */
relative: string, };

export type FollowLink = { 
/**
 * Absolute path of the runbook that holds it.
 */
path: string, 
/**
 * The address as it stands, or a wiki link in its brackets: `[[name#heading]]`.
 */
link: string, };

export type ImportArgument = { 
/**
 * Where from.
 */
source: ImportFrom, 
/**
 * Which folder of the library they go into.
 */
library: number, 
/**
 * The folder within it, with `/`; empty for its top.
 */
folder: string, };

export type ImportFrom = { "from": "folder", 
/**
 * Absolute path.
 */
path: string, } | { "from": "file", 
/**
 * Absolute path.
 */
path: string, } | { "from": "zip", 
/**
 * Absolute path.
 */
path: string, } | { "from": "git", 
/**
 * The address.
 */
url: string, };

export type ImportPlan = { 
/**
 * Markdown files, as paths in the source; at most 1,000 are named.
 */
files: Array<string>, 
/**
 * How many Markdown files would come: not those that are there and the same.
 */
runbooks: number, 
/**
 * How many images and other files that they show would come.
 */
others: number, 
/**
 * What is already there and the same.
 */
same: Array<string>, 
/**
 * What is already there and different: it is put beside it under another name.
 */
renamed: Array<[string, string]>, 
/**
 * What is not taken, and why, a sentence each.
 */
refused: Array<string>, 
/**
 * Which of them are files of other formats, and what is otherwise here; at most 1,000.
 */
formats: Array<FormatReport>, };

export type Imported = { 
/**
 * Files that were written, as paths within the library.
 */
written: Array<string>, 
/**
 * What was not taken, and why, a sentence each.
 */
refused: Array<string>, 
/**
 * Which of them were files of other formats, and what is otherwise here; at most 1,000.
 */
formats: Array<FormatReport>, };

export type FormatReport = { 
/**
 * Its path in the source.
 */
file: string, 
/**
 * Whose format it is: `CACAO 2.0`, `Runme`, `xc`, `mask`.
 */
format: string, 
/**
 * Whether it is written anew as a runbook; else it comes as it is, and runs so.
 */
converted: boolean, 
/**
 * What is otherwise here.
 */
differences: Array<FormatDifference>, };

export type FormatDifference = { 
/**
 * Where: `line 12`, or the name of a step. Empty: the whole of it.
 */
place: string, 
/**
 * What, in a sentence. What stands between backticks is as it stands in a file.
 */
sentence: string, };

export type ConvertTo = "runbook" | "cacao";

export type ConvertArgument = { 
/**
 * The file's absolute path.
 */
path: string, 
/**
 * What it becomes. Left out: a runbook becomes a CACAO playbook, anything else a runbook.
 */
to?: ConvertTo, 
/**
 * The absolute path of a new file that it is written to, never over another. Left out: nothing is written.
 */
file?: string, };

export type Converted = { 
/**
 * What the file is: `runbook`, `CACAO 2.0`, `Runme`, `xc`, `mask`.
 */
format: string, 
/**
 * What it became.
 */
to: ConvertTo, 
/**
 * A name that fits it.
 */
file_name: string, 
/**
 * Its text.
 */
text: string, 
/**
 * What is otherwise, or has no place.
 */
differences: Array<FormatDifference>, };

export type News = { "news": "library", 
/**
 * Which folder.
 */
library: number, 
/**
 * Which files.
 */
paths: Array<string>, } | { "news": "read", 
/**
 * Which folder.
 */
library: number, 
/**
 * The number of the reading; none when the folder was taken off, and no reading of it will ever be over.
 */
reading: number | null, } | { "news": "work", 
/**
 * Names this piece of work.
 */
id: number, 
/**
 * What, in a few words: `Reading runbooks`.
 */
title: string, 
/**
 * So many are done.
 */
done: number, 
/**
 * Of so many; 0 when nobody knows.
 */
total: number, 
/**
 * It is over.
 */
over: boolean, } | { "news": "copied", 
/**
 * The number of that copy.
 */
copy: number, 
/**
 * Something else was copied meanwhile, and was left alone.
 */
replaced: boolean, } | { "news": "show", 
/**
 * Which run.
 */
run: string, } | { "news": "schedules" } | { "news": "find" } | { "news": "outside" };

export type OutsideAddress = { 
/**
 * `allgood://open/RUNBOOK?NAME=VALUE`.
 */
address: string, };

export type OutsideView = { 
/**
 * The path or name that it gives.
 */
asked: string, 
/**
 * The runbooks that are meant by it: one, or several of the same name.
 */
runbooks: Array<OutsideRunbook>, };

export type OutsideRunbook = { 
/**
 * The whole path of its file.
 */
path: string, 
/**
 * Its title.
 */
title: string, 
/**
 * The path within its library.
 */
relative: string, 
/**
 * Values of parameters that it declares.
 */
values: { [key in string]: string }, 
/**
 * What is not filled in, and why, in the address's order.
 */
left_out: Array<LeftOut>, };

export type LeftOut = { 
/**
 * Its name, as the address has it.
 */
name: string, 
/**
 * Why, in a few words.
 */
why: string, };

export type AccessQuery = { 
/**
 * Words that must all stand in its name, kind, group, tags, address, user or note, without regard to case.
 */
words: string, 
/**
 * Only of this group; empty for those without one.
 */
group: string | null, 
/**
 * Only with this tag.
 */
tag: string | null, 
/**
 * Only of this kind.
 */
kind: string | null, 
/**
 * Only those whose secrets are past their expiry date, or will be within so many days (0 for past alone).
 */
expires_within: number | null, };

export type AccessList = { 
/**
 * By name.
 */
entries: Array<AccessRow>, 
/**
 * How many there are in all.
 */
all: number, 
/**
 * Every kind, in the order in which they are listed, and how many entries are of it.
 */
kinds: Array<FacetValue>, 
/**
 * Every group there is, and how many entries are in it.
 */
groups: Array<FacetValue>, 
/**
 * Every tag there is, and how many entries have it.
 */
tags: Array<FacetValue>, };

export type AccessRow = { 
/**
 * Never changes; its secrets are kept under it.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * `ssh`, `database`, `token`, `web`, `container` or `note`.
 */
kind: string, 
/**
 * The group that it is listed in.
 */
group: string | null, 
/**
 * Sorted.
 */
tags: Array<string>, 
/**
 * A host, or an address of the web.
 */
address: string | null, 
/**
 * 1 to 65,535.
 */
port: number | null, 
/**
 * The name that one signs in with.
 */
user: string | null, 
/**
 * What connects to it.
 */
command: string | null, 
/**
 * Anything else.
 */
note: string | null, 
/**
 * The last day on which its secrets hold, `2027-02-20`.
 */
expires: string | null, 
/**
 * Days until then; negative when it is over.
 */
expires_days: number | null, 
/**
 * What connecting to it runs, as a person would type it; none where nothing connects to it.
 */
connects: string | null, 
/**
 * Its secret fields, by name.
 */
secrets: Array<SecretFieldView>, 
/**
 * When a secret of it was used last. UTC, RFC 3339.
 */
used_at: string | null, 
/**
 * How often.
 */
uses: number, };

export type SecretFieldView = { 
/**
 * Its name.
 */
name: string, 
/**
 * `keychain` or `vault`.
 */
place: string, 
/**
 * When it was last set. UTC, RFC 3339.
 */
set_at: string, };

export type AccessView = { 
/**
 * UTC, RFC 3339.
 */
added_at: string, 
/**
 * UTC, RFC 3339.
 */
changed_at: string, 
/**
 * Which runbooks of the library refer to it.
 */
used_by: Array<AccessUse>, 
/**
 * Who may use it in runs without being asked again.
 */
grants: Array<AccessGrant>, 
/**
 * Never changes; its secrets are kept under it.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * `ssh`, `database`, `token`, `web`, `container` or `note`.
 */
kind: string, 
/**
 * The group that it is listed in.
 */
group: string | null, 
/**
 * Sorted.
 */
tags: Array<string>, 
/**
 * A host, or an address of the web.
 */
address: string | null, 
/**
 * 1 to 65,535.
 */
port: number | null, 
/**
 * The name that one signs in with.
 */
user: string | null, 
/**
 * What connects to it.
 */
command: string | null, 
/**
 * Anything else.
 */
note: string | null, 
/**
 * The last day on which its secrets hold, `2027-02-20`.
 */
expires: string | null, 
/**
 * Days until then; negative when it is over.
 */
expires_days: number | null, 
/**
 * What connecting to it runs, as a person would type it; none where nothing connects to it.
 */
connects: string | null, 
/**
 * Its secret fields, by name.
 */
secrets: Array<SecretFieldView>, 
/**
 * When a secret of it was used last. UTC, RFC 3339.
 */
used_at: string | null, 
/**
 * How often.
 */
uses: number, };

export type AccessUse = { 
/**
 * Its absolute path.
 */
path: string, 
/**
 * Its title.
 */
title: string, 
/**
 * What it refers to, as written: `DB_PASSWORD: keychain://db/password`, or `on=web1`.
 */
written: string, 
/**
 * The environment in which that means this entry, where the name is not the entry's own.
 */
environment: string | null, };

export type AccessGrant = { 
/**
 * A library's folder, or one runbook's file.
 */
scope: string, 
/**
 * Since when. UTC, RFC 3339.
 */
granted_at: string, };

export type AccessArgument = { 
/**
 * Its name.
 */
entry: string, };

export type NewAccess = { 
/**
 * What it is called.
 */
name: string, 
/**
 * `ssh`, `database`, `token`, `web`, `container` or `note`.
 */
kind: string, 
/**
 * The group that it is listed in.
 */
group?: string, 
/**
 * All its tags.
 */
tags?: Array<string>, 
/**
 * A host, or an address of the web.
 */
address?: string, 
/**
 * 1 to 65,535; 0 takes it away.
 */
port?: number, 
/**
 * The name that one signs in with.
 */
user?: string, 
/**
 * What connects to it; its secrets are in the environment of this command.
 */
command?: string, 
/**
 * Anything else.
 */
note?: string, 
/**
 * The last day on which its secrets hold, `2027-02-20`.
 */
expires?: string, };

export type EditAccess = { 
/**
 * Its name.
 */
entry: string, 
/**
 * What it is to be called; runbooks that name it by the old name have to follow.
 */
name?: string, 
/**
 * Another kind.
 */
kind?: string, 
/**
 * The group that it is listed in.
 */
group?: string, 
/**
 * All its tags.
 */
tags?: Array<string>, 
/**
 * A host, or an address of the web.
 */
address?: string, 
/**
 * 1 to 65,535; 0 takes it away.
 */
port?: number, 
/**
 * The name that one signs in with.
 */
user?: string, 
/**
 * What connects to it; its secrets are in the environment of this command.
 */
command?: string, 
/**
 * Anything else.
 */
note?: string, 
/**
 * The last day on which its secrets hold, `2027-02-20`.
 */
expires?: string, };

export type AccessDetails = { 
/**
 * The group that it is listed in.
 */
group?: string, 
/**
 * All its tags.
 */
tags?: Array<string>, 
/**
 * A host, or an address of the web.
 */
address?: string, 
/**
 * 1 to 65,535; 0 takes it away.
 */
port?: number, 
/**
 * The name that one signs in with.
 */
user?: string, 
/**
 * What connects to it; its secrets are in the environment of this command.
 */
command?: string, 
/**
 * Anything else.
 */
note?: string, 
/**
 * The last day on which its secrets hold, `2027-02-20`.
 */
expires?: string, };

export type AccessImportRow = { 
/**
 * What it would be called.
 */
name: string, 
/**
 * What it leads to.
 */
kind: string, 
/**
 * The group that it is listed in.
 */
group: string | null, 
/**
 * A host, or an address of the web.
 */
address: string | null, 
/**
 * The name that one signs in with.
 */
user: string | null, 
/**
 * Anything else.
 */
note: string | null, 
/**
 * The names of its secrets.
 */
secrets: Array<string>, 
/**
 * Why it would be left out, if it would.
 */
left: string | null, };

export type AccessField = { 
/**
 * The entry's name.
 */
entry: string, 
/**
 * The field; the one that is usual for the entry's kind where none is named, or the only one there is.
 */
field?: string, };

export type GrantAccess = { 
/**
 * The entries' names.
 */
entries: Array<string>, 
/**
 * A runbook's file or a library's folder: all runbooks of its library are meant, else the file alone.
 */
path: string, 
/**
 * Whether it may.
 */
allowed: boolean, };

export type KeychainStanding = "open" | "locked" | "absent" | "failing";

export type KeeperView = { 
/**
 * `keychain` or `vault`: where new secrets go.
 */
keeper: string, 
/**
 * Whether the keychain can be used now.
 */
keychain: KeychainStanding, 
/**
 * Why it cannot, if it cannot.
 */
keychain_problem: string | null, 
/**
 * Where the vault is, or would be.
 */
vault: string, 
/**
 * Whether it is there.
 */
vault_exists: boolean, 
/**
 * Whether it is open in this program.
 */
vault_open: boolean, 
/**
 * Secrets that are in the keychain.
 */
in_keychain: number, 
/**
 * Secrets that are in the vault.
 */
in_vault: number, };

export type AddAccess = { 
/**
 * The entry.
 */
entry: NewAccess, 
/**
 * Its secrets.
 */
secrets: Array<TypedSecret>, };

export type TypedSecret = { 
/**
 * Its field.
 */
field: string, 
/**
 * What was typed.
 */
value: string, };

export type KeptAccess = { 
/**
 * The entry as it is now.
 */
view: AccessView, 
/**
 * What a person should know of its secrets, a sentence each: that one is too short to be masked.
 */
warnings: Array<string>, };

export type SetSecret = { 
/**
 * The entry's name.
 */
entry: string, 
/**
 * The field.
 */
field: string, 
/**
 * What was typed.
 */
value: string, };

export type RevealedSecret = { 
/**
 * The secret.
 */
text: string, 
/**
 * For how many seconds it is to be shown.
 */
seconds: number, };

export type CopiedSecret = { 
/**
 * The number of this copy, which the news of its end names.
 */
copy: number, 
/**
 * Seconds until it is taken off.
 */
seconds: number, };

export type ShownCode = { 
/**
 * Six to eight digits.
 */
code: string, 
/**
 * Seconds that it holds from now on.
 */
seconds_left: number, 
/**
 * Seconds that each code holds.
 */
period: number, };

export type ConnectPlan = { 
/**
 * The entry.
 */
entry: string, 
/**
 * The program and its arguments.
 */
words: Array<string>, 
/**
 * The same as one line for a shell.
 */
line: string, 
/**
 * What becomes of its secrets.
 */
secrets: Array<ConnectSecret>, 
/**
 * What to know before: its secrets are past their date.
 */
warning: string | null, };

export type ConnectSecret = { 
/**
 * Its field.
 */
field: string, 
/**
 * How it gets there.
 */
way: SecretWay, 
/**
 * The variable, where it is one.
 */
variable: string | null, };

export type SecretWay = "environment" | "asked" | "agent";

export type ConnectAccess = { 
/**
 * The entry's name.
 */
entry: string, 
/**
 * Of the terminal.
 */
columns: number, 
/**
 * Of the terminal.
 */
rows: number, };

export type TerminalEnd = { 
/**
 * The exit status of what connected; none where a signal ended it, or it did not start.
 */
status: number | null, 
/**
 * The same in a sentence, and what to do where that is known.
 */
says: string, 
/**
 * It did not end as a person ends one: there is something to look at.
 */
failed: boolean, };

export type TerminalArgument = { 
/**
 * Its number.
 */
terminal: number, };

export type TerminalKeys = { 
/**
 * Its number.
 */
terminal: number, 
/**
 * What was typed.
 */
text: string, };

export type TerminalSize = { 
/**
 * Its number.
 */
terminal: number, 
/**
 * 1 or more.
 */
columns: number, 
/**
 * 1 or more.
 */
rows: number, };

export type TerminalTaken = { 
/**
 * Its number.
 */
terminal: number, 
/**
 * How many bytes.
 */
bytes: number, };

export type BringAccess = { 
/**
 * Where they come from.
 */
source: BringFrom, 
/**
 * [`BringPlan::revision`], once it was shown: what is kept is what was shown.
 */
revision?: string, 
/**
 * The names of those that are not wanted.
 */
leave_out: Array<string>, };

export type BringFrom = { "from": "ssh", 
/**
 * The file; the person's own `~/.ssh/config` where none is named.
 */
path: string | null, } | { "from": "table", 
/**
 * The file.
 */
path: string, };

export type BringPlan = { 
/**
 * The file that was read.
 */
path: string, 
/**
 * Names what was read in it.
 */
revision: string, 
/**
 * The entries, in its order.
 */
rows: Array<AccessImportRow>, };

export type VaultPassphrase = { 
/**
 * What was typed; 8 characters at least for a new one.
 */
passphrase: string, };

export type MoveSecrets = { 
/**
 * `keychain` or `vault`.
 */
to: string, };

export type Theme = "system" | "light" | "dark";

export type Stay = "schedules" | "always" | "never";

export type Settings = { 
/**
 * The window's light.
 */
theme: Theme, 
/**
 * Schemes of links that may be opened beside `https`, `http` and `mailto`.
 */
link_schemes: Array<string>, 
/**
 * For how many days the outputs of finished runs are kept, 1 to 36,500; for ever where none is given.
 */
keep_output_days?: number, 
/**
 * How often an incident is told about where its runbook does not say.
 */
update_minutes: UpdateMinutes, 
/**
 * The keys that call the palette from wherever a person is, such as `Ctrl+Alt+Space`; none are held where none are given.
 */
find_shortcut?: string, 
/**
 * Whether a person who looks elsewhere is called by a notification of the desktop.
 */
notifications: boolean, 
/**
 * A command that passed calls somebody only when it took at least so many seconds, 1 to 86,400.
 */
notify_after_s: number, 
/**
 * Hours of the day in which nobody is told of schedules, such as `22:00-07:00`; afterwards all of it is told at once.
 */
quiet?: string, 
/**
 * Failures of scheduled runs are told in those hours too.
 */
quiet_failures: boolean, 
/**
 * Whether the program stays in the tray when its window is closed, where there is a tray.
 */
stay: Stay, 
/**
 * How often the remotes of trusted folders are asked what is new while the window is open, in minutes, 1 to 1440; 0 for
 * never.
 */
fetch_minutes: number, };

export type Nothing = Record<symbol, never>;

export type PathArgument = { 
/**
 * The path.
 */
path: string, };

export type IdArgument = { 
/**
 * Its id.
 */
id: number, };

export type RunArgument = { 
/**
 * Its id, or the beginning of one that no other run has.
 */
run: string, };

export type RunDo = { 
/**
 * Which run.
 */
run: string, 
/**
 * What.
 */
action: RunAction, };

export type WatchArgument = { 
/**
 * As `run_watch` named it.
 */
watch: number, };

export type Acknowledge = { 
/**
 * Which watch.
 */
watch: number, 
/**
 * How many bytes of messages (headers included).
 */
bytes: number, };

export type ExportArgument = { 
/**
 * Which run.
 */
run: string, 
/**
 * The file; must not exist yet.
 */
path: string, };

export type LinkArgument = { 
/**
 * The run that it is opened from, which records it.
 */
run: string | null, 
/**
 * The item that it stands at.
 */
item: string | null, 
/**
 * The address.
 */
url: string, };

export type LinksQuery = { 
/**
 * Words that must all stand in its title, group, tags or address, without regard to case; or the two letters of one.
 */
words: string, 
/**
 * Only of this group; empty for those without one.
 */
group?: string, 
/**
 * Only with this tag.
 */
tag?: string, 
/**
 * Only pinned ones.
 */
pinned: boolean, 
/**
 * Values for parameters, by name.
 */
values: { [key in string]: string }, 
/**
 * The run whose values fill the parameters that `values` leaves open.
 */
run?: string, 
/**
 * Only those that have a tag of the run's runbook.
 */
of_runbook: boolean, };

export type LinksList = { 
/**
 * By group, those without one last; within it those that are opened most first.
 */
links: Array<SavedLink>, 
/**
 * How many there are in all.
 */
all: number, 
/**
 * Every group there is.
 */
groups: Array<string>, 
/**
 * Every tag there is.
 */
tags: Array<string>, 
/**
 * Every parameter that a link has and a person can give.
 */
parameters: Array<LinkParameter>, };

export type LinkParameter = { 
/**
 * Its name.
 */
name: string, 
/**
 * How many links have it.
 */
links: number, 
/**
 * Values that were given for it, the one that was used last first.
 */
used: Array<string>, };

export type SavedLink = { 
/**
 * Never changes.
 */
id: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * Where it leads, as it was written; may hold parameters.
 */
address: string, 
/**
 * Its host, or its scheme where it has none.
 */
place: string, 
/**
 * The group that it is listed in.
 */
group: string | null, 
/**
 * Sorted.
 */
tags: Array<string>, 
/**
 * Its place among the pinned ones, from 1.
 */
pin: number | null, 
/**
 * Two letters that mean it and no other link, while there are enough letters.
 */
keys: string | null, 
/**
 * Its parameters, each once, in order; the times of a run are among them.
 */
parameters: Array<string>, 
/**
 * Those without a value now.
 */
missing: Array<string>, 
/**
 * The values that are filled in now, by name.
 */
filled: { [key in string]: string }, 
/**
 * The address that would be opened, where it could be.
 */
opens: string | null, 
/**
 * Why it cannot be opened, beside what is missing.
 */
refused: string | null, 
/**
 * How often it was opened in the last 30 days.
 */
count: number, 
/**
 * When it was opened last. UTC, RFC 3339.
 */
opened_at: string | null, 
/**
 * UTC, RFC 3339.
 */
added_at: string, };

export type SavedLinkArgument = { 
/**
 * Its id, or its title.
 */
link: string, };

export type NewLink = { 
/**
 * What it is called.
 */
title: string, 
/**
 * Where it leads.
 */
address: string, 
/**
 * The group that it is listed in.
 */
group?: string, 
/**
 * Its tags.
 */
tags: Array<string>, 
/**
 * Whether it is found first.
 */
pinned: boolean, };

export type EditLink = { 
/**
 * Its id, or its title.
 */
link: string, 
/**
 * What it is to be called.
 */
title?: string, 
/**
 * Where it is to lead.
 */
address?: string, 
/**
 * Another group; an empty one takes it out of its own.
 */
group?: string, 
/**
 * All its tags.
 */
tags?: Array<string>, 
/**
 * Whether it is found first.
 */
pinned?: boolean, };

export type OpenLinks = { 
/**
 * Their ids, or titles; at most 30.
 */
links: Array<string>, 
/**
 * Values for parameters, by name.
 */
values: { [key in string]: string }, 
/**
 * The run that they are opened from: its values fill what `values` leaves open, and it records them.
 */
run?: string, 
/**
 * The item that they are opened for.
 */
item?: string, };

export type OpenRunbookLink = { 
/**
 * Absolute path of the runbook.
 */
path: string, 
/**
 * The address as the runbook writes it.
 */
address: string, 
/**
 * Values for its variables, by name.
 */
values: { [key in string]: string }, 
/**
 * The run that it is opened from: its values come before those that the runbook gives, and it records it.
 */
run?: string, };

export type OpenedLink = { 
/**
 * What it is called.
 */
title: string, 
/**
 * The address that was opened.
 */
address: string, 
/**
 * Whether a run recorded it.
 */
recorded: boolean, };

export type ImportLinks = { 
/**
 * The file's absolute path.
 */
path: string, 
/**
 * What the plan called the file's text: it is taken in only while it is still that.
 */
seen?: string, };

export type LinksPlan = { 
/**
 * What the file's text is called.
 */
seen: string, 
/**
 * Each link of it, in order.
 */
rows: Array<LinkImportRow>, };

export type LinkImportRow = { 
/**
 * What it would be called.
 */
title: string, 
/**
 * Where it leads.
 */
address: string, 
/**
 * The group that it is listed in.
 */
group: string | null, 
/**
 * Sorted.
 */
tags: Array<string>, 
/**
 * Whether it is found first.
 */
pinned: boolean, 
/**
 * Why it would be left out, if it would.
 */
left: string | null, };

export type ExportLinks = { 
/**
 * The file; must not exist yet. One that ends in `.csv` becomes a table, any other the browsers' file.
 */
path: string, 
/**
 * A table, whatever its name ends in.
 */
table: boolean, };

export type LinkAnswer = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * The address that was asked; none where nobody was.
 */
address: string | null, 
/**
 * Whether it is there; none where nobody was asked.
 */
answers: boolean | null, 
/**
 * The status of HTTP.
 */
status: number | null, 
/**
 * In words.
 */
says: string, };

export type PaletteQuery = { 
/**
 * As it was typed. `>` before it looks only for actions, `@` only for access entries, `#` only for what has such a tag.
 * Empty gives what was chosen last.
 */
text: string, 
/**
 * At most so many hits, 100 at most; 20 where it is 0.
 */
limit: number, 
/**
 * What the face itself can do now: ranked among the rest.
 */
actions: Array<PaletteAction>, };

export type PaletteAction = { 
/**
 * Its name for the face; never changes, so that it can be learnt.
 */
id: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * What stands beside it.
 */
beside: string, 
/**
 * Other words for it.
 */
words: string, };

export type PaletteList = { 
/**
 * The best first; what was chosen last where nothing was typed.
 */
hits: Array<PaletteHit>, };

export type ShortcutView = { 
/**
 * This display lets a program hold keys.
 */
possible: boolean, 
/**
 * Why those that were chosen are not held, or none can be.
 */
trouble: string | null, };

export type PaletteKind = "run" | "runbook" | "link" | "access" | "step" | "action";

export type PaletteHit = { 
/**
 * What kind of thing.
 */
kind: PaletteKind, 
/**
 * Which: the id of a run, a link or an action, the path of a runbook or of that of a step or of its own link, the name of an
 * access entry.
 */
id: string, 
/**
 * Which step, by its title; which link of a runbook, by its address as it is written. Empty for everything else.
 */
part: string, 
/**
 * The line where a step begins, from 1.
 */
line: number | null, 
/**
 * What it is called, with `\u{2}` before and `\u{3}` after each piece that was typed.
 */
title: string, 
/**
 * What stands beside it, marked in the same way.
 */
beside: string, 
/**
 * The kind of an access entry.
 */
entry_kind: string | null, 
/**
 * The parameters of a link that have no value by themselves, each once.
 */
asks: Array<string>, };

export type PaletteChoice = { 
/**
 * What was typed when it was chosen.
 */
text: string, 
/**
 * What kind of thing.
 */
kind: PaletteKind, 
/**
 * Which, as the hit says it.
 */
id: string, 
/**
 * Which part of it, as the hit says it.
 */
part: string, };

export type WatchRun = { 
/**
 * Which run.
 */
run: string, 
/**
 * Sends updates after this event: the `seq` of the view that the page has.
 */
after: number, };

export type OutputArgument = { 
/**
 * Which run.
 */
run: string, 
/**
 * Which item.
 */
item: string, 
/**
 * Which attempt.
 */
attempt: number, 
/**
 * From this byte of the attempt's output.
 */
offset: number, 
/**
 * At most this many bytes, 4 MiB at most.
 */
limit: number, };

/** Every command: what it takes and what it gives. */
export type Commands = {
  app_state: { arguments: Nothing; result: AppState };
  schedule_list: { arguments: Nothing; result: ScheduleList };
  schedule_preview: { arguments: PreviewSchedule; result: ScheduleTimes };
  schedule_add: { arguments: NewSchedule; result: ScheduleView };
  schedule_edit: { arguments: EditSchedule; result: ScheduleView };
  schedule_remove: { arguments: ScheduleArgument; result: null };
  schedule_start: { arguments: ScheduleArgument; result: RunSummary };
  library_folders: { arguments: Nothing; result: Array<LibraryFolder> };
  library_add: { arguments: PathArgument; result: LibraryFolder };
  library_remove: { arguments: IdArgument; result: null };
  library_survey: { arguments: IdArgument; result: Survey };
  library_trust: { arguments: IdArgument; result: LibraryFolder };
  library_rescan: { arguments: Nothing; result: Array<LibraryFolder> };
  examples_add: { arguments: Nothing; result: LibraryFolder };
  library_clone: { arguments: CloneLibrary; result: LibraryFolder };
  team_state: { arguments: IdArgument; result: TeamState };
  team_fetch: { arguments: IdArgument; result: TeamState };
  team_compare: { arguments: TeamCompare; result: Comparison };
  team_suggest: { arguments: TeamFiles; result: TeamSuggestion };
  team_commit: { arguments: TeamCommit; result: TeamCommitted };
  team_pull: { arguments: TeamPull; result: TeamPullDone };
  team_push: { arguments: IdArgument; result: TeamPushed };
  team_stop: { arguments: Nothing; result: null };
  team_records_choose: { arguments: ChooseRecords; result: TeamRecords };
  team_share: { arguments: ShareRuns; result: RunsShared };
  runbook: { arguments: PathArgument; result: RunbookView };
  library_list: { arguments: ListQuery; result: ListPage };
  drafts: { arguments: Nothing; result: Array<DraftRow> };
  pin: { arguments: PinArgument; result: null };
  runbook_move_plan: { arguments: MoveArgument; result: MovePlan };
  runbook_move: { arguments: MoveArgument; result: MovePlan };
  runbook_bin: { arguments: PathArgument; result: null };
  runbook_unbin: { arguments: PathArgument; result: null };
  folder_create: { arguments: FolderArgument; result: null };
  import_plan: { arguments: ImportArgument; result: ImportPlan };
  import: { arguments: ImportArgument; result: Imported };
  import_stop: { arguments: Nothing; result: null };
  convert: { arguments: ConvertArgument; result: Converted };
  news_unwatch: { arguments: WatchArgument; result: null };
  source: { arguments: PathArgument; result: SourceView };
  draft_keep: { arguments: KeepDraft; result: null };
  draft_drop: { arguments: PathArgument; result: null };
  set_aside: { arguments: KeepDraft; result: null };
  look: { arguments: LookAt; result: Looked };
  save: { arguments: SaveText; result: Saved };
  history: { arguments: HistoryQuery; result: HistoryPage };
  compare: { arguments: CompareTexts; result: Comparison };
  git_state: { arguments: PathArgument; result: GitState | null };
  git_commit: { arguments: GitCommit; result: GitState };
  try_block: { arguments: TryBlock; result: RunView };
  image_keep: { arguments: KeepImage; result: KeptImage };
  image_read: { arguments: ReadImage; result: ImageData };
  vocabulary: { arguments: PathArgument; result: Vocabulary };
  templates: { arguments: Nothing; result: Array<TemplateView> };
  make_text: { arguments: MakeText; result: MadeText };
  runbook_new: { arguments: NewRunbook; result: string };
  run_prepare: { arguments: PrepareRun; result: RunPreparation };
  run_start: { arguments: StartRun; result: RunView };
  run_resume: { arguments: ResumeRun; result: RunView };
  run_rollback: { arguments: RollbackRun; result: RunView };
  run_open_linked: { arguments: OpenLinked; result: RunView };
  run_hand_over: { arguments: HandOverRun; result: RunSummary };
  run_handed_file: { arguments: RunArgument; result: HandedFile | null };
  run_take: { arguments: TakeRun; result: TakenRun };
  run_take_look: { arguments: TakeRun; result: RunFileView };
  run_take_runbook: { arguments: SaveRunbook; result: null };
  run_mark: { arguments: MarkRun; result: RunView };
  run_update: { arguments: SendUpdate; result: RunView };
  run_view: { arguments: RunArgument; result: RunView };
  run_do: { arguments: RunDo; result: null };
  run_unwatch: { arguments: WatchArgument; result: null };
  run_acknowledge: { arguments: Acknowledge; result: null };
  runs: { arguments: RunFilter; result: RunPage };
  run_facets: { arguments: Nothing; result: RunFacets };
  output_space: { arguments: SpaceQuery; result: OutputSpace };
  run_verify: { arguments: RunArgument; result: Verdict };
  run_proposals: { arguments: RunArgument; result: RunProposals };
  run_compare: { arguments: CompareRuns; result: RunComparison };
  run_export: { arguments: ExportArgument; result: null };
  run_report: { arguments: WriteReport; result: WrittenReport };
  run_record: { arguments: RunArgument; result: RecordView };
  link_open: { arguments: LinkArgument; result: null };
  link_follow: { arguments: FollowLink; result: string };
  outside_next: { arguments: Nothing; result: OutsideView | null };
  access_list: { arguments: AccessQuery; result: AccessList };
  access_view: { arguments: AccessArgument; result: AccessView };
  access_new: { arguments: AddAccess; result: KeptAccess };
  access_edit: { arguments: EditAccess; result: AccessView };
  access_remove: { arguments: AccessArgument; result: null };
  access_secret_set: { arguments: SetSecret; result: KeptAccess };
  access_secret_forget: { arguments: AccessField; result: AccessView };
  access_secret_reveal: { arguments: AccessField; result: RevealedSecret };
  access_secret_copy: { arguments: AccessField; result: CopiedSecret };
  access_copied_clear: { arguments: Nothing; result: null };
  access_code_show: { arguments: AccessArgument; result: ShownCode };
  access_code_copy: { arguments: AccessArgument; result: CopiedSecret };
  access_open: { arguments: AccessArgument; result: string };
  terminal_input: { arguments: TerminalKeys; result: null };
  terminal_resize: { arguments: TerminalSize; result: null };
  terminal_taken: { arguments: TerminalTaken; result: null };
  terminal_close: { arguments: TerminalArgument; result: null };
  access_allow: { arguments: GrantAccess; result: string };
  access_bring_look: { arguments: BringAccess; result: BringPlan };
  access_bring: { arguments: BringAccess; result: number };
  access_write: { arguments: PathArgument; result: null };
  access_keeper: { arguments: Nothing; result: KeeperView };
  access_unlock: { arguments: Nothing; result: KeeperView };
  access_vault_create: { arguments: VaultPassphrase; result: KeeperView };
  access_vault_unlock: { arguments: VaultPassphrase; result: KeeperView };
  access_vault_passphrase: { arguments: VaultPassphrase; result: KeeperView };
  access_vault_lock: { arguments: Nothing; result: KeeperView };
  access_secrets_move: { arguments: MoveSecrets; result: KeeperView };
  link_list: { arguments: LinksQuery; result: LinksList };
  link_add: { arguments: NewLink; result: SavedLink };
  link_edit: { arguments: EditLink; result: SavedLink };
  link_remove: { arguments: SavedLinkArgument; result: null };
  link_restore: { arguments: SavedLinkArgument; result: SavedLink };
  links_open: { arguments: OpenLinks; result: Array<OpenedLink> };
  links_check: { arguments: OpenLinks; result: Array<LinkAnswer> };
  links_import_plan: { arguments: ImportLinks; result: LinksPlan };
  links_import: { arguments: ImportLinks; result: number };
  links_export: { arguments: ExportLinks; result: number };
  runbook_link_open: { arguments: OpenRunbookLink; result: OpenedLink };
  palette_search: { arguments: PaletteQuery; result: PaletteList };
  palette_chosen: { arguments: PaletteChoice; result: null };
  palette_forget: { arguments: Nothing; result: null };
  shortcut_read: { arguments: Nothing; result: ShortcutView };
  find_next: { arguments: Nothing; result: boolean };
  settings_read: { arguments: Nothing; result: Settings };
  settings_write: { arguments: Settings; result: Settings };
};
