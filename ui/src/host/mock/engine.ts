// A pretended engine: enough of RUNS.md for the screens to behave, and nothing runs.

import type {
  AttemptView,
  Edited,
  EnvironmentView,
  IncidentView,
  ItemProgress,
  ItemStatus,
  MarkView,
  Mode,
  RunAction,
  RunStatus,
  RunSummary,
  RunUpdate,
  RunView,
  TimelineEntry,
} from "../../bindings/types";
import { isOver } from "../../lib/states";
import type { Built, Play } from "./build";
import { runOnHosts } from "./fleet";
import { joined, type Listener, messagesOf, newAttempt, newItem, sessionLinesOf, SETTLED } from "./filled";
import { incidentOf, markOf } from "./incident";
import { branchOf, chosenPlan, type Facts, type Going, rollbackView, undoneBy } from "./rollback";
import { leftOf, usualOf } from "./learning";
import { summaryOf } from "./summary";

export class MockRun {
  readonly progress = new Map<string, ItemProgress>();
  readonly timeline: TimelineEntry[] = [];
  readonly outputs = new Map<string, Uint8Array[]>();
  readonly listeners = new Set<Listener>();
  readonly path: string[];
  private seq = 0;
  /** The last event that was told. */
  private told = 0;
  readonly stops = new Map<string, () => void>();
  state: RunStatus = "waiting";
  ended: string | null = null;
  rescued = false;
  confirmed = false;
  readonly marks: MarkView[] = [];
  /** Values that were kept in memory alone. */
  lost: string[] = [];
  /** The file has changed since it started. */
  movedOn = false;
  private going: Going | null = null;
  /** By which event an item began last. */
  private readonly begun = new Map<string, number>();
  private readonly facts: Facts = {
    status: (item) => this.progress.get(item)?.status ?? "pending",
    begun: (item) => this.begun.get(item) ?? 0,
  };

  constructor(
    readonly id: string,
    readonly built: Built,
    readonly mode: Mode,
    readonly parameters: Record<string, string>,
    readonly actor: string,
    readonly started: string = new Date().toISOString(),
    readonly clock: () => number = Date.now,
    readonly speed = 1,
    readonly environment: EnvironmentView | null = null,
  ) {
    this.path = built.view.sections
      .flatMap((section) => section.steps)
      .flatMap((step) => step.items)
      .filter((item) => built.view.items[item]?.on_path);
    this.fact("run_started", { text: mode });
  }

  now(): string {
    return new Date(this.clock()).toISOString();
  }

  fact(kind: string, more: Partial<TimelineEntry> = {}): TimelineEntry {
    this.seq += 1;
    const entry: TimelineEntry = {
      seq: this.seq,
      at: this.now(),
      actor: this.actor,
      kind,
      item: null,
      attempt: null,
      text: null,
      exit: null,
      duration_ms: null,
      ...more,
    };
    this.timeline.push(entry);
    return entry;
  }

  private item(id: string): ItemProgress {
    let found = this.progress.get(id);
    if (!found) {
      found = newItem(id);
      this.progress.set(id, found);
    }
    return found;
  }

  get hand(): string | null {
    const open = (status: ItemStatus): string | undefined =>
      this.path.find((id) => this.facts.status(id) === status && !this.built.view.items[id]?.optional);
    if (isOver(this.state)) return this.state === "failed" ? (open("failed") ?? null) : null;
    if (this.going !== null) {
      const { plan, settled } = this.going;
      return plan.find((id) => this.facts.status(id) === "running") ?? plan.find((id) => !settled.has(id)) ?? null;
    }
    const cut = open("interrupted");
    if (cut !== undefined) return cut;
    for (const id of this.path) {
      const status = this.progress.get(id)?.status ?? "pending";
      const optional = this.built.view.items[id]?.optional ?? false;
      if (!SETTLED.has(status) && !(optional && status === "failed")) return id;
    }
    return null;
  }

  summary(): RunSummary {
    return summaryOf(this);
  }

  /** It goes on elsewhere from now on. */
  handOver(to: string, note?: string): void {
    if (note !== undefined) this.fact("note", { text: note });
    this.fact("handed_over", { text: to });
    this.state = "handed_over";
    this.ended = this.now();
    this.tell([]);
  }

