import { expect, test } from "vitest";

import { type At, keyAction } from "./runkeys";

const at: At = {
  kind: "command",
  status: "ready",
  active: true,
  paused: false,
  choosable: true,
  undoable: true,
  opens: false,
  byHand: false,
  handable: true,
};

test.each<[string, Partial<At>, ReturnType<typeof keyAction>]>([
  ["Enter", {}, { do: "run" }],
  ["Enter", { status: "failed" }, { do: "retry" }],
  ["e", { status: "failed" }, { do: "edit" }],
  ["m", { status: "failed" }, { do: "ask", question: "done" }],
  ["s", { status: "failed" }, { do: "ask", question: "skip" }],
  ["Enter", { status: "interrupted", active: false }, { do: "retry" }],
  ["e", {}, null],
  ["m", {}, null],
  ["e", { kind: "check", status: "failed" }, null],
  ["Space", { kind: "check", status: "failed" }, { do: "retry" }],
  ["Enter", { status: "failed", active: false, choosable: false }, null],
  ["Enter", { status: "failed", paused: true }, null],
  ["r", {}, { do: "plan" }],
  ["r", { active: false, choosable: false }, { do: "plan" }],
  ["r", { undoable: false }, null],
  ["Enter", { byHand: true, status: "passed" }, { do: "undone" }],
  ["Enter", { byHand: true, status: "failed" }, { do: "undone" }],
  ["s", { byHand: true, status: "passed" }, null],
  ["Space", { kind: "check" }, { do: "tick" }],
  ["f", { kind: "check" }, { do: "ask", question: "fail" }],
  ["n", {}, { do: "note" }],
  ["p", { paused: true }, { do: "pause" }],
  ["v", { active: false, choosable: false }, { do: "report" }],
  ["h", {}, { do: "hand" }],
  ["h", { handable: false }, null],
  ["Escape", {}, { do: "back" }],
  ["3", {}, { do: "link", at: 3 }],
])("the key %s on %o does %o", (key, more, does) => {
  expect(keyAction(key, { ...at, ...more })).toEqual(does);
});

test("a check that stands for a run is opened by Enter, and ticked by Space with a reason", () => {
  const check = { ...at, kind: "check", status: "ready", opens: true } as const;
  expect(keyAction("Enter", check)).toEqual({ do: "open" });
  expect(keyAction("Space", check)).toEqual({ do: "tick" });
  expect(keyAction("Enter", { ...check, status: "failed" })).toEqual({ do: "retry" });
  expect(keyAction("Enter", { ...check, opens: false })).toBeNull();
});
