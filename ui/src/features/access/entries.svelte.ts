// The list of entries as it was asked for, the one that is looked at, and what keeps the secrets.

import type { AccessList, AccessQuery, AccessRow, AccessView, KeeperView } from "../../bindings/types";
import { apiError, host } from "../../host";
import { app } from "../../lib/app.svelte";
import { grouped } from "./words";

const ALL: AccessQuery = { words: "", group: null, tag: null, kind: null, expires_within: null };

export class Entries {
  query = $state.raw<AccessQuery>(ALL);
  list = $state.raw<AccessList | null>(null);
  failure = $state<string | null>(null);
  keeper = $state.raw<KeeperView | null>(null);
  keeperFailure = $state<string | null>(null);
  /** What is looked at, by its id: a name can change. */
  selected = $state<string | null>(null);
  view = $state.raw<AccessView | null>(null);
  viewFailure = $state<string | null>(null);

  /** The entry that the address named, until it is there. */
  private named: string | null = null;
  private turn = 0;

  /** As they stand on the screen: by kind. */
  rows = $derived(grouped(this.list?.entries ?? []).flatMap((group) => group.rows));
  at = $derived(this.rows.findIndex((row) => row.id === this.selected));
  row = $derived<AccessRow | null>(this.rows[this.at] ?? null);

  get filtered(): boolean {
    const { group, tag, kind } = this.query;
    return [group, tag, kind].some((one) => one !== null);
  }

  /** Everything anew. */
  async load(): Promise<void> {
    await Promise.all([this.ask(), this.lookAtKeeper(), app.refresh()]);
  }

  async lookAtKeeper(): Promise<void> {
    try {
      this.keeper = await host().call("access_keeper", {});
      this.keeperFailure = null;
    } catch (error) {
      this.keeperFailure = apiError(error).message;
    }
  }

  filter(change: Partial<AccessQuery>): Promise<void> {
    this.query = { ...this.query, ...change };
    return this.ask();
  }

  clear(): Promise<void> {
    return this.filter(ALL);
  }

  /** The address names an entry: it is looked at as soon as it is there. */
  follow(name: string | undefined): void {
    if (name === undefined) return;
    this.named = name;
    this.settle();
  }

  async ask(): Promise<void> {
    const turn = (this.turn += 1);
    try {
      const found = await host().call("access_list", { ...this.query, words: this.query.words.trim() });
      if (turn !== this.turn) return;
      this.failure = null;
      const before = this.at;
      this.list = found;
      this.settle();
      // What is looked at stays; where it is gone the one in its place follows.
      if (this.at < 0) this.selected = this.rows[Math.min(Math.max(0, before), this.rows.length - 1)]?.id ?? null;
    } catch (error) {
      if (turn === this.turn) this.failure = apiError(error).message;
    }
  }

  private settle(): void {
    const found = this.rows.find((row) => row.name === this.named);
    if (!found) return;
    this.named = null;
    this.selected = found.id;
  }

  /** Reads the entry that is looked at; what comes late for another one is dropped. */
  async read(): Promise<void> {
    const row = this.row;
    if (this.view?.id !== row?.id) this.view = null;
    this.viewFailure = null;
    if (row === null) return;
    try {
      const found = await host().call("access_view", { entry: row.name });
      if (this.selected === row.id) this.view = found;
    } catch (error) {
      if (this.selected === row.id) this.viewFailure = apiError(error).message;
    }
  }

  /** After something of it was changed. */
  async changed(view: AccessView): Promise<void> {
    this.selected = view.id;
    this.view = view;
    await this.load();
    await this.read();
  }

  go(index: number): void {
    const at = Math.max(0, Math.min(this.rows.length - 1, index));
    this.selected = this.rows[at]?.id ?? this.selected;
  }
}
