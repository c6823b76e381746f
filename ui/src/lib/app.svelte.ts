// What the frame shows of the whole program: counts, open runs, a notice.

import type { AppState, RunSummary } from "../bindings/types";
import { host } from "../host";
import { toasts } from "./toasts.svelte";

const BUSY_MS = 2000;
const CALM_MS = 15_000;

class App {
  state = $state<AppState | null>(null);
  private timer: ReturnType<typeof setTimeout> | null = null;
  private stopped = true;
  private asking: Promise<void> | null = null;
  /** What pages were told of runs while everything was being asked: it is newer than the answer. */
  private told = new Map<string, RunSummary>();

  /** Reads it now and from time to time; the answer stops that. */
  start(): () => void {
    this.stopped = false;
    const focus = (): void => void this.refresh();
    window.addEventListener("focus", focus);
    void this.refresh();
    return () => {
      this.stopped = true;
      window.removeEventListener("focus", focus);
      if (this.timer !== null) clearTimeout(this.timer);
    };
  }

  refresh(): Promise<void> {
    this.asking ??= this.read().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** What a page was told of a run is known here at once, not only when everything is asked again. */
  know(run: RunSummary): void {
    if (this.asking !== null) this.told.set(run.id, run);
    const state = this.state;
    if (!state?.open_runs.some((one) => one.id === run.id)) return;
    this.state = { ...state, open_runs: state.open_runs.map((one) => (one.id === run.id ? run : one)) };
  }

  private async read(): Promise<void> {
    try {
      this.told.clear();
      const state = await host().call("app_state", {});
      this.state = { ...state, open_runs: state.open_runs.map((run) => this.told.get(run.id) ?? run) };
    } catch (error) {
      toasts.fail(error);
    }
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.stopped) return;
    const busy = (this.state?.open_runs.length ?? 0) > 0;
    this.timer = setTimeout(() => void this.refresh(), busy ? BUSY_MS : CALM_MS);
  }
}

export const app = new App();
