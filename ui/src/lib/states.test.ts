import { expect, test } from "vitest";

import type { RunStatus, RunSummary } from "../bindings/types";
import { itemMark, lamp } from "./states";

const run = (id: string, state: RunStatus): RunSummary => ({
  id,
  title: "Move it",
  runbook: "/a.md",
  revision: "",
  state,
  mode: "hand",
  actor: "mara@desk",
  started_at: "2026-11-22T10:00:00Z",
  ended_at: null,
  done: 0,
  total: 3,
  step: null,
  rescued: false,
  live: true,
});

test("the lamp is a tick while nothing waits, a diamond when something does, a square when a run has failed", () => {
  expect(lamp([]).shape).toBe("passed");
  expect(lamp([run("a", "running")]).shape).toBe("passed");
  expect(lamp([run("a", "running"), run("b", "waiting")]).shape).toBe("waiting");
  expect(lamp([run("a", "interrupted")]).shape).toBe("waiting");
  expect(lamp([run("a", "waiting"), run("b", "failed")]).shape).toBe("failed");
  expect(lamp([{ ...run("a", "waiting"), failing: true }]).shape).toBe("failed");
  expect(lamp([{ ...run("a", "running"), held: true }])).toEqual({ shape: "failed", label: "One run stands still" });
});

test("the lamp says what it shows", () => {
  expect(lamp([run("a", "waiting")]).label).toBe("One run waits for you");
  expect(lamp([run("a", "waiting"), run("b", "paused")]).label).toBe("2 runs wait for you");
  expect(lamp([run("a", "failed"), run("b", "failed")]).label).toBe("2 runs have failed");
});

test("a check by hand is a box, a sensed item a probe and never a box", () => {
  expect(itemMark("check", "ready").shape).toBe("box");
  expect(itemMark("check", "passed").shape).toBe("boxed");
  expect(itemMark("check", "failed").shape).toBe("failed");
  expect(itemMark("probe", "ready").shape).toBe("probe");
  expect(itemMark("probe", "passed").shape).toBe("passed");
  expect(itemMark("command", "ready").shape).toBe("ready");
});
