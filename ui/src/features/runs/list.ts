// The words of the list of runs, and what it is filtered by.

import type { Mode, RunFilter, RunStatus, RunSummary } from "../../bindings/types";
import { isOver, runMark } from "../../lib/states";
import { between, clock } from "../../lib/time";

/** How many runs a page holds. */
export const PAGE = 100;

export interface Chosen {
  words: string;
  states: RunStatus[];
  environment: string | null;
  mode: Mode | null;
  person: string | null;
  runbook: string | null;
  since: string;
  until: string;
  failures: boolean;
}

export function none(): Chosen {
  return {
    words: "",
    states: [],
    environment: null,
    mode: null,
    person: null,
    runbook: null,
    since: "",
    until: "",
    failures: false,
  };
}

export function narrowed(chosen: Chosen): boolean {
  return JSON.stringify({ ...chosen, words: chosen.words.trim() }) !== JSON.stringify(none());
}

/** What to ask for. */
export function asked(chosen: Chosen, offset: number): RunFilter {
  const filter: RunFilter = {
    runbook: chosen.runbook,
    state: null,
    words: chosen.words.trim() || null,
    offset,
    limit: PAGE,
  };
  if (chosen.states.length > 0) filter.states = chosen.states;
  if (chosen.environment !== null) filter.environment = chosen.environment;
  if (chosen.mode !== null) filter.mode = chosen.mode;
  if (chosen.person !== null) filter.actor = chosen.person;
  if (chosen.since.trim()) filter.since = chosen.since.trim();
  if (chosen.until.trim()) filter.until = chosen.until.trim();
  if (chosen.failures) filter.failures = true;
  return filter;
}

export const STATES: { name: string; states: RunStatus[] }[] = [
  { name: "Under way", states: ["waiting", "running", "paused", "interrupted"] },
  { name: "Finished", states: ["passed", "failed", "rolled_back", "abandoned", "handed_over"] },
  ...(
    [
      "waiting",
      "running",
      "paused",
      "interrupted",
      "passed",
      "failed",
      "rolled_back",
      "abandoned",
      "handed_over",
    ] as RunStatus[]
  ).map((state) => ({ name: runMark(state).label, states: [state] })),
];

export const TIMES: { name: string; since: string }[] = [
  { name: "Last 24 hours", since: "24h" },
  { name: "Last 7 days", since: "7d" },
  { name: "Last 30 days", since: "30d" },
  { name: "Last 90 days", since: "90d" },
];

export function stateName(states: readonly RunStatus[]): string | null {
  if (states.length === 0) return null;
  const found = STATES.find((one) => one.states.join() === states.join());
  return found?.name ?? states.map((state) => runMark(state).label).join(", ");
}

export function timeName(since: string, until: string): string | null {
  if (!since.trim() && !until.trim()) return null;
  if (!until.trim()) return TIMES.find((one) => one.since === since)?.name ?? `Since ${since}`;
  return since.trim() ? `${since} to ${until}` : `Before ${until}`;
}

export const MODES: Record<Mode, string> = { hand: "by hand", auto: "auto", rehearse: "rehearsal" };

/** How long a run took, or has taken while it is under way; nothing for one whose end nobody knows. */
export function took(run: RunSummary, now: number): string {
  if (run.ended_at !== null) {
    const gone = between(run.started_at, run.ended_at);
    return gone === null ? "" : clock(gone);
  }
  if (isOver(run.state) || run.state === "interrupted" || run.state === "paused") return "";
  return clock(now - Date.parse(run.started_at));
}

/** `51 to 100 of 230`. */
export function pageWords(offset: number, shown: number, total: number): string {
  const number = (value: number): string => value.toLocaleString("en");
  return `${number(offset + 1)} to ${number(offset + shown)} of ${number(total)}`;
}

export function countWords(total: number, narrow: boolean): string {
  const runs = total === 1 ? "1 run" : `${total.toLocaleString("en")} runs`;
  return narrow ? `${runs} ${total === 1 ? "matches" : "match"}` : `${runs} recorded`;
}

/** What choosing a run to compare leads to: it is the first, it is taken back, or the two are held beside each other. */
export function comparing(
  first: RunSummary | null,
  run: RunSummary,
): { first: RunSummary | null; compare: [string, string] | null } {
  if (first === null) return { first: run, compare: null };
  if (first.id === run.id) return { first: null, compare: null };
  // The older one stands at the left, whichever was chosen first.
  const pair: [string, string] = first.started_at <= run.started_at ? [first.id, run.id] : [run.id, first.id];
  return { first: null, compare: pair };
}
