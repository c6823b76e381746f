// One run on the screen: what is known of it, what a person does in it. Marks come from events, never from clicks.

import { getContext, setContext } from "svelte";

import type {
  ApiError,
  Edited,
  ItemView,
  Marking,
  Needs,
  Question as Confirmation,
  RunAction,
  RunbookView,
  RunView,
} from "../../bindings/types";
import { apiError, host, type Watch } from "../../host";
import { app } from "../../lib/app.svelte";
import { gate } from "../../lib/gate.svelte";
import { router } from "../../lib/route.svelte";
import { toasts } from "../../lib/toasts.svelte";
import { isOver } from "../../lib/states";
import { isInside } from "../links";
import { canAct, editOf, fold, isElsewhere, lastAttempt, opensRun, progressOf, statusOf, stepOf } from "./model";
import { Outputs } from "./output";
import { canTakeUp } from "./taking";
import { markSentence } from "./marks";
import { failureSentence, itemName } from "./words";
import type { Given } from "./values";

const ELSEWHERE_MS = 2000;

export type Question = "skip" | "fail" | "done" | "abandon" | "tick";

/** Something to answer before a start: the item asks it, or the environment that the run is in. */
export interface Confirming extends Confirmation {
  item: string;
  /** One sentence. */
  says: string;
}

/** What the page is for: a run; a page to read that belongs to no run; or one block that is tried. */
export type Purpose = "run" | "page" | "scratch";

/** It is over for good: only a failed run that is over is gone on with. */
function isClosed(view: RunView): boolean {
  return isOver(view.run.state) && view.run.state !== "failed";
}

/** Nothing of the run goes on by itself any more. */
function isDone(view: RunView): boolean {
  return isOver(view.run.state) && !(view.run.state === "failed" && view.run.live);
}

export class RunSession {
  view = $state.raw<RunView | null>(null);
  failure = $state<ApiError | null>(null);
  /** The page shows something that is no longer so; one sentence. */
  stale = $state<string | null>(null);
  /** The run cannot go on because its facts are not kept; one sentence. */
  trouble = $state<string | null>(null);
  /** A reason that is being asked for; `item` is empty for the run itself. */
  asking = $state<{ item: string; question: Question } | null>(null);
  /** What an item said that it needs before it can start. */
  needs = $state<Record<string, Needs>>({});
  /** What has to be answered before an item starts: a yes, or a text to be typed. */
  confirming = $state<Confirming | null>(null);
  /** What a person made of a message before it is sent, by item. */
  edited = $state<Record<string, string>>({});
  /** A status update in a person's own words, while it is written. */
  ownUpdate = $state("");
  /** Values given in this view, by name: offered again where the same name is asked for. */
  given = $state<Record<string, Given>>({});
  /** Steps that the person opened or closed, by id. */
  unfolded = $state<Record<string, boolean>>({});
  /** Texts that run in an item's place in this run alone, while they are written, by item. */
  editing = $state<Record<string, Edited>>({});
  /** The instruments, the way back among them, are in view at the right. */
  beside = $state(true);
  /** The plan of a rollback is open to be chosen; nothing has begun. */
  planning = $state(false);
  /** What of the plan is left out, by item. */
  leaveOut = $state<string[]>([]);
  /** Whether the step that failed took effect in part; null until somebody said so. */
  tookEffect = $state<boolean | null>(null);
  /** A branch that is about to be followed: the step that the link stands in, and the heading it leads to. */
  branching = $state<{ from: string; to: string } | null>(null);
  /** Values given again, because the process that knew them is gone. */
  lost = $state<Record<string, string>>({});
  /** The run is being taken up. */
  taking = $state(false);
  /** Told once to those who hear rather than see. */
  politely = $state("");
  assertively = $state("");

