// Which shape and which words stand for a state. Shape first: each has its own outline (the design's "State shapes").

import type { ItemKind, ItemStatus, RunStatus, RunSummary } from "../bindings/types";

export type Shape =
  | "pending"
  | "ready"
  | "running"
  | "passed"
  | "failed"
  | "skipped"
  | "waiting"
  | "rolledback"
  | "overridden"
  | "paused"
  | "abandoned"
  | "interrupted"
  | "box"
  | "boxed"
  | "probe"
  | "problem"
  | "hint"
  | "noundo";

export interface Mark {
  shape: Shape;
  label: string;
}

const ITEM: Record<ItemStatus, Mark> = {
  pending: { shape: "pending", label: "Not yet" },
  ready: { shape: "ready", label: "Ready" },
  running: { shape: "running", label: "Running" },
  waiting: { shape: "waiting", label: "Waits for you" },
  passed: { shape: "passed", label: "Passed" },
  failed: { shape: "failed", label: "Failed" },
  skipped: { shape: "skipped", label: "Skipped" },
  overridden: { shape: "overridden", label: "Taken as done" },
  undone: { shape: "rolledback", label: "Undone" },
  interrupted: { shape: "interrupted", label: "Interrupted" },
};

const RUN: Record<RunStatus, Mark> = {
  waiting: { shape: "waiting", label: "Waits for you" },
  running: { shape: "running", label: "Running" },
  paused: { shape: "paused", label: "Paused" },
  passed: { shape: "passed", label: "Passed" },
  failed: { shape: "failed", label: "Failed" },
  rolled_back: { shape: "rolledback", label: "Rolled back" },
  abandoned: { shape: "abandoned", label: "Abandoned" },
  handed_over: { shape: "skipped", label: "Handed over" },
  interrupted: { shape: "interrupted", label: "Interrupted" },
};

/** The mark of an item: a check by hand is a box until something else is known of it, a probe a probe. */
export function itemMark(kind: ItemKind, status: ItemStatus): Mark {
  if (kind === "check") {
    if (status === "passed") return { shape: "boxed", label: "Done by hand" };
    if (status === "pending" || status === "ready" || status === "waiting")
      return { shape: "box", label: "To be done by hand" };
  }
  if (kind === "probe" && (status === "pending" || status === "ready"))
    return { shape: "probe", label: "Sensed, not started" };
  return ITEM[status];
}

export function stepMark(status: ItemStatus): Mark {
  return ITEM[status];
}

export function runMark(state: RunStatus): Mark {
  return RUN[state];
}

/** The mark of a run under way: one that stands still, because its item in hand has failed or its record cannot be kept, wears
 * the square. */
export function openMark(run: RunSummary): Mark {
  if (run.held) return { shape: "failed", label: "Its record cannot be kept" };
  return run.failing ? { shape: "failed", label: "Failed, waits for a choice" } : RUN[run.state];
}

/** Whether a run is over: nothing more can be done in it. */
export function isOver(state: RunStatus): boolean {
  return (
    state === "passed" ||
    state === "failed" ||
    state === "rolled_back" ||
    state === "abandoned" ||
    state === "handed_over"
  );
}

/** The wordmark's lamp: square when a run has failed, diamond when something waits, tick when nothing does. */
export function lamp(open: readonly RunSummary[]): Mark {
  const count = (word: string, runs: readonly RunSummary[]): string =>
    runs.length === 1 ? `One run ${word}` : `${runs.length} runs ${word}`;
  const failed = open.filter((run) => run.state === "failed" || run.failing);
  const held = open.filter((run) => run.held);
  if (held.length > 0 && failed.length === 0)
    return { shape: "failed", label: count("stands still", held).replace(/^(\d+ runs) stands/, "$1 stand") };
  if (failed.length > 0)
    return { shape: "failed", label: count("has failed", failed).replace(/^(\d+ runs) has/, "$1 have") };
  const waiting = open.filter(
    (run) => run.state === "waiting" || run.state === "interrupted" || run.state === "paused",
  );
  if (waiting.length > 0)
    return { shape: "waiting", label: count("waits for you", waiting).replace(/^(\d+ runs) waits/, "$1 wait") };
  return { shape: "passed", label: open.length > 0 ? "All good, a run is under way" : "All good" };
}
