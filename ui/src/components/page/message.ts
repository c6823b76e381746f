// What was sent of a message, as the record has it.

import type { TimelineEntry } from "../../bindings/types";

/** The text that was marked as sent last; null before. */
export function sentText(timeline: readonly TimelineEntry[], item: string): string | null {
  return timeline.findLast((entry) => entry.kind === "message_sent" && entry.item === item)?.text ?? null;
}
