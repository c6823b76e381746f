import { Text } from "@codemirror/state";
import { expect, test } from "vitest";

import { placed } from "./suggested";

const saved = Text.of(["# Move", "", "```sh", "cp a b", "```", ""]);
const at = saved.toString().indexOf("cp a b");
const edits = [{ from: at, to: at + "cp a b".length, text: "cp -a a b" }];

function after(doc: Text): string | null {
  return placed(saved, doc, edits)?.apply(doc).toString() ?? null;
}

test("an edit goes to its place in the text as it was saved", () => {
  expect(after(saved)).toBe("# Move\n\n```sh\ncp -a a b\n```\n");
});

test("an edit finds its place also where something else was typed and not saved", () => {
  const typed = Text.of(["# Move it, with care", "", "Some words.", "", "```sh", "cp a b", "```", "", "The end."]);
  expect(after(typed)).toBe("# Move it, with care\n\nSome words.\n\n```sh\ncp -a a b\n```\n\nThe end.");
});

test("an edit of lines that were changed meanwhile is not put over what was typed", () => {
  expect(after(Text.of(["# Move", "", "```sh", "cp a c", "```", ""]))).toBeNull();
  expect(after(Text.of(["# Move", ""]))).toBeNull();
});

test("an edit that lies outside the text is none", () => {
  expect(placed(saved, saved, [{ from: 0, to: 999, text: "" }])).toBeNull();
});
