// What the list of runbooks shows: which rows, in which order, with which words.

import type { RunbookRow, RunSummary } from "../../bindings/types";
import { isOver, runMark, type Mark, type Shape } from "../../lib/states";
import { ago, rough } from "../../lib/time";

export type KindFilter = "all" | "incident" | "routine" | "other";

export type Entry =
  | { type: "group"; key: string; name: string; count: number }
  | { type: "row"; key: string; row: RunbookRow; position: number };

const GROUPS: { kind: Exclude<KindFilter, "all">; name: string }[] = [
  { kind: "incident", name: "Incident" },
  { kind: "routine", name: "Routine" },
  { kind: "other", name: "Other" },
];

export function kindOf(row: RunbookRow): Exclude<KindFilter, "all"> {
  return row.kind === "incident" || row.kind === "routine" ? row.kind : "other";
}

/** How many of each kind. */
export function counts(rows: readonly RunbookRow[]): Record<KindFilter, number> {
  const found: Record<KindFilter, number> = { all: rows.length, incident: 0, routine: 0, other: 0 };
  for (const row of rows) found[kindOf(row)] += 1;
  return found;
}

/** Last run first; those never run by title. */
export function byLastRun(a: RunbookRow, b: RunbookRow): number {
  const left = a.last_runs[0]?.started_at ?? "";
  const right = b.last_runs[0]?.started_at ?? "";
  if (left !== right) return right.localeCompare(left);
  return a.title.localeCompare(b.title) || a.path.localeCompare(b.path);
}

/**
 * The list as it is shown. A search keeps the order of its answer, best first, within each group; otherwise the last run
 * decides. `position` counts the rows.
 */
export function entries(rows: readonly RunbookRow[], filter: KindFilter, searching: boolean): Entry[] {
  const list: Entry[] = [];
  let position = 0;
  for (const group of GROUPS) {
    if (filter !== "all" && filter !== group.kind) continue;
    const members = rows.filter((row) => kindOf(row) === group.kind);
    if (members.length === 0) continue;
    if (!searching) members.sort(byLastRun);
    list.push({ type: "group", key: `group ${group.kind}`, name: group.name, count: members.length });
    for (const row of members) {
      list.push({ type: "row", key: row.path, row, position });
      position += 1;
    }
  }
  return list;
}

/** The runbooks of a list, in its order. */
export function rowsOf(list: readonly Entry[]): RunbookRow[] {
  return list.flatMap((entry) => (entry.type === "row" ? [entry.row] : []));
}

/** The path after a key: down, up, first, last. Stays within the list. */
export function moved(rows: readonly RunbookRow[], selected: string | null, by: number): string | null {
  if (rows.length === 0) return null;
  const at = rows.findIndex((row) => row.path === selected);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  return rows[next]?.path ?? null;
}

export interface Last {
  mark: Mark;
  text: string;
  when: string;
}

/** What the last run came to. */
export function last(row: RunbookRow, now: number): Last {
  const run = row.last_runs[0];
  if (!run) return { mark: { shape: "pending", label: "Never run" }, text: "never run", when: "" };
  const mark = runMark(run.state);
  return {
    mark,
    text: lastText(run),
    when: isOver(run.state) ? ago(run.ended_at ?? run.started_at, now) : underWay(run),
  };
}

function underWay(run: RunSummary): string {
  return `${run.done} of ${run.total} done`;
}

function lastText(run: RunSummary): string {
  const took = run.ended_at ? Date.parse(run.ended_at) - Date.parse(run.started_at) : null;
  const rehearsal = run.mode === "rehearse" ? "rehearsed, " : "";
  switch (run.state) {
    case "running":
      return `${rehearsal}running now`;
    case "waiting":
      return `${rehearsal}waits for you`;
    case "passed":
      return took === null ? `${rehearsal}passed` : `${rehearsal}passed in ${rough(took)}`;
    case "failed":
      return run.step ? `failed at ${run.step}` : "failed";
    case "rolled_back":
      return "rolled back";
    case "handed_over":
      return "handed over";
    default:
      return run.state;
  }
}

/** The last four runs, oldest first; what passed is only a dot. */
export function dots(row: RunbookRow): { id: string; shape: Shape | "dot"; label: string }[] {
  return row.last_runs
    .slice(0, 4)
    .reverse()
    .map((run) => {
      const mark = runMark(run.state);
      return { id: run.id, shape: run.state === "passed" ? "dot" : mark.shape, label: mark.label.toLowerCase() };
    });
}

export function dotsLabel(row: RunbookRow): string {
  const words = dots(row).map((dot) => dot.label);
  return words.length === 0 ? "" : `Last ${words.length === 1 ? "run" : `${words.length} runs`}: ${words.join(", ")}`;
}

export interface Badge {
  text: string;
  kind: "need" | "plain";
  shape: Shape | null;
  icon: string | null;
}

/** The one thing to know about a runbook before it is run. */
export function badge(row: RunbookRow): Badge | null {
  if (row.problem !== null) return { text: "Cannot be read", kind: "need", shape: "problem", icon: null };
  if (row.errors > 0) {
    return { text: row.errors === 1 ? "1 error" : `${row.errors} errors`, kind: "need", shape: "problem", icon: null };
  }
  if (!row.trusted) return { text: "Not trusted yet", kind: "plain", shape: null, icon: "shield-ellipsis" };
  if (row.warnings > 0) {
    return {
      text: row.warnings === 1 ? "1 warning" : `${row.warnings} warnings`,
      kind: "plain",
      shape: "hint",
      icon: null,
    };
  }
  return null;
}

/** A snippet in pieces; hits stand between U+0002 and U+0003. */
export function pieces(snippet: string): { text: string; hit: boolean }[] {
  const found: { text: string; hit: boolean }[] = [];
  let hit = false;
  // eslint-disable-next-line no-control-regex -- the marks are these characters
  for (const part of snippet.split(/([\u0002\u0003])/)) {
    if (part === "\u0002") hit = true;
    else if (part === "\u0003") hit = false;
    else if (part !== "") found.push({ text: part, hit });
  }
  return found;
}
