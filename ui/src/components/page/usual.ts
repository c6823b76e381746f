// What past runs say of one under way: what is usual beside what is, and what is left. No guesses: fewer than two runs tell
// nothing.

import type { RunView, StepView, Usual, UsualItem } from "../../bindings/types";
import { clock, rough } from "../../lib/time";
import { isSettled, type Progress, statusOf } from "./model";

/** On fewer past runs nothing is said. */
const FEWEST = 2;

/** How long an item usually takes, in milliseconds; null where too few runs have timed it. */
export function usualOf(usual: Usual | undefined, item: string): number | null {
  const known: UsualItem | undefined = usual?.items[item];
  return known && known.timed >= FEWEST ? known.median_ms : null;
}

/** How long a whole run usually takes; null where too few have passed. */
export function usualRun(usual: Usual | undefined): number | null {
  return usual && usual.passed >= FEWEST ? usual.median_ms : null;
}

/** What is left to do in a step usually takes so long together; null where nothing of it is known. */
export function usualStep(step: StepView, view: Pick<RunView, "runbook" | "usual">, progress: Progress): number | null {
  const left = step.items.filter((id) => view.runbook.items[id]?.on_path && !isSettled(statusOf(progress, id, null)));
  const known = left.flatMap((id) => usualOf(view.usual, id) ?? []);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0);
}

/** `11 s`, `1:30`, `under 1 s`: what is usual, beside what is. */
export function usually(ms: number): string {
  if (ms < 1000) return "under 1 s";
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : clock(Math.round(ms / 1000) * 1000);
}

/** `~1:30`, in a column of clocks. */
export function about(ms: number): string {
  return `~${clock(Math.max(1000, Math.round(ms / 1000) * 1000))}`;
}

export interface Left {
  /** Milliseconds; 0 when it has taken longer than usual. */
  ms: number;
  /** On how many past runs that rests at least. */
  runs: number;
  /** Items left to do that are not in it. */
  unknown: number;
}

/** How long what is left usually takes, less what has passed since the item in hand began; null where nothing is known. */
export function leftNow(view: RunView, progress: Progress, now: number): Left | null {
  const left = view.left;
  if (!left) return null;
  const passed = sinceHand(view, progress, now);
  const usual = view.hand === null ? null : usualOf(view.usual, view.hand);
  const spent = usual === null ? 0 : Math.min(usual, passed);
  return { ms: Math.max(0, left.ms - spent), runs: left.runs, unknown: left.unknown };
}

/** Since the item in hand began: its first attempt under way, or whatever was settled before it. Nothing passes in a pause. */
function sinceHand(view: RunView, progress: Progress, now: number): number {
  if (view.hand === null || view.run.state === "paused" || view.run.state === "interrupted") return 0;
  const item = progress.get(view.hand);
  const running = item?.status === "running";
  const probe = view.runbook.items[view.hand]?.kind === "probe";
  const attempt = running ? (probe ? item.attempts[0] : item.attempts.at(-1)) : undefined;
  const settled = [...progress.values()].filter((one) => isSettled(one.status)).map((one) => one.at);
  const began = attempt?.started_at ?? settled.reduce((last, at) => (at > last ? at : last), view.run.started_at);
  // What a person is asked is not timed by the machine: a command that waits for its start has taken nothing yet.
  const waits = !running && view.runbook.items[view.hand]?.kind !== "check";
  const passed = now - Date.parse(began);
  return waits || Number.isNaN(passed) ? 0 : Math.max(0, passed);
}

/** `about 7 min left`, in parts: what is strong stands between the others. */
export function leftWords(left: Left): [string, string, string] {
  if (left.ms === 0) return left.unknown > 0 ? ["", "", ""] : ["", "longer than usual", ""];
  return [left.unknown > 0 ? "at least" : "about", rough(left.ms), "left"];
}

/** `Ends about 03:24, going by 9 past runs`. `time` writes a time of day. */
export function endWords(left: Left, now: number, time: (at: string) => string): string {
  const by = `going by ${left.runs} past runs`;
  const open = left.unknown === 1 ? "1 item never timed" : `${left.unknown} items never timed`;
  if (left.ms === 0)
    return left.unknown > 0 ? `${open.charAt(0).toUpperCase()}${open.slice(1)}` : `Was to be over, ${by}`;
  const at = time(new Date(now + left.ms).toISOString());
  return left.unknown > 0 ? `Ends after ${at}, ${by}; ${open}` : `Ends about ${at}, ${by}`;
}
