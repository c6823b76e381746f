import { openSearchPanel } from "@codemirror/search";
import { undo, history } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, describe, expect, test, vi } from "vitest";

import { exactText, type LineEnd } from "./exact";
import { findAndReplace, forLineEnd } from "./find";
import { said, Tally } from "./tally";

let view: EditorView | null = null;
afterEach(() => view?.destroy());

function open(text: string, end: LineEnd = "\n"): EditorView {
  view = new EditorView({
    parent: document.body,
    state: EditorState.create({
      doc: EditorState.create({ extensions: EditorState.lineSeparator.of("\n") }).toText(text),
      extensions: [exactText(end), history(), findAndReplace(end)],
    }),
  });
  openSearchPanel(view);
  return view;
}

function field(name: string): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>(`.cm-search [name='${name}']`);
  if (!found) throw new Error(`no field ${name}`);
  return found;
}

async function says(words: string): Promise<void> {
  await vi.waitFor(() => expect(document.querySelector("[data-testid='find-count']")?.textContent).toBe(words));
}

const user = userEvent.setup();

describe("find and replace by keys alone", () => {
  test("what is typed is found from the caret on, counted, and walked through in both directions", async () => {
    const editor = open("pod\nnode\npod\nPod\n");
    editor.dispatch({ selection: { anchor: 4 } });
    expect(document.activeElement).toBe(field("search"));
    await user.keyboard("pod");
    await says("2 of 3");
    expect(editor.state.selection.main).toMatchObject({ from: 9, to: 12 });
    await user.keyboard("{Enter}");
    await says("3 of 3");
    await user.keyboard("{Enter}");
    await says("1 of 3");
    await user.keyboard("{Shift>}{Enter}{/Shift}");
    await says("3 of 3");
    await user.keyboard("{Escape}");
    expect(document.querySelector(".cm-search")).toBeNull();
    expect(editor.hasFocus).toBe(true);
  });

  test("case, whole words and expressions are a key each, and a wrong expression is told", async () => {
    open("pod pods POD p.d\n");
    await user.keyboard("pod");
    await says("1 of 3");
    await user.keyboard("{Alt>}c{/Alt}");
    await says("1 of 2");
    await user.keyboard("{Alt>}w{/Alt}");
    await says("1 of 1");
    expect(field("word")).toHaveAttribute("aria-pressed", "true");
    await user.keyboard("{Alt>}cwr{/Alt}");
    await user.clear(field("search"));
    await user.keyboard("p.d");
    await says("1 of 4");
    await user.keyboard("(");
    await says("not an expression");
    expect(field("search")).toHaveAttribute("aria-invalid", "true");
    await user.clear(field("search"));
    await user.keyboard("none");
    await says("no match");
  });

  test("one is replaced and the next is in hand; all are one step of undo", async () => {
    const editor = open("a b a b a\r\n", "\r\n");
    await user.keyboard("a");
    await says("1 of 3");
    await user.keyboard("{Control>}h{/Control}");
    expect(document.activeElement).toBe(field("replace"));
    await user.keyboard("x{Enter}");
    expect(editor.state.doc.toString()).toBe("x b a b a\r\n");
    await says("1 of 2");
    await user.keyboard("{Control>}{Alt>}{Enter}{/Alt}{/Control}");
    expect(editor.state.doc.toString()).toBe("x b x b x\r\n");
    await says("no match");
    undo(editor);
    expect(editor.state.doc.toString()).toBe("x b a b a\r\n");
  });

  test("an end of line is found and written as the file has it", async () => {
    const editor = open("\ufeffa\r\nb\r\nc\r\n", "\r\n");
    await user.keyboard("\\n");
    await says("1 of 3");
    await user.clear(field("search"));
    await user.keyboard("a\\nb");
    await says("1 of 1");
    expect(field("search").value).toBe("a\\nb");
    field("replace").focus();
    await user.keyboard("1\\n2\\n3{Enter}");
    expect(editor.state.doc.toString()).toBe("\ufeff1\r\n2\r\n3\r\nc\r\n");
  });

  test("what was selected is looked for", async () => {
    view = new EditorView({
      parent: document.body,
      state: EditorState.create({ doc: "one two one", extensions: [exactText("\n"), findAndReplace("\n")] }),
    });
    view.dispatch({ selection: { anchor: 8, head: 11 } });
    openSearchPanel(view);
    expect(field("search").value).toBe("one");
    await says("2 of 2");
  });

  test("axe finds nothing on it", async () => {
    open("text");
    await user.keyboard("t");
    const result = await axe.run(document.querySelector(".cm-panels") ?? document.body, {
      rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
    });
    expect(result.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);
  });
});

test.each([
  ["a\\nb", false, "a\\r\\nb"],
  ["a\\r\\nb", false, "a\\r\\nb"],
  ["a\\\\nb", false, "a\\\\nb"],
  ["a\\n+b", true, "a(?:\\r?\\n)+b"],
  ["[^\\n]\\n", true, "[^\\n](?:\\r?\\n)"],
  ["[\\]\\n]", true, "[\\]\\n]"],
])("%s (expression: %s) is looked for as %s in a file with carriage returns", (words, regexp, expected) => {
  expect(forLineEnd(words, regexp, "\r\n")).toBe(expected);
  expect(forLineEnd(words, regexp, "\n")).toBe(words);
});

describe("counting", () => {
  function* matches(count: number): Generator<{ from: number; to: number }> {
    for (let at = 0; at < count; at += 1) yield { from: at * 10, to: at * 10 + 3 };
  }

  test("a slice ends when it is late, and the next goes on", () => {
    const tally = new Tally(matches(100));
    let slices = 1;
    while (!tally.run(() => tally.from.length % 7 === 0)) slices += 1;
    expect(slices).toBeGreaterThan(10);
    expect(tally.from).toHaveLength(100);
  });

  test("only so many are counted, and that is said", () => {
    const tally = new Tally(matches(50_000), 10_000);
    tally.run(() => false);
    expect(tally.from).toHaveLength(10_000);
    expect(said(tally, 3)).toBe("3 of more than 10,000");
    expect(said(tally, 0)).toBe("more than 10,000 matches");
  });

  test("the match in hand has a number, anything else has none", () => {
    const tally = new Tally(matches(17));
    tally.run(() => false);
    expect(said(tally, tally.at(20, 23))).toBe("3 of 17");
    expect(said(tally, tally.at(20, 22))).toBe("17 matches");
    expect(tally.first(21)).toEqual({ from: 30, to: 33 });
    expect(tally.first(161)).toBeNull();
  });
});
