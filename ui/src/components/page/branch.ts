// Where a link to a heading of the same file leads, if it leads along the path: then it is a branch, and following it is
// an event (RUNS.md, "Going forward"). What it passes over is the engine's rule; here it is told before it is done.

import type { RunbookView, StepView } from "../../bindings/types";
import { isSettled, type Progress } from "./model";
import { slug } from "./slug";
import { itemName } from "./words";

export interface Branch {
  step: StepView;
  /** Names of the items that are skipped. */
  skips: string[];
  /** Names of the items that are to be done once more, where it leads back. */
  again: string[];
}

/** The branch that a link to `#id` is; null when that is reading matter, or no heading of this file. */
export function branchTo(book: RunbookView, progress: Progress, id: string): Branch | null {
  const wanted = slug(id);
  const path = book.sections.flatMap((section) =>
    section.steps.flatMap((step) => {
      const items = step.items.flatMap((one) => book.items[one] ?? []).filter((item) => item.on_path);
      return items.map((item) => ({ step, item }));
    }),
  );
  const names = (step: StepView): string[] => [
    slug(step.id),
    slug(step.title),
    ...(step.number === null ? [] : [slug(`${step.number} ${step.title}`), slug(`step ${step.number} ${step.title}`)]),
  ];
  const target = path.findIndex(({ step }) => names(step).includes(wanted));
  const step = path[target]?.step;
  if (step === undefined) return null;
  const status = (item: string): string => progress.get(item)?.status ?? "pending";
  const done = ({ item }: (typeof path)[number]): boolean => {
    const now = progress.get(item.id)?.status ?? "pending";
    return (
      isSettled(now) ||
      now === "undone" ||
      (item.optional && now === "failed") ||
      (item.background && now === "running")
    );
  };
  const first = path.findIndex((place) => !done(place));
  const at = first < 0 ? path.length : first;
  const name = ({ item }: (typeof path)[number]): string => itemName(item) ?? item.id;
  return {
    step,
    skips: path
      .slice(at, Math.max(at, target))
      .filter((place) => !done(place))
      .map(name),
    again: path
      .slice(Math.min(target, at), at)
      .filter(({ item }) => !["pending", "running"].includes(status(item.id)))
      .map(name),
  };
}

/** What following it means: `Skips 3: check, repoint and resume.` */
export function branchWords(branch: Branch): string {
  if (branch.skips.length > 0) return `Skips ${counted(branch.skips)}, recorded with the reason “branch”.`;
  if (branch.again.length > 0)
    return `To be done once more: ${counted(branch.again)}. What was done stays in the record.`;
  return "Nothing is skipped: it is the next step.";
}

function counted(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  const more = names.length > 4 ? ` and ${names.length - 4} more` : "";
  return names.length === 1 ? shown : `${names.length}: ${shown}${more}`;
}