  readonly progress = $derived(this.view ? progressOf(this.view) : new Map());
  /** Variables that commands of the run have set. */
  readonly set = $derived(this.view?.set ?? []);
  /** Nothing is in hand of a run that is over, unless it can be gone on with. */
  readonly hand = $derived(this.view && !isClosed(this.view) ? this.view.hand : null);
  /** A rollback has begun, and may be over. */
  readonly undoing = $derived(this.view !== null && this.view.rollback.at !== null);
  /** A rollback is under way: the hand is on its plan, not on the way forward. */
  readonly rolling = $derived(this.view !== null && this.undoing && !isDone(this.view));
  /** The frame of an incident, where the run is one. */
  readonly incident = $derived(this.view?.incident ?? null);
  readonly handStep = $derived(this.view && !this.rolling ? stepOf(this.view.runbook, this.hand) : null);
  readonly active = $derived(this.view !== null && canAct(this.view));
  /** Nobody drives it, and it can go on here. */
  readonly takeable = $derived(this.view !== null && canTakeUp(this.view));
  /** Something can be chosen about what failed: in a run that goes on here, or that would be taken up by it. */
  readonly choosable = $derived(this.active || this.takeable);
  outputs = new Outputs();
  /** What was being written as a note. */
  note = $state("");
  /** How far the page was scrolled, and with what in hand, when it was left. */
  left: { top: number; hand: string | null } | null = null;
  private watch: Watch | null = null;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** Counts what replaced the whole view: an answer that was asked for before is not shown after it. */
  private turn = 0;

  constructor(
    readonly id: string,
    readonly purpose: Purpose = "run",
  ) {}

  /** A page to read: nothing in it runs. `image` gives the address of a picture that lies beside the runbook. */
  static page(ontry: (item: ItemView) => void, image: (link: string) => Promise<string | null>): RunSession {
    const session = new RunSession("", "page");
    session.ontry = ontry;
    session.image = image;
    return session;
  }

  /** Tries one block, where the page offers that. */
  ontry: ((item: ItemView) => void) | null = null;
  /** What a page hides of a text, and the commands of it that say nothing of success. */
  secrets = $state.raw<readonly string[]>([]);
  unverified = $state.raw<ReadonlySet<string>>(new Set());
  image: ((link: string) => Promise<string | null>) | null = null;

  /** Shows a runbook as nobody has begun it. */
  show(book: RunbookView): void {
    this.view = {
      run: {
        id: "",
        title: book.title,
        runbook: book.path,
        revision: book.revision,
        state: "waiting",
        mode: "hand",
        actor: "",
        started_at: "",
        ended_at: null,
        done: 0,
        total: 0,
        step: null,
        rescued: false,
        live: false,
      },
      runbook: book,
      moved_on: false,
      hand: null,
      parameters: {},
      environment: null,
      environment_confirmed: false,
      messages: {},
      session_lines: {},
      set: [],
      lost: [],
      rollback: { at: null, entries: [], without: [] },
      marks: [],
      incident: null,
      progress: [],
      timeline: [],
      seq: 0,
    };
  }

  /** Reads the run and watches it while it is under way. */
  async open(): Promise<void> {
    // One that was left is looked at again: what was said in the meantime is in the record.
    if (this.closed) {
      this.closed = false;
      this.outputs = new Outputs();
    }
    const mine = this.turn;
    try {
      const view = await host().call("run_view", { run: this.id });
      if (this.closed || mine !== this.turn) return;
      this.view = view;
      this.failure = null;
      this.stale = null;
    } catch (error) {
      this.failure = apiError(error);
      return;
    }
    if (this.watch === null && this.view.run.live) await this.follow(this.view);
    this.again();
  }

