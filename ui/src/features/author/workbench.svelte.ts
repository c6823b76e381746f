// One text that is being written: the editor's state, what is on disk, the draft, what the text means. It stays as long
// as the window does, so that another screen and back loses neither undo nor caret.

import { isolateHistory } from "@codemirror/commands";
import { type ChangeSet, type ChangeSpec, EditorState, Text, type TransactionSpec } from "@codemirror/state";
import { EditorView, type KeyBinding, type ViewUpdate } from "@codemirror/view";

import type {
  ApiError,
  DraftView,
  FixView,
  GitState,
  Looked,
  RunbookView,
  Saved,
  ShownLines,
  SourceView,
  TextEdit,
  TextProblem,
  Vocabulary,
} from "../../bindings/types";
import { apiError, host } from "../../host";
import { toasts } from "../../lib/toasts.svelte";
import { changesBetween } from "./change";
import { Keeper, Looker, realClock, type Clock } from "./debounce";
import { exact, type LineEnd } from "./editor/exact";
import { titleAt } from "./editor/language";
import { matches } from "./editor/keys";
import { editable, editorExtensions, wrapping, wraps, type Hooks } from "./editor/setup";
import { marksOf } from "./marks";
import { Places } from "./places";
import { textOf } from "./text";

export type Conflict = Omit<Extract<Saved, { outcome: "changed" }>, "outcome">;

/** A text of more characters than this is shown before it is sent to be looked at. */
const LONG = 100_000;

export type Screen = Pick<Hooks, "ontry" | "onfiles" | "onhtml" | "onproblem"> & { keys: KeyBinding[] };

export class Workbench {
  source = $state.raw<SourceView | null>(null);
  failure = $state.raw<ApiError | null>(null);
  looked = $state.raw<Looked | null>(null);
  /** The last page that could be read, as a runner sees it. */
  page = $state.raw<RunbookView | null>(null);
  /** The lines that the page shows, where the text is too long for all of it. */
  shown = $state.raw<ShownLines | null>(null);
  /** Where the person looks in the page of a long text, while the caret stays elsewhere. */
  around: number | null = null;
  /** Whether the page is shown: of a long text it is asked for only then. */
  paged = $state(true);
  lookFailure = $state<string | null>(null);
  looking = $state(false);
  vocabulary = $state.raw<Vocabulary | null>(null);
  git = $state.raw<GitState | null>(null);
  /** The revision that the text was made from; null for a file that is not there yet. */
  base = $state<string | null>(null);
  revisions = $state(0);
  dirty = $state(false);
  /** When what is typed was last on disk: as a draft, or saved. */
  keptAt = $state<number | null>(null);
  savedAt = $state<number | null>(null);
  keepFailure = $state<string | null>(null);
  private writing = $state.raw<Promise<boolean> | null>(null);
  readonly saving = $derived(this.writing !== null);
  /** Counts what was written here: what was read before is old. */
  private written = 0;
  conflict = $state.raw<Conflict | null>(null);
  /** The file was changed outside while something here is not saved. */
  outside = $state(false);
  restored = $state.raw<DraftView | null>(null);
  environment = $state<string | null>(null);
  /** What was given for the last rehearsal. */
  rehearsed = $state.raw<{ readonly [name: string]: string }>({});
  /** The caret's line. */
  line = $state(1);
  /** The first line in view. */
  top = $state(1);
  problemAt = $state<number | null>(null);
  /** A page was pasted as text, and could be Markdown. */
  pasted = $state.raw<{ html: string; from: number; to: number } | null>(null);
  hint = $state<string | null>(null);
  wrap = $state(wraps());

  state: EditorState | null = null;
  view: EditorView | null = null;
  screen: Screen | null = null;
  private saved: Text = Text.empty;
  private readonly places = new Places();
  private reading: Promise<void> | null = null;
  private readonly keeper: Keeper;
  private readonly looker: Looker<{ answer: Looked; doc: Text }>;

