import { expect, test } from "vitest";

import type { FiringView, ScheduleView } from "../../bindings/types";
import { firingMark, strip, STRIP, week } from "./arrange";

function firing(change: Partial<FiringView> = {}): FiringView {
  const due = "2026-11-29T03:00:00.000Z";
  return { due, times: 1, at: due, by_hand: false, state: "passed", run: "r", ended_at: null, why: null, ...change };
}

function schedule(change: Partial<ScheduleView> = {}): ScheduleView {
  return {
    id: "s",
    name: "Nightly",
    runbook: "/books/a.md",
    cron: "0 3 * * *",
    words: "At 03:00",
    zone: "UTC",
    environment: null,
    values: {},
    on_failure: "stop",
    missed: "skip",
    paused: false,
    revision: "r",
    accepted_at: "",
    added_at: "",
    problem: null,
    changed: false,
    next: [],
    week: [],
    usual_ms: null,
    firings: [],
    ...change,
  };
}

test("each state of a time has a shape of its own and words", () => {
  const states = ["running", "waits", "passed", "failed", "rolled_back", "abandoned", "interrupted"] as const;
  const marks = [...states, "missed" as const, "refused" as const].map((state) => firingMark(firing({ state })));
  expect(new Set(marks.map((mark) => mark.shape)).size).toBe(marks.length);
  expect(firingMark(firing({ state: "missed", times: 5 })).label).toBe("Missed 5 times");
});

test("the strip ends with the latest time and holds no more than fit", () => {
  const firings = Array.from({ length: 20 }, (_, at) => firing({ run: `${at}` }));
  const shown = strip(schedule({ firings }));
  expect(shown).toHaveLength(STRIP);
  expect(shown.at(-1)?.run).toBe("0");
});

test("the week begins today and has what is due on each day in its order", () => {
  const now = new Date(2026, 10, 28, 12).getTime();
  const a = schedule({ id: "a", week: [{ day: "2026-11-29", first: "2026-11-29T09:00:00.000Z", count: 1 }] });
  const b = schedule({ id: "b", week: [{ day: "2026-11-29", first: "2026-11-29T01:00:00.000Z", count: 24 }] });
  const days = week([a, b], now);
  expect(days.map((day) => day.name)).toEqual(["Sat 28", "Sun 29", "Mon 30", "Tue 1", "Wed 2", "Thu 3", "Fri 4"]);
  expect(days[0]).toMatchObject({ today: true, entries: [] });
  expect(days[1]?.entries.map((one) => one.schedule.id)).toEqual(["b", "a"]);
});
