import { expect, test } from "vitest";

import type { RunbookRow, RunSummary } from "../../bindings/types";
import { badge, dots, last, pieces } from "./list";

const NOW = Date.parse("2026-11-22T12:00:00Z");

function run(more: Partial<RunSummary> = {}): RunSummary {
  return {
    id: "r1",
    title: "",
    runbook: "",
    revision: "",
    state: "passed",
    mode: "hand",
    actor: "mara@desk",
    started_at: "2026-11-22T05:51:00Z",
    ended_at: "2026-11-22T06:00:00Z",
    done: 3,
    total: 3,
    step: null,
    rescued: false,
    live: false,
    ...more,
  };
}

function row(path: string, more: Partial<RunbookRow> = {}): RunbookRow {
  return {
    path,
    relative: path,
    library: 1,
    title: path,
    kind: null,
    severity: null,
    owner: null,
    tags: [],
    steps: 1,
    trusted: true,
    errors: 0,
    warnings: 0,
    review_due: null,
    review_days: null,
    pinned: false,
    draft: false,
    no_rollback: false,
    cadence: null,
    git: null,
    problem: null,
    last_runs: [],
    snippet: null,
    ...more,
  };
}

test.each([
  [[], "never run", ""],
  [[run()], "passed in 9 min", "6 h ago"],
  [[run({ state: "failed", step: "Fence it" })], "failed at Fence it", "6 h ago"],
  [[run({ state: "running", ended_at: null, done: 1 })], "running now", "1 of 3 done"],
  [[run({ state: "waiting", ended_at: null, done: 1 })], "waits for you", "1 of 3 done"],
  [[run({ mode: "rehearse" })], "rehearsed, passed in 9 min", "6 h ago"],
])("the last run reads %#: %s", (runs, text, when) => {
  const found = last(row("x", { last_runs: runs as RunSummary[] }), NOW);
  expect([found.text, found.when]).toEqual([text, when]);
});

test("history stands oldest first, and what passed is only a dot", () => {
  const runs = [
    run({ id: "4", state: "failed" }),
    run({ id: "3" }),
    run({ id: "2", state: "abandoned" }),
    run({ id: "1" }),
  ];
  expect(dots(row("x", { last_runs: runs })).map((dot) => dot.shape)).toEqual(["dot", "abandoned", "dot", "failed"]);
});

test.each([
  [{ problem: "gone", errors: 1 }, "Cannot be read"],
  [{ errors: 2, trusted: false }, "2 errors"],
  [{ errors: 1 }, "1 error"],
  [{ trusted: false, warnings: 3 }, "Not trusted yet"],
  [{ warnings: 1 }, "1 warning"],
  [{ warnings: 1, no_rollback: true }, "No rollback"],
  [{ no_rollback: true, review_days: -12 }, "Review 12 days over"],
  [{ review_days: -1 }, "Review 1 day over"],
  [{ review_days: 0 }, "Review due today"],
  [{ review_days: 6, warnings: 1 }, "Review in 6 days"],
  [{ review_days: 40 }, undefined],
  [{ draft: true, review_days: -12 }, "Draft not saved"],
  [{}, undefined],
])("%o is marked as %s", (more, text) => {
  expect(badge(row("x", more))?.text).toBe(text);
});

test("hits of a search are marked, and nothing of the marks is shown", () => {
  expect(pieces("stop \u0002nginx\u0003 and \u0002nginx\u0003")).toEqual([
    { text: "stop ", hit: false },
    { text: "nginx", hit: true },
    { text: " and ", hit: false },
    { text: "nginx", hit: true },
  ]);
  expect(pieces("<b>\u0002x\u0003</b>")[0]?.text).toBe("<b>");
});
