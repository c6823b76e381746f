// A pretended past: what nine runs of a runbook would have taught, and two runs side by side.

import type {
  Comparison,
  ItemComparison,
  ItemProgress,
  ItemSide,
  Proposal,
  RunComparison,
  RunFilter,
  RunPage,
  RunProposals,
  RunSummary,
  TimeLeft,
  Usual,
  UsualItem,
} from "../../bindings/types";
import { fakeHash, type Built } from "./build";

const RUNS = 9;
const BY_HAND = 20_000;

/** A share of a whole, between 0 and 1, the same each time for the same words. */
function share(words: string): number {
  return parseInt(fakeHash(words).slice(0, 4), 16) / 0xffff;
}

function usualItem(built: Built, id: string): UsualItem {
  const play = built.plays.get(id);
  const median = Math.round((play?.takes ?? BY_HAND) * (0.8 + 0.4 * share(id)));
  const failed = play?.before ? 3 : 0;
  return {
    runs: RUNS,
    passed: RUNS - (failed > 0 ? 1 : 0),
    failed,
    skipped: failed > 0 ? 1 : 0,
    overridden: 0,
    timed: RUNS - (failed > 0 ? 1 : 0),
    median_ms: median,
    low_ms: Math.round(median * 0.7),
    high_ms: Math.round(median * 1.6),
  };
}

/** What past runs of a runbook teach. */
export function usualOf(built: Built): Usual {
  const path = Object.values(built.view.items).flatMap((item) => (item?.on_path ? [item.id] : []));
  const items: Record<string, UsualItem> = Object.fromEntries(path.map((id) => [id, usualItem(built, id)]));
  const whole = Object.values(items).reduce((sum, item) => sum + (item.median_ms ?? 0), 0);
  return { runs: RUNS, passed: RUNS - 1, median_ms: whole, last_passed_at: "2026-11-20T09:12:44.000Z", items };
}

/** How long what is left of a run usually takes. */
export function leftOf(run: {
  readonly built: Built;
  readonly path: readonly string[];
  readonly progress: ReadonlyMap<string, ItemProgress>;
  readonly ended: string | null;
}): { left?: TimeLeft } {
  if (run.ended !== null) return {};
  const settled = new Set(["passed", "skipped", "overridden"]);
  const remaining = run.path.filter((id) => !settled.has(run.progress.get(id)?.status ?? "pending"));
  const usual = usualOf(run.built);
  const known = remaining.flatMap((id) => {
    const item = usual.items[id];
    return item && item.timed > 1 && item.median_ms !== null ? [{ ms: item.median_ms, runs: item.timed }] : [];
  });
  if (known.length === 0) return {};
  const left = {
    ms: known.reduce((sum, item) => sum + item.ms, 0),
    runs: Math.min(...known.map((item) => item.runs)),
    unknown: remaining.length - known.length,
  };
  return { left };
}

/** What of a run is looked at here. */
export interface Past {
  readonly built: Built;
  readonly progress: ReadonlyMap<string, ItemProgress>;
  readonly parameters: Record<string, string>;
  readonly environment: { name: string } | null;
  summary(): RunSummary;
}

function lines(before: string, after: string): Comparison {
  const told = (text: string, kind: "removed" | "added") =>
    text.split("\n").map((line, index) => ({
      kind,
      old: kind === "removed" ? index + 1 : null,
      new: kind === "added" ? index + 1 : null,
      parts: [{ text: line, changed: true }],
    }));
  const [removed, added] = [told(before, "removed"), told(after, "added")];
  return { added: added.length, removed: removed.length, lines: [...removed, ...added], restore: [] };
}

function side(progress: ItemProgress | undefined): ItemSide {
  const last = progress?.attempts.at(-1);
  return {
    status: progress?.status ?? "pending",
    attempts: progress?.attempts.length ?? 0,
    state: last?.state ?? null,
    exit: last?.exit ?? null,
    signal: last?.signal ?? null,
    duration_ms: last?.duration_ms ?? null,
    expectations: last?.expectations ?? [],
    remark: progress?.remark ?? null,
  };
}

