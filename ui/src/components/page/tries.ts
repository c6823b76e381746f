// The tries of a probe: what each saw, when, and how long it took.

import type { AttemptView, ItemView } from "../../bindings/types";
import type { Shape } from "../../lib/states";
import { clockTime, measured } from "../../lib/time";
import { numbers, result, unitOf } from "./words";

export interface Try {
  number: number;
  shape: Shape;
  label: string;
  /** When it began, with seconds. */
  at: string;
  /** What it saw. */
  value: string;
  /** How long it took; empty while it runs. */
  took: string;
}

/** So many are listed; the record has all. */
export const LISTED = 50;

/** The tries that are listed, oldest first, and how many before them are not. */
export function tries(attempts: readonly AttemptView[], most = LISTED): { list: Try[]; before: number } {
  const shown = attempts.slice(-most);
  return { list: shown.map(oneTry), before: attempts.length - shown.length };
}

function oneTry(attempt: AttemptView): Try {
  const marks: Record<string, [Shape, string]> = {
    passed: ["passed", "Holds"],
    failed: ["pending", "Does not hold"],
    stopped: ["abandoned", "Stopped"],
  };
  const [shape, label] = marks[attempt.state ?? ""] ?? ["running", "Running"];
  return {
    number: attempt.number,
    shape,
    label,
    at: clockTime(attempt.started_at),
    value: valueOf(attempt),
    took: attempt.duration_ms === null ? "" : measured(attempt.duration_ms),
  };
}

/** What a try saw: its number, else what was observed of the first thing that did not hold, else how it ended. */
export function valueOf(attempt: AttemptView): string {
  if (attempt.state === null) return "";
  const number = numbers([attempt])[0];
  if (number !== undefined) return `${number}${unitOf([attempt])}`;
  const [first] = attempt.expectations;
  const told = attempt.expectations.find((one) => !one.holds) ?? first;
  if (told) return told.observed || "no output";
  return result(attempt).says.replace(/ in$/, "");
}

/** How long until the next try, in milliseconds, and the share of the wait that is over; null while one runs. */
export function wait(item: ItemView, last: AttemptView | null, now: number): { left: number; share: number } | null {
  if (last === null || last.state === null) return null;
  // One that would come after its patience comes before it is over.
  const every = Math.min(item.every_ms ?? 5000, item.within_ms ?? 60_000);
  if (every <= 0) return { left: 0, share: 1 };
  // The period counts from the beginning of a try; one that took longer is followed at once.
  const waited = Math.min(every, Math.max(0, now - Date.parse(last.started_at)));
  return Number.isNaN(waited) ? { left: every, share: 0 } : { left: every - waited, share: waited / every };
}
