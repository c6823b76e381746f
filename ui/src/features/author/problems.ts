// What is said about the problems of a text, in which order they are shown, and which is the next one.

import type { TextProblem } from "../../bindings/types";

/** "2 to fix, 2 to consider". */
export function count(problems: readonly TextProblem[]): string {
  const fix = problems.filter((problem) => problem.severity !== "hint").length;
  const consider = problems.length - fix;
  if (problems.length === 0) return "nothing to fix";
  return [fix > 0 ? `${fix} to fix` : "", consider > 0 ? `${consider} to consider` : ""].filter(Boolean).join(", ");
}

const RANK = { error: 0, warning: 1, hint: 2 } as const;

/** In the order of the list: errors, warnings, what is to be considered; each in the order of the text. */
export function inList(problems: readonly TextProblem[]): { problem: TextProblem; index: number }[] {
  const all = problems.map((problem, index) => ({ problem, index }));
  return all.sort((a, b) => RANK[a.problem.severity] - RANK[b.problem.severity] || a.problem.from - b.problem.from);
}

/**
 * Which problem is in hand: the one that was chosen, wherever it stands now, else the first of the list. -1 where there
 * is none.
 */
export function inHand(problems: readonly TextProblem[], chosen: TextProblem | null): number {
  let best = -1;
  if (chosen !== null)
    problems.forEach((problem, index) => {
      if (problem.code !== chosen.code || problem.message !== chosen.message) return;
      const old = problems[best];
      if (!old || Math.abs(problem.from - chosen.from) < Math.abs(old.from - chosen.from)) best = index;
    });
  return best >= 0 ? best : (inList(problems)[0]?.index ?? -1);
}

/**
 * The next problem in the order of the text behind a place, or before it; it goes round. Of several at one place each has
 * its turn: `hand` is the one that was gone to last, if that was by this way.
 */
export function nextProblem(problems: readonly TextProblem[], at: number, step: 1 | -1, hand = -1): number {
  const order = problems.map((problem, index) => ({ from: problem.from, index })).sort((a, b) => a.from - b.from);
  if (order.length === 0) return -1;
  const current = order.findIndex((one) => one.index === hand && one.from === at);
  let next: number;
  if (current >= 0) next = current + step;
  else if (step === 1) next = order.findIndex((one) => one.from >= at);
  else next = order.findLastIndex((one) => one.from < at);
  if (current < 0 && next < 0) next = step === 1 ? 0 : order.length - 1;
  return order[(next + order.length) % order.length]?.index ?? -1;
}