  /** A run that another process drives cannot be watched: it is read again from time to time. */
  private again(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.closed || this.view === null || this.watch !== null || !isElsewhere(this.view)) return;
    this.timer = setTimeout(() => void this.open(), ELSEWHERE_MS);
  }

  /** Files of the library have changed: looks whether the one that is run is another by now. */
  async lookAtFile(): Promise<void> {
    if (this.view === null || this.view.moved_on) return;
    const mine = this.turn;
    try {
      const { moved_on } = await host().call("run_view", { run: this.id });
      if (!this.closed && mine === this.turn && this.view !== null) this.view = { ...this.view, moved_on };
    } catch {
      // What the page shows is as true as before.
    }
  }

  /** Nothing is heard of it any more. What a person has opened, written and not yet sent stays. */
  close(): void {
    this.closed = true;
    this.turn += 1;
    if (this.timer !== null) clearTimeout(this.timer);
    void this.watch?.close();
    this.watch = null;
    this.politely = "";
    this.assertively = "";
  }

  private async follow(view: RunView): Promise<void> {
    let watch: Watch;
    try {
      watch = await this.watching(view);
    } catch (error) {
      // It may have ended, or changed hands, in the meantime; what was read stays.
      if (apiError(error).code !== "state" && apiError(error).code !== "locked") toasts.fail(error);
      return;
    }
    if (this.closed) void watch.close();
    else this.watch = watch;
  }

  private watching(view: RunView): Promise<Watch> {
    return host().watchRun(
      view.run.id,
      view.seq,
      (update) => {
        if (!this.view || this.closed) return;
        const before = this.view;
        this.view = fold(before, update);
        if (before.hand !== this.view.hand) this.shrink(stepOf(before.runbook, before.hand)?.id ?? null);
        this.trouble = update.trouble;
        this.announce(before, this.view);
        app.know(update.run);
        if (before.run.state !== this.view.run.state) void app.refresh();
      },
      ({ header, bytes, taken }) => {
        const output = this.outputs.of(header.item, header.attempt);
        if (header.joins === undefined) output.add(header.offset, bytes, header.skipped, taken);
        else {
          output.join(header.offset, header.joins);
          taken();
        }
      },
    );
  }

  /** A change of state is told once: politely, a failure assertively. */
  private announce(before: RunView, after: RunView): void {
    const was = progressOf(before);
    for (const item of after.progress) {
      const from = was.get(item.item)?.status;
      const view = after.runbook.items[item.item];
      if (!view || from === item.status) continue;
      const name = itemName(view) ?? view.id;
      if (item.status === "failed") this.assertively = failureSentence(view, lastAttempt(item));
      else if (item.status !== "pending" && item.status !== "ready") this.politely = `${name}: ${item.status}`;
    }
    if (before.run.state !== after.run.state && isOver(after.run.state))
      this.politely = `The run is over: ${after.run.state}`;
  }

  /** Shows the run as it is now that this process drives it, and watches it. */
  private async adopt(view: RunView): Promise<void> {
    this.turn += 1;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    void this.watch?.close();
    this.watch = null;
    if (this.closed) return;
    this.view = view;
    this.lost = {};
    void app.refresh();
    if (view.run.live) await this.follow(view);
    this.again();
  }

  /** Goes on with a run that nobody drives; false when it was refused. */
  async takeUp(): Promise<boolean> {
    if (this.taking) return false;
    this.taking = true;
    try {
      const values = Object.fromEntries(Object.entries(this.lost).filter(([, value]) => value !== ""));
      const gone = await gate.pass(() => host().call("run_resume", { run: this.id, values }));
      if (gone === null) return false;
      await this.adopt(gone.value);
      this.politely = "The run goes on";
      return true;
    } catch (error) {
      toasts.fail(error);
      return false;
    } finally {
      this.taking = false;
    }
  }

  /** Opens the plan of a rollback. It starts nothing. */
  plan(): void {
    this.planning = true;
    this.leaveOut = [];
    this.tookEffect = null;
  }

  /** Begins the rollback as it was chosen; false when it was refused. */
  async rollBack(): Promise<boolean> {
    const entries = this.view?.rollback.entries ?? [];
    const leave_out = this.leaveOut.filter((item) => entries.some((entry) => entry.item === item));
    const chosen = { leave_out, took_effect: this.tookEffect };
    let begun: boolean;
    // What is over is let go of by who drove it: it is taken up again.
    if (this.view?.run.live && !isOver(this.view.run.state)) begun = await this.act({ do: "rollback", ...chosen });
    else {
      try {
        const back = await gate.pass(() => host().call("run_rollback", { run: this.id, ...chosen }));
        if (back !== null) await this.adopt(back.value);
        begun = back !== null;
      } catch (error) {
        toasts.fail(error);
        begun = false;
      }
    }
    if (begun) this.planning = false;
    return begun;
  }

  /** Whether an item is done as part of a rollback, and shown there. */
  isInRollback(item: string): boolean {
    return (
      this.undoing &&
      (this.view?.rollback.entries ?? []).some((one) => one.item === item && one.how !== "by_hand" && one.how !== "run")
    );
  }

  /** Does something in the run, which is taken up first where nobody drives it; false when it was refused. */
  async act(action: RunAction): Promise<boolean> {
    if (this.takeable && action.do !== "resize" && !(await this.takeUp())) return false;
    try {
      await host().call("run_do", { run: this.id, action });
      return true;
    } catch (error) {
      const problem = apiError(error);
      // A terminal that is laid out just when its command ends: nothing that a person did.
      if (action.do === "resize") return false;
      if (problem.code === "stale") this.stale = problem.message;
      else if (problem.code === "needs_confirmation" && problem.confirm && "item" in action && action.item !== null) {
        this.confirming = { item: action.item, says: problem.message, ...problem.confirm };
      } else if (problem.code === "needs_values" && problem.needs && "item" in action && action.item !== null) {
        this.needs = { ...this.needs, [action.item]: problem.needs };
      } else toasts.fail(error);
      return false;
    }
  }

  /** Marks something of an incident, also in a run that is over or that nobody drives: that takes it up by nothing. */
  async mark(mark: Marking): Promise<boolean> {
    if (!(await this.keep(() => host().call("run_mark", { run: this.id, mark })))) return false;
    this.politely = markSentence(mark);
    return true;
  }

  /** Says that a status update was sent; what was written of it is done with. */
  async sendUpdate(item: string | null, text: string): Promise<boolean> {
    const from = item === null ? {} : { item };
    if (!(await this.keep(() => host().call("run_update", { run: this.id, text, ...from })))) return false;
    if (item === null) this.ownUpdate = "";
    else {
      const { [item]: sent, ...rest } = this.edited;
      void sent;
      this.edited = rest;
    }
    this.politely = "Status update marked as sent";
    return true;
  }

  /** Asks for something that gives the run as it is then; a run that is watched tells it by itself. */
  private async keep(ask: () => Promise<RunView>): Promise<boolean> {
    try {
      const view = await ask();
      if (!this.closed && this.watch === null) this.view = view;
      return true;
    } catch (error) {
      toasts.fail(error);
      return false;
    }
  }

  /** Starts an item, with what was made of its text for this run. */
  async start(item: ItemView, values: { [key in string]: string } = {}, confirmed?: string): Promise<boolean> {
    const answer = confirmed === undefined ? {} : { confirmed };
    const wanted = this.editing[item.id] ?? editOf(item, this.progress.get(item.id));
    const changed = wanted === null || wanted.text === item.script ? {} : { edited: { ...wanted } };
    const done = await this.act({ do: "start", item: item.id, hash: item.hash, values, ...answer, ...changed });
    if (done) this.leaveEdit(item.id);
    if (done && this.confirming?.item === item.id) this.confirming = null;
    return done;
  }

  /** Opens the editor of what runs in an item's place in this run, with its last edit or the runbook's text. */
  edit(item: ItemView): void {
    const from = editOf(item, this.progress.get(item.id));
    const text = from?.text ?? item.script;
    this.editing = { ...this.editing, [item.id]: { text, reason: from?.reason ?? "" } };
  }

  /** Closes that editor. */
  leaveEdit(item: string): void {
    const { [item]: gone, ...rest } = this.editing;
    void gone;
    this.editing = rest;
  }

  /** Answers the guard of the run's environment. */
  confirmEnvironment(typed: string): Promise<boolean> {
    return this.act({ do: "confirm_environment", typed });
  }

  /** The text of a message as the runbook has it, with the values that are known by now. */
  template(item: ItemView): string {
    return this.view?.messages[item.id] ?? item.text;
  }

  /** The text of a message as it is to be sent: what a person made of it, else what the runbook says. */
  message(item: ItemView): string {
    return this.edited[item.id] ?? this.template(item);
  }

  /** Drops what a person made of a message. */
  resetMessage(item: string): void {
    const { [item]: gone, ...rest } = this.edited;
    void gone;
    this.edited = rest;
  }

  /** Opens a run for a check that stands for one, or the one that was opened for it, and goes there. */
  async openRun(item: ItemView): Promise<void> {
    const under = this.progress.get(item.id)?.linked;
    const known = this.view?.linked?.find((run) => run.id === under?.run);
    // One that nobody drives says itself what is known of it, and goes on from there.
    if (under?.state === "opened" && known && !known.live) {
      router.go({ screen: "run", run: known.id });
      return;
    }
    const problem = await this.openLinked(item, {});
    if (problem !== null) toasts.fail(problem);
  }

  /** The same with values for its parameters: why it was refused, in one sentence. */
  async openRunWith(item: ItemView, values: { [key in string]: string }): Promise<string | null> {
    return (await this.openLinked(item, values))?.message ?? null;
  }

  /** What is missing is asked for where the check stands, and is no problem. */
  private async openLinked(item: ItemView, values: { [key in string]: string }): Promise<ApiError | null> {
    if (this.takeable && !(await this.takeUp())) return null;
    try {
      const opened = await gate.pass(() => host().call("run_open_linked", { run: this.id, item: item.id, values }));
      if (opened === null) return null;
      const child = opened.value;
      const { [item.id]: gone, ...rest } = this.needs;
      void gone;
      this.needs = rest;
      void app.refresh();
      router.go({ screen: "run", run: child.run.id });
      return null;
    } catch (error) {
      const problem = apiError(error);
      if (problem.code !== "needs_values" || !problem.needs) return problem;
      this.needs = { ...this.needs, [item.id]: problem.needs };
      return null;
    }
  }

  toggle(item: ItemView): Promise<boolean> {
    const status = statusOf(this.progress, item.id, null);
    if (status !== "passed" && opensRun(item) && this.view?.run.mode !== "rehearse") {
      // Without its run it is ticked with a reason.
      this.ask(item.id, "tick");
      return Promise.resolve(false);
    }
    return this.act(status === "passed" ? { do: "untick", item: item.id } : { do: "tick", item: item.id, note: null });
  }

  ask(item: string, question: Question): void {
    this.asking = { item, question };
  }

  /** Answers what is being asked, with a reason. */
  async answer(reason: string): Promise<void> {
    const asked = this.asking;
    if (asked === null) return;
    const said = reason.trim();
    const item = asked.item;
    const action: RunAction =
      asked.question === "skip"
        ? { do: "skip", item, reason: said }
        : asked.question === "done"
          ? { do: "override", item, reason: said }
          : asked.question === "fail"
            ? { do: "fail", item, note: said || null }
            : asked.question === "tick"
              ? { do: "tick", item, note: said }
              : { do: "abandon", reason: said || null };
    if (await this.act(action)) this.asking = null;
  }

  async openLink(url: string, item: string | null = null): Promise<void> {
    try {
      const path = this.view?.runbook.path;
      if (isInside(url) && path !== undefined) {
        router.go({ screen: "library", path: await host().call("link_follow", { path, link: url }) });
        return;
      }
      await host().call("link_open", { run: this.purpose === "page" ? null : this.id, item, url });
    } catch (error) {
      toasts.fail(error);
    }
  }

  async copy(text: string, what: string): Promise<void> {
    try {
      await host().copy(text);
      toasts.say(`${what} copied.`);
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Whether a step is open: the one in hand is, unless it was closed. */
  isUnfolded(step: string): boolean {
    return this.unfolded[step] ?? (this.purpose !== "run" || step === this.handStep?.id);
  }

  /** A step that is done shrinks to a line, also one that was opened before its turn. */
  private shrink(step: string | null): void {
    if (step === null || this.unfolded[step] !== true || step === this.handStep?.id) return;
    const { [step]: gone, ...rest } = this.unfolded;
    void gone;
    this.unfolded = rest;
  }

  unfold(step: string, open: boolean): void {
    this.unfolded = { ...this.unfolded, [step]: open };
  }
}

const KEY = Symbol("run");

export function provideSession(session: RunSession): void {
  setContext(KEY, session);
}

export function useSession(): RunSession {
  return getContext<RunSession>(KEY);
}
