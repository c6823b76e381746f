// What the run screen shows, derived from what the journal says: never from what was clicked.

import type {
  AttemptView,
  Edited,
  ItemProgress,
  ItemStatus,
  ItemView,
  Phase,
  RunbookView,
  RunSummary,
  RunUpdate,
  RunView,
  SectionView,
  StepView,
  TimeLeft,
} from "../../bindings/types";
import { isOver } from "../../lib/states";

/** Takes an update into a view. An update that is older than the view changes nothing. */
export function fold(view: RunView, update: RunUpdate): RunView {
  if (update.seq < view.seq) return view;
  const changed = new Map(update.progress.map((item) => [item.item, item]));
  const progress = view.progress.map((item) => {
    const next = changed.get(item.item);
    changed.delete(item.item);
    return next ?? item;
  });
  const known = view.timeline.at(-1)?.seq ?? 0;
  const fresh = update.timeline.filter((entry) => entry.seq > known);
  const { left: before, linked, ...rest } = view;
  void before;
  return {
    ...rest,
    run: update.run,
    runbook: update.runbook ?? view.runbook,
    hand: update.hand,
    environment_confirmed: update.environment_confirmed,
    messages: update.messages,
    session_lines: update.session_lines,
    set: update.set,
    rollback: update.rollback,
    marks: update.marks,
    incident: update.incident,
    progress: changed.size > 0 ? [...progress, ...changed.values()] : progress,
    timeline: fresh.length > 0 ? [...view.timeline, ...fresh] : view.timeline,
    seq: update.seq,
    ...linkedOf(linked, update.linked),
    ...leftOf(update),
  };
}

/** In place of what was said before, also where nothing is said any more. */
function leftOf({ left }: RunUpdate): { left?: TimeLeft } {
  return left === undefined ? {} : { left };
}

/** The runs that were opened for checks: those that an update names stand as it says. */
function linkedOf(known: readonly RunSummary[] = [], told: readonly RunSummary[] = []): { linked?: RunSummary[] } {
  const all = [...known.filter((run) => told.every((one) => one.id !== run.id)), ...told];
  return all.length === 0 ? {} : { linked: all };
}

export type Progress = ReadonlyMap<string, ItemProgress>;

export function progressOf(view: RunView): Progress {
  return new Map(view.progress.map((item) => [item.item, item]));
}

export function statusOf(progress: Progress, item: string, hand: string | null): ItemStatus {
  const status = progress.get(item)?.status ?? "pending";
  return status === "pending" && item === hand ? "ready" : status;
}

/** The path goes on beside what runs in the background. */
function isBeside(item: ItemView, status: ItemStatus): boolean {
  return item.background && status === "running";
}

const SETTLED: ReadonlySet<ItemStatus> = new Set<ItemStatus>(["passed", "skipped", "overridden"]);

export function isSettled(status: ItemStatus): boolean {
  return SETTLED.has(status);
}

/** Whether anything can still be done in the run from here: only by the process that drives it. */
export function canAct(view: RunView): boolean {
  const { state, live } = view.run;
  return live && state !== "interrupted" && (!isOver(state) || state === "failed");
}

/** Whether a run goes on elsewhere, or may: it can be looked at, and looked at again. */
export function isElsewhere(view: RunView): boolean {
  const { state, live } = view.run;
  return !live && !isOver(state) && state !== "interrupted";
}

/** The items of a step that decide its state: those on the path, or all where none is. */
function deciding(step: StepView, items: RunbookView["items"]): ItemView[] {
  const all = step.items.flatMap((id) => items[id] ?? []);
  const path = all.filter((item) => item.on_path);
  return path.length > 0 ? path : all.filter((item) => item.kind !== "undo");
}

/** The state of a step, from those of its items. */
export function stepStatus(
  step: StepView,
  items: RunbookView["items"],
  progress: Progress,
  hand: string | null,
): ItemStatus {
  const own = deciding(step, items);
  if (own.length === 0) return "pending";
  const states = own.map((item) => ({ item, status: statusOf(progress, item.id, hand) }));
  const any = (status: ItemStatus): boolean => states.some((state) => state.status === status);
  if (states.some(({ item, status }) => status === "running" && !item.background)) return "running";
  if (states.some((state) => state.status === "failed" && !state.item.optional)) return "failed";
  if (any("interrupted")) return "interrupted";
  if (any("waiting")) return "waiting";
  if (any("undone")) return "undone";
  const settled = ({ item, status }: (typeof states)[number]): boolean =>
    isSettled(status) || isBeside(item, status) || (item.optional && status === "failed");
  if (states.every(settled)) {
    if (states.every((state) => state.status === "skipped")) return "skipped";
    return any("overridden") ? "overridden" : "passed";
  }
  if (any("ready") || states.some((state) => isSettled(state.status))) return "ready";
  return "pending";
}

/** A section with what the page needs to know of it. */
export interface Chapter {
  index: number;
  section: SectionView;
  onPath: boolean;
  /** It begins a new phase of the path: a placard stands before it. */
  opens: boolean;
  /** Steps settled and in all, of the whole phase that it opens. */
  done: number;
  total: number;
}

