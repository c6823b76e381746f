import {
  deleteCharBackward,
  deleteCharForward,
  deleteLine,
  history,
  insertNewline,
  moveLineDown,
  undo,
} from "@codemirror/commands";
import { EditorSelection, EditorState, type StateCommand } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { afterEach, describe, expect, test } from "vitest";

import { exactText, type LineEnd } from "./exact";

let view: EditorView | null = null;
afterEach(() => view?.destroy());

function open(text: string, end: LineEnd): EditorView {
  view = new EditorView({
    parent: document.body,
    state: EditorState.create({
      doc: EditorState.create({ extensions: EditorState.lineSeparator.of("\n") }).toText(text),
      extensions: [exactText(end), history()],
    }),
  });
  return view;
}

const texts: [string, string, LineEnd][] = [
  ["line feeds", "# A\n\nb\n", "\n"],
  ["carriage returns", "# A\r\n\r\nb\r\n", "\r\n"],
  ["both", "# A\r\n\nb\nc\r\n", "\n"],
  ["no line end at the end", "# A\r\nb", "\r\n"],
  ["a byte order mark", "\ufeff# A\r\nb\r\n", "\r\n"],
  ["tabs and odd characters", "\t- a\u00a0b\r\n\u2028 x\n\u{10ff41}\u0000", "\n"],
  ["a lone carriage return", "a\rb\r\nc", "\n"],
  ["nothing", "", "\n"],
];

describe.each(texts)("a text with %s", (_, text, end) => {
  test("is the same text in the editor", () => {
    expect(open(text, end).state.doc.toString()).toBe(text);
  });

  test("keeps all other characters through an edit at each place, and undo gives it back", () => {
    for (let at = 0; at <= text.length; at += 1) {
      const editor = open(text, end);
      editor.dispatch({ changes: { from: at, insert: "X" }, userEvent: "input.type" });
      expect(editor.state.doc.toString().replace("X", "")).toBe(text);
      undo(editor);
      expect(editor.state.doc.toString()).toBe(text);
      editor.destroy();
    }
  });

  test("keeps its line ends whole through every command at every place", () => {
    const commands: StateCommand[] = [insertNewline, moveLineDown];
    for (const command of commands) {
      for (let at = 0; at <= text.length; at += 1) {
        // A line feed right behind a lone carriage return makes a pair of the two, whoever writes it.
        if (/\r$/.test(text.slice(0, at)) && text[at] !== "\n") continue;
        const editor = open(text, end);
        editor.dispatch({ selection: { anchor: at } });
        command(editor);
        expect(halves(editor.state.doc.toString()), `${command.name} at ${at}`).toBe(halves(text));
        undo(editor);
        expect(editor.state.doc.toString()).toBe(text);
        editor.destroy();
      }
    }
  });
});

/** Carriage returns that no line feed follows. */
function halves(text: string): number {
  return [...text.matchAll(/\r(?!\n)/g)].length;
}

function at(editor: EditorView, anchor: number, head = anchor): void {
  editor.dispatch({ selection: EditorSelection.single(anchor, head), userEvent: "select.pointer" });
}

test("Enter in a file with carriage returns writes one", () => {
  const editor = open("one\r\ntwo\r\n", "\r\n");
  at(editor, 2);
  insertNewline(editor);
  expect(editor.state.doc.toString()).toBe("on\r\ne\r\ntwo\r\n");
  expect(editor.state.selection.main.head).toBe(4);
});

test("Enter at the end of the text writes one too", () => {
  const editor = open("one", "\r\n");
  at(editor, 3);
  insertNewline(editor);
  expect(editor.state.doc.toString()).toBe("one\r\n");
});

test("pasted lines get the line end of the file", () => {
  const editor = open("one\r\ntwo\r\n", "\r\n");
  const filters = editor.state.facet(EditorView.clipboardInputFilter);
  const pasted = filters.reduce((text, filter) => filter(text, editor.state), "a\nb\r\nc");
  editor.dispatch({ changes: { from: 0, insert: editor.state.toText(pasted) }, userEvent: "input.paste" });
  expect(editor.state.doc.toString()).toBe("a\r\nb\r\ncone\r\ntwo\r\n");
});

test("the caret never stands behind a carriage return or before a byte order mark", () => {
  const editor = open("\ufeffone\r\ntwo", "\r\n");
  at(editor, 5);
  expect(editor.state.selection.main.head).toBe(4);
  at(editor, 0);
  expect(editor.state.selection.main.head).toBe(1);
});

test("a step to the right from the end of a line comes to the next", () => {
  const editor = open("one\r\ntwo", "\r\n");
  at(editor, 3);
  editor.dispatch({ selection: { anchor: 4 }, userEvent: "select" });
  expect(editor.state.selection.main.head).toBe(5);
});

test("backspace at the beginning of a line, and delete at the end of one, join two lines", () => {
  const first = open("one\r\ntwo\r\n", "\r\n");
  at(first, 5);
  deleteCharBackward(first);
  expect(first.state.doc.toString()).toBe("onetwo\r\n");
  first.destroy();
  const second = open("one\r\ntwo\r\n", "\r\n");
  at(second, 3);
  deleteCharForward(second);
  expect(second.state.doc.toString()).toBe("onetwo\r\n");
});

test("deleting a line takes its whole line end", () => {
  const editor = open("one\r\ntwo\r\nthree\r\n", "\r\n");
  at(editor, 6);
  deleteLine(editor);
  expect(editor.state.doc.toString()).toBe("one\r\nthree\r\n");
});

test("deleting everything leaves a byte order mark where it was", () => {
  const editor = open("\ufeffone\r\n", "\r\n");
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length } });
  expect(editor.state.doc.toString()).toBe("\ufeff");
});