  view(): RunView {
    return structuredClone({
      run: this.summary(),
      runbook: this.built.view,
      moved_on: this.movedOn,
      hand: this.hand,
      parameters: this.parameters,
      environment: this.environment,
      environment_confirmed: this.confirmed,
      messages: messagesOf(this.built, this.parameters),
      session_lines: sessionLinesOf(this.built, this.given),
      set: [],
      lost: this.summary().live ? [] : this.lost,
      rollback: rollbackView(this.built, this.facts, this.going),
      marks: this.marks,
      incident: this.incident,
      progress: [...this.progress.values()],
      timeline: this.timeline,
      seq: this.seq,
      usual: usualOf(this.built),
      ...leftOf(this),
    });
  }

  private settle(): void {
    if (isOver(this.state) || this.state === "paused" || this.state === "interrupted") return;
    const running = [...this.progress.values()].some((item) => item.status === "running");
    if (running) {
      this.state = "running";
      return;
    }
    if (this.hand === null) {
      this.state = this.going === null ? "passed" : "rolled_back";
      this.ended = this.now();
      this.fact("run_finished", { text: this.state });
    } else {
      this.state = "waiting";
    }
  }

  /** What of the way forward is undone by now. */
  private undo(): string[] {
    if (this.going === null) return [];
    const items = undoneBy(this.built, this.facts, this.going);
    for (const id of items) {
      this.fact("undone", { item: id });
      this.set(id, "undone");
    }
    return items;
  }

  /** The commands of a rollback start by themselves, one after another. */
  private goBack(): void {
    const next = this.going === null || this.state !== "waiting" ? null : this.hand;
    const item = next === null ? undefined : this.built.view.items[next];
    if (next === null || item === undefined || this.going?.failed.has(next)) return;
    if (item.kind === "check" || item.kind === "message" || item.on_path) return;
    setTimeout(() => {
      if (this.hand === next && this.state === "waiting" && !this.going?.failed.has(next)) this.start(next, {});
    }, 0);
  }

  tell(given: string[], linked: RunSummary[] = []): void {
    const items = [...given, ...this.undo()];
    this.settle();
    const update: RunUpdate = structuredClone({
      run: this.summary(),
      hand: this.hand,
      environment_confirmed: this.confirmed,
      messages: messagesOf(this.built, this.parameters),
      session_lines: sessionLinesOf(this.built, this.given),
      runbook: null,
      set: [],
      rollback: rollbackView(this.built, this.facts, this.going),
      marks: this.marks,
      incident: this.incident,
      progress: items.map((id) => this.item(id)),
      timeline: this.timeline.filter((entry) => entry.seq > this.told),
      seq: this.seq,
      linked,
      trouble: null,
      ...leftOf(this),
    });
    this.told = this.seq;
    for (const listener of this.listeners) listener.update(update);
    this.goBack();
  }

  /** A run that was opened for one of its checks stands so now. */
  childStands(run: RunSummary): void {
    this.tell([], [run]);
  }

  set(id: string, status: ItemStatus, remark: string | null = null): ItemProgress {
    const item = this.item(id);
    if (item.status === "failed" && SETTLED.has(status)) this.rescued = true;
    item.status = status;
    item.at = this.now();
    item.actor = this.actor;
    item.remark = remark;
    if (status === "pending" || status === "undone") this.begun.delete(id);
    else if (status !== "skipped") this.begun.set(id, this.seq);
    const going = this.going;
    if (going?.plan.includes(id)) {
      going.failed.delete(id);
      going.settled.delete(id);
      if (SETTLED.has(status) || status === "undone") going.settled.add(id);
      else if (status === "failed" || status === "interrupted") going.failed.add(id);
    }
    return item;
  }

  /** A run that nobody drove goes on. */
  takeUp(how: "resume" | "rollback" = "resume"): void {
    if (this.summary().live) throw { code: "state", message: `Run ${this.id} is driven here already.` };
    if (this.state === "rolled_back" || this.state === "abandoned")
      throw { code: "state", message: "The run is finished: start another one." };
    if (this.state === "passed" && how === "resume")
      throw { code: "state", message: "The run has passed: there is nothing left of it to be done." };
    this.elsewhere = false;
    this.state = "waiting";
    this.ended = null;
    this.fact("resumed");
    if (how === "resume") this.goBack();
  }

