// What the file of a run says before it is taken in, in words.

import type { RunFileView } from "../../bindings/types";
import { runMark } from "../../lib/states";
import { dayAndTime } from "../../lib/time";

/** A name and what stands at it. */
export interface Fact {
  name: string;
  value: string;
  literal?: boolean;
}

export function facts(view: RunFileView, now: number): Fact[] {
  const at = (who: string, when: string): string => `${who}, ${dayAndTime(when, now)}`;
  return [
    { name: "Begun by", value: at(view.started_by, view.started_at) },
    { name: view.to === null ? "Last by" : "Handed over by", value: at(view.last_by, view.last_at) },
    ...(view.to === null ? [] : [{ name: "To", value: view.to }]),
    { name: "Environment", value: view.environment ?? "none" },
    { name: "Stands at", value: `${view.done} of ${view.total} done, ${runMark(view.state).label.toLowerCase()}` },
    { name: "Run", value: view.run, literal: true },
  ];
}

export function verified(view: RunFileView): string {
  return view.events === 1 ? "1 event, which holds." : `${view.events} events, all of which hold.`;
}

/** What taking it in does. */
export function does(view: RunFileView): string {
  if (view.known === "longer") {
    const events = view.new_events === 1 ? "1 event" : `${view.new_events} events`;
    return `The run is here already: ${events} that were added elsewhere come to it.`;
  }
  return "Nothing runs by taking it in. It goes on when you resume it, and from then on under your name.";
}

/** What does not come along: said before, so that nobody waits for it. */
export const MISSING =
  "Secrets and access are not in the file: what the run needs is asked for here. Notes and output are in it.";
