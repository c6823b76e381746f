// Runs that were looked at in this window: whoever comes back to one finds what was opened, written and not yet sent.

import { RunSession } from "./session.svelte";
import { isOver } from "../../lib/states";

/** So many are kept beside those under way; the record has everything else. */
const MOST = 8;

interface Kept {
  session: RunSession;
  forget: () => void;
}

const known = new Map<string, Kept>();

/** The session of a run, as it was left. */
export function sessionOf(run: string): RunSession {
  const found = known.get(run) ?? made(run);
  // The one that was looked at last stands last.
  known.delete(run);
  known.set(run, found);
  const ended = [...known.entries()].filter(
    ([, one]) => one !== found && one.session.view !== null && isOver(one.session.view.run.state),
  );
  for (const [id, one] of ended.slice(0, Math.max(0, known.size - MOST))) {
    one.forget();
    known.delete(id);
  }
  return found.session;
}

/** What is derived in it belongs to no screen: it would stand still once the screen that made it has gone. */
function made(run: string): Kept {
  let session!: RunSession;
  const forget = $effect.root(() => {
    session = new RunSession(run);
  });
  return { session, forget };
}

/** Forgets them all. */
export function forgetSessions(): void {
  for (const one of known.values()) one.forget();
  known.clear();
}
