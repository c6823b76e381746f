// Which part of the page belongs to which line of the text. Marks are in the order of the page, lines from 1.

export interface LineMark {
  line: number;
  /** From the top of the page, in pixels. */
  top: number;
}

/** Where a line stands in the page: between two marks it is reckoned. */
export function topOf(marks: readonly LineMark[], line: number): number {
  let before: LineMark | null = null;
  for (const mark of marks) {
    if (mark.line > line) {
      if (before === null) return 0;
      const part = (line - before.line) / Math.max(1, mark.line - before.line);
      return before.top + (mark.top - before.top) * part;
    }
    before = mark;
  }
  return before?.top ?? 0;
}

/** The line of the text that stands at a height of the page. */
export function lineAt(marks: readonly LineMark[], top: number): number {
  let before: LineMark | null = null;
  for (const mark of marks) {
    if (mark.top > top) {
      if (before === null) return 1;
      const part = (top - before.top) / Math.max(1, mark.top - before.top);
      return Math.round(before.line + (mark.line - before.line) * part);
    }
    before = mark;
  }
  return before?.line ?? 1;
}

/** Marks sorted and without those that go back: a section under another begins further up than it ends. */
export function ordered(marks: readonly LineMark[]): LineMark[] {
  const sorted = [...marks].sort((a, b) => a.line - b.line || a.top - b.top);
  const kept: LineMark[] = [];
  for (const mark of sorted) {
    const last = kept.at(-1);
    if (last && (mark.top < last.top || mark.line === last.line)) continue;
    kept.push(mark);
  }
  return kept;
}
