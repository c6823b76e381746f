// Guidance of a template: faint lines, apart from the text. What is answered goes out of view once the caret has left its
// part, so that nothing moves under what is being written; its bytes stay until it is removed.

import {
  StateEffect,
  StateField,
  type EditorState,
  type Extension,
  type Range,
  type Text,
  type Transaction,
} from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

export interface Guided {
  from: number;
  to: number;
  /** What goes with it when it is removed: its lines, and a blank one that would be left over. */
  remove: { from: number; to: number };
  answered: boolean;
}

/** More is not drawn: no template has a tenth of it. */
const MOST = 500;

interface Shown {
  /** What there is of it: where it stands, whether it is answered, and whether it is out of view. */
  marks: readonly (Guided & { hidden: boolean })[];
  /** Where headings begin, in order: parts of the text. */
  parts: readonly number[];
  drawn: DecorationSet;
}

/** What the text was found to hold, at its places in the text as it stands. */
export const showGuidance = StateEffect.define<{ guidance: readonly Guided[]; parts: readonly number[] }>();

const line = Decoration.line({ class: "cm-guidance" });
const gone = Decoration.replace({ block: true });

/** The number of the part that holds a place. */
function part(parts: readonly number[], at: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function touched(state: EditorState, from: number, to: number): boolean {
  return state.selection.ranges.some((range) => range.from <= to && range.to >= from);
}

/** Whole lines: only then nothing of somebody's own goes out of view with it. */
function lines(doc: Text, { remove }: Guided): { from: number; to: number } | null {
  const { from } = remove;
  const last = doc.lineAt(remove.to);
  const to = remove.to === last.from ? remove.to - 1 : remove.to;
  const whole = from < to && doc.lineAt(from).from === from && doc.lineAt(to).to === to;
  return whole ? { from, to } : null;
}

function draw(state: EditorState, marks: Shown["marks"]): DecorationSet {
  const { doc } = state;
  const drawn: Range<Decoration>[] = [];
  for (const mark of marks) {
    const whole = lines(doc, mark);
    if (mark.hidden && whole && !touched(state, whole.from, whole.to)) {
      drawn.push(gone.range(whole.from, whole.to));
      continue;
    }
    for (let at = doc.lineAt(mark.from); ; at = doc.line(at.number + 1)) {
      drawn.push(line.range(at.from));
      if (at.to >= mark.to || at.number >= doc.lines) break;
    }
  }
  return Decoration.set(drawn, true);
}

/** What is answered and not where one is writing goes out of view, and stays so. */
function settled(state: EditorState, value: Pick<Shown, "marks" | "parts">): Shown["marks"] {
  const here = new Set(state.selection.ranges.map((range) => part(value.parts, range.head)));
  let changed = false;
  const marks = value.marks.map((mark) => {
    const hidden = mark.answered && (mark.hidden || !here.has(part(value.parts, mark.from)));
    if (hidden === mark.hidden) return mark;
    changed = true;
    return { ...mark, hidden };
  });
  return changed ? marks : value.marks;
}

function moved(tr: Transaction, range: { from: number; to: number }): { from: number; to: number } {
  return { from: tr.changes.mapPos(range.from, 1), to: tr.changes.mapPos(range.to, -1) };
}

const field = StateField.define<Shown>({
  create: () => ({ marks: [], parts: [], drawn: Decoration.none }),
  update(value, tr) {
    let { marks, parts } = value;
    if (tr.docChanged && marks.length > 0) {
      marks = marks
        .map((mark) => ({ ...mark, ...moved(tr, mark), remove: moved(tr, mark.remove) }))
        .filter((mark) => mark.to > mark.from);
      parts = parts.map((at) => tr.changes.mapPos(at, 1));
    }
    for (const effect of tr.effects) {
      if (!effect.is(showGuidance)) continue;
      const was = new Set(marks.filter((mark) => mark.hidden).map((mark) => mark.from));
      marks = effect.value.guidance.slice(0, MOST).map((mark) => ({ ...mark, hidden: was.has(mark.from) }));
      parts = marks.length > 0 ? effect.value.parts : [];
    }
    if (marks.length === 0) return value.marks.length === 0 ? value : { marks, parts: [], drawn: Decoration.none };
    if (marks === value.marks && parts === value.parts && !tr.selection) return value;
    marks = settled(tr.state, { marks, parts });
    return { marks, parts, drawn: draw(tr.state, marks) };
  },
  provide: (shown) => EditorView.decorations.from(shown, (value) => value.drawn),
});

/** How much guidance is out of view; for tests. */
export function outOfView(state: EditorState): number {
  return state.field(field).marks.filter((mark) => mark.hidden).length;
}

export function guidance(): Extension {
  return field;
}
