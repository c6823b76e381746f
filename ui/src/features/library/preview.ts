// What the preview says about a runbook.

import type { ItemView, Mode, Phase, RunbookView, StepView } from "../../bindings/types";
import { rough } from "../../lib/time";

const NAMES: Partial<Record<Phase, string>> = {
  preconditions: "Preconditions",
  diagnosis: "Diagnosis",
  steps: "Steps",
  validation: "Validation",
};

const NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const word = (count: number): string => NUMBERS[count] ?? String(count);

/** A line for each phase that it has: how many steps, and what is known of them. */
export function inside(view: RunbookView): { name: string; says: string }[] {
  const lines: { name: string; says: string }[] = [];
  for (const phase of ["preconditions", "diagnosis", "steps", "validation"] as const) {
    const steps = view.sections.filter((section) => section.phase === phase).flatMap((section) => section.steps);
    if (steps.length === 0) continue;
    lines.push({ name: NAMES[phase] ?? phase, says: describe(steps, view.items) });
  }
  lines.push({ name: "Rollback", says: rollback(view) });
  return lines;
}

function describe(steps: readonly StepView[], items: { [id: string]: ItemView | undefined }): string {
  const sensed = steps.filter((step) => step.items.some((id) => items[id]?.kind === "probe")).length;
  const verified = steps.filter((step) => step.items.some((id) => (items[id]?.expects.length ?? 0) > 0)).length;
  const commands = steps.filter((step) => step.items.some((id) => items[id]?.kind === "command")).length;
  if (sensed > 0) return `${steps.length}, ${share(sensed, steps.length)} sensed`;
  if (commands > 0 && verified > 0) return `${steps.length}, ${share(verified, steps.length)} verified`;
  return commands > 0 ? String(steps.length) : `${steps.length}, by hand`;
}

function share(some: number, all: number): string {
  if (some < all) return word(some);
  if (all === 1) return "it is";
  return all === 2 ? "both" : "all";
}

/** How far one can go back. */
export function rollback(view: RunbookView): string {
  const path = view.sections.filter((section) => section.phase !== "reference" && section.phase !== "rollback");
  const steps = path
    .flatMap((section) => section.steps)
    .filter((step) => step.items.some((id) => view.items[id]?.kind === "command"));
  const undone = steps.filter((step) => step.can_undo).length;
  const phase = view.sections.some((section) => section.phase === "rollback");
  const stop = steps.some((step) => step.no_return) ? ", one has none" : "";
  if (undone > 0 && undone === steps.length) return `every step${phase ? " and a phase" : ""}`;
  if (undone > 0) return `${undone} of ${steps.length} steps${stop}`;
  return phase ? "a phase of its own" : "none";
}

/** How long it usually takes, and how many of its last runs passed; null when none has. */
export function usualTime(view: RunbookView): string | null {
  const usual = view.usual;
  if (!usual || usual.median_ms === null) return null;
  return `${rough(usual.median_ms)}, ${usual.passed} of ${usual.runs} ${usual.runs === 1 ? "run" : "runs"} passed`;
}

/**
 * Why it cannot be started, if it cannot; what to do is beside it. A rehearsal executes nothing, so it asks for no trust.
 */
export function held(view: RunbookView, mode: Mode): string | null {
  if (view.refused !== null) return view.refused;
  if (!view.trusted && mode !== "rehearse") return "Its folder is not trusted yet.";
  return null;
}

/** What stands behind the date of the last review. */
export function dueSays(days: number | null): string {
  if (days === null) return "";
  if (days < 0) return days === -1 ? ", due yesterday" : `, ${-days} days over`;
  return days === 0 ? ", due today" : `, due in ${days === 1 ? "1 day" : `${days} days`}`;
}
