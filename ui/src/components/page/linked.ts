// What a check that stands for a run of another runbook offers to do.

import type { ItemStatus, LinkedRun, RunSummary } from "../../bindings/types";

/** What its button does: opens a run, goes to the one under way, or opens another one. */
export function openWords(under: LinkedRun | undefined, child: RunSummary | undefined, status: ItemStatus): string {
  if (under?.state === "opened") return child && !child.live ? "Go to its run" : "Go on in its run";
  return status === "failed" ? "Run it again" : "Open run";
}
