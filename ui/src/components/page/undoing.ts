// The words and marks of a rollback: its plan before it begins, and how far it is. What is in it is the engine's to say.

import type {
  ItemProgress,
  ItemStatus,
  RollbackEntry,
  RollbackView,
  RunbookView,
  StepView,
} from "../../bindings/types";
import { itemMark, type Mark } from "../../lib/states";
import type { Progress } from "./model";

/** The step with that id. */
export function stepById(book: RunbookView, id: string): StepView | null {
  for (const section of book.sections) {
    const found = section.steps.find((step) => step.id === id);
    if (found) return found;
  }
  return null;
}

/** `Undo 4`, `Undo`, or `Rollback` for an item of the rollback phase. */
export function entryName(entry: RollbackEntry, book: RunbookView): string {
  if (entry.how === "phase") return "Rollback";
  const number = stepById(book, entry.step)?.number ?? null;
  return number === null ? "Undo" : `Undo ${number}`;
}

/** The mark of an entry of a plan that has not begun. */
export function plannedMark(entry: RollbackEntry): Mark {
  if (entry.how === "by_hand") return { shape: "waiting", label: "By hand" };
  if (entry.how === "run") return { shape: "waiting", label: "Its run is rolled back" };
  if (entry.how === "phase") return { shape: "pending", label: "Of the rollback phase" };
  return { shape: "rolledback", label: "Undo" };
}

/** How an entry of a rollback under way stands. */
export function entryStatus(entry: RollbackEntry, known: ItemProgress | undefined, hand: string | null): ItemStatus {
  const status = known?.status ?? "pending";
  if (status === "running") return "running";
  if (entry.settled) return status === "skipped" || status === "overridden" ? status : "undone";
  // What failed on the way forward says nothing of its undoing.
  if (entry.failed) return status === "interrupted" ? "interrupted" : "failed";
  if (hand !== entry.item) return "pending";
  return entry.how === "by_hand" || entry.how === "run" || status === "waiting" ? "waiting" : "ready";
}

/** Its mark: what is undone wears the arrow going back, whatever undid it. */
export function entryMark(entry: RollbackEntry, known: ItemProgress | undefined, hand: string | null): Mark {
  const status = entryStatus(entry, known, hand);
  if (status === "undone") return { shape: "rolledback", label: entry.how === "phase" ? "Done" : "Rolled back" };
  return itemMark("undo", status);
}

/** The entries that may have taken effect in part, one for each step. */
export function inPart(entries: readonly RollbackEntry[], leaveOut: readonly string[]): RollbackEntry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (!entry.in_part || leaveOut.includes(entry.item) || seen.has(entry.step)) return false;
    seen.add(entry.step);
    return true;
  });
}

/** What is asked about steps that failed. */
export function partQuestion(entries: readonly RollbackEntry[], book: RunbookView): string {
  const names = entries.map((entry) => {
    const number = stepById(book, entry.step)?.number ?? null;
    return number === null ? `“${entry.title}”` : `step ${number}`;
  });
  return `Did ${listed(names)} take effect in part?`;
}

/** What of a plan would be done. */
export function chosen(
  entries: readonly RollbackEntry[],
  leaveOut: readonly string[],
  tookEffect: boolean | null,
): RollbackEntry[] {
  return entries.filter((entry) => !leaveOut.includes(entry.item) && (tookEffect !== false || !entry.in_part));
}

/** `4 actions in the order shown at the right, 1 by hand.` `beside`: the plan is in view at the right. */
export function planWords(entries: readonly RollbackEntry[], beside = true): string {
  const hand = entries.filter((entry) => entry.how === "by_hand").length;
  const runs = entries.filter((entry) => entry.how === "run").length;
  const where = beside ? "shown at the right" : "shown when you choose this";
  const actions = entries.length === 1 ? `1 action, ${where}` : `${entries.length} actions in the order ${where}`;
  const those = `${hand > 0 ? `, ${hand} by hand` : ""}${runs > 0 ? `, ${runs} in a run of its own` : ""}`;
  return `${actions}${those}. Nothing starts before you say so.`;
}

/** `4 to undo, 1 by hand`. */
export function stackWords(entries: readonly RollbackEntry[]): string {
  const hand = entries.filter((entry) => entry.how === "by_hand").length;
  const undo = entries.length - hand;
  return [undo > 0 ? `${undo} to undo` : "", hand > 0 ? `${hand} by hand` : ""].filter(Boolean).join(", ");
}

/** Why a way back is longer than its commands: `Steps 3 and 5 have no undo of their own: they are undone by hand.` */
export function byHandWords(entries: readonly RollbackEntry[], book: RunbookView): string {
  const names = [
    ...new Set(
      entries
        .filter((entry) => entry.how === "by_hand")
        .map((entry) => stepById(book, entry.step)?.number ?? `“${entry.title}”`),
    ),
  ];
  if (names.length === 0) return "";
  return names.length === 1
    ? `Step ${names[0]} has no undo: a person does it.`
    : `Steps ${listed(names)} have no undo: a person does them.`;
}

/** How far a rollback is. */
export function far(rollback: RollbackView): { done: number; total: number } {
  return { done: rollback.entries.filter((entry) => entry.settled).length, total: rollback.entries.length };
}

/** What a rollback came to, in counts: `2 undone, 1 of them by hand, 1 left out.` */
export function cameTo(rollback: RollbackView, progress: Progress): string {
  const settled = rollback.entries.filter((entry) => entry.settled);
  const is = (entry: RollbackEntry, status: ItemStatus): boolean => progress.get(entry.item)?.status === status;
  const left = settled.filter((entry) => is(entry, "skipped")).length;
  const taken = settled.filter((entry) => is(entry, "overridden")).length;
  const done = settled.filter((entry) => !is(entry, "skipped") && entry.how !== "phase");
  const hand = done.filter((entry) => entry.how === "by_hand").length;
  const phase = settled.filter((entry) => !is(entry, "skipped") && entry.how === "phase").length;
  const parts = [
    `${done.length} undone${hand > 0 ? `, ${hand} of them by hand` : ""}`,
    phase > 0 ? `${phase} of the rollback phase` : "",
    taken > 0 ? `${taken} taken as done` : "",
    left > 0 ? `${left} left out` : "",
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
