import { expect, test } from "vitest";
import type { ItemStatus, RunView } from "../../bindings/types";
import { verdict } from "./verdict";

function passed(...statuses: ItemStatus[]): RunView {
  const run = { state: "passed", mode: "hand", started_at: "2026-11-22T15:00:00Z", ended_at: "2026-11-22T15:01:00Z" };
  return {
    run: { ...run, done: statuses.length, total: statuses.length, rescued: false, step: null, live: false },
    runbook: { last_runs: [] },
    progress: statuses.map((status, at) => ({ item: String(at), status, attempts: [] })),
  } as unknown as RunView;
}

test("what was taken on a person's word is not called all good", () => {
  expect(verdict(passed("passed", "skipped"))?.title).toBe("All good");
  const failed = passed("passed", "skipped");
  const [, left] = failed.progress;
  if (left) left.attempts = [{ state: "failed" } as (typeof left.attempts)[number]];
  expect(verdict(failed)?.title).toBe("Passed, with exceptions");
  expect(verdict(passed("passed", "overridden"))?.title).toBe("Passed, with exceptions");
  expect(verdict(passed("passed", "overridden"))?.sentence).toContain("1 taken as done.");
});
