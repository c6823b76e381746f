import { expect, test } from "vitest";

import type { RecordItem, RecordMoment, RecordView, Usual, Verdict } from "../../bindings/types";
import { checked, initials, longest, says, secretWords, sections, share, sign, span } from "./report";

const item = (id: string, took_ms: number | null, more: Partial<RecordItem> = {}): RecordItem => ({
  item: id,
  kind: "command",
  label: id,
  state: "passed",
  who: ["mara@desk"],
  took_ms,
  result: "exit 0",
  attempts: 1,
  ...more,
});

const usual = (median: number, timed = 9): Usual["items"][string] => ({
  runs: 9,
  passed: 9,
  failed: 0,
  skipped: 0,
  overridden: 0,
  timed,
  median_ms: median,
  low_ms: median / 2,
  high_ms: median * 2,
});

function record(items: RecordItem[], usuals: Usual["items"], titled = true): RecordView {
  return {
    run: "r",
    title: "Move it",
    runbook: "/a.md",
    state: "passed",
    mode: "hand",
    started_at: "2026-11-22T03:02:00.000Z",
    ended_at: "2026-11-22T03:27:00.000Z",
    heading: "All good",
    sentence: "Moved.",
    partial: null,
    took_ms: 1_500_000,
    items_ms: 0,
    environment: null,
    facts: [],
    incident: null,
    phases: [
      {
        phase: "Steps",
        heading: null,
        steps: [
          { number: "1", title: "Promote", titled, state: "passed", who: [], took_ms: 99_000, result: "", items },
        ],
      },
    ],
    parameters: [],
    timeline: [],
    events: 61,
    evidence: [],
    secrets: [],
    left: [],
    usual: { runs: 9, passed: 9, median_ms: 60_000, last_passed_at: null, items: usuals },
  };
}

test("a step of one item is one row with what is usual and the range of past runs", () => {
  const [section] = sections(record([item("promote", 12_000)], { promote: usual(10_000) }));
  const [row] = section?.rows ?? [];
  expect(row).toMatchObject({ number: "1", title: "Promote", result: "exit 0", parts: [] });
  expect(row?.against).toEqual({ took: 12_000, usual: 10_000, low: 5000, high: 20_000, over: false });
});

test("what took longer than nine in ten past runs stands out, and less does not", () => {
  const over = (took: number): boolean | undefined =>
    sections(record([item("promote", took)], { promote: usual(10_000) }))[0]?.rows[0]?.against.over;
  expect([over(20_000), over(20_001)]).toEqual([false, true]);
});

test("one past run is no rule: nothing usual is shown of it", () => {
  const [section] = sections(record([item("promote", 12_000)], { promote: usual(10_000, 1) }));
  expect(section?.rows[0]?.against).toMatchObject({ usual: null, low: null, over: false });
});

test("a step of several items shows their sum, and each of them behind it", () => {
  const both = [item("promote", 12_000), item("follow", 8000), item("later", null, { state: "pending" })];
  const [section] = sections(record(both, { promote: usual(10_000), follow: usual(5000) }));
  const [row] = section?.rows ?? [];
  expect(row?.against).toMatchObject({ took: 20_000, usual: 15_000, low: null, high: null });
  expect(row?.parts.map((part) => part.title)).toEqual(["promote", "follow", "later"]);
  const [unknown] = sections(record(both, { promote: usual(10_000) }));
  expect(unknown?.rows[0]?.against.usual, "the usual of a part is not that of the whole").toBeNull();
});

test("items without a step of their own stand for themselves", () => {
  const [section] = sections(record([item("one", 1), item("two", 2)], {}, false));
  expect(section?.rows.map((row) => [row.number, row.title])).toEqual([
    [null, "one"],
    [null, "two"],
  ]);
});

test("bars share one scale, whose end is the longest of what is shown", () => {
  const most = longest(sections(record([item("promote", 12_000)], { promote: usual(10_000) })));
  expect(most).toBe(20_000);
  expect([share(10_000, most), share(0, most), share(99_000, most)]).toEqual([50, 0, 100]);
});

test("there is no tick before the record was checked, and a square with the event where it does not hold", () => {
  const verdict = (more: Partial<Verdict>): Verdict => ({
    run: "r",
    holds: true,
    events: 61,
    seq: null,
    sentence: "The record of run r does not hold at event 44: its hash is another",
    ...more,
  });
  expect(checked(null, null)).toMatchObject({ shape: "running", title: "Checking the record" });
  expect(checked(verdict({}), null)).toMatchObject({ shape: "passed", text: "61 events, chain unbroken." });
  expect(checked(verdict({ remark: "the output of 1 attempt was removed" }), null).text).toBe(
    "61 events, chain unbroken; the output of 1 attempt was removed.",
  );
  const broken = checked(verdict({ holds: false, seq: 44 }), null);
  expect(broken).toMatchObject({ shape: "failed", title: "Record does not verify at event 44" });
  expect(broken.text).toMatch(/^its hash is another\. It can be exported/);
  expect(checked(null, "The store is locked.")).toMatchObject({ shape: "failed", text: "The store is locked." });
});

test.each([
  ["mara.kessler@desk", "MK"],
  ["jonas@lisbon", "JON"],
  ["sensed", "sensed"],
])("%s is written %s", (actor, written) => {
  expect(initials(actor)).toBe(written);
});

test("a note is told as what the person wrote, anything else by what happened", () => {
  const told = (more: Partial<RecordMoment>): RecordMoment => ({
    seq: 1,
    at: "2026-11-22T03:02:00.000Z",
    actor: "mara@desk",
    kind: "attempt_ended",
    shape: "failed",
    item: "promote",
    text: "failed, exit 1",
    detail: null,
    notable: true,
    ...more,
  });
  expect(says(told({}))).toEqual({ who: null, text: "promote: failed, exit 1", detail: null });
  expect(says(told({ kind: "note", item: null, detail: "the sun is up" }))).toEqual({
    who: "mara",
    text: "the sun is up",
    detail: null,
  });
  expect(says(told({ kind: "run_started", item: null, text: "started, by hand" })).text).toBe(
    "started, by hand, by mara",
  );
  expect([sign(told({})), sign(told({ shape: "undone" })), sign(told({ shape: "note" }))]).toEqual([
    { shape: "failed" },
    { shape: "rolledback" },
    { icon: "message-square" },
  ]);
});

test("secrets are named and counted, and it is said that none is in the record", () => {
  expect(secretWords([])).toBe("");
  expect(secretWords(["DB_PASSWORD"])).toBe("One secret could be used: DB_PASSWORD. No value of it is in this record.");
  expect(secretWords(["A", "B"])).toContain("2 secrets could be used: A, B. No value of them");
});

test("a run that ended before it started says why", () => {
  const [from, to] = ["2026-11-22T15:04:05.000Z", "2026-11-22T15:29:05.000Z"];
  expect(span(from, to)).not.toContain("set back");
  expect(span(to, from)).toMatch(/, ended .* by a clock that was set back$/);
});
