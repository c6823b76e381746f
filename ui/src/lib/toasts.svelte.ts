// Messages that stand for a while at the edge of the window. Errors stay until they are closed.

import { apiError } from "../host";

export interface Toast {
  id: number;
  kind: "said" | "failed";
  text: string;
}

const STAYS_MS = 6000;

class Toasts {
  list = $state<Toast[]>([]);
  private next = 1;

  private add(kind: Toast["kind"], text: string): number {
    const id = this.next;
    this.next += 1;
    // The same sentence twice is one message.
    this.list = [...this.list.filter((toast) => toast.text !== text), { id, kind, text }].slice(-3);
    return id;
  }

  say(text: string): void {
    const id = this.add("said", text);
    setTimeout(() => this.close(id), STAYS_MS);
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