export function onPath(phase: Phase): boolean {
  return phase !== "reference" && phase !== "rollback";
}

export function chapters(book: RunbookView, progress: Progress, hand: string | null): Chapter[] {
  let before: Phase | null = null;
  return book.sections.map((section, index) => {
    const opens = section.phase !== before && section.phase !== "reference";
    before = section.phase;
    let done = 0;
    let total = 0;
    if (opens) {
      for (const next of book.sections.slice(index)) {
        if (next.phase !== section.phase) break;
        total += next.steps.length;
        done += next.steps.filter((step) => isSettled(stepStatus(step, book.items, progress, hand))).length;
      }
    }
    return { index, section, onPath: onPath(section.phase), opens, done, total };
  });
}

/** The step that an item stands in. */
export function stepOf(book: RunbookView, item: string | null): StepView | null {
  const id = item === null ? undefined : book.items[item]?.step;
  if (id === undefined) return null;
  for (const section of book.sections) {
    const found = section.steps.find((step) => step.id === id);
    if (found) return found;
  }
  return null;
}

export type Tick = "ok" | "now" | "bad" | "cut" | "todo" | "gap";

/** One tick for each item of the path, with a gap between phases. */
export function ticks(book: RunbookView, progress: Progress, hand: string | null): Tick[] {
  const list: Tick[] = [];
  let before: Phase | null = null;
  for (const section of book.sections) {
    if (!onPath(section.phase)) continue;
    const items = section.steps.flatMap((step) => step.items).filter((id) => book.items[id]?.on_path);
    if (items.length === 0) continue;
    if (before !== null && before !== section.phase) list.push("gap");
    before = section.phase;
    for (const id of items) {
      const status = statusOf(progress, id, hand);
      if (status === "failed") list.push("bad");
      // Nobody knows how it ended: that is no failure, and somebody has to look.
      else if (status === "interrupted") list.push("cut");
      else if (isSettled(status) || (book.items[id]?.background && status === "running")) list.push("ok");
      else list.push(id === hand || status === "running" ? "now" : "todo");
    }
  }
  return list;
}

/** How long the attempts of a step took, together; null when none has ended. Those on several hosts run at the same time. */
export function stepTook(step: StepView, progress: Progress): number | null {
  const times = step.items.flatMap((id) => {
    const item = progress.get(id);
    if (item?.hosts !== undefined && item.hosts.length > 0) return item.hosts_took_ms ?? [];
    return (item?.attempts ?? []).flatMap((attempt) => attempt.duration_ms ?? []);
  });
  return times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0);
}

/** When something of the step began; null before. */
export function stepBegan(step: StepView, progress: Progress): number | null {
  const starts = step.items.flatMap((id) => {
    const item = progress.get(id);
    const at = item?.attempts[0]?.started_at ?? item?.at;
    return at ? [Date.parse(at)] : [];
  });
  return starts.length === 0 ? null : Math.min(...starts);
}

/** When the step was last settled, and by whom. */
export function stepEnd(step: StepView, progress: Progress): ItemProgress | null {
  return step.items
    .flatMap((id) => progress.get(id) ?? [])
    .filter((item) => item.at !== "")
    .reduce<ItemProgress | null>((latest, item) => (latest === null || item.at > latest.at ? item : latest), null);
}

/** What a failed step's badge says: what was expected did not come, or it did not pass for another reason. */
export function failedWord(step: StepView, progress: Progress): string {
  const failed = step.items.flatMap((id) => progress.get(id) ?? []).filter((item) => item.status === "failed");
  const missed = failed.some((item) =>
    (lastAttempt(item)?.expectations ?? []).some((one) => !one.holds && !/^(exit |any exit)/.test(one.expected)),
  );
  return missed ? "Did not verify" : "Did not pass";
}

/** Whether a step is only a sentence to tick: its one item says what its title says. */
export function isPlain(step: StepView, items: RunbookView["items"]): boolean {
  const only = step.items[0];
  if (only === undefined || step.items.length > 1 || step.body.length > 1) return false;
  const item = items[only];
  return item?.kind === "check" && squeeze(item.text) === squeeze(step.title);
}

function squeeze(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** Whether a heading only repeats what the placard of its phase says. */
export function repeatsPhase(section: SectionView): boolean {
  return squeeze(section.heading.replace(/<[^>]*>/g, "")) === section.phase;
}

/** What runs in an item's place in this run: the last edit, unless the runbook's own text ran after it. */
export function editOf(item: ItemView, known: ItemProgress | undefined): Edited | null {
  const edited = known?.edited ?? null;
  const last = lastAttempt(known);
  return edited !== null && last !== null && last.command.trim() === item.script.trim() ? null : edited;
}

/** The last attempt. */
export function lastAttempt(item: ItemProgress | undefined): AttemptView | null {
  return item?.attempts.at(-1) ?? null;
}

/** Whether a check stands for a run of another runbook that can be opened. */
export function opensRun(item: ItemView): boolean {
  return item.kind === "check" && item.linked !== undefined && item.linked.refused === null;
}
