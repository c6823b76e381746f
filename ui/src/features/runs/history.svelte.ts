// The list of runs as it was left: another screen and back loses neither the filters nor the place.

import type { RunFacets, RunPage, RunSummary } from "../../bindings/types";
import { apiError, host } from "../../host";
import { asked, none, PAGE, type Chosen } from "./list";

const TYPING_MS = 120;

export class History {
  chosen = $state<Chosen>(none());
  page = $state.raw<RunPage | null>(null);
  facets = $state.raw<RunFacets | null>(null);
  failure = $state<string | null>(null);
  offset = $state(0);
  selected = $state(0);
  /** The first of two runs to be held beside each other. */
  first = $state.raw<RunSummary | null>(null);
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** Only the last question's answer is shown. */
  private turn = 0;

  get run(): RunSummary | null {
    return this.page?.runs[this.selected] ?? null;
  }

  async load(select: number | "last" | null = 0): Promise<void> {
    this.turn += 1;
    const mine = this.turn;
    try {
      const found = await host().call("runs", asked(this.chosen, this.offset));
      if (mine !== this.turn) return;
      // Runs can have gone from under this page.
      if (found.runs.length === 0 && this.offset > 0) {
        this.offset = 0;
        await this.load(select);
        return;
      }
      this.page = found;
      this.failure = null;
      const end = Math.max(0, found.runs.length - 1);
      this.selected = select === "last" ? end : Math.min(end, select ?? this.selected);
    } catch (error) {
      if (mine === this.turn) this.failure = apiError(error).message;
    }
  }

  async learn(): Promise<void> {
    try {
      this.facets = await host().call("run_facets", {});
    } catch (error) {
      this.failure = apiError(error).message;
    }
  }

  narrow(change: Partial<Chosen>): void {
    this.chosen = { ...this.chosen, ...change };
    this.offset = 0;
    void this.load();
  }

  typed(words: string): void {
    this.chosen = { ...this.chosen, words };
    this.offset = 0;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), TYPING_MS);
  }

  clear(): void {
    this.narrow(none());
  }

  /** Up or down, over the edge of the page too. */
  async step(by: 1 | -1): Promise<void> {
    const count = this.page?.runs.length ?? 0;
    const next = this.selected + by;
    if (next >= 0 && next < count) this.selected = next;
    else if (next >= count) await this.turnPage(1);
    else if (this.offset > 0) await this.turnPage(-1, "last");
  }

  async turnPage(by: 1 | -1, select: number | "last" = 0): Promise<void> {
    const offset = Math.max(0, this.offset + by * PAGE);
    if (offset === this.offset || offset >= (this.page?.total ?? 0)) return;
    this.offset = offset;
    await this.load(select);
  }
}

export const history = new History();
