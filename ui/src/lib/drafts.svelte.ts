// What was typed and not saved, over the whole library: the frame lists it, and lets go of it.

import type { DraftRow } from "../bindings/types";
import { host } from "../host";
import { news } from "./news.svelte";
import { toasts } from "./toasts.svelte";

/** Puts a text back that was let go of. */
export type Undo = () => Promise<void>;

/**
 * A text that is open in this window is let go of by who holds it, or it would come back with the next key. Null when it
 * could not be; undefined when nobody holds it.
 */
export type Holder = (path: string) => Promise<Undo | null> | undefined;

class Drafts {
  /** The one that was kept last first. */
  list = $state.raw<DraftRow[]>([]);
  /** Whether the list is open. */
  shown = $state(false);
  holder: Holder | null = null;
  private asking: Promise<void> | null = null;
  private again = false;

  /** Reads them now, when the window comes back and when files change; the answer stops that. */
  start(): () => void {
    const focus = (): void => void this.refresh();
    window.addEventListener("focus", focus);
    const deaf = news.listen((told) => {
      if (told.news === "library") void this.refresh();
    });
    void this.refresh();
    return () => {
      window.removeEventListener("focus", focus);
      deaf();
    };
  }

  has(path: string): boolean {
    return this.list.some((row) => row.path === path);
  }

  /** Reads the list; what changes while it is being read is read again. */
  refresh(): Promise<void> {
    this.again = true;
    this.asking ??= this.read();
    return this.asking;
  }

  private async read(): Promise<void> {
    await Promise.resolve();
    while (this.again) {
      this.again = false;
      try {
        this.list = await host().call("drafts", {});
      } catch (error) {
        toasts.fail(error);
      }
    }
    this.asking = null;
    if (this.list.length === 0) this.shown = false;
  }

  /** Lets go of a draft. The history of its file has it, and the message that says so brings it back. */
  async discard(row: DraftRow): Promise<void> {
    try {
      const undo = await (this.holder?.(row.path) ?? this.setAside(row));
      if (undo)
        toasts.say(`${row.relative}: the draft is discarded. The history has it.`, {
          name: "Undo",
          act: async () => {
            await undo();
            await this.refresh();
          },
        });
    } catch (error) {
      toasts.fail(error);
    }
    await this.refresh();
  }

  private async setAside({ path, relative }: DraftRow): Promise<Undo | null> {
    const { draft } = await host().call("source", { path });
    if (!draft) return null;
    const kept = { path, base: draft.base, text: draft.text };
    await host().call("set_aside", kept);
    return async () => {
      const newer = await host()
        .call("source", { path })
        .catch(() => null);
      if (newer?.draft) throw new Error(`${relative} has a newer draft: the history has the one before.`);
      await host().call("draft_keep", kept);
    };
  }
}

export const drafts = new Drafts();

/** What is said of a draft before when it was kept. */
export function standingOf(row: DraftRow): string {
  return row.there ? "" : "no file, ";
}
