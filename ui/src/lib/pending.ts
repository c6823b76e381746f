// What one screen asks another to do as it opens: edits of a text that a run suggests. They wait here, in memory alone,
// until the editor of that file opens.

import type { TextEdit } from "../bindings/types";

/** Edits that a run suggests for a file. */
export interface PendingEdits {
  run: string;
  /** SHA-256 of the file's bytes that the edits are made for. */
  revision: string;
  /** How many suggestions they come from. */
  count: number;
  edits: TextEdit[];
}

const waiting = new Map<string, PendingEdits>();

export function leave(path: string, edits: PendingEdits): void {
  waiting.set(path, edits);
}

/** What waits for a file; once. */
export function pick(path: string): PendingEdits | null {
  const found = waiting.get(path) ?? null;
  waiting.delete(path);
  return found;
}
