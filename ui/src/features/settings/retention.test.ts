import { expect, test } from "vitest";

import { daysOf, dueWords, keptWords } from "./retention";

const space = { bytes: 0, runs: 0, due_bytes: 0, due_runs: 0, removed_bytes: 0 };

test.each([
  ["90", { days: 90 }],
  [" 1 ", { days: 1 }],
  ["36500", { days: 36_500 }],
])("%s is taken", (typed, expected) => {
  expect(daysOf(typed)).toEqual(expected);
});

test.each(["", "0", "-3", "1.5", "36501", "a week"])("%j is refused in a sentence", (typed) => {
  expect(daysOf(typed)).toEqual({ fault: "A whole number of days, 1 to 36,500." });
});

test("what is kept and what would go is said before anything goes", () => {
  expect(keptWords(space)).toBe("none");
  expect(keptWords({ ...space, bytes: 1_500_000, runs: 1 })).toMatch(/of 1 run$/);
  expect(dueWords(space, 90)).toBe("No run finished more than 90 days ago still has outputs: nothing is removed now.");
  expect(dueWords({ ...space, due_bytes: 1_500_000, due_runs: 12 }, 1)).toMatch(
    /of 12 runs that finished more than a day ago will be removed for good\.$/,
  );
});
