// The links as they were left: another screen and back loses neither what was typed nor the values.

import type { LinksList, SavedLink } from "../../bindings/types";
import { apiError, host } from "../../host";
import { app } from "../../lib/app.svelte";
import { toasts } from "../../lib/toasts.svelte";

const TYPING_MS = 120;

export class Links {
  list = $state.raw<LinksList | null>(null);
  failure = $state<string | null>(null);
  words = $state("");
  /** What was given for parameters, by name. */
  values = $state<{ [name in string]: string }>({});
  selected = $state<string | null>(null);
  /** What is opened once a value was given. */
  waiting = $state.raw<SavedLink | null>(null);
  private known = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** Only the last question's answer is shown. */
  private turn = 0;

  get link(): SavedLink | null {
    return this.list?.links.find((one) => one.id === this.selected) ?? null;
  }

  async load(select: "first" | null = null): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.turn += 1;
    const mine = this.turn;
    try {
      let found = await this.ask();
      if (mine !== this.turn) return;
      // What was given last stands there to begin with, seen by everybody, until it is changed.
      const fresh = found.parameters.filter((one) => !this.known.has(one.name));
      for (const one of fresh) {
        this.known.add(one.name);
        if (one.used[0] !== undefined && this.values[one.name] === undefined) this.values[one.name] = one.used[0];
      }
      if (fresh.some((one) => one.used.length > 0)) {
        found = await this.ask();
        if (mine !== this.turn) return;
      }
      this.list = found;
      this.failure = null;
      // Somebody else added or removed some, in a terminal perhaps.
      if (app.state !== null && app.state.links !== found.all) void app.refresh();
      if (select === "first" || this.link === null) this.selected = found.links[0]?.id ?? null;
    } catch (error) {
      if (mine === this.turn) this.failure = apiError(error).message;
    }
  }

  private ask(): Promise<LinksList> {
    return host().call("link_list", {
      words: this.words.trim(),
      pinned: false,
      values: $state.snapshot(this.values),
      of_runbook: false,
    });
  }

  typed(words: string): void {
    this.words = words;
    this.later("first");
  }

  give(name: string, value: string): void {
    this.values[name] = value;
    this.later(null);
  }

  private later(select: "first" | null): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(select), TYPING_MS);
  }

  /** What was typed last counts now. */
  async settled(): Promise<void> {
    if (this.timer !== null) await this.load(this.words === "" ? null : "first");
  }

  /** Opens links; whether they were. */
  async open(links: SavedLink[]): Promise<boolean> {
    try {
      const values = $state.snapshot(this.values);
      const opened = await host().call("links_open", { links: links.map((link) => link.id), values });
      const [first] = opened;
      toasts.say(opened.length === 1 && first ? `${first.title} opened.` : `${opened.length} links opened.`);
      void this.load();
      return true;
    } catch (error) {
      toasts.fail(error);
      return false;
    }
  }

  async pin(link: SavedLink): Promise<void> {
    try {
      await host().call("link_edit", { link: link.id, pinned: link.pin === null });
      await this.load();
    } catch (error) {
      toasts.fail(error);
    }
  }

  async remove(link: SavedLink): Promise<void> {
    try {
      await host().call("link_remove", { link: link.id });
    } catch (error) {
      toasts.fail(error);
      return;
    }
    toasts.say(`${link.title} removed.`, {
      name: "Undo",
      act: async () => {
        await host().call("link_restore", { link: link.id });
        this.selected = link.id;
        await this.changed();
      },
    });
    await this.changed();
  }

  /** Links came or went. */
  async changed(): Promise<void> {
    await this.load();
    void app.refresh();
  }
}

export const links = new Links();
