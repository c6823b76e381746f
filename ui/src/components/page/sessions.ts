// Runs that were looked at in this window: whoever comes back to one finds what was opened, written and not yet sent.

import { RunSession } from "./session.svelte";
import { isOver } from "../../lib/states";

/** So many are kept beside those under way; the record has everything else. */
const MOST = 8;

const known = new Map<string, RunSession>();

/** The session of a run, as it was left. */
export function sessionOf(run: string): RunSession {
  const found = known.get(run) ?? new RunSession(run);
  // The one that was looked at last stands last.
  known.delete(run);
  known.set(run, found);
  const ended = [...known.values()].filter((one) => one !== found && one.view !== null && isOver(one.view.run.state));
  for (const one of ended.slice(0, Math.max(0, known.size - MOST))) known.delete(one.id);
  return found;
}

/** Forgets them all. */
export function forgetSessions(): void {
  known.clear();
}
