// From one text to another by as small a change as is found quickly, so that the caret and the marks stay where they are.

import { diff } from "@codemirror/merge";
import type { ChangeSpec, Text } from "@codemirror/state";

/** Beyond so many characters that differ only the ends are compared. */
const MOST = 200_000;

export function changesBetween(from: Text, to: Text): ChangeSpec[] {
  const a = from.toString();
  const b = to.toString();
  if (a === b) return [];
  let start = 0;
  const least = Math.min(a.length, b.length);
  while (start < least && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < least - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end += 1;
  const oldMiddle = a.slice(start, a.length - end);
  const newMiddle = b.slice(start, b.length - end);
  if (oldMiddle.length + newMiddle.length > MOST)
    return [{ from: start, to: start + oldMiddle.length, insert: to.slice(start, start + newMiddle.length) }];
  return diff(oldMiddle, newMiddle, { scanLimit: 500, timeout: 100 }).map((change) => ({
    from: start + change.fromA,
    to: start + change.toA,
    insert: to.slice(start + change.fromB, start + change.toB),
  }));
}