  /** Nothing has happened to them. */
  forget(items: readonly string[]): void {
    for (const id of items) {
      this.progress.delete(id);
      this.begun.delete(id);
      this.outputs.delete(`${id} 1`);
    }
    const kept = this.timeline.filter((entry) => entry.item === null || !items.includes(entry.item));
    this.timeline.splice(0, this.timeline.length, ...kept);
  }

  /** It was put aside, and the process that drove it is gone. */
  elsewhere = false;

  private get incident(): IncidentView | null {
    const open = (this.state === "running" || this.state === "waiting") && this.mode !== "rehearse";
    const { marks, timeline, started } = this;
    return incidentOf({ book: this.built.view, marks, timeline, started, open });
  }

  act(action: RunAction): void {
    const fail = (code: string, message: string): never => {
      throw { code, message };
    };
    if (isOver(this.state) || this.state === "interrupted") {
      if (action.do !== "note" && action.do !== "mark") fail("state", "This run is over; start a new one.");
    }
    switch (action.do) {
      case "start":
        this.start(action.item, action.values, action.confirmed, action.edited);
        return;
      case "rollback":
        this.rollBack(action.leave_out, action.took_effect);
        return;
      case "undone_by_hand":
        if (!this.going || this.going.settled.has(action.item) || !this.going.plan.includes(action.item))
          fail("state", `"${action.item}" is not waiting to be undone by hand.`);
        this.fact("undone", { item: action.item, text: action.note });
        this.set(action.item, "undone", action.note);
        break;
      case "follow": {
        const hand = this.hand;
        const { skips, again } = branchOf(this.built, this.path, this.facts.status, hand, action.to);
        this.fact("branched", { item: hand, text: action.to });
        for (const id of again) this.set(id, "pending");
        for (const id of skips) {
          this.fact("skipped", { item: id, text: "branch" });
          this.set(id, "skipped", "branch");
        }
        this.tell([...skips, ...again]);
        return;
      }
      case "confirm_environment":
        if (action.typed !== this.environment?.name)
          fail("bad_input", `what was typed is not "${this.environment?.name ?? ""}": type that, to the letter`);
        this.confirmed = true;
        this.fact("confirmed", { text: `typed "${action.typed}", the name of the environment` });
        break;
      case "tick":
        this.fact("check_ticked", { item: action.item, text: action.note });
        this.set(action.item, "passed", action.note);
        break;
      case "untick":
        this.fact("check_unticked", { item: action.item });
        this.set(action.item, "pending");
        break;
      case "fail":
        this.fact("check_failed", { item: action.item, text: action.note });
        this.set(action.item, "failed", action.note);
        break;
      case "skip":
        this.fact("skipped", { item: action.item, text: action.reason });
        this.set(action.item, "skipped", action.reason);
        break;
      case "override":
        this.fact("overridden", { item: action.item, text: action.reason });
        this.set(action.item, "overridden", action.reason);
        break;
      case "note":
        this.fact("note", { item: action.item, text: action.text });
        break;
      case "mark":
        this.marks.push(markOf(action, this.incident, this.now(), this.actor, fail));
        this.fact("marked", { text: action.what, mark: this.marks.at(-1)! });
        break;
      case "message_sent":
        this.fact("message_sent", { item: action.item, text: action.text });
        this.set(action.item, "passed");
        break;
      case "input":
        this.type(action.item, action.text);
        return;
      case "send_line": {
        const lines =
          sessionLinesOf(this.built, this.given)[action.item] ??
          this.built.view.items[action.item]?.session_input ??
          [];
        this.type(action.item, `${lines[action.line] ?? ""}\r`);
        return;
      }
      case "resize":
        return;
      case "stop":
        this.stops.get(action.item)?.();
        return;
      case "pause":
        this.state = "paused";
        this.fact("paused");
        break;
      case "resume":
        this.state = "waiting";
        this.fact("resumed");
        break;
      case "stop_run":
        for (const stop of [...this.stops.values()]) stop();
        this.state = "paused";
        this.fact("stopped", { text: action.reason });
        break;
      case "abandon":
        for (const stop of [...this.stops.values()]) stop();
        this.fact("run_finished", { text: "abandoned" });
        this.state = "abandoned";
        this.ended = this.now();
        break;
    }
    this.tell("item" in action && action.item ? [action.item] : []);
  }

  private type(item: string, text: string): void {
    const attempt = this.item(item).attempts.at(-1);
    if (attempt) {
      attempt.typed = true;
      this.print(item, attempt, text.replaceAll("\r", "\r\n"));
    }
  }

