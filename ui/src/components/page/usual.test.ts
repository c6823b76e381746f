import { describe, expect, test } from "vitest";

import type { ItemProgress, RunView, Usual } from "../../bindings/types";
import { about, endWords, leftNow, leftWords, usualOf, usualRun, usually } from "./usual";

const usual: Usual = {
  runs: 9,
  passed: 8,
  median_ms: 22 * 60_000,
  last_passed_at: null,
  items: {
    often: item(9, 11_000),
    once: item(1, 5000),
    seldom: item(2, null),
  },
};

function item(timed: number, median_ms: number | null) {
  return { runs: 9, passed: 9, failed: 0, skipped: 0, overridden: 0, timed, median_ms, low_ms: null, high_ms: null };
}

function view(more: { hand?: string | null; state?: string; kind?: string; left?: RunView["left"] }): RunView {
  const hand = more.hand === undefined ? "often" : more.hand;
  return {
    hand,
    usual,
    left: more.left,
    run: { state: more.state ?? "running", started_at: "2026-11-22T15:00:00.000Z" },
    runbook: { items: { often: { kind: more.kind ?? "command" }, once: { kind: "command" } } },
  } as unknown as RunView;
}

function running(started_at: string): Map<string, ItemProgress> {
  return new Map([["often", { status: "running", attempts: [{ started_at }] } as unknown as ItemProgress]]);
}

const now = Date.parse("2026-11-22T15:10:04.000Z");

describe("what is usual", () => {
  test("one run alone says nothing", () => {
    expect([usualOf(usual, "often"), usualOf(usual, "once"), usualOf(usual, "seldom"), usualOf(usual, "new")]).toEqual([
      11_000,
      null,
      null,
      null,
    ]);
    expect(usualOf(undefined, "often")).toBeNull();
    expect(usualRun(usual)).toBe(22 * 60_000);
    expect(usualRun({ ...usual, passed: 1 })).toBeNull();
  });

  test("it is written as it is read beside a clock", () => {
    expect([40, 999, 11_400, 59_400, 90_200, 3_725_000].map(usually)).toEqual([
      "under 1 s",
      "under 1 s",
      "11 s",
      "59 s",
      "1:30",
      "1:02:05",
    ]);
    expect([40, 20_300, 90_000].map(about)).toEqual(["~0:01", "~0:20", "~1:30"]);
  });
});

describe("what is left", () => {
  const left = { ms: 420_000, runs: 9, unknown: 0 };

  test("what has passed since the command in hand began is taken off, at most what it usually takes", () => {
    expect(leftNow(view({ left }), running("2026-11-22T15:10:00.000Z"), now)?.ms).toBe(416_000);
    expect(leftNow(view({ left }), running("2026-11-22T15:00:00.000Z"), now)?.ms).toBe(409_000);
  });

  test("nothing passes while the run is paused, or while a command waits to be started", () => {
    expect(leftNow(view({ left, state: "paused" }), new Map(), now)?.ms).toBe(420_000);
    expect(leftNow(view({ left, state: "waiting" }), new Map(), now)?.ms).toBe(420_000);
    expect(leftNow(view({ left, state: "waiting", kind: "check" }), new Map(), now)?.ms).toBe(409_000);
  });

  test("a clock that was set back takes nothing off", () => {
    expect(leftNow(view({ left }), running("2026-11-22T16:00:00.000Z"), now)?.ms).toBe(420_000);
  });

  test("it is said in minutes, with when it ends and on what that rests", () => {
    const time = (at: string): string => at.slice(11, 16);
    expect(leftWords(left)).toEqual(["about", "7 min", "left"]);
    expect(endWords(left, now, time)).toBe("Ends about 15:17, going by 9 past runs");
    const open = { ...left, unknown: 2 };
    expect(leftWords(open)).toEqual(["at least", "7 min", "left"]);
    expect(endWords(open, now, time)).toBe("Ends after 15:17, going by 9 past runs; 2 items never timed");
    expect(leftWords({ ...left, ms: 0 })[1]).toBe("longer than usual");
    expect(endWords({ ...left, ms: 0 }, now, time)).toBe("Was to be over, going by 9 past runs");
    expect(leftNow(view({}), new Map(), now)).toBeNull();
  });
});
