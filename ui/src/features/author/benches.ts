// The texts that were opened in this window. They stay, so that another screen and back loses neither undo nor caret.

import { Workbench } from "./workbench.svelte";

const open = new Map<string, Workbench>();
const MOST_OPEN = 24;

/** The workbench of a file, the one that was there before if there is one. */
export function workbench(path: string): Workbench {
  let found = open.get(path);
  open.delete(path);
  found ??= new Workbench(path);
  open.set(path, found);
  for (const [old, bench] of open) {
    if (open.size <= MOST_OPEN) break;
    // What is not saved is a draft on disk; only the steps of undo go, and only of texts without any.
    if (!bench.dirty && bench.view === null) open.delete(old);
  }
  return found;
}

/** Forgets every workbench; tests begin anew. */
export function forgetWorkbenches(): void {
  open.clear();
}