  private rollBack(leaveOut: readonly string[], took: boolean | null): void {
    const entries = rollbackView(this.built, this.facts, null).entries;
    const plan = chosenPlan(entries, leaveOut, took);
    const all = entries.map((one) => one.item);
    this.fact("rollback_started", { text: all.join(", ") });
    this.fact("plan_chosen", { text: plan.join(", ") });
    this.going = { at: this.now(), plan, settled: new Set(), failed: new Set() };
    this.state = "waiting";
    this.tell([]);
  }

  private given = new Map<string, string>();

  private start(id: string, values: { [key in string]: string }, confirmed?: string, edited?: Edited): void {
    const item = this.built.view.items[id];
    if (!item) throw { code: "not_found", message: `This runbook has no item "${id}".` };
    if (item.refused) throw { code: "guard", message: item.refused };
    for (const [name, value] of Object.entries(values)) this.given.set(name, value);
    const text = edited?.text ?? item.script;
    const placeholders = edited
      ? [...text.matchAll(/<([a-z][^<>]*)>/gi)].map((one) => one[1] ?? "")
      : item.placeholders;
    const needs = {
      placeholders: placeholders.filter((name) => !this.given.get(name)),
      doubts: item.doubts.filter((name) => text.includes(name) && !this.given.has(name)),
      variables: item.variables.filter((name) => text.includes(`$${name}`) && !this.given.has(name)),
    };
    if (needs.placeholders.length + needs.doubts.length + needs.variables.length > 0) {
      const names = [...needs.placeholders, ...needs.doubts, ...needs.variables].join(", ");
      throw { code: "needs_values", message: `"${id}" needs values before it can start: ${names}.`, needs };
    }
    if (this.environment?.guard && !this.confirmed && item.kind !== "probe") {
      const confirm = { typed: this.environment.name, environment: true };
      throw { code: "needs_confirmation", message: `type "${this.environment.name}"`, confirm };
    }
    if (item.confirm && confirmed === undefined) {
      const confirm = { typed: item.confirm_text, environment: false };
      throw { code: "needs_confirmation", message: `command "${id}" asks to be confirmed`, confirm };
    }
    if (item.confirm_text !== null && confirmed !== item.confirm_text) {
      throw { code: "bad_input", message: `what was typed is not "${item.confirm_text}": type that, to the letter` };
    }
    if (item.confirm) this.fact("confirmed", { item: id, text: confirmed ?? "" });
    let command = text;
    for (const name of placeholders) command = command.replaceAll(`<${name}>`, this.given.get(name) ?? "");
    for (const name of item.doubts) command = command.replaceAll(name, this.given.get(name) ?? "");
    const progress = this.item(id);
    const said = edited && { ...edited, reason: edited.reason.trim() || "edited for this run" };
    if (said && (progress.edited?.text !== said.text || progress.edited.reason !== said.reason)) {
      progress.edited = said;
      this.fact("deviation", { item: id, text: said.reason });
    }
    const play = this.built.plays.get(id) ?? { lines: [], takes: 400 };
    if (play.hosts) runOnHosts(this, progress, command, play.hosts);
    else this.attempt(id, progress, command, play, item.every_ms);
  }

