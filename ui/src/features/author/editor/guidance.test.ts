import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { afterEach, expect, test } from "vitest";

import { exactText } from "./exact";
import { guidance, outOfView, showGuidance } from "./guidance";

const TEXT = "# T\n\n## A\n\n<!-- guidance: say it -->\n\nThis.\n\n## B\n\n<!-- guidance: and that -->\n\nThat.\n";

let view: EditorView | null = null;
afterEach(() => view?.destroy());

/** The text as it is drawn. */
function drawn(editor: EditorView): string {
  return [...editor.contentDOM.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n");
}

function open(text = TEXT): EditorView {
  view = new EditorView({
    parent: document.body,
    state: EditorState.create({ doc: text, extensions: [exactText("\n"), guidance()] }),
  });
  return view;
}

function look(editor: EditorView, answered: boolean): void {
  const text = editor.state.doc.toString();
  const found = [...text.matchAll(/<!-- guidance: .* -->/g)].map((one) => ({
    from: one.index,
    to: one.index + one[0].length,
    remove: { from: one.index, to: one.index + one[0].length + 2 },
    answered,
  }));
  const parts = [...text.matchAll(/^#+ /gm)].map((one) => one.index);
  editor.dispatch({ effects: showGuidance.of({ guidance: found, parts }) });
}

test("what waits for an answer stands there as faint lines of its own", () => {
  const editor = open();
  look(editor, false);
  expect(drawn(editor)).toContain("guidance: say it");
  expect(editor.contentDOM.querySelectorAll(".cm-line.cm-guidance")).toHaveLength(2);
  expect(outOfView(editor.state)).toBe(0);
});

test("what is answered is out of view, with its bytes kept", () => {
  const editor = open();
  look(editor, true);
  expect(drawn(editor)).toBe("# T\n\n## A\n\nThis.\n\n## B\n\nThat.\n");
  expect(editor.state.doc.toString()).toBe(TEXT);
});

test("nothing moves under what is being written: it goes when the caret leaves the part, and stays away", () => {
  const editor = open();
  editor.dispatch({ selection: { anchor: TEXT.indexOf("This.") } });
  look(editor, true);
  expect(drawn(editor)).toContain("say it");
  expect(drawn(editor)).not.toContain("and that");
  editor.dispatch({ selection: { anchor: TEXT.indexOf("That.") } });
  expect(drawn(editor)).not.toContain("say it");
  editor.dispatch({ selection: { anchor: TEXT.indexOf("This.") } });
  expect(drawn(editor)).not.toContain("say it");
});

test("a caret or a selection within it shows it, so that nothing is changed unseen", () => {
  const editor = open();
  look(editor, true);
  editor.dispatch({ selection: { anchor: TEXT.indexOf("say it") } });
  expect(drawn(editor)).toContain("say it");
  editor.dispatch({ selection: { anchor: 0, head: TEXT.length } });
  expect(drawn(editor)).toContain("and that");
});

test("marks go along with what is typed before them, and with a text that is taken away", () => {
  const editor = open();
  look(editor, true);
  editor.dispatch({ changes: { from: 3, insert: "itle\n\nmore" } });
  expect(drawn(editor)).not.toContain("guidance");
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: "nothing" } });
  expect(drawn(editor)).toBe("nothing");
});
