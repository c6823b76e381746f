// The words of the list of runs.

import type { Mode, RunStatus, RunSummary } from "../../bindings/types";
import { isOver } from "../../lib/states";
import { between, clock } from "../../lib/time";

export const filters: { state: RunStatus | ""; name: string }[] = [
  { state: "", name: "All" },
  { state: "waiting", name: "Waiting" },
  { state: "running", name: "Running" },
  { state: "paused", name: "Paused" },
  { state: "passed", name: "Passed" },
  { state: "failed", name: "Failed" },
  { state: "interrupted", name: "Interrupted" },
  { state: "abandoned", name: "Abandoned" },
];

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
  return `${offset + 1} to ${offset + shown} of ${total}`;
}
