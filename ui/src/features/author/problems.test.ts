import { expect, test } from "vitest";

import type { TextProblem } from "../../bindings/types";
import { inHand, inList, nextProblem } from "./problems";

function problem(from: number, severity: TextProblem["severity"], message = `at ${from}`): TextProblem {
  return { code: "x", severity, line: from, from, to: from + 1, message, fixes: [] };
}
const all = [problem(0, "hint", "one"), problem(0, "hint", "two"), problem(5, "warning"), problem(9, "error")];

test("errors come first, then warnings, then what is to be considered, each in the order of the text", () => {
  expect(inList(all).map((one) => one.index)).toEqual([3, 2, 0, 1]);
});

test("in hand is the first of the list until one is chosen, and again when that is mended", () => {
  expect(inHand(all, null)).toBe(3);
  expect(inHand([], null)).toBe(-1);
  expect(inHand(all, problem(5, "warning"))).toBe(2);
  expect(inHand(all, problem(7, "warning", "mended"))).toBe(3);
});

test("of two that say the same the nearer one is the one that was chosen", () => {
  const twins = [problem(10, "hint", "same"), problem(90, "hint", "same")];
  expect(inHand(twins, problem(80, "hint", "same"))).toBe(1);
});

test("the keys walk in the order of the text from the caret, through all at one place, and round", () => {
  expect(nextProblem(all, 0, 1)).toBe(0);
  expect(nextProblem(all, 0, 1, 0)).toBe(1);
  expect(nextProblem(all, 0, 1, 1)).toBe(2);
  expect(nextProblem(all, 6, 1)).toBe(3);
  expect(nextProblem(all, 6, -1)).toBe(2);
  expect(nextProblem(all, 9, 1, 3)).toBe(0);
  expect(nextProblem(all, 0, -1, 0)).toBe(3);
  expect(nextProblem(all, 99, 1)).toBe(0);
  expect(nextProblem([], 0, 1)).toBe(-1);
});
