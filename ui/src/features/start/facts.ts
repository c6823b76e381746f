// What is said of a run before it starts: facts with their numbers. Pure.

import type { Mode, NeededTarget, RunbookView, RunPreparation, StepWayBack } from "../../bindings/types";
import type { Shape } from "../../lib/states";
import { ago, rough } from "../../lib/time";

export const MODES: readonly Mode[] = ["hand", "auto", "rehearse"];

export const MODE_NAMES: Record<Mode, string> = { hand: "By hand", auto: "Auto", rehearse: "Rehearse" };

/** What each mode means for this very runbook. */
export function modeSays(mode: Mode, prep: RunPreparation | null): string {
  if (mode === "hand") return "You start each item. Nothing runs by itself.";
  if (mode === "rehearse") return "Nothing is executed. Each command is shown as it would run.";
  const stops = prep === null ? "" : auto(prep.needs_person, prep.items);
  return `Commands and probes run one after another, until a person is needed${stops}.`;
}

function auto(stops: number, items: number): string {
  if (stops === 0) return ": nothing in it asks for one unless it fails";
  return stops === items ? ": at each of its items" : `: at ${stops} of its ${items} items`;
}

/** Why it cannot be started so, if it cannot. */
export function held(book: RunbookView, prep: RunPreparation | null, mode: Mode): string | null {
  if (book.refused !== null) return book.refused;
  if (prep !== null && prep.items === 0) return "Nothing in it is to be done: add a step, or a command.";
  if (!book.trusted && mode !== "rehearse") return "Its folder is not trusted yet: it can be read and rehearsed.";
  return null;
}

export interface Fact {
  name: string;
  says: string;
  /** Something that a person has to look at. */
  look?: boolean;
}

/** What past runs tell. */
export function pastFacts(prep: RunPreparation, now: number): Fact[] {
  const usual = prep.usual;
  if (usual === null) return [{ name: "Past runs", says: "none yet" }];
  const facts: Fact[] = [];
  facts.push({
    name: "Usual time",
    says: usual.median_ms === null ? "none has passed" : rough(usual.median_ms),
  });
  const failed = usual.passed < usual.runs;
  facts.push({
    name: "Passed",
    says: `${usual.passed} of the last ${usual.runs}`,
    look: failed && usual.passed * 2 < usual.runs,
  });
  if (usual.last_passed_at !== null) facts.push({ name: "Last passed", says: ago(usual.last_passed_at, now) });
  const worst = Object.entries(usual.items)
    .flatMap(([id, item]) => (item && item.failed > 0 ? [{ id, ...item }] : []))
    .sort((a, b) => b.failed / b.runs - a.failed / a.runs || a.id.localeCompare(b.id))[0];
  if (worst) facts.push({ name: "Fails most at", says: `${worst.id}, ${worst.failed} of ${worst.runs}` });
  return facts;
}

/** In what state its file is. */
export function fileFacts(book: RunbookView, prep: RunPreparation): Fact[] {
  const facts: Fact[] = [{ name: "Revision", says: prep.revision.slice(0, 8) }];
  const { git } = prep;
  if (git !== null) {
    const behind = (git.behind ?? 0) > 0 ? `, ${git.behind} behind` : "";
    const words: Record<string, string> = {
      clean: "committed",
      modified: "changed, not committed",
      staged: "changed, staged, not committed",
      untracked: "not in git",
      ignored: "ignored by git",
      conflict: "in a merge conflict",
    };
    facts.push({
      name: "Git",
      says: `${words[git.state] ?? git.state}, ${git.branch}${behind}`,
      look: git.state === "conflict",
    });
  }
  const days = prep.review_days;
  if (prep.review_due !== null && days !== null) {
    facts.push(
      days < 0
        ? { name: "Review", says: `due ${prep.review_due}, ${-days} ${days === -1 ? "day" : "days"} over`, look: true }
        : { name: "Review", says: `due ${prep.review_due}` },
    );
  }
  const errors = book.problems.filter((problem) => problem.severity === "error").length;
  if (errors > 0) facts.push({ name: "Check", says: errors === 1 ? "1 error" : `${errors} errors`, look: true });
  return facts;
}

export interface BackLine {
  step: string;
  number: string;
  title: string;
  shape: Shape;
  label: string;
  says: string;
}

