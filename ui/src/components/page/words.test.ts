import { expect, test } from "vitest";

import type { AttemptView, ItemView, TimelineEntry } from "../../bindings/types";
import { build } from "../../host/mock/build";
import { slug } from "./slug";
import { spark } from "./spark";
import {
  badExit,
  failureSentence,
  limits,
  line,
  numbers,
  ongoing,
  ordinal,
  result,
  wanted,
  wantedNumber,
  wantedPattern,
} from "./words";

const attempt = (more: Partial<AttemptView> = {}): AttemptView => ({
  number: 1,
  started_at: "",
  command: "x",
  target: "",
  cwd: "",
  state: "passed",
  exit: 0,
  signal: null,
  note: null,
  duration_ms: 12_400,
  of: null,
  output_bytes: 0,
  expectations: [],
  typed: false,
  ...more,
});

function item(more: Partial<ItemView>): ItemView {
  const built = build(
    {
      relative: "a.md",
      title: "A",
      sections: [{ phase: "steps", heading: "Steps", steps: [{ title: "S", items: [{ id: "x", ...more }] }] }],
    },
    "/lib",
    1,
    true,
  );
  const found = built.view.items["x"];
  if (!found) throw new Error("no item");
  return found;
}

test.each([
  ["/promoted/", "Expected", "/promoted/"],
  ["promoted to primary", "Expected", "promoted to primary"],
  ["not error", "Not expected", "error"],
  ["not: error", "Not expected", "error"],
  ["each line /ok/", "Each line", "/ok/"],
  ["each line: /ok/", "Each line", "/ok/"],
  ["< 5", "Number", "< 5"],
  ["number < 5", "Number", "< 5"],
  ["exit 0 or 1", "Expected", "exit 0 or 1"],
  ["any exit status", "Expected", "any exit status"],
])("%s reads %s %s", (expected, label, code) => {
  expect(wanted(expected)).toEqual({ label, code });
});

test.each([
  [{}, "exit 0 in", "12.4 s"],
  [{ exit: 3 }, "exit 3 in", "12.4 s"],
  [{ exit: null, signal: "SIGKILL", state: "failed" as const }, "ended by SIGKILL in", "12.4 s"],
  [{ exit: null }, "passed in", "12.4 s"],
  [{ state: "stopped" as const, exit: null }, "stopped after", "12.4 s"],
  [{ state: null, duration_ms: null }, "running", ""],
])("an attempt with %o says %s %s", (more, says, took) => {
  expect(result(attempt(more))).toEqual({ says, took });
});

test("a failure by exit status alone shows expected and got; one by expectation shows that", () => {
  expect(badExit(attempt({ state: "failed", exit: 2 }))).toEqual({ expected: "exit 0", got: "exit 2" });
  expect(
    badExit(attempt({ state: "failed", expectations: [{ expected: "x", observed: "", holds: false }] })),
  ).toBeNull();
  expect(badExit(attempt())).toBeNull();
});

test("a failure is told in a sentence", () => {
  const failed = attempt({
    state: "failed",
    expectations: [{ expected: "/x/", observed: "3 of 4 lines", holds: false }],
  });
  expect(failureSentence(item({}), failed)).toBe("x failed: expected /x/, got 3 of 4 lines.");
  expect(failureSentence(item({ kind: "check", text: "It answers" }), null)).toBe("It answers failed.");
});

test("the values of a probe are the numbers of its tries", () => {
  const one = (observed: string): AttemptView =>
    attempt({ expectations: [{ expected: "number < 5", observed, holds: false }] });
  expect(numbers([one("41"), one("last number 8.2"), one("none"), one("-3e2")])).toEqual([41, 8.2, -300]);
  expect(wantedNumber(item({ expects: ["< 5"] }))).toEqual({ sign: "<", value: 5 });
  expect(wantedNumber(item({ expects: ["x"] }))).toBeNull();
});

test("the limit of a sparkline stands where its value would", () => {
  const line = spark([41, 19, 8.2], 5);
  expect(line.points).toHaveLength(3);
  expect(line.limit).toBe(17.5);
  expect(line.points[0]?.y).toBe(2);
  expect(spark([5, 5], null).points.map((point) => point.y)).toEqual([10, 10]);
});

