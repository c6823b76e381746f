// What differs between two runs of a runbook, in words.

import type { ItemComparison, ItemSide, RunComparison, RunSummary } from "../../bindings/types";
import { itemMark, stepMark, type Mark } from "../../lib/states";
import { clock, measured } from "../../lib/time";

/** A fact of both runs. */
export interface Pair {
  name: string;
  values: [string, string];
  literal: boolean;
  differs: boolean;
}

const NONE = "none";

/** What stands at the head: the two runs, and what was given to them. */
export function pairs(found: RunComparison, said: (at: string) => string): Pair[] {
  const both = [found.one, found.other] as const;
  const pair = (name: string, value: (run: RunSummary, at: 0 | 1) => string, literal = false): Pair => {
    const values: [string, string] = [value(both[0], 0), value(both[1], 1)];
    return { name, values, literal, differs: values[0] !== values[1] };
  };
  const times = found.duration_ms;
  return [
    pair("Started", (run) => said(run.started_at)),
    pair("By", (run) => run.actor),
    pair("Took", (_, at) => (times[at] === null ? "not finished" : clock(times[at]))),
    pair("Environment", (_, at) => found.environment[at] ?? NONE),
    pair("Mode", (run) => ({ hand: "by hand", auto: "auto", rehearse: "rehearsal" })[run.mode]),
    pair("Revision", (run) => run.revision.slice(0, 12), true),
    ...found.parameters.map(({ name, values }): Pair => ({
      name,
      values: [values[0] ?? "not given", values[1] ?? "not given"],
      literal: true,
      differs: true,
    })),
  ];
}

/** Items that differ, or all. */
export function chosen(items: readonly ItemComparison[], all: boolean): ItemComparison[] {
  return items.filter((item) => all || item.differs.length > 0);
}

export function name(item: ItemComparison): string {
  return item.text === "" ? item.item : item.text;
}

export function mark(item: ItemComparison, side: ItemSide): Mark {
  return item.text === "" ? stepMark(side.status) : itemMark("check", side.status);
}

/** `exit 0, second try, 12.4 s`: how it went in one run. */
export function went(side: ItemSide): string {
  const parts = [stepMark(side.status).label.toLowerCase()];
  if (side.state === "stopped") parts.push("stopped");
  if (side.signal !== null) parts.push(`ended by ${side.signal}`);
  else if (side.exit !== null) parts.push(`exit ${side.exit}`);
  if (side.attempts > 1) parts.push(`${side.attempts} attempts`);
  if (side.duration_ms !== null) parts.push(measured(side.duration_ms));
  return parts.join(", ");
}

const WORDS: { [what in string]?: string } = {
  presence: "only in one of the two",
  status: "state",
  exit: "how it ended",
  attempts: "attempts",
  observed: "what was observed",
  command: "what ran",
};

/** `state, what ran`. */
export function differences(item: ItemComparison): string {
  return item.differs.map((what) => WORDS[what] ?? what).join(", ");
}

/** `3 of 12 items differ`. */
export function summary(found: RunComparison): string {
  const count = found.items.filter((item) => item.differs.length > 0).length;
  const items = found.items.length;
  if (count === 0) return items === 1 ? "The one item went the same way." : `All ${items} items went the same way.`;
  return `${count} of ${items} items ${count === 1 ? "differs" : "differ"}.`;
}
