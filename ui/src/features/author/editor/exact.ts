// The text of a file, character by character. CodeMirror would normalise line ends; here a line is what stands before
// "\n", so a "\r" is a character of the document. It is not drawn, the caret never stops behind it, and what is typed or
// pasted gets the line end of the file. A byte order mark is treated in the same way.

import {
  Annotation,
  EditorSelection,
  EditorState,
  Prec,
  Transaction,
  type Extension,
  type Text,
} from "@codemirror/state";
import { Decoration, EditorView, keymap, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import {
  cursorLineBoundaryForward,
  cursorLineEnd,
  selectLineBoundaryForward,
  selectLineEnd,
} from "@codemirror/commands";

export type LineEnd = "\n" | "\r\n";

/** Marks a change whose text is already exact: what was restored, merged, or read from the file. */
export const exact = Annotation.define<boolean>();

const CR = "\r";
const BOM = "\ufeff";
const hidden = Decoration.replace({});

/** Whether the line that ends at `at` (before its "\n") ends with a carriage return. */
function carriage(doc: Text, at: number): boolean {
  return at > 0 && at < doc.length && doc.sliceString(at - 1, at) === CR && doc.sliceString(at, at + 1) === "\n";
}

function marked(doc: Text): boolean {
  return doc.length > 0 && doc.sliceString(0, 1) === BOM;
}

/** Where the caret stands instead: before the carriage return, behind the byte order mark. */
function placed(doc: Text, at: number): number {
  if (at === 0 && marked(doc)) return 1;
  return carriage(doc, at) ? at - 1 : at;
}

/** What has to be mended in the text after a change: an end of line that lost its half, or came without it. */
function mended(tr: Transaction, end: LineEnd): { from: number; to: number; insert: string }[] {
  const before = tr.startState.doc;
  const after = tr.newDoc;
  const fixes = new Map<number, { from: number; to: number; insert: string }>();
  tr.changes.iterChanges((fromA, toA, fromB, toB, inserted) => {
    const char = (at: number): string => (at >= 0 && at < after.length ? after.sliceString(at, at + 1) : "");
    if (end === "\r\n" && inserted.lines > 1) {
      let at = fromB;
      for (let line = 1; line < inserted.lines; line += 1) {
        at += inserted.line(line).length;
        if (char(at - 1) !== CR) fixes.set(at, { from: at, to: at, insert: CR });
        at += 1;
      }
    }
    // The half before the change: the line feed that belonged to it is gone.
    if (carriage(before, fromA) && toA > fromA && char(fromB) !== "\n" && char(fromB - 1) === CR)
      fixes.set(fromB - 1, { from: fromB - 1, to: fromB, insert: "" });
    // The half behind it: its carriage return is gone.
    if (carriage(before, toA) && toA > fromA && char(toB) === "\n" && char(toB - 1) !== CR) {
      const joins = toA - fromA === 1 && inserted.length === 0;
      fixes.set(toB, joins ? { from: toB, to: toB + 1, insert: "" } : { from: toB, to: toB, insert: CR });
    }
  });
  if (marked(before) && !marked(after)) {
    const went = tr.changes.mapPos(0, 1);
    if (after.sliceString(went, went + 1) === BOM) fixes.set(went, { from: went, to: went + 1, insert: "" });
    const first = fixes.get(0);
    fixes.set(0, { from: 0, to: first?.to ?? 0, insert: BOM + (first?.insert ?? "") });
  }
  return [...fixes.values()].sort((a, b) => a.from - b.from);
}

function kept(end: LineEnd): Extension {
  return [
    EditorState.transactionFilter.of((tr) => {
      if (!tr.docChanged || tr.annotation(exact)) return tr;
      const changes = mended(tr, end);
      return changes.length === 0 ? tr : [tr, { changes, sequential: true }];
    }),
    EditorState.transactionFilter.of((tr) => {
      if (!tr.selection && !tr.docChanged) return tr;
      const doc = tr.newDoc;
      const old = tr.startState.selection;
      const next = tr.newSelection;
      const moves = tr.isUserEvent("select") && !tr.isUserEvent("select.pointer") && !tr.docChanged;
      let moved = false;
      const ranges = next.ranges.map((range, index) => {
        // A step to the right from before a carriage return goes to the next line.
        const was = old.ranges[index];
        const steps =
          moves &&
          was !== undefined &&
          carriage(doc, range.head) &&
          was.head === range.head - 1 &&
          next.ranges.length === old.ranges.length;
        const head = steps ? range.head + 1 : placed(doc, range.head);
        const anchor = range.empty ? head : placed(doc, range.anchor);
        if (head === range.head && anchor === range.anchor) return range;
        moved = true;
        return range.empty ? EditorSelection.cursor(head, 1) : EditorSelection.range(anchor, head);
      });
      if (!moved) return tr;
      return [tr, { selection: EditorSelection.create(ranges, next.mainIndex), sequential: true }];
    }),
  ];
}

const unseen = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = this.find(view);
    }
    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = this.find(update.view);
    }
    find(view: EditorView): DecorationSet {
      const { doc } = view.state;
      const found = [];
      if (view.viewport.from === 0 && marked(doc)) found.push(hidden.range(0, 1));
      for (const { from, to } of view.visibleRanges) {
        let line = doc.lineAt(from);
        for (;;) {
          if (line.number < doc.lines && line.text.endsWith(CR)) found.push(hidden.range(line.to - 1, line.to));
          if (line.to >= to || line.number >= doc.lines) break;
          line = doc.line(line.number + 1);
        }
      }
      return Decoration.set(found, true);
    }
  },
  {
    decorations: (plugin) => plugin.decorations,
    provide: (plugin) => EditorView.atomicRanges.of((view) => view.plugin(plugin)?.decorations ?? Decoration.none),
  },
);

/** At the end of such a line already: the key does nothing, where a step would go on to the next line. */
function atEnd(view: EditorView): boolean {
  const { doc, selection } = view.state;
  return selection.ranges.every((range) => carriage(doc, range.head + 1));
}

const ends = Prec.high(
  keymap.of([
    {
      key: "End",
      run: (view) => atEnd(view) || cursorLineBoundaryForward(view),
      shift: (view) => atEnd(view) || selectLineBoundaryForward(view),
    },
    {
      mac: "Cmd-ArrowRight",
      run: (view) => atEnd(view) || cursorLineBoundaryForward(view),
      shift: (view) => atEnd(view) || selectLineBoundaryForward(view),
    },
    {
      mac: "Ctrl-e",
      run: (view) => atEnd(view) || cursorLineEnd(view),
      shift: (view) => atEnd(view) || selectLineEnd(view),
    },
  ]),
);

/** Everything that keeps a text of these line ends exact. */
export function exactText(end: LineEnd): Extension {
  return [
    EditorState.lineSeparator.of("\n"),
    kept(end),
    unseen,
    ends,
    // The clipboard has line ends of its own.
    EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
    EditorView.clipboardOutputFilter.of((text) => text.replace(/\r\n/g, "\n")),
  ];
}
