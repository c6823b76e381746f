// Which entries of a long list are in view. Heights are fixed, so that two thousand rows cost no more than twenty.

/** Pixels. */
export const ROW = 52;
export const GROUP = 36;
const SPARE = 8;

/** Where each entry begins, and at the end the whole height. */
export function offsets(heights: readonly number[]): number[] {
  const tops = [0];
  for (const height of heights) tops.push((tops.at(-1) ?? 0) + height);
  return tops;
}

/** The entries `[from, to)` that a view of that height, scrolled to `top`, shows, with some to spare. */
export function visible(tops: readonly number[], top: number, height: number): { from: number; to: number } {
  const count = tops.length - 1;
  const first = lastAtOrBefore(tops, top);
  const past = lastAtOrBefore(tops, top + height) + 1;
  return { from: Math.max(0, first - SPARE), to: Math.min(count, past + SPARE) };
}

function lastAtOrBefore(tops: readonly number[], at: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((tops[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where to scroll so that the entry is seen whole; the same place when it already is. */
export function reveal(tops: readonly number[], index: number, top: number, height: number): number {
  const begins = tops[index] ?? 0;
  const ends = tops[index + 1] ?? begins;
  if (begins < top) return Math.max(0, begins - GROUP);
  if (ends > top + height) return ends - height;
  return top;
}
