// The palette as it stands: what was typed, what was found, what is in hand, and what went wrong with it.

import type { PaletteHit } from "../../bindings/types";
import { apiError, host } from "../../host";
import { router } from "../../lib/route.svelte";
import { actsOf, allActsOf, type Act } from "./acts";
import { actionsOn, asked, type WindowAction } from "./actions";
import { moved, rowsOf, type Row } from "./rows";

/** The values that a link needs before it is opened or copied. */
export interface Asking {
  act: Act;
  names: string[];
  /** Those that were given before, the last one first, by name. */
  used: { [name in string]: string[] };
}

class Palette {
  open = $state(false);
  text = $state("");
  rows = $state.raw<Row[]>([]);
  at = $state(0);
  /** Nothing was answered yet since it was opened. */
  waiting = $state(true);
  failure = $state<string | null>(null);
  /** What went wrong with a row, by its key. */
  wrong = $state.raw<{ key: string; says: string } | null>(null);
  busy = $state(false);
  /** The other actions on the row in hand, where they are looked at. */
  acts = $state.raw<Act[] | null>(null);
  actAt = $state(0);
  asking = $state.raw<Asking | null>(null);
  values = $state<{ [name in string]: string }>({});
  private actions: WindowAction[] = [];
  private run: Promise<void> | null = null;
  /** The text that was looked for last. */
  found = $state.raw<string | null>(null);
  /** A key that the screen behind is pressed once the palette is gone and the focus is back. */
  private press: string | null = null;
  /** Where the focus goes once the palette is gone, where that is not where it was. */
  private to: (() => void) | null = null;

  get row(): Row | null {
    return this.rows[this.at] ?? null;
  }

  /** What is listed now: the rows, or the other actions on one. */
  get length(): number {
    return this.acts?.length ?? this.rows.length;
  }

  show(): void {
    if (this.open) return;
    this.text = "";
    this.rows = [];
    this.at = 0;
    this.waiting = true;
    this.failure = null;
    this.wrong = null;
    this.acts = null;
    this.asking = null;
    this.press = null;
    this.to = null;
    this.found = null;
    this.actions = actionsOn(router.current.screen);
    this.open = true;
    void this.settled();
  }

  close(): void {
    this.open = false;
  }

  /** The key that is to be pressed behind; once. */
  pressed(): string | null {
    const { press } = this;
    this.press = null;
    return press;
  }

  /** Where the focus goes, if not to where it was; once. */
  leads(): (() => void) | null {
    const { to } = this;
    this.to = null;
    return to;
  }

  typed(text: string): void {
    this.text = text;
    this.acts = null;
    void this.settled();
  }

  /** What was found for what stands there now. Of what is typed meanwhile only the last is looked for. */
  settled(): Promise<void> {
    this.run ??= this.ask().finally(() => (this.run = null));
    return this.run;
  }

  private async ask(): Promise<void> {
    while (this.open && this.found !== this.text) {
      const { text } = this;
      try {
        const { hits } = await host().call("palette_search", { text, limit: 20, actions: asked(this.actions) });
        this.take(text, hits);
        this.failure = null;
      } catch (error) {
        this.take(text, []);
        this.failure = apiError(error).message;
      }
      this.found = text;
      this.waiting = false;
    }
  }

  private take(text: string, hits: PaletteHit[]): void {
    this.rows = rowsOf(hits, text);
    this.at = 0;
    this.wrong = null;
  }

  /** Goes through what is listed; whether the key does. */
  move(key: string): boolean {
    const to = moved(key, this.acts === null ? this.at : this.actAt, this.length);
    if (to === null) return false;
    if (this.acts === null) this.at = to;
    else this.actAt = to;
    return true;
  }

  usual(row: Row): Act | null {
    return actsOf(row, this.actions)[0] ?? null;
  }

  /** Looks at the other actions on the row in hand, or back at the rows. */
  async others(): Promise<void> {
    await this.settled();
    const { row } = this;
    if (row === null) return;
    this.wrong = null;
    try {
      const acts = await allActsOf(row, this.actions);
      // Somebody typed on, or turned to another row, meanwhile.
      if (row !== this.row || !this.open) return;
      this.acts = acts.length > 0 ? acts : null;
      this.actAt = Math.min(1, acts.length - 1);
    } catch (error) {
      this.wrong = { key: row.key, says: apiError(error).message };
    }
  }

  back(): void {
    this.acts = null;
    this.asking = null;
  }

  /** Does what is in hand. */
  async enter(): Promise<void> {
    if (this.acts === null) await this.settled();
    const { row } = this;
    const act = this.acts === null ? row && this.usual(row) : this.acts[this.actAt];
    if (row !== null && act) await this.act(row, act, {});
  }

  /** The values are given. */
  async given(): Promise<void> {
    const { row, asking } = this;
    if (row !== null && asking !== null) await this.act(row, asking.act, $state.snapshot(this.values));
  }

  private async act(row: Row, act: Act, values: { [name in string]: string }): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.wrong = null;
    const { text } = this;
    try {
      const came = await act.do(values);
      if (came.came === "nothing") return;
      if (came.came === "pressed") this.press = came.key;
      if (came.came === "focus") this.to = came.to;
      if (row.is === "hit") {
        const { kind, id, part } = row.hit;
        // What was done is done, whether or not it is learnt.
        host()
          .call("palette_chosen", { text, kind, id, part })
          .catch(() => undefined);
      }
      this.close();
    } catch (error) {
      const problem = apiError(error);
      const names = problem.code === "needs_values" ? (problem.needs?.placeholders ?? []) : [];
      if (names.length > 0 && this.asking === null) await this.ask_for(act, names);
      else this.wrong = { key: row.key, says: problem.message };
    } finally {
      this.busy = false;
    }
  }

  /** Asks for values; what was given last stands there to begin with. */
  private async ask_for(act: Act, names: string[]): Promise<void> {
    const used: Asking["used"] = {};
    try {
      const query = { words: "", pinned: false, values: {}, of_runbook: false };
      for (const one of (await host().call("link_list", query)).parameters) used[one.name] = one.used;
    } catch {
      // Without what was given before they are typed.
    }
    this.values = Object.fromEntries(names.map((name) => [name, used[name]?.[0] ?? ""]));
    this.acts = null;
    this.asking = { act, names, used };
  }
}

export const palette = new Palette();
