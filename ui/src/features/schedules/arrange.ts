// What the schedules look like: the mark of what became of a time, the strip of the last ones, the coming week.

import type { FiringState, FiringView, ScheduleView } from "../../bindings/types";
import type { Mark } from "../../lib/states";

const MARKS: Record<FiringState, Mark> = {
  running: { shape: "running", label: "Running" },
  waits: { shape: "waiting", label: "Waits for you" },
  passed: { shape: "passed", label: "Passed" },
  failed: { shape: "failed", label: "Failed" },
  rolled_back: { shape: "rolledback", label: "Failed, rolled back" },
  abandoned: { shape: "abandoned", label: "Given up" },
  handed_over: { shape: "skipped", label: "Handed over" },
  interrupted: { shape: "interrupted", label: "Interrupted" },
  missed: { shape: "pending", label: "Missed" },
  refused: { shape: "problem", label: "Not started" },
};

/** So many of the last times stand in the strip. */
export const STRIP = 14;

export function firingMark(firing: FiringView): Mark {
  const mark = MARKS[firing.state];
  return firing.times > 1 && firing.state === "missed" ? { ...mark, label: `Missed ${firing.times} times` } : mark;
}

/** The last times, the latest at the right. */
export function strip(schedule: ScheduleView): FiringView[] {
  return schedule.firings.slice(0, STRIP).reverse();
}

export interface Day {
  day: string;
  name: string;
  today: boolean;
  entries: { schedule: ScheduleView; first: string; count: number }[];
}

const NAMES = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const two = (value: number): string => String(value).padStart(2, "0");

/** Seven days from now on, each with what is due on it, the earliest first. */
export function week(schedules: readonly ScheduleView[], now: number): Day[] {
  const start = new Date(now);
  return Array.from({ length: 7 }, (_, at) => {
    const date = new Date(start.getFullYear(), start.getMonth(), start.getDate() + at);
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const entries = schedules
      .flatMap((schedule) =>
        schedule.week.filter((one) => one.day === day).map(({ first, count }) => ({ schedule, first, count })),
      )
      .sort((one, other) => one.first.localeCompare(other.first));
    return { day, name: `${NAMES[date.getDay()]} ${date.getDate()}`, today: at === 0, entries };
  });
}
