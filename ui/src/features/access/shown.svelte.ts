// Secrets that stand on the screen or on the clipboard, and for how long. What is shown goes after its time, when the window
// loses the focus, and when another entry is looked at; what is copied never comes to the page at all.

import type { CopiedSecret } from "../../bindings/types";
import { host } from "../../host";
import { news } from "../../lib/news.svelte";

export interface Shown {
  entry: string;
  /** The field; of a code the seed's. */
  field: string;
  text: string;
  /** When it goes. Milliseconds since 1970. */
  until: number;
  /** For how many seconds it is shown in all. */
  seconds: number;
}

export interface OnClipboard {
  entry: string;
  field: string;
  copy: number;
  until: number;
  seconds: number;
}

export class Secrets {
  shown = $state.raw<Shown[]>([]);
  copied = $state.raw<OnClipboard | null>(null);
  private timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Copies whose end was told before their beginning. */
  private over = new Set<number>();
  private turn = 0;

  /** Until the answer is called. */
  start(): () => void {
    const away = (): void => this.hide();
    const seen = (): void => {
      if (document.hidden) this.hide();
    };
    window.addEventListener("blur", away);
    document.addEventListener("visibilitychange", seen);
    const deaf = news.listen((told) => {
      if (told.news !== "copied") return;
      this.over.add(told.copy);
      if (this.copied?.copy === told.copy) this.copied = null;
    });
    return () => {
      window.removeEventListener("blur", away);
      document.removeEventListener("visibilitychange", seen);
      deaf();
      this.hide();
    };
  }

  of(entry: string, field: string): Shown | null {
    return this.shown.find((one) => one.entry === entry && one.field === field) ?? null;
  }

  /** Shows a secret that `ask` fetches, for its time. */
  async reveal(
    entry: string,
    field: string,
    ask: () => Promise<{ text: string; seconds: number } | null>,
  ): Promise<void> {
    const turn = this.turn;
    const found = await ask();
    // Who turned away meanwhile does not want it on the screen.
    if (found === null || turn !== this.turn) return;
    this.forget(entry, field);
    const { text, seconds } = found;
    this.shown = [...this.shown, { entry, field, text, seconds, until: Date.now() + seconds * 1000 }];
    this.timers.set(
      key(entry, field),
      setTimeout(() => this.forget(entry, field), seconds * 1000),
    );
  }

  forget(entry: string, field: string): void {
    const timer = this.timers.get(key(entry, field));
    if (timer !== undefined) clearTimeout(timer);
    this.timers.delete(key(entry, field));
    this.shown = this.shown.filter((one) => one.entry !== entry || one.field !== field);
  }

  /** Nothing is shown any more, and what is on its way will not be. */
  hide(): void {
    this.turn += 1;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.shown = [];
  }

  took(entry: string, field: string, { copy, seconds }: CopiedSecret): void {
    if (this.over.has(copy)) return;
    this.copied = { entry, field, copy, seconds, until: Date.now() + seconds * 1000 };
  }

  async clear(): Promise<void> {
    if (this.copied === null) return;
    await host().call("access_copied_clear", {});
    this.copied = null;
  }
}

const key = (entry: string, field: string): string => `${entry}/${field}`;

/** Whole seconds that are left. */
export const left = (until: number, now: number): number => Math.max(0, Math.ceil((until - now) / 1000));
