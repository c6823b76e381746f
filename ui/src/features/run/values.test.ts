import { expect, test } from "vitest";

import { type At, keyAction } from "./runkeys";
import { fieldsOf, filled, needsOf, unanswered, valuesToSend, type Given } from "../../components/page/values";

const fields = fieldsOf({ placeholders: ["pod name"], doubts: ["[ZONE]"], variables: ["REASON"] });
const given = (entries: Record<string, Partial<Given>>): Map<string, Given> =>
  new Map(Object.entries(entries).map(([name, entry]) => [name, { value: "", settled: false, ...entry }]));

test("nothing is answered at first, and nothing is sent", () => {
  expect(unanswered(fields, given({})).map((field) => field.name)).toEqual(["pod name", "[ZONE]", "REASON"]);
  expect(valuesToSend(fields, given({}))).toEqual({});
});

test("a doubt may be left as it stands and a variable empty, on purpose; a placeholder wants a value", () => {
  const answers = given({ "pod name": { settled: true }, "[ZONE]": { settled: true }, REASON: { settled: true } });
  expect(unanswered(fields, answers).map((field) => field.name)).toEqual(["pod name"]);
  expect(valuesToSend(fields, given({ "[ZONE]": { settled: true }, REASON: { settled: true } }))).toEqual({
    "[ZONE]": "[ZONE]",
    REASON: "",
  });
});

test("what was typed is sent as it was typed", () => {
  expect(valuesToSend(fields, given({ "pod name": { value: "web 1" }, "[ZONE]": { value: "eu-1" } }))).toEqual({
    "pod name": "web 1",
    "[ZONE]": "eu-1",
  });
});

test("the command shows each value where it will stand", () => {
  const pieces = filled(
    "podctl delete <pod name> --zone [ZONE]; podctl get <pod name>",
    fields,
    given({ "pod name": { value: "web-1" } }),
  );
  expect(pieces.map((piece) => piece.text).join("")).toBe("podctl delete web-1 --zone [ZONE]; podctl get web-1");
  expect(pieces.filter((piece) => piece.kind === "open").map((piece) => piece.text)).toEqual(["[ZONE]"]);
  expect(pieces.filter((piece) => piece.kind === "filled")).toHaveLength(2);
});

test("a value that looks like a placeholder is not filled again", () => {
  const two = fieldsOf({ placeholders: ["a", "b"], doubts: [], variables: [] });
  const pieces = filled("x <a> <b>", two, given({ a: { value: "<b>" }, b: { value: "2" } }));
  expect(pieces.map((piece) => piece.text).join("")).toBe("x <b> 2");
});

const at = (kind: At["kind"], status: At["status"], active = true, paused = false): At => ({
  kind,
  status,
  active,
  paused,
  choosable: active,
  undoable: false,
  opens: false,
  byHand: false,
  handable: false,
});

test.each([
  ["Space", "check", "ready", { do: "tick" }],
  ["Space", "message", "ready", { do: "sent" }],
  ["Space", "command", "ready", null],
  ["Enter", "command", "ready", { do: "run" }],
  ["Enter", "probe", "failed", { do: "retry" }],
  ["Enter", "check", "ready", null],
  ["s", "command", "ready", { do: "ask", question: "skip" }],
  ["s", "command", "passed", null],
  ["s", "command", "running", null],
  ["f", "check", "ready", { do: "ask", question: "fail" }],
  ["f", "command", "ready", null],
  ["m", "command", "failed", { do: "ask", question: "done" }],
  ["m", "command", "ready", null],
  ["n", "command", "ready", { do: "note" }],
  ["p", "command", "ready", { do: "pause" }],
  ["3", "command", "ready", { do: "link", at: 3 }],
  ["0", "command", "ready", null],
  ["Ctrl+j", "command", "ready", { do: "drawer" }],
] as const)("%s on a %s that is %s does %o", (key, kind, status, action) => {
  expect(keyAction(key, at(kind, status))).toEqual(action);
});

test("in a run that is over the keys only read", () => {
  expect(keyAction("Space", at("check", "ready", false, false))).toBeNull();
  expect(keyAction("n", at("check", "ready", false, false))).toBeNull();
  expect(keyAction("1", at("check", "ready", false, false))).toEqual({ do: "link", at: 1 });
  expect(keyAction("Escape", at(null, "pending", false, false))).toEqual({ do: "back" });
});

test("while a run is paused nothing starts, and P goes on", () => {
  expect(keyAction("Enter", at("command", "ready", true, true))).toBeNull();
  expect(keyAction("p", at("command", "ready", true, true))).toEqual({ do: "pause" });
});

test("variables that the run has set are not asked for", () => {
  const item = { placeholders: [], doubts: [], variables: ["VOLUME", "BUDGET"] };
  expect(needsOf(item, []).variables).toEqual(["VOLUME", "BUDGET"]);
  expect(needsOf(item, ["BUDGET", "HOME"]).variables).toEqual(["VOLUME"]);
});
