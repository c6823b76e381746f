import { ensureSyntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { Vocabulary } from "../../../bindings/types";
import { exactText } from "./exact";
import { hintAt, hints, type HintSource } from "./hints";
import { runbookLanguage } from "./language";

const TEXT = "---\nkind: incident\n---\n\n# {{host}} {{other}}\n\n```sh {timeout=30s}\nkind: echo\n```\n";
const words = {
  keys: [{ word: "kind", hint: "what it is for", values: ["incident", "routine"] }],
  attributes: [{ word: "timeout", hint: "the attempt ends after this", values: [""] }],
  variables: [{ word: "host", hint: "the host in question", values: [] }],
} as unknown as Vocabulary;
const source: HintSource = {
  words: () => words,
  problemsAt: (at) => (at === TEXT.indexOf("echo") ? ["echo says nothing"] : []),
};

function state(): EditorState {
  const made = EditorState.create({
    doc: TEXT,
    extensions: [exactText("\n"), runbookLanguage(), hints(source)],
  });
  ensureSyntaxTree(made, TEXT.length, 5000);
  return made;
}

test.each([
  ["kind", ["kind: what it is for", "values: incident, routine"]],
  ["timeout", ["timeout: the attempt ends after this"]],
  ["host", ["host: the host in question"]],
  ["other", ["other: no variable of this name"]],
  ["echo", ["echo says nothing"]],
])("what stands at %s is told", (word, lines) => {
  expect(hintAt(state(), TEXT.indexOf(word), source)?.lines).toEqual(lines);
});

test("a word of a command that looks like a key is none", () => {
  expect(hintAt(state(), TEXT.lastIndexOf("kind"), source)).toBeNull();
});

test.each(["{Control>}i{/Control}", "{F1}"])("%s tells it at the caret, until the caret moves on", async (keys) => {
  const view = new EditorView({ parent: document.body, state: state() });
  view.dispatch({ selection: { anchor: TEXT.indexOf("timeout") } });
  view.focus();
  await userEvent.keyboard(keys);
  expect(document.querySelector("[data-testid=hint]")).toHaveTextContent("timeout: the attempt ends after this");
  view.dispatch({ selection: { anchor: 0 } });
  expect(document.querySelector("[data-testid=hint]")).toBeNull();
  view.destroy();
});
