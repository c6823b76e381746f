import { expect, test } from "vitest";

import { hitIn, missIn } from "./terminal";

const LINES = ["gate 1  to=b", "  gate 2  to=a", "", "lag 8.2 s of 41"];

test.each([
  ["to=a", { line: 1, column: 10, width: 4 }],
  ["/gate \\d/", { line: 0, column: 0, width: 6 }],
  ["nowhere", null],
  ["not: to=a", null],
  ["/(?<bad/", null],
])("what was expected is found in the output: %s", (expected, place) => {
  expect(hitIn(LINES, expected)).toEqual(place);
});

test.each([
  ["not: to=a", { line: 1, column: 10, width: 4 }],
  ["each line: /to=b/", { line: 1, column: 2, width: 12 }],
  ["number < 5", { line: 3, column: 13, width: 2 }],
  ["nowhere", null],
  ["not: never there", null],
])("what does not hold is found in the output, where it stands in it: %s", (expected, place) => {
  expect(missIn(LINES, expected)).toEqual(place);
});
