// What the list of runbooks shows: which rows, in which order, with which words.

import type { RunbookRow, RunSummary } from "../../bindings/types";
import { isOver, runMark, type Mark, type Shape } from "../../lib/states";
import { ago, between, rough } from "../../lib/time";

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
  const took = between(run.started_at, run.ended_at);
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

/** Reviews due within so many days are announced. */
const SOON_DAYS = 14;

const days = (count: number): string => (count === 1 ? "1 day" : `${count} days`);

/** The one thing to know about a runbook before it is run. */
export function badge(row: RunbookRow): Badge | null {
  const plain = (text: string, shape: Shape | null, icon: string | null = null): Badge => ({
    text,
    kind: "plain",
    shape,
    icon,
  });
  if (row.problem !== null) return { text: "Cannot be read", kind: "need", shape: "problem", icon: null };
  if (row.errors > 0) {
    return { text: row.errors === 1 ? "1 error" : `${row.errors} errors`, kind: "need", shape: "problem", icon: null };
  }
  if (row.draft) return plain("Draft not saved", null, "pencil");
  if (!row.trusted) return plain("Not trusted yet", null, "shield-ellipsis");
  const due = row.review_days;
  if (due !== null && due < 0) {
    return { text: `Review ${days(-due)} over`, kind: "need", shape: "waiting", icon: null };
  }
  if (row.no_rollback) return plain("No rollback", "noundo");
  if (due !== null && due <= SOON_DAYS) {
    return plain(due === 0 ? "Review due today" : `Review in ${days(due)}`, null, "clock");
  }
  if (row.warnings > 0) return plain(row.warnings === 1 ? "1 warning" : `${row.warnings} warnings`, "hint");
  return null;
}

export { pieces } from "../../lib/marked";
