// Handing a run over to somebody on another machine: whether it can be, what goes along and what does not (RUNS.md,
// "Handing over").

import type { RunView } from "../../bindings/types";
import { isSettled, onPath, progressOf } from "../../components/page/model";

const HIDDEN = "•••";

/** Whether there is anything left of it to hand over, and it is here to be handed over. */
export function canHandOver(view: RunView): boolean {
  const { state, live } = view.run;
  if (view.run.mode === "rehearse") return false;
  if (live) return state === "waiting" || state === "paused" || state === "running" || state === "failed";
  return state === "paused" || state === "interrupted" || state === "failed" || state === "handed_over";
}

/** Why it cannot be handed over right now, though it could be: one sentence. */
export function notYet(view: RunView): string | null {
  return view.run.live && view.run.state === "running"
    ? "A command is running. Let it end, or stop it: a run is handed over at rest."
    : null;
}

/** What is left to do, by the titles of its steps, in order. */
export function left(view: RunView): string[] {
  const progress = progressOf(view);
  const titles: string[] = [];
  for (const section of view.runbook.sections) {
    if (!onPath(section.phase)) continue;
    for (const step of section.steps) {
      const open = step.items.some((id) => {
        const item = view.runbook.items[id];
        return item?.on_path && !isSettled(progress.get(id)?.status ?? "pending");
      });
      if (open) titles.push(step.title);
    }
  }
  return titles;
}

export function goesAlong(view: RunView): string[] {
  const bytes = view.progress.some((one) => one.attempts.some((attempt) => attempt.output_bytes > 0));
  const open = Object.values(view.parameters).filter((value) => value !== HIDDEN).length;
  return [
    `the record, ${view.seq} events${bytes ? ", with everything that commands printed" : ""}`,
    "the runbook, as it was when the run began",
    ...(open > 0 ? [open === 1 ? "the parameter that was given" : `the ${open} parameters that were given`] : []),
    ...(view.set.length > view.lost.length ? ["what commands set for those after them"] : []),
  ];
}

export function staysHere(view: RunView): string[] {
  const hidden = Object.entries(view.parameters).flatMap(([name, value]) => (value === HIDDEN ? [name] : []));
  const memory = [...new Set([...hidden, ...view.lost])];
  return [
    "secrets and access: whoever goes on uses their own",
    ...(memory.length > 0 ? [`values kept in memory alone, which will be asked for: ${memory.join(", ")}`] : []),
    "the files that lie beside the runbook",
  ];
}

/** What the file may be called. */
export function fileName(view: RunView): string {
  const words = view.runbook.title
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  return `${words || "run"}-${view.run.id.slice(0, 8)}.allgood-run`;
}

/** To whom it was handed over, when, and by whom, the last time. */
export function handed(view: RunView): { to: string; at: string; by: string } | null {
  const last = view.timeline.findLast((entry) => entry.kind === "handed_over");
  return last && view.run.state === "handed_over" ? { to: last.text ?? "somebody", at: last.at, by: last.actor } : null;
}
