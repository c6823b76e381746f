// What the editor marks of a text that was looked at: problems, what can be tried, guidance.

import type { StateEffect, Text } from "@codemirror/state";

import type { Looked, TextProblem } from "../../bindings/types";
import { showGuidance } from "./editor/guidance";
import { showProblems, showRunnable } from "./editor/problems";
import type { Places } from "./places";

const TRIED: ReadonlySet<string> = new Set(["command", "probe", "undo"]);

/** The marks of an answer, in the text as it stands. */
export function marksOf(answer: Looked, problems: TextProblem[], places: Places, doc: Text): StateEffect<unknown>[] {
  const runnable = answer.items.filter((item) => item.refused === null && TRIED.has(item.kind));
  const guidance = answer.guidance.map((one) => ({
    ...places.range(one.from, one.to),
    remove: places.range(one.remove.from, one.remove.to),
    answered: one.answered,
  }));
  const parts = answer.outline.filter((one) => one.level > 0).map((one) => places.start(one.line));
  return [
    showProblems.of(problems),
    showRunnable.of(runnable.map((item) => places.line(item.line, doc))),
    showGuidance.of({ guidance, parts }),
  ];
}