  constructor(
    readonly path: string,
    clock: Clock = realClock,
  ) {
    this.keeper = new Keeper(() => this.keep(), clock);
    this.looker = new Looker(
      async () => {
        const { path, doc, environment, paged: page } = this;
        this.places.asked();
        this.looking = true;
        const around = this.around ?? this.line;
        const answer = await host().call("look", { path, text: doc.toString(), environment, page, around });
        return { answer, doc };
      },
      ({ answer, doc }) => this.understood(answer, doc),
      (error) => {
        this.looking = false;
        this.lookFailure = apiError(error).message;
      },
      clock,
    );
  }

  get doc(): Text {
    return this.state?.doc ?? Text.empty;
  }

  get text(): string {
    return this.doc.toString();
  }

  /** Reads the file and its draft; the second time it only looks whether the file has changed. */
  open(): Promise<void> {
    this.reading ??= (this.state === null ? this.first() : this.refresh()).finally(() => (this.reading = null));
    return this.reading;
  }

  private async first(): Promise<void> {
    try {
      const source = await host().call("source", { path: this.path });
      this.failure = null;
      this.take(source);
      this.stands(source);
      this.state = EditorState.create({ doc: this.saved, extensions: this.extensions(source) });
      if (source.draft && source.draft.text !== source.text) {
        this.base = source.draft.base;
        this.outside = source.draft.file_changed;
        this.restored = source.draft;
        this.replace(source.draft.text, "restore");
        this.keptAt = Date.parse(source.draft.at);
        this.keeper.calm();
      }
    } catch (error) {
      this.failure = apiError(error);
      return;
    }
    void this.learn();
    void this.askGit();
    // Of a long text that takes a while: it is drawn and can be typed into before.
    if (this.doc.length > LONG) this.looker.touched();
    else void this.looker.now();
  }

  /** How much guidance of a template stands in the text. */
  guidance = $state.raw<{ all: number; answered: number }>({ all: 0, answered: 0 });

  /** What the check takes for secrets: the page does not show it. */
  secrets = $state.raw<readonly string[]>([]);

  /** Shows or hides the page. */
  setPaged(on: boolean): void {
    if (this.paged === on) return;
    this.paged = on;
    if (on && this.state !== null) void this.looker.now();
  }

  /** What is in the file. */
  private stands(source: SourceView): void {
    this.saved = textOf(source.text);
    this.base = source.revision;
    this.savedAt = source.modified === null ? null : Date.parse(source.modified);
  }

  private take(source: SourceView): void {
    this.source = source;
    this.revisions = source.revisions;
  }

  private extensions(source: SourceView): ReturnType<typeof editorExtensions> {
    const end: LineEnd = source.line_end === "\r\n" ? "\r\n" : "\n";
    const hooks: Hooks = {
      words: () => this.vocabulary,
      problemsAt: (at) => this.problemsAt(at).map((problem) => problem.message),
      guide: {
        count: () => this.guidance,
        remove: (which, typed) => this.removeGuidance(which, typed),
      },
      onproblem: (at) => this.screen?.onproblem(at),
      ontry: (at) => this.screen?.ontry(at),
      onupdate: (update) => this.updated(update),
      onfiles: (files, at) => this.screen?.onfiles(files, at) ?? false,
      onhtml: (html, from, to) => this.screen?.onhtml(html, from, to),
      keys: [
        { any: (view, event) => this.screen?.keys.some((key) => matches(key, event) && key.run?.(view)) ?? false },
      ],
    };
    return editorExtensions(end, this.wrap, source.read_only !== null, hooks);
  }

  /** Draws the editor into a place; the answer takes it away and keeps its state. */
  mount(parent: HTMLElement, screen: Screen): () => void {
    this.screen = screen;
    const view = new EditorView({ parent, state: this.state ?? EditorState.create() });
    this.view = view;
    view.scrollDOM.tabIndex = -1;
    return () => {
      this.state = view.state;
      if (this.view === view) this.view = null;
      this.screen = null;
      view.destroy();
      void this.keeper.flush();
    };
  }

  /** Changes the text or the selection, whether it is drawn at the moment or not. */
  dispatch(spec: TransactionSpec): void {
    if (this.view) {
      this.view.dispatch(spec);
      return;
    }
    if (!this.state) return;
    const tr = this.state.update(spec);
    this.state = tr.state;
    if (tr.docChanged) this.changed(tr.changes);
  }

