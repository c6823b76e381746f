// Messages that stand for a while at the edge of the window. Errors stay until they are closed.

import { apiError } from "../host";

export interface Toast {
  id: number;
  kind: "said" | "failed";
  text: string;
  action: ToastAction | null;
}

/** What can still be done about it. */
export interface ToastAction {
  name: string;
  act: () => Promise<void>;
}

const STAYS_MS = 6000;
/** As long as something can be taken back: it is found, read and decided on. */
const OFFERS_MS = 20_000;

class Toasts {
  list = $state<Toast[]>([]);
  private next = 1;
  private held = false;

  private add(kind: Toast["kind"], text: string, action: ToastAction | null = null): number {
    const id = this.next;
    this.next += 1;
    // The same sentence twice is one message.
    this.list = [...this.list.filter((toast) => toast.text !== text), { id, kind, text, action }].slice(-3);
    return id;
  }

  say(text: string, action: ToastAction | null = null): void {
    const id = this.add("said", text, action);
    this.later(id, action === null ? STAYS_MS : OFFERS_MS);
  }

  /** None goes away while somebody reads or reaches for them. */
  hold(held: boolean): void {
    this.held = held;
  }

  private later(id: number, wait: number): void {
    setTimeout(() => {
      if (this.held) this.later(id, STAYS_MS);
      else this.close(id);
    }, wait);
  }

  /** Does what the latest message offers; says whether one does. */
  undo(): boolean {
    const latest = this.list.findLast((toast) => toast.action !== null);
    if (!latest) return false;
    void this.act(latest);
    return true;
  }

  /** Does what a message offers. */
  async act(toast: Toast): Promise<void> {
    this.close(toast.id);
    try {
      await toast.action?.act();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Shows what went wrong. */
  fail(thrown: unknown): void {
    this.add("failed", apiError(thrown).message);
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
