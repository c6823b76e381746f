// How long outputs are kept, in words.

import type { OutputSpace } from "../../bindings/types";
import { size } from "../../components/page/terminal";

export const MOST_DAYS = 36_500;

/** What was typed, as a number of days; or why it is none. */
export function daysOf(typed: string): { days: number } | { fault: string } {
  const days = Number(typed.trim());
  if (!/^\d+$/.test(typed.trim()) || days < 1 || days > MOST_DAYS)
    return { fault: `A whole number of days, 1 to ${MOST_DAYS.toLocaleString("en")}.` };
  return { days };
}

function runs(count: number): string {
  return count === 1 ? "1 run" : `${count.toLocaleString("en")} runs`;
}

export function keptWords(space: OutputSpace): string {
  if (space.bytes === 0) return "none";
  return `${size(space.bytes)} of ${runs(space.runs)}`;
}

/** What choosing so many days would remove now. */
export function dueWords(space: OutputSpace, days: number): string {
  const age = days === 1 ? "a day" : `${days.toLocaleString("en")} days`;
  if (space.due_runs === 0) return `No run finished more than ${age} ago still has outputs: nothing is removed now.`;
  return `${size(space.due_bytes)} of ${runs(space.due_runs)} that finished more than ${age} ago will be removed for good.`;
}
