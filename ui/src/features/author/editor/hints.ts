// What stands at a place, in words: its problems, what an attribute or a key means, the value of a variable. Under the
// mouse, and at the caret by a key.

import { StateEffect, StateField, type EditorState, type Extension } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, showTooltip, type Command, type Tooltip } from "@codemirror/view";

import type { Vocabulary, Word } from "../../../bindings/types";
import { attributeHint } from "./complete";
import { frontMatter } from "./language";
import { fenceAt, variables } from "./marks";

export interface HintSource {
  words: () => Vocabulary | null;
  problemsAt: (at: number) => string[];
}

export interface Hint {
  /** Where the thing begins that is spoken of. */
  at: number;
  lines: string[];
}

/** What can be said of a place; null when it is nothing. */
export function hintAt(state: EditorState, at: number, source: HintSource): Hint | null {
  const line = state.doc.lineAt(at);
  const words = source.words();
  const lines = source.problemsAt(at);
  const column = at - line.from;
  const fence = fenceAt(state, at);
  const opens = !fence || fence.line === line.number;
  const found = (opens ? attributeHint(line.text, column, words) : null) ?? key(state, at, words);
  const variable = variables(line.text).find((one) => column >= one.from && column <= one.to);
  const known = words?.variables.find((word) => word.word === variable?.name);
  if (found) lines.push(...explained(found.word));
  if (variable) lines.push(known ? `${known.word}: ${known.hint}` : `${variable.name}: no variable of this name`);
  if (lines.length === 0) return null;
  return { at: line.from + (found?.from ?? variable?.from ?? column), lines };
}

function explained(word: Word): string[] {
  const values = word.values.filter(Boolean);
  return [`${word.word}: ${word.hint}`, ...(values.length > 0 ? [`values: ${values.join(", ")}`] : [])];
}

/** A key of the front matter. */
function key(state: EditorState, at: number, words: Vocabulary | null): { word: Word; from: number } | null {
  const line = state.doc.lineAt(at);
  const found = /^(\s*["']?)([A-Za-z_-]+)["']?\s*[:=]/.exec(line.text);
  const word = found && words?.keys.find((one) => one.word === found[2]);
  if (!word) return null;
  const matter = frontMatter(state.doc);
  if (!matter || at < matter.from || at > matter.to) return null;
  return { word, from: (found[1] ?? "").length };
}

function tooltip(hint: Hint): Tooltip {
  return {
    pos: hint.at,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-hint";
      dom.setAttribute("role", "tooltip");
      dom.dataset["testid"] = "hint";
      for (const text of hint.lines) {
        const row = document.createElement("div");
        row.textContent = text;
        dom.append(row);
      }
      return { dom };
    },
  };
}

const showHint = StateEffect.define<Hint | null>();

/** The hint that a key asked for; it goes with the next key that moves or writes. */
const asked = StateField.define<Hint | null>({
  create: () => null,
  update(value, tr) {
    for (const effect of tr.effects) if (effect.is(showHint)) return effect.value;
    return tr.docChanged || tr.selection ? null : value;
  },
  provide: (field) => showTooltip.from(field, (hint) => (hint ? tooltip(hint) : null)),
});

function ask(source: HintSource): Command {
  return (view) => {
    const hint = hintAt(view.state, view.state.selection.main.head, source);
    const said = hint ? hint.lines.join(". ") : "Nothing is to be said of this place.";
    view.dispatch({
      effects: [
        showHint.of(hint ?? { at: view.state.selection.main.head, lines: [said] }),
        EditorView.announce.of(said),
      ],
    });
    return true;
  };
}

const leave: Command = (view) => {
  if (!view.state.field(asked, false)) return false;
  view.dispatch({ effects: showHint.of(null) });
  return true;
};

/** Hints under the mouse, and at the caret by Ctrl+I or F1. */
export function hints(source: HintSource): Extension {
  const run = ask(source);
  return [
    asked,
    hoverTooltip((view, at) => {
      const hint = hintAt(view.state, at, source);
      return hint && tooltip(hint);
    }),
    keymap.of([
      { key: "Mod-i", run, preventDefault: true },
      { key: "F1", run, preventDefault: true },
      { key: "Escape", run: leave },
    ]),
    EditorView.domEventHandlers({ blur: (_, view) => (setTimeout(() => leave(view), 0), false) }),
  ];
}
