// Problems in the text: a mark in the margin, a wave under the words; and the blocks that can be tried. Places move along
// with what is typed until the text is looked at again.

import { RangeSet, StateEffect, StateField, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, gutter, GutterMarker, type DecorationSet } from "@codemirror/view";

import type { TextProblem } from "../../../bindings/types";
import { fenceBands } from "./marks";

export const showProblems = StateEffect.define<readonly TextProblem[]>();
export const showRunnable = StateEffect.define<readonly number[]>();

class ProblemMark extends GutterMarker {
  constructor(
    readonly worst: TextProblem["severity"],
    readonly said: string,
  ) {
    super();
  }
  override eq(other: ProblemMark): boolean {
    return this.worst === other.worst && this.said === other.said;
  }
  override toDOM(): Node {
    const mark = document.createElement("i");
    mark.className = `st st--12 ${this.worst === "error" || this.worst === "warning" ? "st-problem" : "st-hint"}`;
    mark.title = this.said;
    return mark;
  }
}

class TryMark extends GutterMarker {
  override eq(): boolean {
    return true;
  }
  override toDOM(): Node {
    const mark = document.createElement("span");
    mark.className = "cm-try";
    mark.title = "Try this block (Ctrl+Enter)";
    const icon = document.createElement("i");
    icon.className = "i i--12 i-play";
    mark.append(icon);
    return mark;
  }
}

interface Shown {
  waves: DecorationSet;
  marks: RangeSet<GutterMarker>;
}

const RANK = { error: 2, warning: 1, hint: 0 } as const;

const shown = StateField.define<Shown>({
  create: () => ({ waves: Decoration.none, marks: RangeSet.empty }),
  update(value, tr) {
    let { waves, marks } = value;
    if (tr.docChanged) {
      waves = waves.map(tr.changes);
      marks = marks.map(tr.changes);
    }
    for (const effect of tr.effects) {
      if (!effect.is(showProblems)) continue;
      const { doc } = tr.state;
      const drawn: Range<Decoration>[] = [];
      const lines = new Map<number, TextProblem[]>();
      for (const problem of effect.value) {
        const from = Math.min(problem.from, doc.length);
        const line = doc.lineAt(from);
        // A wave ends with its line: a problem of a whole block is told at its beginning.
        const to = Math.min(Math.max(problem.to, from), line.text.endsWith("\r") ? line.to - 1 : line.to);
        if (to > from)
          drawn.push(
            Decoration.mark({ class: problem.severity === "hint" ? "cm-consider" : "cm-problem" }).range(from, to),
          );
        lines.set(line.from, [...(lines.get(line.from) ?? []), problem]);
      }
      waves = Decoration.set(drawn, true);
      marks = RangeSet.of(
        [...lines].map(([at, problems]) => {
          const worst = problems.reduce((a, b) => (RANK[b.severity] > RANK[a.severity] ? b : a)).severity;
          return new ProblemMark(worst, problems.map((one) => one.message).join("\n")).range(at);
        }),
        true,
      );
    }
    return { waves, marks };
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.waves),
});

const tryMark = new TryMark();
const runnable = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update(value, tr) {
    let next = tr.docChanged ? value.map(tr.changes) : value;
    for (const effect of tr.effects) {
      if (!effect.is(showRunnable)) continue;
      const { doc } = tr.state;
      const at = [...new Set(effect.value)].filter((line) => line >= 1 && line <= doc.lines).sort((a, b) => a - b);
      next = RangeSet.of(at.map((line) => tryMark.range(doc.line(line).from)));
    }
    return next;
  },
});

/** The gutter of problems. */
export function problemGutter(onclick: (at: number) => void): Extension {
  return [
    shown,
    gutter({
      class: "cm-problem-gutter",
      markers: (view) => [fenceBands(view), view.state.field(shown).marks],
      domEventHandlers: {
        mousedown: (_, line) => {
          onclick(line.from);
          return true;
        },
      },
    }),
  ];
}

/** The gutter that offers to try a block. */
export function tryGutter(ontry: (at: number) => void): Extension {
  return [
    runnable,
    gutter({
      class: "cm-try-gutter",
      markers: (view) => view.state.field(runnable),
      initialSpacer: () => tryMark,
      domEventHandlers: {
        mousedown: (_, line, event) => {
          if (!(event.target instanceof Element) || event.target.closest(".cm-try") === null) return false;
          ontry(line.from);
          return true;
        },
      },
    }),
  ];
}
