// What the frame of an incident shows. Pure: the strip renders it.

import type { IncidentView, Marking, MomentView, ResponderView, UpdatesView } from "../../bindings/types";
import { clock, rough, timeOfDay } from "../../lib/time";

/** The moments in the order in which they are offered. */
export const MOMENTS = ["detected", "mitigated", "verified", "began"] as const;
export type MomentName = (typeof MOMENTS)[number];

export const MOMENT_NAMES: Record<MomentName, string> = {
  began: "Began",
  detected: "Detected",
  mitigated: "Mitigated",
  verified: "Verified",
};

export function momentOf(incident: IncidentView, what: MomentName): MomentView | null {
  return incident.moments.find((moment) => moment.what === what) ?? null;
}

/** The moment that is marked next: what the key offers. */
export function nextMoment(incident: IncidentView): MomentName {
  return MOMENTS.find((what) => what !== "began" && momentOf(incident, what) === null) ?? "verified";
}

/** What stands beside a moment's name: its time, and how long it took where that counts from one before it. */
export function momentText(incident: IncidentView, what: MomentName): string {
  const moment = momentOf(incident, what);
  if (moment === null) return "";
  const took = what !== "detected" && what !== "began" && moment.took_ms !== null ? ` · ${rough(moment.took_ms)}` : "";
  return `${timeOfDay(moment.when)}${took}`;
}

/** The whole of it, for who looks closer. */
export function momentTitle(moment: MomentView): string {
  const since: Record<string, string> = { detected: "it was detected", began: "it began", run: "the run began" };
  const took =
    moment.since === null
      ? []
      : moment.took_ms === null
        ? [`before ${since[moment.since] ?? moment.since}`]
        : [`${clock(moment.took_ms)} after ${since[moment.since] ?? moment.since}`];
  const said = moment.when === moment.at ? [] : [`said at ${timeOfDay(moment.at)}`];
  const note = moment.note === null ? [] : [moment.note];
  return [...took, ...said, ...(moment.corrected > 0 ? ["corrected"] : []), `by ${moment.actor}`, ...note].join(", ");
}

/** The clock that counts: since it was detected, else none; it stands still once it is verified. */
export function sinceDetected(incident: IncidentView, now: number): number | null {
  const detected = momentOf(incident, "detected");
  if (detected === null) return null;
  const end = momentOf(incident, "verified")?.when;
  return Math.max(0, (end === undefined ? now : Date.parse(end)) - Date.parse(detected.when));
}

export interface Reminder {
  /** Something is to be done: amber, with a button. */
  due: boolean;
  text: string;
  title: string;
}

/** What is said of the next status update. `asked`: the person can act on it here. */
export function reminder(updates: UpdatesView, now: number, asked: boolean): Reminder {
  const sent =
    updates.sent === 0 ? "No update sent" : updates.sent === 1 ? "1 update sent" : `${updates.sent} updates sent`;
  const last = updates.last_at === null ? sent : `${sent}, the last at ${timeOfDay(updates.last_at)}`;
  if (updates.due === null || !asked) return { due: false, text: sent, title: last };
  const left = Date.parse(updates.due) - now;
  const every = updates.every_ms === null ? "" : `, every ${rough(updates.every_ms)}`;
  const off = updates.snoozed ? `, put off: ${updates.snoozed_reason ?? "no reason"}` : every;
  const title = `${last}; the next at ${timeOfDay(updates.due)}${off}`;
  if (left > 0) return { due: false, text: `Update in ${clock(left + 999)}`, title };
  return { due: true, text: `Update due ${clock(-left)}`, title };
}

/** Whether the reminder has just come due: that is told once. */
export function cameDue(before: string | null, due: string | null, isDue: boolean): string | null {
  return isDue && due !== null && due !== before ? due : null;
}

/** Who leads, or how many respond. */
export function respondersText(incident: IncidentView): string {
  const here = incident.responders.filter((one) => one.who !== null);
  const leads = here.find((one) => one.role !== null && /lead|command/i.test(one.role));
  const people = new Set(here.map((one) => one.who?.toLowerCase())).size;
  if (leads?.who) return people > 1 ? `${leads.who} leads, ${people} respond` : `${leads.who} leads`;
  if (people === 0) return "Nobody responds yet";
  return people === 1 ? `${here[0]?.who ?? ""} responds` : `${people} respond`;
}

/** What a line of the list of responders says at its right edge. */
export function responderAnswer(one: ResponderView): string {
  if (one.who !== null) return one.at === null ? one.who : `${one.who} since ${timeOfDay(one.at)}`;
  return [one.written, one.contact].filter((part) => part !== null).join(", ") || "nobody yet";
}

/** A mark of a moment, as the form has it. */
export function momentMark(what: MomentName, when: string, note: string): Marking {
  return { what, ...(when.trim() ? { when: when.trim() } : {}), ...(note.trim() ? { value: note.trim() } : {}) };
}
