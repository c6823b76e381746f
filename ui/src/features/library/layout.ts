// Where the rows of a long list stand. Heights are fixed, so that a hundred thousand rows cost no more than twenty.

/** Pixels. */
export const ROW = 52;
export const GROUP = 36;
const SPARE = 8;

/** Rows under one heading. */
export interface Group {
  name: string;
  count: number;
}

export type Line = { type: "group"; key: string; name: string } | { type: "row"; key: string; index: number };

interface Segment {
  name: string | null;
  /** Index of its first row. */
  first: number;
  count: number;
  /** Pixel at which it begins, and at which its first row does. */
  top: number;
  rows: number;
}

export class Layout {
  readonly height: number;
  private readonly segments: Segment[] = [];

  /** Rows stand under the groups in their order; what the groups do not count stands below them without a heading. */
  constructor(
    readonly total: number,
    groups: readonly Group[] = [],
  ) {
    let top = 0;
    let first = 0;
    const push = (name: string | null, count: number): void => {
      if (count <= 0) return;
      const rows = top + (name === null ? 0 : GROUP);
      this.segments.push({ name, first, count, top, rows });
      top = rows + count * ROW;
      first += count;
    };
    for (const group of groups) push(group.name, Math.min(group.count, total - first));
    push(null, total - first);
    this.height = top;
  }

  /** Pixel at which a row begins. */
  top(index: number): number {
    const segment = this.segments.findLast((one) => one.first <= index);
    return segment ? segment.rows + (index - segment.first) * ROW : 0;
  }

  /** What a view of that height, scrolled to `top`, shows, with some to spare; and the pixel at which that begins. */
  lines(top: number, height: number): { lines: Line[]; from: number; rows: [number, number] } {
    const begin = top - SPARE * ROW;
    const end = top + height + SPARE * ROW;
    const lines: Line[] = [];
    let from: number | null = null;
    let [low, high] = [this.total, 0];
    for (const segment of this.segments) {
      const bottom = segment.rows + segment.count * ROW;
      if (bottom <= begin || segment.top >= end) continue;
      const skipped = Math.max(0, Math.floor((begin - segment.rows) / ROW));
      const past = Math.min(segment.count, Math.ceil((end - segment.rows) / ROW));
      if (skipped === 0 && segment.name !== null) {
        from ??= segment.top;
        lines.push({ type: "group", key: `group ${segment.name}`, name: segment.name });
      }
      from ??= segment.rows + skipped * ROW;
      for (let at = skipped; at < past; at += 1) {
        const index = segment.first + at;
        lines.push({ type: "row", key: `row ${index}`, index });
        low = Math.min(low, index);
        high = Math.max(high, index + 1);
      }
    }
    return { lines, from: from ?? 0, rows: [Math.min(low, high), high] };
  }

  /** Where to scroll so that the row is seen whole; the same place when it already is. */
  reveal(index: number, top: number, height: number): number {
    const begins = this.top(index);
    if (begins < top) return Math.max(0, begins - GROUP);
    if (begins + ROW > top + height) return begins + ROW - height;
    return top;
  }
}