test.each([
  [1, "1st"],
  [2, "2nd"],
  [3, "3rd"],
  [4, "4th"],
  [11, "11th"],
  [12, "12th"],
  [23, "23rd"],
  [111, "111th"],
])("%d is %s", (count, text) => expect(ordinal(count)).toBe(text));

test("limits stand in the bar as they are written", () => {
  expect(limits(item({ timeout_ms: 60_000, optional: true }))).toBe("timeout 60 s, optional");
  expect(limits(item({ kind: "probe", every_ms: 5000, within_ms: 120_000 }))).toBe("every 5 s, for 2 min");
});

test("the timeline says what happened, and leaves out what says nothing to a reader", () => {
  const entry = (more: Partial<TimelineEntry>): TimelineEntry => ({
    seq: 1,
    at: "",
    actor: "mara@desk",
    kind: "note",
    item: null,
    attempt: null,
    text: null,
    exit: null,
    duration_ms: null,
    ...more,
  });
  const ended = line(
    entry({ kind: "attempt_ended", item: "x", attempt: 2, text: "passed", exit: 0, duration_ms: 1200 }),
  );
  expect([ended?.shape, ended?.text]).toEqual(["passed", "x, exit 0 in 1.2 s, 2nd try"]);
  const unverified = line(entry({ kind: "attempt_ended", item: "x", text: "failed", exit: 0, duration_ms: 1200 }));
  expect([unverified?.shape, unverified?.text]).toEqual(["failed", "x did not verify, exit 0 in 1.2 s"]);
  const failed = line(entry({ kind: "attempt_ended", item: "x", text: "failed", exit: 3, duration_ms: 1200 }));
  expect([failed?.shape, failed?.text]).toEqual(["failed", "x, exit 3 in 1.2 s"]);
  const measured = line(entry({ kind: "attempt_ended", item: "x", text: "passed", duration_ms: 1200 }));
  expect([measured?.shape, measured?.text]).toEqual(["passed", "x, passed in 1.2 s"]);
  const skipped = line(entry({ kind: "skipped", item: "x", text: "none due" }));
  expect([skipped?.shape, skipped?.text, skipped?.who]).toEqual(["skipped", "x: “none due”", "mara@desk"]);
  expect(
    line(entry({ kind: "check_ticked", item: "x" }), { x: item({ kind: "check", text: "It answers" }) })?.text,
  ).toBe("It answers");
  expect(line(entry({ kind: "item_ready", item: "x" }))).toBeNull();
  expect(line(entry({ kind: "expectation", item: "x" }))).toBeNull();
});

test("of several hosts the timeline names those that failed, and says of all what came of it", () => {
  const of = (kind: string, text: string, exit: number | null, tried: Partial<AttemptView> | null): string | null => {
    const entry = { seq: 1, at: "", actor: "", kind, item: "x", attempt: 4, text, exit, duration_ms: 1200 };
    const attempt = tried === null ? null : ({ number: 4, host: "web4", ...tried } as AttemptView);
    const told = line(entry, {}, null, attempt);
    return told && `${told.shape ?? "-"} ${told.text}`;
  };
  expect(of("hosts_started", "web1, web2, web3, web4, web5", null, null)).toBe(
    "- x started on web1, web2, web3 and 2 more",
  );
  expect(of("attempt_started", "echo", null, {})).toBeNull();
  expect(of("attempt_ended", "web4: passed", 0, { state: "passed" })).toBeNull();
  expect(of("attempt_ended", "web4: failed", 3, { state: "failed" })).toBe("failed x on web4: exit 3 in 1.2 s");
  expect(of("attempt_ended", "web4: failed", 0, { state: "failed" })).toBe(
    "failed x on web4: did not verify, exit 0 in 1.2 s",
  );
  const lost = "web4: web4: the host cannot be reached";
  expect(of("attempt_ended", lost, null, { state: "failed" })).toBe("failed x on web4: the host cannot be reached");
  expect(of("hosts_ended", "passed on 4 of 5; failed on web4", null, null)).toBe(
    "failed x passed on 4 of 5 after 1.2 s; failed on web4",
  );
  expect(of("hosts_ended", "passed on 5 of 5", null, null)).toBe("passed x passed on 5 of 5 after 1.2 s");
});

