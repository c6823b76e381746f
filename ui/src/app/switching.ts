// Going from one run under way to another. Pure.

import type { RunSummary } from "../bindings/types";
import { clock } from "../lib/time";

/** The row that a key goes to, of so many; null for any other key. */
export function moved(key: string, at: number, rows: number): number | null {
  // The last row leads to the runbooks.
  const last = rows;
  switch (key) {
    case "ArrowDown":
    case "j":
      return Math.min(last, at + 1);
    case "ArrowUp":
    case "k":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** How far it is, and for how long it has been under way. */
export function about(run: RunSummary, now: number): string {
  const far = `${run.done} of ${run.total} done`;
  return run.live ? `${far} · ${clock(Math.max(0, now - Date.parse(run.started_at)))}` : far;
}

/** The run under way after, or before, the one that is shown; null where there is no other. */
export function neighbour(runs: readonly RunSummary[], here: string | null, by: 1 | -1): string | null {
  const others = runs.filter((run) => run.id !== here);
  if (others.length === 0) return null;
  const at = runs.findIndex((run) => run.id === here);
  const next = runs[(at + by + runs.length) % runs.length] ?? others[0];
  return at < 0 ? (others[0]?.id ?? null) : (next?.id ?? null);
}
