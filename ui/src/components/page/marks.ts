// What a mark of an incident says, in the time of this machine.

import type { Marking, MarkView } from "../../bindings/types";
import { timeOfDay } from "../../lib/time";

/** A mark of the record in words: `detected at 02:47`, `severity: SEV1 (orders are lost)`. */
export function markWords(mark: MarkView): string {
  const value = mark.value ?? "";
  const role = mark.role ?? null;
  const when = mark.when ? timeOfDay(mark.when) : null;
  const why = mark.reason ? ` (${mark.reason})` : "";
  const after = (before: string, more: string): string => (more ? `${before}: ${more}` : before);
  const say = (): string => {
    if (mark.what === "responder") {
      if (!mark.withdrawn) return role === null ? `${value} responds` : `${value} is ${role}`;
      return role === null ? `${value} left` : `${value} is no longer ${role}`;
    }
    if (mark.what === "snoozed") {
      if (mark.withdrawn) return "next update no longer put off";
      return when === null ? "next update put off" : `next update put off until ${when}`;
    }
    if (mark.withdrawn) return after(`${mark.what} taken back`, value);
    if (mark.what === "update") return after("status update", value);
    return after(when === null ? mark.what : `${mark.what} at ${when}`, value);
  };
  return say() + why;
}

/** The same of one that a person has just made, told once to those who hear rather than see it. */
export function markSentence(mark: Marking): string {
  const said = markWords({
    at: "",
    actor: "",
    what: mark.what,
    value: mark.value ?? null,
    withdrawn: mark.withdrawn ?? false,
    ...(mark.role === undefined ? {} : { role: mark.role }),
    ...(mark.reason === undefined ? {} : { reason: mark.reason }),
  });
  return `Marked: ${said}`;
}
