import { expect, test } from "vitest";

import type { ItemComparison, ItemSide, RunComparison, RunSummary } from "../../bindings/types";
import { chosen, differences, name, pairs, summary, went } from "./compare";

const side = (more: Partial<ItemSide> = {}): ItemSide => ({
  status: "passed",
  attempts: 1,
  state: "passed",
  exit: 0,
  signal: null,
  duration_ms: 12_400,
  expectations: [],
  remark: null,
  ...more,
});

const item = (id: string, differs: string[], more: Partial<ItemComparison> = {}): ItemComparison => ({
  item: id,
  title: "Promote",
  text: "",
  sides: [side(), side()],
  differs,
  command: null,
  ...more,
});

const run = (id: string): RunSummary => ({
  id,
  title: "Move it",
  runbook: "/a.md",
  revision: `${id}23456789abcdef`,
  state: "passed",
  mode: "hand",
  actor: "mara@desk",
  started_at: "2026-11-22T03:02:00.000Z",
  ended_at: null,
  done: 1,
  total: 1,
  step: null,
  rescued: false,
  live: false,
});

const found = (items: ItemComparison[]): RunComparison => ({
  one: run("a"),
  other: run("b"),
  duration_ms: [61_000, null],
  environment: ["staging", null],
  same_revision: false,
  parameters: [{ name: "HOST", values: ["a", null] }],
  items,
});

test("what stands at the head says which facts differ", () => {
  const told = pairs(found([]), (at) => at.slice(0, 10));
  const differs = told.filter((pair) => pair.differs).map((pair) => pair.name);
  expect(differs).toEqual(["Took", "Environment", "Revision", "HOST"]);
  expect(told.find((pair) => pair.name === "Took")?.values).toEqual(["1:01", "not finished"]);
  expect(told.find((pair) => pair.name === "HOST")?.values).toEqual(["a", "not given"]);
});

test.each([
  [{}, "passed, exit 0, 12.4 s"],
  [{ status: "failed", state: "failed", exit: 1, attempts: 3 }, "failed, exit 1, 3 attempts, 12.4 s"],
  [{ status: "failed", state: "stopped", exit: null, signal: "SIGTERM" }, "failed, stopped, ended by SIGTERM, 12.4 s"],
  [{ status: "skipped", attempts: 0, state: null, exit: null, duration_ms: null }, "skipped"],
] as [Partial<ItemSide>, string][])("%o went: %s", (more, says) => {
  expect(went(side(more))).toBe(says);
});

test("the differences are shown, or every item, and each says in what it differs", () => {
  const items = [item("one", []), item("two", ["status", "command"]), item("three", ["presence"])];
  expect(chosen(items, false).map((one) => one.item)).toEqual(["two", "three"]);
  expect(chosen(items, true)).toHaveLength(3);
  expect(items.map(differences)).toEqual(["", "state, what ran", "only in one of the two"]);
  expect(summary(found(items))).toBe("2 of 3 items differ.");
  expect(summary(found([item("one", [])]))).toBe("The one item went the same way.");
  expect(name(item("two", [], { text: "Look twice" }))).toBe("Look twice");
});
