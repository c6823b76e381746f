// The pretended engine's rules of going back (RUNS.md, "When something fails"): what can be undone, latest step first,
// then the rollback phase; and where a branch leads.

import type { ItemStatus, ItemView, RollbackEntry, RollbackView, StepView, Undoing } from "../../bindings/types";
import type { Built } from "./build";

/** A rollback that has begun. */
export interface Going {
  at: string;
  plan: string[];
  settled: Set<string>;
  failed: Set<string>;
}

/** What the rules rest on. */
export interface Facts {
  status: (item: string) => ItemStatus;
  /** By which event it began last; 0 when it has not, or has been undone. */
  begun: (item: string) => number;
}

function itemsOf(built: Built, step: StepView): ItemView[] {
  return step.items.flatMap((id) => built.view.items[id] ?? []);
}

function steps(built: Built, rollback: boolean): StepView[] {
  return built.view.sections
    .filter((section) => (section.phase === "rollback") === rollback)
    .flatMap((section) => section.steps);
}

function entry(item: ItemView, step: StepView, how: Undoing, in_part: boolean): RollbackEntry {
  return {
    item: item.id,
    step: step.id,
    title: step.title,
    text: item.text === "" ? (item.script.split("\n")[0] ?? "") : item.text,
    how,
    in_part,
    settled: false,
    failed: false,
  };
}

/** What a rollback would do now. */
export function planOf(built: Built, facts: Facts): { entries: RollbackEntry[]; without: string[] } {
  const entries: RollbackEntry[] = [];
  const without: string[] = [];
  const has = (item: ItemView): boolean => item.kind !== "undo" && facts.begun(item.id) > 0;
  const begun = steps(built, false)
    .map((step) => ({
      step,
      at: Math.max(
        0,
        ...itemsOf(built, step)
          .filter(has)
          .map((item) => facts.begun(item.id)),
      ),
    }))
    .filter(({ at }) => at > 0)
    .sort((a, b) => b.at - a.at);
  for (const { step } of begun) {
    const items = itemsOf(built, step);
    const commands = items.filter((item) => item.kind === "command" && has(item));
    const part = commands.some((item) => ["failed", "interrupted"].includes(facts.status(item.id)));
    const before = entries.length;
    for (const item of items) {
      if (item.kind === "undo") entries.push(entry(item, step, "undo", part));
      else if (step.no_return && item === commands[0]) entries.push(entry(item, step, "by_hand", part));
    }
    if (entries.length === before && commands.length > 0) without.push(step.title);
  }
  for (const step of steps(built, true)) {
    for (const item of itemsOf(built, step)) {
      if (item.kind !== "undo") entries.push(entry(item, step, "phase", false));
    }
  }
  return { entries, without };
}

/** The plan of a rollback that has begun, and how far it is; else what one would do now. */
export function rollbackView(built: Built, facts: Facts, going: Going | null): RollbackView {
  const plan = planOf(built, facts);
  if (going === null) return { at: null, ...plan };
  const entries = going.plan.flatMap((id): RollbackEntry[] => {
    const item = built.view.items[id];
    const step = [...steps(built, false), ...steps(built, true)].find((one) => one.items.includes(id));
    if (!item || !step) return [];
    const phase = steps(built, true).includes(step);
    const known = plan.entries.find((one) => one.item === id);
    const how = item.kind === "undo" ? "undo" : phase ? "phase" : "by_hand";
    const one = known ?? entry(item, step, how, false);
    return [{ ...one, settled: going.settled.has(id), failed: going.failed.has(id) }];
  });
  return { at: going.at, entries, without: plan.without };
}

/** The entries that are done, of a plan as a person chose it. Refuses what the engine refuses. */
export function chosenPlan(
  entries: readonly RollbackEntry[],
  leaveOut: readonly string[],
  took: boolean | null,
): string[] {
  const kept = entries.filter((one) => !leaveOut.includes(one.item));
  if (took === null && kept.some((one) => one.in_part)) {
    throw {
      code: "state",
      message: "Say whether the step that failed took effect in part: then it is undone as well.",
    };
  }
  const plan = kept.filter((one) => took !== false || !one.in_part).map((one) => one.item);
  if (plan.length === 0) throw { code: "nothing_to_undo", message: "There is nothing to undo." };
  return plan;
}

/** Items of the way forward that are undone by now: of each step whose planned undo blocks are all done, what had begun. */
export function undoneBy(built: Built, facts: Facts, going: Going): string[] {
  return steps(built, false).flatMap((step) => {
    const items = itemsOf(built, step);
    const undos = items.filter((item) => item.kind === "undo" && going.plan.includes(item.id));
    const done = (item: ItemView): boolean =>
      going.settled.has(item.id) && ["passed", "overridden"].includes(facts.status(item.id));
    if (undos.length === 0 || !undos.every(done)) return [];
    return items
      .filter((item) => item.kind !== "undo" && facts.begun(item.id) > 0 && facts.status(item.id) !== "undone")
      .map((item) => item.id);
  });
}

/** What following a branch to a step skips, and what it makes to be done once more. */
export function branchOf(
  built: Built,
  path: readonly string[],
  status: (item: string) => ItemStatus,
  hand: string | null,
  to: string,
): { skips: string[]; again: string[] } {
  const target = path.findIndex((id) => built.view.items[id]?.step === to);
  if (target < 0) throw { code: "bad_input", message: `The path of this run has no step "${to}" to go to.` };
  const at = hand === null ? path.length : path.indexOf(hand);
  const done = new Set<ItemStatus>(["passed", "skipped", "overridden"]);
  return {
    skips: path.slice(at, Math.max(at, target)).filter((id) => !done.has(status(id))),
    again: path.slice(Math.min(at, target), at).filter((id) => status(id) !== "pending"),
  };
}
