// The editor: everything that it can do, put together.

import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import {
  defaultKeymap,
  history,
  historyKeymap,
  indentLess,
  indentMore,
  temporarilySetTabFocusMode,
} from "@codemirror/commands";
import { codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { gotoLine, highlightSelectionMatches } from "@codemirror/search";
import {
  Compartment,
  EditorSelection,
  EditorState,
  Prec,
  Text,
  type Extension,
  type StateCommand,
} from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
  type KeyBinding,
} from "@codemirror/view";

import type { Vocabulary } from "../../../bindings/types";
import { runbookCompletion, type Guide } from "./complete";
import { exactText, type LineEnd } from "./exact";
import { findAndReplace } from "./find";
import { guidance } from "./guidance";
import { hints } from "./hints";
import { runbookLanguage } from "./language";
import { runbookMarks } from "./marks";
import { problemGutter, tryGutter } from "./problems";

export interface Hooks {
  words: () => Vocabulary | null;
  problemsAt: (at: number) => string[];
  guide: Guide;
  onproblem: (at: number) => void;
  ontry: (at: number) => void;
  onupdate: Parameters<typeof EditorView.updateListener.of>[0];
  onfiles: (files: File[], at: number) => boolean;
  onhtml: (html: string, from: number, to: number) => void;
  keys: KeyBinding[];
}

export const wrapping = new Compartment();

/** Whether long lines are wrapped, as the person last chose. */
export function wraps(): boolean {
  return localStorage.getItem("allgood.wrap") !== "no";
}
export const editable = new Compartment();

const specials = {
  // Line ends and the byte order mark are not drawn at all; a carriage return that ends no line is.
  specialChars:
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202d\u202e\u2066\u2067\u2069\ufff9-\ufffc\u{10ff00}-\u{10ffff}]|\r(?=[^])/gu,
  render(code: number, description: string | null): HTMLElement {
    const mark = document.createElement("span");
    mark.className = "cm-special";
    const byte = code >= 0x10ff00 ? code - 0x10ff00 : code;
    mark.textContent = `\\x${byte.toString(16).padStart(2, "0")}`;
    mark.title = code >= 0x10ff00 ? "A byte that is not UTF-8; it is kept" : (description ?? "");
    return mark;
  },
};

/** Files that are dropped or pasted, and pages that are pasted. */
function arrivals(hooks: Hooks): Extension {
  return EditorView.domEventHandlers({
    drop: (event, view) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return false;
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.selection.main.head;
      if (!hooks.onfiles(files, at)) return false;
      event.preventDefault();
      return true;
    },
    paste: (event, view) => {
      const files = [...(event.clipboardData?.files ?? [])];
      const html = event.clipboardData?.getData("text/html") ?? "";
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (files.length > 0 && text === "" && hooks.onfiles(files, view.state.selection.main.head)) {
        event.preventDefault();
        return true;
      }
      if (html !== "" && text !== "" && /<(h[1-6]|p|li|table|a|strong|em|b|code)[\s>]/i.test(html)) {
        const { from } = view.state.selection.main;
        const rest = view.state.doc.length - view.state.selection.main.to;
        setTimeout(() => hooks.onhtml(html, from, Math.max(from, view.state.doc.length - rest)), 0);
      }
      return false;
    },
  });
}

/** A new line that begins like the one before; nothing that stands there is taken away, a line of blanks neither. */
const newline: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const changes = state.changeByRange(({ from, to }) => {
    const line = state.doc.lineAt(from);
    const indent = /^[ \t]*/.exec(line.text.slice(0, from - line.from))?.[0] ?? "";
    return {
      changes: { from, to, insert: Text.of(["", indent]) },
      range: EditorSelection.cursor(from + 1 + indent.length),
    };
  });
  dispatch(state.update(changes, { scrollIntoView: true, userEvent: "input" }));
  return true;
};

const escapes: KeyBinding[] = [
  { key: "Enter", run: newline, shift: newline },
  // Tab indents; after Escape it moves on to the next control.
  { key: "Tab", run: indentMore, shift: indentLess },
  { key: "Escape", run: temporarilySetTabFocusMode },
];

export function editorExtensions(end: LineEnd, wrap: boolean, readOnly: boolean, hooks: Hooks): Extension[] {
  return [
    exactText(end),
    problemGutter(hooks.onproblem),
    lineNumbers(),
    tryGutter(hooks.ontry),
    codeFolding({ placeholderText: "…" }),
    foldGutter({ openText: "⌄", closedText: "›" }),
    highlightSpecialChars(specials),
    history({ minDepth: 1000 }),
    drawSelection({ cursorBlinkRate: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 1200 }),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.tabSize.of(4),
    indentUnit.of("  "),
    indentOnInput(),
    closeBrackets(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches({ minSelectionLength: 2 }),
    findAndReplace(end),
    runbookLanguage(),
    runbookMarks,
    guidance(),
    runbookCompletion(hooks.words, hooks.guide),
    hints(hooks),
    arrivals(hooks),
    wrapping.of(wrap ? EditorView.lineWrapping : []),
    editable.of([EditorState.readOnly.of(readOnly)]),
    EditorView.contentAttributes.of({ "aria-label": "Source of the runbook", "data-testid": "source", tabindex: "0" }),
    EditorView.updateListener.of(hooks.onupdate),
    Prec.high(keymap.of(hooks.keys)),
    keymap.of([
      { key: "Mod-Shift-g", run: gotoLine },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...escapes,
      // Ctrl+I tells what stands at the caret.
      ...defaultKeymap.filter((binding) => binding.key !== "Mod-i"),
    ]),
  ];
}
