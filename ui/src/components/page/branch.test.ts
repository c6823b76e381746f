import { expect, test } from "vitest";

import type { ItemProgress, ItemStatus } from "../../bindings/types";
import { build } from "../../host/mock/build";
import { branchTo, branchWords } from "./branch";

const { view: book } = build(
  {
    relative: "a.md",
    title: "A",
    sections: [
      { phase: "reference", heading: "Notes", steps: [{ title: "Why", items: [{ id: "why" }] }] },
      {
        phase: "steps",
        heading: "Steps",
        steps: [
          { title: "Look", number: "1", items: [{ id: "look" }] },
          { title: "Grow", number: "2", items: [{ id: "grow" }, { id: "wait", optional: true }] },
          { title: "Clean up", number: "3", items: [{ id: "clean" }] },
        ],
      },
    ],
  },
  "/lib",
  1,
  true,
);

function progress(states: Record<string, ItemStatus>): Map<string, ItemProgress> {
  return new Map(
    Object.entries(states).map(([item, status]) => [
      item,
      { item, status, at: "", actor: "", remark: null, attempts: [], background: false, edited: null },
    ]),
  );
}

test.each([
  ["by its heading", "clean-up"],
  ["by its heading with its number", "3-clean-up"],
  ["whatever its letters", "Clean-Up"],
])("a link along the path is a branch, found %s", (_, id) => {
  const branch = branchTo(book, progress({ look: "passed" }), id);
  expect(branch?.step.id).toBe("clean-up");
  expect([branch?.skips, branch?.again]).toEqual([["grow", "wait"], []]);
});

test("a link back makes what was done to be done once more", () => {
  const branch = branchTo(book, progress({ look: "passed", grow: "failed" }), "look");
  expect([branch?.skips, branch?.again]).toEqual([[], ["look"]]);
});

test.each([["why"], ["nowhere"], ["steps"]])("a link to %s is followed by looking at it", (id) => {
  expect(branchTo(book, new Map(), id)).toBeNull();
});

test("what it passes over is told before it is done", () => {
  const step = branchTo(book, new Map(), "look")?.step;
  if (!step) throw new Error("no step");
  expect(branchWords({ step, skips: ["a", "b", "c", "d", "e"], again: [] })).toBe(
    "Skips 5: a, b, c, d and 1 more, recorded with the reason “branch”.",
  );
  expect(branchWords({ step, skips: [], again: ["a"] })).toBe(
    "To be done once more: a. What was done stays in the record.",
  );
  expect(branchWords({ step, skips: [], again: [] })).toBe("Nothing is skipped: it is the next step.");
});