function took(run: RunSummary): number | null {
  return run.ended_at === null ? null : Date.parse(run.ended_at) - Date.parse(run.started_at);
}

/** Two runs of a runbook, item by item. */
export function compared(one: Past, other: Past): RunComparison {
  const [first, second] = [one.summary(), other.summary()];
  const steps = other.built.view.sections.flatMap((section) => section.steps);
  const items = steps.flatMap((step) =>
    step.items.flatMap((id): ItemComparison[] => {
      const item = other.built.view.items[id];
      if (!item?.on_path) return [];
      const sides: [ItemSide, ItemSide] = [side(one.progress.get(id)), side(other.progress.get(id))];
      const [left, right] = sides;
      const differs = [
        ...(left.status === right.status ? [] : ["status"]),
        ...(left.exit === right.exit && left.state === right.state ? [] : ["exit"]),
        ...(left.attempts === right.attempts ? [] : ["attempts"]),
        ...(JSON.stringify(left.expectations) === JSON.stringify(right.expectations) ? [] : ["observed"]),
      ];
      const text = item.kind === "check" || item.kind === "message" ? item.text : "";
      return [{ item: id, title: step.title, text, sides, differs, command: null }];
    }),
  );
  const names = [...new Set([...Object.keys(one.parameters), ...Object.keys(other.parameters)])].sort();
  return {
    one: first,
    other: second,
    duration_ms: [took(first), took(second)],
    environment: [one.environment?.name ?? null, other.environment?.name ?? null],
    same_revision: first.revision === second.revision,
    parameters: names
      .filter((name) => one.parameters[name] !== other.parameters[name])
      .map((name) => ({ name, values: [one.parameters[name] ?? null, other.parameters[name] ?? null] })),
    items,
  };
}

/** What a run suggests. */
export function proposed(run: Past): RunProposals {
  const { view } = run.built;
  const steps = view.sections.flatMap((section) => section.steps);
  const proposals = [...run.progress.values()].flatMap((progress): Proposal[] => {
    const item = view.items[progress.item];
    const edited = progress.status === "passed" ? progress.edited : null;
    if (!item || (!edited && progress.status !== "overridden")) return [];
    const last = progress.attempts.at(-1);
    return [
      {
        item: item.id,
        title: steps.find((step) => step.id === item.step)?.title ?? "",
        kind: edited ? "edited" : "overridden",
        reason: edited?.reason ?? progress.remark ?? "",
        at: progress.at,
        actor: progress.actor,
        line: item.line,
        was: item.script,
        now: item.script,
        ran: edited?.text ?? last?.command ?? null,
        expectations: edited ? [] : (last?.expectations ?? []),
        edits: [],
        comparison: edited ? lines(item.script, edited.text) : null,
        refused: null,
      },
    ];
  });
  return { run: run.summary().id, path: view.path, revision: view.revision, proposals };
}

/** The runs that a filter lets through, newest first, a page of them. */
export function filtered(runs: readonly Past[], filter: RunFilter): RunPage {
  const words = (filter.words ?? "").toLowerCase();
  const states = [...(filter.state ? [filter.state] : []), ...(filter.states ?? [])];
  const all = runs
    .filter((run) => filter.environment === undefined || (run.environment?.name ?? "") === filter.environment)
    .map((run) => run.summary())
    .filter(
      (run) =>
        (states.length === 0 || states.includes(run.state)) &&
        (!filter.runbook || run.runbook === filter.runbook) &&
        (!filter.mode || run.mode === filter.mode) &&
        (!filter.actor || run.actor === filter.actor || run.actor.startsWith(`${filter.actor}@`)) &&
        (!filter.since || run.started_at >= filter.since) &&
        (!filter.until || run.started_at < filter.until) &&
        (!filter.failures || run.state === "failed" || run.rescued),
    )
    .filter((run) => `${run.title} ${run.runbook}`.toLowerCase().includes(words))
    .sort((a, b) => b.started_at.localeCompare(a.started_at));
  return { runs: all.slice(filter.offset, filter.offset + (filter.limit || 100)), total: all.length };
}