/** How far each step can be taken back. */
export function backLines(steps: readonly StepWayBack[]): BackLine[] {
  const ways: Record<StepWayBack["way"], [Shape, string, string]> = {
    undo: ["rolledback", "Can be undone", "undo"],
    by_hand: ["noundo", "No undo past this step", "by hand"],
    refused: ["failed", "Its undo cannot be run as it is written", "its undo cannot be run"],
    unsaid: ["pending", "Nothing is written of its undoing", "no undo written"],
  };
  return steps.map(({ step, title, number, way }) => {
    const [shape, label, says] = ways[way];
    return { step, title, number: number ?? "", shape, label, says };
  });
}

/** The way back in one line: `2 of 4 steps can be undone, 1 by hand`. */
export function backSays(prep: RunPreparation): string {
  const count = (way: StepWayBack["way"]): number => prep.way_back.filter((one) => one.way === way).length;
  const all = prep.way_back.length;
  if (all === 0) return "Nothing in it is known to change anything.";
  const undo = count("undo");
  const parts = [
    undo === all
      ? all === 1
        ? "Its one step can be undone"
        : `All ${all} steps can be undone`
      : `${undo} of ${all} ${all === 1 ? "step" : "steps"} can be undone`,
    count("by_hand") > 0 ? `${count("by_hand")} by hand` : "",
    prep.rollback_phase ? "then its rollback phase" : "",
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

/** Tools that are missing, and how many are there. */
export function toolSays(prep: RunPreparation): { missing: RunPreparation["tools"]; says: string } {
  const missing = prep.tools.filter((tool) => tool.path === null);
  const there = prep.tools.length - missing.length;
  const noun = prep.tools.length === 1 ? "tool" : "tools";
  if (prep.tools.length === 0) return { missing, says: "Its commands call no tools by name." };
  if (missing.length === 0)
    return { missing, says: `${there === 1 ? "1 tool" : `All ${there} tools`} found on this machine.` };
  const uncertain = prep.tools_uncertain
    ? " It changes where tools are looked for, so a later command may find more."
    : "";
  return { missing, says: `${missing.length} of ${prep.tools.length} ${noun} not found on this machine.${uncertain}` };
}

/** The items that run on a target: two by name, the rest counted. */
export function itemsOf(target: NeededTarget): string {
  const more = target.items.length - 2;
  return target.items.slice(0, 2).join(", ") + (more > 0 ? `, ${more} more` : "");
}

/** So many targets are all shown; of more, some. */
const FEW_TARGETS = 8;

/** What is shown of the targets at once, and what is unfolded. Where there are many, what is in the way comes first. */
export function sortTargets(targets: NeededTarget[]): { first: NeededTarget[]; rest: NeededTarget[] } {
  if (targets.length <= FEW_TARGETS) return { first: targets, rest: [] };
  const wrong = (target: NeededTarget): number => (target.problem ? 0 : target.warning ? 1 : 2);
  const sorted = targets.toSorted((one, other) => wrong(one) - wrong(other));
  return { first: sorted.slice(0, FEW_TARGETS - 2), rest: sorted.slice(FEW_TARGETS - 2) };
}

/** What is said of those that are folded away. */
export function restSays(rest: NeededTarget[]): string {
  const wrong = rest.filter((target) => target.problem ?? target.warning).length;
  return `${rest.length} more${wrong > 0 ? `, ${wrong} of them not as ${wrong === 1 ? "it" : "they"} should be` : ""}`;
}

/** Which targets a person has to allow first; null where that is none. */
export function allowSays(targets: NeededTarget[]): string | null {
  const asks = targets.filter((target) => target.asks && !target.problem).map((target) => `\`${target.target}\``);
  if (asks.length === 0) return null;
  if (asks.length > 1 && asks.length === targets.length)
    return "The runbooks of this library have not used these entries yet: a person allows that before it starts.";
  const more = asks.length - 3;
  const names = more > 1 ? `${asks.slice(0, 3).join(", ")} and ${more} more` : asks.join(", ");
  return `The runbooks of this library have not used ${names} yet: a person allows that before it starts.`;
}

/** How a value that is asked for on the way is written. */
export function askedName(asked: RunPreparation["asked"][number]): string {
  return asked.kind === "placeholder" ? `<${asked.name}>` : asked.kind === "variable" ? `$${asked.name}` : asked.name;
}
