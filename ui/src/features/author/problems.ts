// What is said about the problems of a text, and which is the next one.

import type { TextProblem } from "../../bindings/types";

/** "2 to fix, 2 to consider". */
export function count(problems: readonly TextProblem[]): string {
  const fix = problems.filter((problem) => problem.severity !== "hint").length;
  const consider = problems.length - fix;
  if (problems.length === 0) return "nothing to fix";
  return [fix > 0 ? `${fix} to fix` : "", consider > 0 ? `${consider} to consider` : ""].filter(Boolean).join(", ");
}

/** In the order of the list: what is to be fixed before what is to be considered, each in the order of the text. */
export function fixFirst(problems: readonly TextProblem[]): { problem: TextProblem; index: number }[] {
  const all = problems.map((problem, index) => ({ problem, index }));
  const considered = (one: { problem: TextProblem }): number => Number(one.problem.severity === "hint");
  return all.sort((a, b) => considered(a) - considered(b));
}

/** The next problem behind a place, or before it; it goes round. */
export function nextProblem(problems: readonly TextProblem[], at: number, step: 1 | -1): number {
  if (problems.length === 0) return -1;
  if (step === 1) {
    const found = problems.findIndex((problem) => problem.from > at);
    return found < 0 ? 0 : found;
  }
  const found = problems.findLastIndex((problem) => problem.from < at);
  return found < 0 ? problems.length - 1 : found;
}
