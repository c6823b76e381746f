import { expect, test } from "vitest";

import { gaps, nextGap, unfilled } from "./message";

test("places that are still to be filled are found, comparisons and addresses are not", () => {
  expect(gaps("We look at <what is broken> since <time>.").length).toBe(2);
  expect(gaps("a < b, <https://x.example>, <a@b.example>, < x >").length).toBe(1);
  const text = "<one> and <two>";
  expect(nextGap(text, 0)).toEqual({ from: 0, to: 5 });
  expect(nextGap(text, 5)).toEqual({ from: 10, to: 15 });
  expect(nextGap(text, 15)).toEqual({ from: 0, to: 5 });
  expect(nextGap("nothing", 0)).toBeNull();
});

test.each([
  ["It is over.", null],
  ["Over since <time>.", "<time> is still to be filled in."],
  ["<who> since <time>.", "<who> and 1 more place are still to be filled in."],
  ["<who> since <time>, <why>.", "<who> and 2 more places are still to be filled in."],
])("what is still to be filled in is named: %s", (text, says) => {
  expect(unfilled(text)).toBe(says);
});
