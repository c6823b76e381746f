import { expect, test } from "vitest";

import type { ItemProgress, ItemStatus, RollbackEntry } from "../../bindings/types";
import { build } from "../../host/mock/build";
import {
  byHandWords,
  cameTo,
  chosen,
  entryMark,
  entryName,
  entryStatus,
  far,
  inPart,
  partQuestion,
  plannedMark,
  planWords,
  stackWords,
} from "./undoing";

const { view: book } = build(
  {
    relative: "a.md",
    title: "A",
    sections: [
      {
        phase: "steps",
        heading: "Steps",
        steps: [
          { title: "One", number: "1", items: [{ id: "one" }, { id: "undo-one", kind: "undo" }] },
          { title: "Two", number: "2", noReturn: true, items: [{ id: "two" }] },
          { title: "Three", number: "3", items: [{ id: "three" }, { id: "undo-three", kind: "undo" }] },
        ],
      },
      { phase: "rollback", heading: "Rollback", steps: [{ title: "Tell", items: [{ id: "tell" }] }] },
    ],
  },
  "/lib",
  1,
  true,
);

const entry = (item: string, step: string, more: Partial<RollbackEntry> = {}): RollbackEntry => ({
  item,
  step,
  title: step,
  text: "",
  how: "undo",
  in_part: false,
  settled: false,
  failed: false,
  ...more,
});

const three = entry("undo-three", "three", { in_part: true });
const two = entry("two", "two", { how: "by_hand" });
const one = entry("undo-one", "one");
const tell = entry("tell", "tell", { how: "phase" });
const plan = [three, two, one, tell];

const known = (status: ItemStatus): ItemProgress => ({
  item: "x",
  status,
  at: "",
  actor: "",
  remark: null,
  attempts: [],
  background: false,
  edited: null,
});

test("an entry is named by what it undoes", () => {
  expect(plan.map((each) => entryName(each, book))).toEqual(["Undo 3", "Undo 2", "Undo 1", "Rollback"]);
});

test("before it begins each way of undoing has its own shape", () => {
  expect(plan.map((each) => plannedMark(each).shape)).toEqual(["rolledback", "waiting", "rolledback", "pending"]);
});

test.each<[string, Partial<RollbackEntry>, ItemStatus | null, string | null, ItemStatus, string]>([
  ["to come", {}, null, null, "pending", "pending"],
  ["in hand", {}, "pending", "x", "ready", "ready"],
  ["running", {}, "running", "x", "running", "running"],
  ["by hand, in hand, though it had passed", { how: "by_hand" }, "passed", "x", "waiting", "waiting"],
  ["by hand, in hand, though it had failed", { how: "by_hand" }, "failed", "x", "waiting", "waiting"],
  ["not undone", { failed: true }, "failed", "x", "failed", "failed"],
  ["cut off", { failed: true }, "interrupted", "x", "interrupted", "interrupted"],
  ["undone", { settled: true }, "passed", null, "undone", "rolledback"],
  ["left out with a reason", { settled: true }, "skipped", null, "skipped", "skipped"],
  ["taken as done", { settled: true }, "overridden", null, "overridden", "overridden"],
])("during a rollback an entry that is %s shows it", (_, more, status, hand, says, shape) => {
  const given = { ...one, ...more, item: "x" };
  const progress = status === null ? undefined : known(status);
  expect(entryStatus(given, progress, hand)).toBe(says);
  expect(entryMark(given, progress, hand).shape).toBe(shape);
});

test("what failed is asked about once a step, unless it is left out", () => {
  const again = entry("undo-three-too", "three", { in_part: true });
  expect(inPart([three, again, one], [])).toEqual([three]);
  expect(inPart([three, one], ["undo-three"])).toEqual([]);
  expect(partQuestion([three], book)).toBe("Did step 3 take effect in part?");
  expect(partQuestion([three, one], book)).toBe("Did step 3 and step 1 take effect in part?");
});

test("a plan is shortened by what is left out, and by what took no effect", () => {
  expect(chosen(plan, [], null)).toEqual(plan);
  expect(chosen(plan, ["two", "tell"], true)).toEqual([three, one]);
  expect(chosen(plan, [], false)).toEqual([two, one, tell]);
});

test("a plan is told in numbers, and why it is not all commands", () => {
  expect(planWords(plan)).toBe(
    "4 actions in the order shown at the right, 1 by hand. Nothing starts before you say so.",
  );
  expect(planWords([one])).toBe("1 action, shown at the right. Nothing starts before you say so.");
  expect(planWords([one, { ...one, how: "run" }])).toBe(
    "2 actions in the order shown at the right, 1 in a run of its own. Nothing starts before you say so.",
  );
  // In a narrow window the plan is in a drawer that opens with it.
  expect(planWords([one], false)).toBe("1 action, shown when you choose this. Nothing starts before you say so.");
  expect(stackWords([three, two, one])).toBe("2 to undo, 1 by hand");
  expect(byHandWords(plan, book)).toBe("Step 2 has no undo: a person does it.");
  expect(byHandWords([one], book)).toBe("");
});

test("a rollback that is over says what it came to", () => {
  const done = { at: "2026-11-22T10:00:00Z", entries: plan.map((each) => ({ ...each, settled: true })), without: [] };
  expect(far(done)).toEqual({ done: 4, total: 4 });
  const progress = new Map([["undo-three", known("skipped")]]);
  expect(cameTo(done, progress)).toBe("2 undone, 1 of them by hand, 1 of the rollback phase, 1 left out.");
});
