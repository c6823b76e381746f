import { expect, test } from "vitest";

import type { RunSummary } from "../bindings/types";
import { about, moved, neighbour } from "./switching";

const run = (id: string, live = true): RunSummary => ({
  id,
  title: "Move it",
  runbook: "/a.md",
  revision: "",
  state: "waiting",
  mode: "hand",
  actor: "mara@desk",
  started_at: "2026-11-22T10:00:00Z",
  ended_at: null,
  done: 2,
  total: 3,
  step: null,
  rescued: false,
  live,
});

test("keys go through the runs under way, and on to the runbooks", () => {
  expect(["j", "ArrowDown", "k", "End", "Home", "x"].map((key) => moved(key, 1, 2))).toEqual([2, 2, 0, 2, 0, null]);
  expect([moved("k", 0, 2), moved("j", 2, 2)]).toEqual([0, 2]);
});

test("the next and the one before go round, and lead nowhere where there is no other", () => {
  const three = [run("a"), run("b"), run("c")];
  expect([neighbour(three, "c", 1), neighbour(three, "a", -1), neighbour(three, "b", 1)]).toEqual(["a", "c", "c"]);
  expect(neighbour([run("a")], "a", 1)).toBeNull();
  expect(neighbour([], null, 1)).toBeNull();
  expect(neighbour(three, "over", 1)).toBe("a");
});

test("a run says how far it is, and how long it goes only while somebody drives it", () => {
  const now = Date.parse("2026-11-22T10:14:32Z");
  expect(about(run("a"), now)).toBe("2 of 3 done · 14:32");
  expect(about(run("a", false), now)).toBe("2 of 3 done");
});