test("anchors are made as Markdown readers make them", () => {
  expect(slug("Check the lag (2)")).toBe("check-the-lag-2");
  expect(slug("Über uns")).toBe("über-uns");
});

test("only what is to be found is looked for in the output", () => {
  expect(wantedPattern("/promoted/")).toBe("/promoted/");
  expect(wantedPattern("promoted")).toBe("promoted");
  for (const other of ["not: x", "each line: x", "number < 5", "exit 0"]) expect(wantedPattern(other)).toBeNull();
});

test("an end that is told in a sentence is judged by its exit status", () => {
  const ended = (text: string, exit: number | null): string | null | undefined =>
    line({ seq: 1, at: "", actor: "", kind: "attempt_ended", item: "x", attempt: 1, text, exit, duration_ms: 5 })
      ?.shape;
  expect(ended("passed", 0)).toBe("passed");
  expect(ended("its variables could not be read", 0)).toBe("passed");
  expect(ended("it ran longer than its timeout", null)).toBe("failed");
  expect(ended("stopped", null)).toBe("abandoned");
  expect(ended("passed; its variables could not be read", null)).toBe("passed");
});

test("a try of a probe that does not hold is not told as a failure", () => {
  const tried = line(
    {
      seq: 1,
      at: "",
      actor: "",
      kind: "attempt_ended",
      item: "x",
      attempt: 3,
      text: "failed",
      exit: 0,
      duration_ms: 5,
    },
    { x: item({ kind: "probe" }) },
  );
  expect([tried?.shape, tried?.text]).toEqual(["probe", "x does not hold, 3rd try"]);
});

test("which attempt of how many is said where more than one may follow by itself", () => {
  expect(ongoing(attempt({ state: null }))).toBe("running");
  expect(ongoing(attempt({ state: null, number: 2, of: 3 }))).toBe("attempt 2 of 3, running");
  expect(ongoing(attempt({ state: "failed", number: 2, of: 3 }))).toBe("attempt 2 of 3 failed, trying again");
});

test("the bar of a block says what its attributes ask for", () => {
  expect(limits(item({ retry: 2, every_ms: 1000 }))).toBe("up to 3 attempts, every 1 s");
  expect(limits(item({ capture: "POD", confirm: true, optional: true }))).toBe("becomes POD, asks first, optional");
});

test("an answer stands in the timeline with what it was", () => {
  const entry: TimelineEntry = {
    seq: 3,
    at: "",
    actor: "mara@desk",
    kind: "confirmed",
    item: "x",
    attempt: null,
    text: 'typed "prod"',
    exit: null,
    duration_ms: null,
  };
  expect(line(entry)?.text).toBe('x confirmed: typed "prod"');
  expect(line({ ...entry, item: null })?.text).toBe('confirmed: typed "prod"');
});

test.each([
  [
    "rollback_started",
    "undo-b, undo-a, back, print",
    "rollback begun: undo-b, undo-a, back and 1 more could be undone",
  ],
  ["plan_chosen", "undo-b, undo-a", "plan chosen: undo-b, undo-a"],
  ["undone", null, "x undone"],
  ["undone", "rebuilt it", "x undone by hand: “rebuilt it”"],
  ["undone", "run 01a222f1-1a06-765a-9a3e-4f51b17ac129 was rolled back", "x undone: its run 01a222f1 was rolled back"],
  ["branched", "tell", "branch followed to tell"],
  ["deviation", "the host has moved", "x edited for this run: “the host has moved”"],
  ["marked", "severity: SEV 2", "severity: SEV 2"],
  ["resumed", null, "resumed"],
  ["resumed", "auto, without API_TOKEN", "resumed: auto, without API_TOKEN"],
  ["handed_over", "jonas", "handed over to jonas"],
  ["skipped", "branch", "x passed over by the branch"],
] as const)("the timeline tells %s in words", (kind, text, says) => {
  const entry: TimelineEntry = {
    seq: 9,
    at: "",
    actor: "mara@desk",
    kind,
    item: "x",
    attempt: null,
    text,
    exit: null,
    duration_ms: null,
  };
  expect(line(entry)?.text).toBe(says);
});
