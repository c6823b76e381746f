// Generated from src-tauri/api by `make types`. Never edited.

export type ErrorCode = "bad_input" | "not_found" | "needs_values" | "guard" | "not_trusted" | "stale" | "state" | "locked" | "scheme" | "store" | "file" | "internal";

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
needs?: Needs, };

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
 * Runs under way, paused or interrupted, newest first.
 */
open_runs: Array<RunSummary>, 
/**
 * Something the person should know about the store at this start (a damaged store set aside, for example).
 */
notice: string | null, };

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
problem: string | null, };

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
 * The file cannot be read: why.
 */
problem: string | null, 
/**
 * Its last runs, newest first, at most four.
 */
last_runs: Array<RunSummary>, 
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
runs: number, };

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
 * The fence's language.
 */
language: string, 
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
 * Names of placeholders.
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
 * Lines for the session that it opens; sent by the person, one at a time.
 */
session_input: Array<string>, 
/**
 * Sample output of the document.
 */
sample: string | null, };

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
live: boolean, };

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
attempts: Array<AttemptView>, };

export type AttemptView = { 
/**
 * From 1.
 */
number: number, 
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
duration_ms: number | null, };

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
 * The item in hand: the next to be done, or the one that runs, failed or waits.
 */
hand: string | null, 
/**
 * Values given, by name; secret ones as `•••`.
 */
parameters: { [key in string]: string }, 
/**
 * Names of the variables that commands of this run have set: nobody is asked for them.
 */
set: Array<string>, 
/**
 * What happened to each item that anything happened to.
 */
progress: Array<ItemProgress>, 
/**
 * Everything but output, oldest first.
 */
timeline: Array<TimelineEntry>, 
/**
 * Sequence number of the last event folded in.
 */
seq: number, };

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
 * Names of the variables that commands of this run have set.
 */
set: Array<string>, 
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
 * The run cannot go on because the store does not keep its facts: one sentence.
 */
trouble: string | null, };

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
skipped: number, };

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
 * Values for parameters, by name.
 */
values: { [key in string]: string }, };

export type RunAction = { "do": "start", item: string, hash: string, values: { [key in string]: string }, } | { "do": "tick", item: string, note: string | null, } | { "do": "untick", item: string, } | { "do": "fail", item: string, note: string | null, } | { "do": "skip", item: string, reason: string, } | { "do": "override", item: string, reason: string, } | { "do": "note", item: string | null, text: string, } | { "do": "message_sent", item: string, text: string, } | { "do": "input", item: string, text: string, } | { "do": "resize", item: string, columns: number, rows: number, } | { "do": "stop", item: string, } | { "do": "stop_run", reason: string | null, } | { "do": "pause" } | { "do": "resume" } | { "do": "abandon", reason: string | null, };

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
 * Only whose title or path contains this.
 */
words: string | null, 
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
 * One sentence.
 */
sentence: string, };

export type Theme = "system" | "light" | "dark";

export type Settings = { 
/**
 * The window's light.
 */
theme: Theme, 
/**
 * Schemes of links that may be opened beside `https`, `http` and `mailto`.
 */
link_schemes: Array<string>, };

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

export type WordsArgument = { 
/**
 * As typed.
 */
words: string, };

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
  library_folders: { arguments: Nothing; result: Array<LibraryFolder> };
  library_add: { arguments: PathArgument; result: LibraryFolder };
  library_remove: { arguments: IdArgument; result: null };
  library_survey: { arguments: IdArgument; result: Survey };
  library_trust: { arguments: IdArgument; result: LibraryFolder };
  library_rescan: { arguments: Nothing; result: Array<LibraryFolder> };
  examples_add: { arguments: Nothing; result: LibraryFolder };
  runbooks: { arguments: WordsArgument; result: Array<RunbookRow> };
  runbook: { arguments: PathArgument; result: RunbookView };
  run_start: { arguments: StartRun; result: RunView };
  run_view: { arguments: RunArgument; result: RunView };
  run_do: { arguments: RunDo; result: null };
  run_unwatch: { arguments: WatchArgument; result: null };
  run_acknowledge: { arguments: Acknowledge; result: null };
  runs: { arguments: RunFilter; result: RunPage };
  run_verify: { arguments: RunArgument; result: Verdict };
  run_export: { arguments: ExportArgument; result: null };
  link_open: { arguments: LinkArgument; result: null };
  settings_read: { arguments: Nothing; result: Settings };
  settings_write: { arguments: Settings; result: Settings };
};
