// Addresses from outside (`allgood://open/…`): which runbook is shown for one, and what stands in its fields from there. It
// shows; nothing starts by it.

import type { OutsideRunbook, OutsideView } from "../bindings/types";
import { apiError, host } from "../host";
import { router } from "./route.svelte";
import { toasts } from "./toasts.svelte";

class Outside {
  /** Several runbooks are meant: a person chooses. */
  choosing = $state.raw<OutsideView | null>(null);
  private shown = $state.raw<OutsideRunbook | null>(null);

  /** Asks for what arrived last, if anything did. */
  async take(): Promise<void> {
    try {
      const view = await host().call("outside_next", {});
      if (view === null) return;
      const [only, ...more] = view.runbooks;
      if (only !== undefined && more.length === 0) this.show(only);
      else this.choosing = view;
    } catch (error) {
      toasts.fail(apiError(error));
    }
  }

  /** Shows a runbook with its fields filled in. */
  show(runbook: OutsideRunbook): void {
    this.choosing = null;
    this.shown = { ...runbook };
    router.go({ screen: "start", path: runbook.path });
  }

  /** What came from outside for the runbook at that path. */
  of(path: string): OutsideRunbook | null {
    return this.shown?.path === path ? this.shown : null;
  }

  /** The person has left it, or takes nothing of it. */
  drop(): void {
    this.shown = null;
  }
}

export const outside = new Outside();
