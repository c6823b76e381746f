// Terminals that are connected to access entries. They live as long as the window, whatever screen is shown: each keeps an
// element of its own, which the panel puts where it can be seen.

import type { TerminalEnd } from "../../bindings/types";
import { pageTheme } from "../page/terminal";
import type { Opened } from "../page/xterm";
import { apiError, host, type Connected } from "../../host";
import { gate } from "../../lib/gate.svelte";
import { toasts } from "../../lib/toasts.svelte";

/** Takes back what a program that ended in the midst of something did to its terminal: modes, keys, mouse, marked pastes. */
const RESET = "\u001b[!p\u001b[?25h\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l";

export class Connection {
  /** How it ended; null while it lasts. */
  end = $state.raw<TerminalEnd | null>(null);
  /** Why it did not begin. */
  failure = $state<string | null>(null);
  /** What connects runs. */
  live = $state(false);
  /** It has begun, as far as the program has said. */
  begun = $state(false);
  readonly element = document.createElement("div");
  private opened: Opened | null = null;
  private opening: Promise<void> | null = null;
  private link: Connected | null = null;
  /** Typed before it had begun. */
  private ahead = "";
  /** Which try: what comes of an earlier one is dropped. */
  private turn = 0;

  constructor(
    readonly id: number,
    readonly entry: string,
    /** The person leaves the terminal by its key. */
    private readonly leave: () => void,
    /** The person thought better of it before it began. */
    private readonly drop: (connection: Connection) => void,
  ) {
    this.element.className = "connection";
  }

  get over(): boolean {
    return this.end !== null || this.failure !== null;
  }

  /** Puts it where it is seen, and connects when it is seen first. */
  async show(place: HTMLElement): Promise<void> {
    place.append(this.element);
    this.opening ??= this.open();
    await this.opening;
  }

  private async open(): Promise<void> {
    const { open } = await import("../page/xterm");
    this.opened = open(this.element, {
      rows: 24,
      fill: true,
      theme: pageTheme(),
      onresize: (columns, rows) => void this.link?.resize(columns, rows).catch(() => undefined),
      ondata: (text) => this.type(text),
      onleave: this.leave,
      oncopy: (text) =>
        void host()
          .copy(text)
          .catch((error: unknown) => toasts.fail(error)),
    });
    // It is not waited for: who leaves the terminal before it has begun is not called back to it.
    void this.connect();
  }

  private type(text: string): void {
    if (this.link !== null) void this.link.input(text).catch((error: unknown) => this.trouble(error));
    else if (this.live) this.ahead += text;
  }

  focus(): void {
    this.opened?.terminal.focus();
  }

  get focused(): boolean {
    return this.element.contains(document.activeElement);
  }

  paint(): void {
    if (this.opened) this.opened.terminal.options.theme = pageTheme();
  }

  private takes(keys: boolean): void {
    if (!this.opened) return;
    const { options } = this.opened.terminal;
    options.disableStdin = !keys;
    options.cursorBlink = keys;
    options.cursorInactiveStyle = keys ? "outline" : "none";
  }

  /** Connects, the first time or again. */
  async connect(): Promise<void> {
    const { opened } = this;
    if (opened === null || this.live) return;
    const turn = (this.turn += 1);
    const again = this.over;
    this.end = null;
    this.failure = null;
    this.live = true;
    this.ahead = "";
    this.takes(true);
    // What was shown stays above; what the one before did to the terminal does not.
    if (again) {
      // Elsewhere than on its other screen leaving that would throw the cursor back over what is shown.
      const other = opened.terminal.buffer.active.type === "alternate" ? "\u001b[?1049l" : "";
      opened.terminal.write(`${other}${RESET}\r\n`);
    }
    const { cols: columns, rows } = opened.terminal;
    this.focus();
    try {
      const begun = await gate.pass(() =>
        host().connect(
          { entry: this.entry, columns, rows },
          (bytes, taken) => (turn === this.turn ? opened.terminal.write(bytes, taken) : taken()),
          (end) => this.ended(turn, end),
        ),
      );
      if (begun === null) {
        this.live = false;
        this.takes(false);
        this.drop(this);
        return;
      }
      if (turn !== this.turn) {
        void begun.value.close();
        return;
      }
      this.link = begun.value;
      // It may have ended before it was known to have begun.
      if (this.over) this.unlink();
      else {
        this.begun = true;
        const { ahead } = this;
        this.ahead = "";
        if (ahead !== "") this.type(ahead);
        if (opened.terminal.cols !== columns || opened.terminal.rows !== rows)
          await this.link.resize(opened.terminal.cols, opened.terminal.rows).catch(() => undefined);
      }
    } catch (error) {
      if (turn !== this.turn) return;
      this.live = false;
      this.takes(false);
      this.end = null;
      this.failure = apiError(error).message;
    }
  }

  private ended(turn: number, end: TerminalEnd): void {
    if (turn !== this.turn || this.failure !== null) return;
    this.end = end;
    this.live = false;
    this.begun = false;
    this.takes(false);
    this.unlink();
  }

  private unlink(): void {
    const { link } = this;
    this.link = null;
    void link?.close();
  }

  private trouble(error: unknown): void {
    if (this.live) toasts.fail(error);
  }

  /** Ends it, and forgets what it showed. */
  close(): void {
    this.turn += 1;
    this.live = false;
    this.unlink();
    this.opened?.close();
    this.opened = null;
    this.element.remove();
  }
}

class Connections {
  list = $state.raw<Connection[]>([]);
  /** The one that is seen. */
  shown = $state.raw<Connection | null>(null);
  /** The panel has the height of the screen. */
  tall = $state(false);
  /** Where the focus goes when a terminal is left. */
  leave: () => void = () => undefined;
  private last = 0;

  /** Those of an entry that are connected. */
  live(entry: string): Connection[] {
    return this.list.filter((one) => one.live && one.entry === entry);
  }

  /** Shows a terminal that is connected to it, or was and is again; opens one where there is none, or `another` is wanted. */
  to(entry: string, another = false): void {
    const own = another ? [] : this.list.filter((one) => one.entry === entry);
    const there = own.findLast((one) => one.live) ?? own.at(-1);
    if (there) {
      this.look(there);
      if (there.over) void there.connect();
      else there.focus();
      return;
    }
    const made = new Connection(
      (this.last += 1),
      entry,
      () => this.leave(),
      (one) => this.close(one),
    );
    this.list = [...this.list, made];
    this.shown = made;
  }

  look(connection: Connection): void {
    this.shown = connection;
  }

  /** The one that stands so many beside the one that is seen. */
  beside(by: number): void {
    if (this.shown === null || this.list.length < 2) return;
    const at = this.list.indexOf(this.shown) + by;
    const next = this.list[(at + this.list.length) % this.list.length];
    if (next) this.shown = next;
  }

  close(connection: Connection): void {
    const at = this.list.indexOf(connection);
    connection.close();
    this.list = this.list.filter((one) => one !== connection);
    if (this.shown === connection) this.shown = this.list[Math.min(at, this.list.length - 1)] ?? null;
    if (this.list.length === 0) this.tall = false;
  }

  /** For tests: none is left. */
  forget(): void {
    for (const one of this.list) one.close();
    this.list = [];
    this.shown = null;
    this.tall = false;
  }
}

export const connections = new Connections();
