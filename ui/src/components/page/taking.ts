// Runs that nobody drives: what is known of one before it is taken up again (RUNS.md, "After a crash").

import type { ItemView, RunView } from "../../bindings/types";
import { isOver } from "../../lib/states";
import { person, timeOfDay } from "../../lib/time";
import { lastAttempt, progressOf } from "./model";
import { itemName } from "./words";

/** Whether a run that is not driven here can go on here. Whether another process drives it shows when that is tried. */
export function canTakeUp(view: RunView): boolean {
  return !view.run.live && ["paused", "interrupted", "failed", "handed_over"].includes(view.run.state);
}

/** Whether it can be rolled back: under way or over, as long as there is something to undo and no rollback has begun. */
export function canRollBack(view: RunView): boolean {
  const { state, live } = view.run;
  const open = (live && !isOver(state)) || ["paused", "interrupted", "failed", "passed"].includes(state);
  const begun = view.rollback.at !== null && state !== "failed";
  return open && !begun && view.rollback.entries.length > 0;
}

/** The command that has to end, or to be stopped, before a rollback can begin. What runs in the background is stopped by it. */
export function inTheWay(view: RunView): ItemView | null {
  const { items } = view.runbook;
  const one = view.progress.find(({ item, status }) => status === "running" && items[item]?.background === false);
  return one === undefined ? null : (items[one.item] ?? null);
}

/** The one item that nobody knows the end of. */
export function askedAbout(view: RunView): ItemView | null {
  const progress = progressOf(view);
  const id = view.hand !== null && progress.get(view.hand)?.status === "interrupted" ? view.hand : null;
  return id === null ? null : (view.runbook.items[id] ?? null);
}

/** What is known of a run that is to be taken up, in sentences of facts. */
export function known(view: RunView, me: string | null = null): string[] {
  const facts: string[] = [];
  const item = askedAbout(view);
  if (item !== null) {
    const attempt = lastAttempt(progressOf(view).get(item.id));
    const name = itemName(item) ?? item.id;
    const began = attempt === null ? "" : `, started ${timeOfDay(attempt.started_at)}`;
    facts.push(`${name} was running${began}. Nobody knows how it ended; its last output is below.`);
  }
  const last = view.timeline.findLast((entry) => entry.kind === "paused" || entry.kind === "stopped");
  if (view.run.state === "paused") {
    const since = last ? ` at ${timeOfDay(last.at)}` : "";
    facts.push(`Put aside${since}${last?.text ? `: ${last.text}` : ""}. Nothing runs until it goes on.`);
  }
  if (view.run.state === "handed_over") {
    const handed = view.timeline.findLast((entry) => entry.kind === "handed_over");
    facts.push(
      handed && me !== null && handed.actor !== me
        ? `${person(handed.actor)} handed it over. It goes on here under your name; what is kept in no record is asked for.`
        : "It was handed over. Going on here means that it goes on in two places, unless it came back.",
    );
  }
  if (view.rollback.at !== null) {
    const left = view.rollback.entries.filter((entry) => !entry.settled).length;
    facts.push(`It was being rolled back: ${left} of ${view.rollback.entries.length} left. It goes on with that.`);
  }
  if (view.set.length > view.lost.length) facts.push("What commands had set is restored from the record.");
  if (view.moved_on) facts.push("The file has changed since: this run goes on with its own revision.");
  return facts;
}