  /** Makes changes as they are, to be undone as one. */
  private change(changes: ChangeSpec, event: string, more: TransactionSpec = {}): void {
    const annotations = [exact.of(true), isolateHistory.of("full")];
    this.dispatch({ ...more, changes, annotations, userEvent: `input.${event}` });
  }

  private updated(update: ViewUpdate): void {
    this.state = update.state;
    if (update.docChanged) {
      this.changed(update.changes);
      this.pasted = update.transactions.some((tr) => tr.isUserEvent("input.paste")) ? this.pasted : null;
    }
    if (update.docChanged || update.selectionSet) {
      const line = update.state.doc.lineAt(update.state.selection.main.head).number;
      if (line !== this.line) this.moved(line);
    }
  }

  /** The caret is on another line: the page of a long text goes there. */
  private moved(line: number): void {
    this.line = line;
    this.around = null;
    if (this.shown && this.paged && (line < this.shown.first || line > this.shown.last)) this.looker.touched();
  }

  /** Shows in the page what stands around a line, as long as the caret stays where it is. */
  showAround(line: number): void {
    this.around = line;
    void this.looker.now();
  }

  private changed(changes: ChangeSet): void {
    this.places.changed(changes);
    // Only lengths are compared at each key; whether the text is the saved one again is found out when it rests.
    this.dirty = true;
    this.keeper.touched();
    this.looker.touched();
  }

  /** Puts the draft on disk, or takes it away when there is nothing to keep. */
  private async keep(): Promise<void> {
    const doc = this.doc;
    try {
      if (doc.length === this.saved.length && doc.eq(this.saved)) {
        this.dirty = false;
        if (!this.outside) await host().call("draft_drop", { path: this.path });
      } else {
        await host().call("draft_keep", { path: this.path, base: this.base, text: doc.toString() });
        this.keptAt = Date.now();
      }
      this.keepFailure = null;
    } catch (error) {
      this.keepFailure = apiError(error).message;
    }
  }

  /** Nothing that was typed waits any more when this answers. */
  flush(): Promise<void> {
    return this.dirty || this.keeper.waiting ? this.keeper.flush() : Promise.resolve();
  }

  look(): void {
    this.looker.touched();
  }

  /** The meaning of the text as it stands. */
  async understand(): Promise<Looked | null> {
    if (this.looked === null || !this.places.current) await this.looker.now();
    return this.places.current ? this.looked : null;
  }

  setEnvironment(name: string | null): void {
    this.environment = name;
    void this.looker.now();
  }

  private understood(answer: Looked, doc: Text): void {
    this.looking = false;
    this.lookFailure = null;
    if (!this.places.answered(doc, this.doc)) return;
    this.looked = answer;
    this.guidance = {
      all: answer.guidance.length,
      answered: answer.guidance.filter((one) => one.answered).length,
    };
    this.secrets = answer.problems
      .filter((problem) => problem.code === "secret-in-text" && problem.to > problem.from)
      .map((problem) => doc.sliceString(problem.from, problem.to));
    if (answer.view) {
      this.shown = answer.shown;
      this.page = answer.view;
    }
    this.dispatch({ effects: marksOf(answer, this.problems(), this.places, this.doc) });
  }

  /** A line of the text that was looked at, in the text as it stands. */
  lineNow(line: number): number {
    return this.places.line(line, this.doc);
  }

  /** The problems, at their places in the text as it stands. */
  problems(): TextProblem[] {
    const all = this.looked?.problems ?? [];
    return this.places.current ? all : all.map((problem) => this.places.problem(problem, this.doc));
  }

  problemsAt(at: number): TextProblem[] {
    return this.problems().filter((problem) => problem.from <= at && at <= problem.to);
  }

  /** Mends a problem, as one change. False when the text has changed there since. */
  fix(fix: FixView): boolean {
    const changes = this.places.edits(fix.edits);
    if (changes === null) return false;
    const [first] = fix.edits;
    const begins = first && this.places.at(first.from);
    this.change(changes, "fix");
    if (begins !== undefined) this.reveal(begins);
    void this.looker.now();
    return true;
  }

