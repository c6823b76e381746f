import { expect, test } from "vitest";

import type { RunStatus, RunSummary } from "../../bindings/types";
import { asked, comparing, countWords, narrowed, none, pageWords, stateName, STATES, timeName } from "./list";

const run = (id: string, started_at: string): RunSummary => ({
  id,
  title: "Move it",
  runbook: "/a.md",
  revision: "",
  state: "passed",
  mode: "hand",
  actor: "mara@desk",
  started_at,
  ended_at: null,
  done: 0,
  total: 3,
  step: null,
  rescued: false,
  live: false,
});

test("every state that a run can have can be asked for by itself", () => {
  const alone = STATES.filter((one) => one.states.length === 1).flatMap((one) => one.states);
  const all: RunStatus[] = [
    "waiting",
    "running",
    "paused",
    "interrupted",
    "passed",
    "failed",
    "rolled_back",
    "abandoned",
    "handed_over",
  ];
  expect(alone).toEqual(all);
  expect([stateName([]), stateName(["rolled_back"]), stateName(STATES[0]?.states ?? [])]).toEqual([
    null,
    "Rolled back",
    "Under way",
  ]);
});

test("only what was chosen is asked for", () => {
  expect(asked(none(), 0)).toEqual({ runbook: null, state: null, words: null, offset: 0, limit: 100 });
  const chosen = { ...none(), words: " db ", person: "mara@desk", since: "7d", failures: true };
  expect(asked(chosen, 200)).toMatchObject({
    words: "db",
    actor: "mara@desk",
    since: "7d",
    failures: true,
    offset: 200,
  });
  expect([narrowed(none()), narrowed({ ...none(), words: "  " }), narrowed(chosen)]).toEqual([false, false, true]);
});

test("times and counts are said in words", () => {
  expect([timeName("", ""), timeName("7d", ""), timeName("2026-11-01", "2026-11-22"), timeName("", "1d")]).toEqual([
    null,
    "Last 7 days",
    "2026-11-01 to 2026-11-22",
    "Before 1d",
  ]);
  expect(pageWords(9900, 100, 10_000)).toBe("9,901 to 10,000 of 10,000");
  expect([countWords(1, true), countWords(10_000, false)]).toEqual(["1 run matches", "10,000 runs recorded"]);
});

test("the first of two runs is kept, the same one is taken back, and the older of two stands at the left", () => {
  const [older, newer] = [run("a", "2026-11-01T00:00:00.000Z"), run("b", "2026-11-02T00:00:00.000Z")];
  expect(comparing(null, newer)).toEqual({ first: newer, compare: null });
  expect(comparing(newer, newer)).toEqual({ first: null, compare: null });
  expect(comparing(newer, older)).toEqual({ first: null, compare: ["a", "b"] });
  expect(comparing(older, newer).compare).toEqual(["a", "b"]);
});
