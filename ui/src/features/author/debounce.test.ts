import { expect, test } from "vitest";

import { Keeper, KEEP_MS, Looker, LOOK_MS, type Clock } from "./debounce";

class Turned implements Clock {
  time = 0;
  private timers: { at: number; run: () => void }[] = [];
  set(run: () => void, after: number): unknown {
    const timer = { at: this.time + after, run };
    this.timers.push(timer);
    return timer;
  }
  clear(timer: unknown): void {
    this.timers = this.timers.filter((one) => one !== timer);
  }
  now(): number {
    return this.time;
  }
  async to(time: number): Promise<void> {
    for (;;) {
      const next = this.timers.filter((one) => one.at <= time).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.clear(next);
      this.time = next.at;
      next.run();
      await settled();
    }
    this.time = time;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test("going on typing does not put off keeping: nothing waits longer than half a second", async () => {
  const clock = new Turned();
  const kept: number[] = [];
  const keeper = new Keeper(async () => void kept.push(clock.time), clock);
  for (let time = 0; time < 3000; time += 50) {
    await clock.to(time);
    keeper.touched();
  }
  const gaps = kept.map((time, index) => time - (kept[index - 1] ?? 0));
  expect(kept.length).toBeGreaterThan(5);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(KEEP_MS + 50);
});

test("what is typed while a draft is being kept is kept right after it", async () => {
  const clock = new Turned();
  let text = "a";
  const kept: string[] = [];
  const ends: (() => void)[] = [];
  const keeper = new Keeper(() => {
    kept.push(text);
    return new Promise((resolve) => ends.push(resolve));
  }, clock);
  keeper.touched();
  await clock.to(KEEP_MS);
  text = "ab";
  keeper.touched();
  await clock.to(2 * KEEP_MS);
  expect(kept).toEqual(["a"]);
  ends[0]?.();
  await settled();
  expect(kept).toEqual(["a", "ab"]);
  ends[1]?.();
  await settled();
  expect(keeper.waiting).toBe(false);
});

test("an answer to an older question is dropped", async () => {
  const clock = new Turned();
  const answers: ((value: string) => void)[] = [];
  const found: string[] = [];
  const looker = new Looker<string>(
    () => new Promise((resolve) => answers.push(resolve)),
    (answer) => found.push(answer),
    () => undefined,
    clock,
  );
  looker.touched();
  await clock.to(LOOK_MS);
  looker.touched();
  await clock.to(2 * LOOK_MS);
  answers[1]?.("new");
  await settled();
  answers[0]?.("old");
  await settled();
  expect(found).toEqual(["new"]);
});

test("a text whose look takes long is looked at less often", async () => {
  const clock = new Turned();
  let asked = 0;
  const looker = new Looker<null>(
    async () => {
      asked += 1;
      clock.time += 600;
      return null;
    },
    () => undefined,
    () => undefined,
    clock,
  );
  looker.touched();
  await clock.to(1000);
  looker.touched();
  await clock.to(1000 + LOOK_MS + 100);
  expect(asked).toBe(1);
  await clock.to(3000);
  expect(asked).toBe(2);
});