  /**
   * Removes the guidance of a template as one change that can be undone: what is answered, or all. What was `typed` to ask
   * for it goes as well. Guidance that is being changed right now stays.
   */
  removeGuidance(which: "answered" | "all", typed?: { from: number; to: number }): void {
    const gone = (this.looked?.guidance ?? [])
      .filter((one) => which === "all" || one.answered)
      .filter((one) => !this.places.touched(one.remove.from, one.remove.to));
    const changes = gone.map((one) => this.places.range(one.remove.from, one.remove.to));
    if (typed) changes.push(typed);
    if (changes.length === 0) return;
    this.change(changes, "guidance", { scrollIntoView: true });
    toasts.say(`Guidance removed: ${gone.length} of ${this.guidance.all}. Ctrl Z brings it back.`);
    void this.looker.now();
  }

  /** Goes to a place and shows it. */
  reveal(at: number, to = at): void {
    const length = this.doc.length;
    const anchor = Math.min(at, length);
    this.dispatch({
      selection: { anchor, head: Math.min(to, length) },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    this.view?.focus();
  }

  /** Scrolls the text so that a line is in view; the caret stays. */
  showLine(line: number): void {
    const at = this.doc.line(Math.min(Math.max(1, line), this.doc.lines)).from;
    this.view?.dispatch({ effects: EditorView.scrollIntoView(at, { y: "start", yMargin: 120 }) });
  }

  /** The caret behind the title: where a new text is begun. */
  toTitle(): void {
    const title = titleAt(this.doc);
    if (title === null) this.view?.focus();
    else this.reveal(title);
  }

  revealLine(line: number): void {
    this.reveal(this.doc.line(Math.min(Math.max(1, line), this.doc.lines)).from);
  }

  /** Puts another text in the place of this one, as one change that can be undone; the caret stays. */
  replace(text: string, event: string): void {
    const changes = changesBetween(this.doc, textOf(text));
    if (changes.length === 0) return;
    this.change(changes, event);
  }

  /** Puts an older text back by the changes that lead to it, as one change that can be undone. */
  restore(edits: readonly TextEdit[], from: string): void {
    if (this.text !== from) throw new Error("The text has changed meanwhile: restore it again.");
    const changes = edits.map((edit) => ({ from: edit.from, to: edit.to, insert: textOf(edit.text) }));
    this.change(changes, "restore");
  }

  /** Writes Markdown in the place of what was pasted as text. */
  async asMarkdown(): Promise<void> {
    const pasted = this.pasted;
    if (!pasted) return;
    const before = this.doc;
    try {
      const made = await host().call("make_text", { source: { from: "page", html: pasted.html }, title: "" });
      if (this.doc !== before) throw new Error("The text has changed meanwhile: paste it again.");
      // A page becomes a whole text; within another only its body is wanted.
      const body = made.text.replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n\s*/, "");
      this.dispatch({
        changes: { from: pasted.from, to: pasted.to, insert: textOf(body) },
        annotations: isolateHistory.of("full"),
        userEvent: "input.markdown",
      });
      this.pasted = null;
      this.view?.focus();
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** What stands here goes into the history, because it will not be saved. */
  private async setAside(): Promise<boolean> {
    try {
      if (!this.doc.eq(this.saved))
        await host().call("set_aside", { path: this.path, base: this.base, text: this.text });
      return true;
    } catch (error) {
      toasts.fail(error);
      return false;
    }
  }

  /** Throws away what is not saved; undo brings it back, and the history has it. */
  async discard(): Promise<void> {
    const source = await this.read();
    if (!source || !(await this.setAside())) return;
    this.restored = null;
    this.stands(source);
    this.replace(source.text, "discard");
    this.outside = false;
    await this.keeper.flush();
  }

  private async read(): Promise<SourceView | null> {
    try {
      const source = await host().call("source", { path: this.path });
      this.take(source);
      return source;
    } catch (error) {
      toasts.fail(error);
      return null;
    }
  }

  /** Looks whether the file was changed outside: it is read again where nothing is lost by that. */
  async refresh(): Promise<void> {
    let source: SourceView;
    const { written } = this;
    try {
      source = await host().call("source", { path: this.path });
    } catch {
      // It may be gone, or locked for a moment: what is written here stays, and saving says what is wrong.
      return;
    }
    if (this.saving || written !== this.written) return;
    const trusted = this.source?.trusted;
    this.take(source);
    if (trusted !== source.trusted || this.looked === null) void this.looker.now();
    if (source.revision === this.base) {
      this.outside = false;
      return;
    }
    const clean = this.doc.length === this.saved.length && this.doc.eq(this.saved);
    if (!clean) {
      this.outside = true;
      return;
    }
    this.stands(source);
    this.replace(source.text, "reload");
    this.dirty = false;
    this.keeper.calm();
    toasts.say(`${source.relative} was changed outside and has been read again; undo brings back what stood here.`);
  }

  /** Words for completion; read again after each saving. */
  async learn(): Promise<void> {
    try {
      this.vocabulary = await host().call("vocabulary", { path: this.path });
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** Writes the text into the file. Nothing is overwritten that is not known here: then there is a conflict to settle. */
  async save(message: string | null = null): Promise<boolean> {
    if (this.state === null) return false;
    if (this.writing !== null) {
      // What was typed since it began is saved after it.
      const done = await this.writing;
      return done && this.dirty ? this.save(message) : done;
    }
    this.writing = this.write(message).finally(() => (this.writing = null));
    return this.writing;
  }

  private async write(message: string | null): Promise<boolean> {
    this.written += 1;
    const { path, base, doc } = this;
    try {
      const answer: Saved = await host().call("save", { path, base, text: doc.toString(), message });
      if (answer.outcome === "changed") {
        this.conflict = answer;
        return false;
      }
      this.base = answer.revision;
      if (answer.notice !== null) toasts.say(answer.notice);
      this.revisions = Math.max(this.revisions, answer.number);
      this.saved = doc;
      this.savedAt = Date.parse(answer.at);
      this.keptAt = null;
      this.restored = null;
      this.conflict = null;
      this.outside = false;
      this.dirty = !this.doc.eq(doc);
      this.keeper.calm();
      if (this.dirty) this.keeper.touched();
    } catch (error) {
      toasts.fail(error);
      return false;
    }
    void this.learn();
    void this.askGit();
    return true;
  }

  async askGit(): Promise<void> {
    try {
      this.git = await host().call("git_state", { path: this.path });
    } catch {
      this.git = null;
    }
  }

  /** Settles a conflict: what is chosen is saved, the rest stays in the history and in undo. */
  async settle(choice: "merged" | "mine" | "theirs" | "edit"): Promise<void> {
    const conflict = this.conflict;
    if (!conflict) return;
    // Of two clicks the second finds nothing to settle.
    this.conflict = null;
    if (choice === "edit") {
      this.outside = true;
      return;
    }
    const mine = this.doc;
    if (choice === "theirs") {
      // What was typed stays a step of undo away, and in the history.
      if (!(await this.setAside())) {
        this.conflict = conflict;
        return;
      }
      this.saved = textOf(conflict.theirs);
      this.base = conflict.revision;
      this.replace(conflict.theirs, "theirs");
      this.outside = false;
      await this.keeper.flush();
      this.dirty = !this.doc.eq(this.saved);
      return;
    }
    if (choice === "merged" && conflict.merged !== null) this.replace(conflict.merged, "merge");
    const before = this.base;
    this.base = conflict.revision;
    if (!(await this.save()) && this.conflict === null) {
      this.base = before;
      if (!this.doc.eq(mine)) this.outside = true;
    }
  }

  setWrap(on: boolean): void {
    this.wrap = on;
    localStorage.setItem("allgood.wrap", on ? "yes" : "no");
    this.dispatch({ effects: wrapping.reconfigure(on ? EditorView.lineWrapping : []) });
  }

  setReadOnly(on: boolean): void {
    this.dispatch({ effects: editable.reconfigure([EditorState.readOnly.of(on)]) });
  }
}
