// The text of a message: what is still to be filled in, and what was sent of it, as the record has it.

import type { TimelineEntry } from "../../bindings/types";

/** The text that was marked as sent last; null before. */
export function sentText(timeline: readonly TimelineEntry[], item: string): string | null {
  return timeline.findLast((entry) => entry.kind === "message_sent" && entry.item === item)?.text ?? null;
}

/** Places of a text that are still to be filled: `<what is broken>`. Spans of it. */
export function gaps(text: string): { from: number; to: number }[] {
  return [...text.matchAll(/<[\p{L}"'][^<>=@\n]*>/gu)].map((gap) => ({
    from: gap.index,
    to: gap.index + gap[0].length,
  }));
}

/** The gap after a place, else the first. */
export function nextGap(text: string, at: number): { from: number; to: number } | null {
  const all = gaps(text);
  return all.find((gap) => gap.from >= at) ?? all[0] ?? null;
}

/** What of a text is still to be filled, in words: `<time> is`, `<time> and 2 more places are`; null where nothing is. */
export function unfilled(text: string): string | null {
  const all = gaps(text).map(({ from, to }) => text.slice(from, to));
  const [first, ...more] = all;
  if (first === undefined) return null;
  if (more.length === 0) return `${first} is still to be filled in.`;
  return `${first} and ${more.length === 1 ? "1 more place" : `${more.length} more places`} are still to be filled in.`;
}