  private attempt(id: string, progress: ItemProgress, command: string, play: Play, every: number | null): void {
    const number = progress.attempts.length + 1;
    const use = play.before?.[number - 1] ?? play;
    const started = this.clock();
    const attempt = newAttempt(number, this.now(), command);
    progress.attempts.push(attempt);
    this.set(id, "running");
    if (this.state === "waiting") this.state = "running";
    this.fact("attempt_started", { item: id, attempt: number, text: command });
    this.tell([id]);

    const timers: ReturnType<typeof setTimeout>[] = [];
    const end = (state: "passed" | "failed" | "stopped", note: string | null = null): void => {
      timers.forEach(clearTimeout);
      this.stops.delete(id);
      attempt.state = state;
      attempt.exit = state === "stopped" ? null : (use.exit ?? 0);
      attempt.signal = state === "stopped" ? "SIGINT" : null;
      attempt.note = note;
      attempt.duration_ms = this.clock() - started;
      if (state !== "stopped") {
        attempt.expectations = (use.observed ?? []).map(([expected, observed, holds]) => ({
          expected,
          observed,
          holds,
        }));
        for (const e of attempt.expectations) {
          this.fact("expectation", { item: id, attempt: number, text: `${e.expected}: ${e.observed}` });
        }
      }
      this.fact("attempt_ended", {
        item: id,
        attempt: number,
        text: state,
        exit: attempt.exit,
        duration_ms: attempt.duration_ms,
      });
      if (every !== null && state === "failed") {
        timers.push(setTimeout(() => this.attempt(id, progress, command, play, every), every / this.speed));
        this.stops.set(id, () => end("stopped"));
        this.tell([id]);
        return;
      }
      this.set(id, state === "passed" ? "passed" : "failed");
      if (state === "passed" && progress.attempts.some((a) => a.state === "failed") && every === null)
        this.rescued = true;
      this.tell([id]);
    };
    this.stops.set(id, () => end("stopped"));

    if (use.flood !== undefined) {
      const line = `${use.flood}\r\n`.repeat(20000);
      const tick = (): void => {
        this.print(id, attempt, line);
        timers.push(setTimeout(tick, 10));
      };
      timers.push(setTimeout(tick, 10));
      return;
    }
    const takes = use.takes / this.speed;
    use.lines.forEach((line, index) => {
      timers.push(
        setTimeout(() => this.print(id, attempt, `${line}\r\n`), (takes * (index + 0.5)) / (use.lines.length + 1)),
      );
    });
    if (use.session) {
      timers.push(setTimeout(() => this.print(id, attempt, "oncall@depot-1:~$ "), 200));
      return;
    }
    timers.push(
      setTimeout(() => {
        const holds = (use.observed ?? []).every(([, , ok]) => ok) && (use.exit ?? 0) === 0;
        end(holds ? "passed" : "failed");
      }, takes),
    );
  }

  print(id: string, attempt: AttemptView, text: string): void {
    const bytes = new TextEncoder().encode(text);
    const key = `${id} ${attempt.number}`;
    const kept = this.outputs.get(key) ?? [];
    kept.push(bytes);
    this.outputs.set(key, kept);
    const offset = attempt.output_bytes;
    attempt.output_bytes += bytes.length;
    for (const listener of this.listeners) listener.output(id, attempt.number, offset, bytes);
  }

  output(item: string, attempt: number): Uint8Array {
    const pieces = this.outputs.get(`${item} ${attempt}`) ?? [];
    return joined(pieces);
  }

  /** Sets an item's past at once, for runs that are already under way when the page opens. */
  past(id: string, status: ItemStatus, at: string, took: number, play?: Play, remark: string | null = null): void {
    const item = this.item(id);
    item.status = status;
    item.at = at;
    item.actor = this.actor;
    item.remark = remark;
    this.begun.set(id, this.seq + 1);
    const kind = this.built.view.items[id]?.kind;
    if (play && kind !== "check" && kind !== "message") {
      const open = status === "interrupted";
      const started = new Date(Date.parse(at) - took).toISOString();
      const attempt: AttemptView = {
        ...newAttempt(item.attempts.length + 1, started, this.built.view.items[id]?.script ?? ""),
        state: open ? null : status === "failed" ? "failed" : "passed",
        exit: open ? null : (play.exit ?? 0),
        duration_ms: open ? null : took,
        expectations: open
          ? []
          : (play.observed ?? []).map(([expected, observed, holds]) => ({ expected, observed, holds })),
      };
      item.attempts.push(attempt);
      this.print(id, attempt, play.lines.map((line) => `${line}\r\n`).join(""));
      this.fact("attempt_started", { item: id, attempt: attempt.number, text: attempt.command });
      const first = this.timeline.at(-1);
      if (first) first.at = attempt.started_at;
      if (status === "interrupted") this.fact("interrupted", { item: id }).at = at;
      else {
        const { number, state, exit } = attempt;
        this.fact("attempt_ended", { item: id, attempt: number, text: state, exit, duration_ms: took }).at = at;
      }
    } else {
      const kinds: Partial<Record<ItemStatus, string>> = {
        passed: "check_ticked",
        skipped: "skipped",
        overridden: "overridden",
        failed: "check_failed",
      };
      const entry = this.fact(kind === "message" ? "message_sent" : (kinds[status] ?? "marked"), {
        item: id,
        text: remark,
      });
      entry.at = at;
    }
    this.settle();
  }

  /** A note at a time in the past. */
  pastNote(text: string, at: string): void {
    this.fact("note", { text }).at = at;
  }
}
