import { describe, expect, test } from "vitest";

import { ago, ahead, clock, limit, measured, person, rough, spent } from "./time";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("durations", () => {
  test.each([
    [0, "0:00"],
    [6 * SECOND, "0:06"],
    [14 * MINUTE + 32 * SECOND, "14:32"],
    [HOUR + 2 * MINUTE + 11 * SECOND, "1:02:11"],
    [-5, "0:00"],
  ])("a clock shows %d ms as %s", (ms, text) => expect(clock(ms)).toBe(text));

  test.each([
    [80, "80 ms"],
    [1234, "1.2 s"],
    [12_400, "12.4 s"],
    [41_000, "41 s"],
    [5 * MINUTE + 18 * SECOND, "5:18"],
  ])("what was measured as %d ms reads %s", (ms, text) => expect(measured(ms)).toBe(text));

  test.each([
    [300, "1 s"],
    [40 * SECOND, "40 s"],
    [9 * MINUTE, "9 min"],
    [HOUR + 12 * MINUTE, "1 h 12"],
    [2 * HOUR, "2 h"],
  ])("a list rounds %d ms to %s", (ms, text) => expect(rough(ms)).toBe(text));

  test.each([
    [500, "500 ms"],
    [60 * SECOND, "60 s"],
    [90 * SECOND, "90 s"],
    [2 * MINUTE, "2 min"],
    [150 * SECOND, "2 min 30 s"],
  ])("a limit of %d ms reads %s", (ms, text) => expect(limit(ms)).toBe(text));
});

test("a step that took less than a second says so, and not 0:00", () => {
  expect(spent(340)).toBe("0.3 s");
  expect(spent(14_000)).toBe("0:14");
});

describe("times past", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  test.each([
    ["2026-11-22T11:59:30Z", "just now"],
    ["2026-11-22T11:54:00Z", "6 min ago"],
    ["2026-11-22T06:00:00Z", "6 h ago"],
    ["2026-11-21T06:00:00Z", "yesterday"],
    ["2026-11-13T12:00:00Z", "9 days ago"],
    ["2026-10-20T12:00:00Z", "a month ago"],
    ["2026-08-20T12:00:00Z", "3 months ago"],
    ["2025-10-20T12:00:00Z", "a year ago"],
    ["nonsense", ""],
  ])("%s is %s", (at, text) => expect(ago(at, now)).toBe(text));
});

test("a person is what stands before the host", () => {
  expect(person("mara@depot-desk")).toBe("mara");
  expect(person("mara")).toBe("mara");
});

test.each([
  [0, "now"],
  [1, "in 1 min"],
  [59, "in 59 min"],
  [90, "in 2 h"],
  [47 * 60, "in 47 h"],
  [72 * 60, "in 3 days"],
])("%i minutes ahead are said as %s", (minutes, said) => {
  const now = Date.parse("2026-11-29T03:00:00Z");
  expect(ahead(new Date(now + minutes * 60_000).toISOString(), now)).toBe(said);
});
