// Keeps what is in hand where it can be seen.

/**
 * How far to scroll so that a thing can be seen whole, in pixels: positive is down, 0 where nothing is to be done.
 * `top` is its distance from the upper edge of a view that is `room` high; `margin` stays free around it. A thing that
 * is higher than the view is shown from its top.
 */
export function shift(top: number, height: number, room: number, margin: number): number {
  if (top < margin) return top - margin;
  const below = top + height + margin - room;
  return below > 0 ? Math.min(below, top - margin) : 0;
}
