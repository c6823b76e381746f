// The schedules as they were left, read anew while they are shown: runs begin and end by themselves.

import type { ScheduleList, ScheduleView } from "../../bindings/types";
import { apiError, host } from "../../host";
import { app } from "../../lib/app.svelte";
import { toasts } from "../../lib/toasts.svelte";

export class Schedules {
  list = $state.raw<ScheduleList | null>(null);
  failure = $state<string | null>(null);
  selected = $state<string | null>(null);
  /** Only the last question's answer is shown. */
  private turn = 0;

  get schedule(): ScheduleView | null {
    return this.list?.schedules.find((one) => one.id === this.selected) ?? null;
  }

  async load(): Promise<void> {
    this.turn += 1;
    const mine = this.turn;
    try {
      const found = await host().call("schedule_list", {});
      if (mine !== this.turn) return;
      this.list = found;
      this.failure = null;
      if (app.state !== null && app.state.schedules !== found.schedules.length) void app.refresh();
      if (this.schedule === null) this.selected = found.schedules[0]?.id ?? null;
    } catch (error) {
      if (mine === this.turn) this.failure = apiError(error).message;
    }
  }

  /** The schedule below or above the one in hand is. */
  move(by: 1 | -1): void {
    const all = this.list?.schedules ?? [];
    const at = all.findIndex((one) => one.id === this.selected);
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    if (next) this.selected = next.id;
  }

  async pause(one: ScheduleView): Promise<void> {
    try {
      const paused = !one.paused;
      await host().call("schedule_edit", { schedule: one.id, ...NOTHING, paused });
      toasts.say(paused ? `${one.name} is paused.` : `${one.name} counts again, from now on.`);
    } catch (error) {
      toasts.fail(error);
    }
    await this.load();
  }
}

/** Nothing of a schedule is changed. */
export const NOTHING = {
  name: null,
  cron: null,
  zone: null,
  environment: null,
  values: null,
  on_failure: null,
  missed: null,
  paused: null,
  accept: null,
};

export const schedules = new Schedules();
