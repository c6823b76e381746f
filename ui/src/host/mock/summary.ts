// A pretended run as a list shows it.

import type { RunSummary } from "../../bindings/types";
import { isOver } from "../../lib/states";
import type { MockRun } from "./engine";
import { stepTitle } from "./filled";

const SETTLED = new Set(["passed", "skipped", "overridden"]);

export function summaryOf(run: MockRun): RunSummary {
  const { view } = run.built;
  const live = !isOver(run.state) && run.state !== "interrupted" && !run.elsewhere;
  const status = (item: string): string => run.progress.get(item)?.status ?? "pending";
  return {
    id: run.id,
    title: view.title,
    runbook: view.path,
    revision: view.revision,
    state: run.state,
    mode: run.mode,
    actor: run.actor,
    started_at: run.started,
    ended_at: run.ended,
    done: run.path.filter((id) => SETTLED.has(status(id))).length,
    total: run.path.length,
    step: stepTitle(run.built, run.hand),
    rescued: run.rescued,
    live,
    failing: live && run.hand !== null && status(run.hand) === "failed",
    ...(run.environment ? { environment: run.environment.name } : {}),
  };
}
