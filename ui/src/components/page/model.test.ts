import { describe, expect, test } from "vitest";

import type { ItemProgress, ItemStatus, RunUpdate, RunView, StepView } from "../../bindings/types";
import { build, type RunbookSpec } from "../../host/mock/build";
import {
  canAct,
  chapters,
  editOf,
  failedWord,
  fold,
  isPlain,
  progressOf,
  repeatsPhase,
  stepStatus,
  stepTook,
  ticks,
} from "./model";

const spec: RunbookSpec = {
  relative: "a.md",
  title: "A",
  sections: [
    { phase: "reference", heading: "Overview", intro: "<p>x</p>" },
    { phase: "preconditions", heading: "Preconditions", steps: [{ title: "Nobody else", items: ["Nobody else"] }] },
    {
      phase: "steps",
      heading: "Steps",
      steps: [
        { title: "One", items: [{ id: "one" }, { id: "undo-one", kind: "undo" }] },
        { title: "Two", noReturn: true, items: [{ id: "two" }, { id: "maybe", optional: true }] },
      ],
    },
    { phase: "steps", heading: "More steps", steps: [{ title: "Three", items: ["Third"] }] },
    { phase: "rollback", heading: "Rollback", steps: [{ title: "Back", items: [{ id: "back" }] }] },
  ],
};

const STEP = build(spec, "/lib", 1, true).view.sections[2]?.steps[0] as StepView;

function item(id: string, status: ItemStatus, attempts = 0): ItemProgress {
  return {
    item: id,
    status,
    at: "2026-11-22T10:00:00Z",
    actor: "mara@desk",
    remark: null,
    background: false,
    edited: null,
    attempts: Array.from({ length: attempts }, (_, index) => ({
      number: index + 1,
      started_at: "2026-11-22T10:00:00Z",
      command: "x",
      target: "",
      cwd: "",
      state: "passed" as const,
      exit: 0,
      signal: null,
      note: null,
      duration_ms: 1000,
      of: null,
      output_bytes: 0,
      expectations: [],
      typed: false,
    })),
  };
}

function view(progress: ItemProgress[], hand: string | null = null): RunView {
  const book = build(spec, "/lib", 1, true).view;
  return {
    run: {
      id: "r",
      title: "A",
      runbook: book.path,
      revision: book.revision,
      state: "waiting",
      mode: "hand",
      actor: "mara@desk",
      started_at: "2026-11-22T10:00:00Z",
      ended_at: null,
      done: 0,
      total: 5,
      step: null,
      rescued: false,
      live: true,
    },
    runbook: book,
    moved_on: false,
    hand,
    parameters: {},
    environment: null,
    environment_confirmed: false,
    messages: {},
    session_lines: {},
    set: [],
    lost: [],
    rollback: { at: null, entries: [], without: [] },
    marks: [],
    incident: null,
    progress,
    timeline: [
      {
        seq: 1,
        at: "",
        actor: "",
        kind: "run_started",
        item: null,
        attempt: null,
        text: null,
        exit: null,
        duration_ms: null,
      },
    ],
    seq: 1,
  };
}

function update(seq: number, progress: ItemProgress[], timeline: number[]): RunUpdate {
  const base = view([]);
  return {
    run: base.run,
    hand: "two",
    environment_confirmed: true,
    messages: { three: "filled" },
    session_lines: { one: ["uptime web-1"] },
    runbook: null,
    set: [],
    rollback: { at: null, entries: [], without: [] },
    marks: [],
    incident: null,
    progress,
    timeline: timeline.map((at) => ({
      seq: at,
      at: "",
      actor: "",
      kind: "note",
      item: null,
      attempt: null,
      text: null,
      exit: null,
      duration_ms: null,
    })),
    seq,
    trouble: null,
  };
}

describe("an update", () => {
  test("replaces the items that changed and adds those that are new", () => {
    const folded = fold(
      view([item("one", "running")]),
      update(3, [item("one", "passed"), item("two", "running")], [2, 3]),
    );
    expect(folded.progress.map((one) => [one.item, one.status])).toEqual([
      ["one", "passed"],
      ["two", "running"],
    ]);
    expect(folded.timeline.map((entry) => entry.seq)).toEqual([1, 2, 3]);
    expect(folded.hand).toBe("two");
    expect([folded.environment_confirmed, folded.messages]).toEqual([true, { three: "filled" }]);
    expect(folded.session_lines).toEqual({ one: ["uptime web-1"] });
  });

  test("that comes twice adds nothing to the timeline", () => {
    const once = fold(view([]), update(3, [], [2, 3]));
    expect(fold(once, update(3, [], [2, 3])).timeline.map((entry) => entry.seq)).toEqual([1, 2, 3]);
  });

  test("older than the view changes nothing", () => {
    const newer = fold(view([]), update(5, [item("one", "passed")], [5]));
    expect(fold(newer, update(4, [item("one", "running")], [4]))).toBe(newer);
  });
});

describe("the state of a step", () => {
  const of = (step: number, progress: ItemProgress[], hand: string | null = null): ItemStatus => {
    const shown = view(progress, hand);
    const found = shown.runbook.sections.flatMap((section) => section.steps)[step];
    if (!found) throw new Error("no such step");
    return stepStatus(found, shown.runbook.items, progressOf(shown), hand);
  };

  test.each<[string, number, ItemProgress[], string | null, ItemStatus]>([
    ["pending before its turn", 1, [], null, "pending"],
    ["ready when an item of it is in hand", 1, [], "one", "ready"],
    ["running", 1, [item("one", "running")], "one", "running"],
    ["passed without its undo", 1, [item("one", "passed")], null, "passed"],
    ["failed", 2, [item("two", "failed"), item("maybe", "passed")], "two", "failed"],
    ["passed though something optional failed", 2, [item("two", "passed"), item("maybe", "failed")], null, "passed"],
    ["begun", 2, [item("two", "passed")], null, "ready"],
    ["skipped when all of it was", 2, [item("two", "skipped"), item("maybe", "skipped")], null, "skipped"],
    ["overridden when any of it was", 2, [item("two", "overridden"), item("maybe", "passed")], null, "overridden"],
    ["interrupted", 1, [item("one", "interrupted")], "one", "interrupted"],
  ])("is %s", (_, step, progress, hand, status) => {
    expect(of(step, progress, hand)).toBe(status);
  });
});

test("a placard stands before each phase of the path, and counts all of its sections", () => {
  const shown = view([item("one", "passed")]);
  const parts = chapters(shown.runbook, progressOf(shown), null);
  expect(parts.map((part) => [part.section.phase, part.opens, part.done, part.total])).toEqual([
    ["reference", false, 0, 0],
    ["preconditions", true, 0, 1],
    ["steps", true, 1, 3],
    ["steps", false, 0, 0],
    ["rollback", true, 0, 1],
  ]);
});

test("there is one tick for each item of the path, none for undo and rollback, with gaps between phases", () => {
  const shown = view([item("nobody-else", "passed"), item("one", "failed")], "one");
  expect(ticks(shown.runbook, progressOf(shown), "one")).toEqual(["ok", "gap", "bad", "todo", "todo", "todo"]);
  const cut = view([item("nobody-else", "passed"), item("one", "interrupted")], "one");
  expect(ticks(cut.runbook, progressOf(cut), "one").slice(0, 3)).toEqual(["ok", "gap", "cut"]);
});

test("a step takes as long as its attempts together, and those on several hosts as long as all of them", () => {
  const two = { ...STEP, items: ["one", "many"] };
  const one = item("one", "passed", 2);
  const many = { ...item("many", "passed", 3), hosts: [{ name: "web1", status: "passed" as const }] };
  expect(stepTook(two, new Map([["one", one]]))).toBe(2000);
  expect(stepTook(two, new Map([["many", many]])), "they have not ended").toBeNull();
  expect(
    stepTook(
      two,
      new Map([
        ["one", one],
        ["many", { ...many, hosts_took_ms: 1500 }],
      ]),
    ),
  ).toBe(3500);
});

test("an update brings what a rollback would do now, and the marks", () => {
  const entry = { item: "undo-one", step: "one", title: "One", text: "back", how: "undo" as const };
  const rollback = {
    at: null,
    entries: [{ ...entry, in_part: false, settled: false, failed: false }],
    without: ["Two"],
  };
  const marks = [{ at: "", actor: "mara@desk", what: "detected", value: null, withdrawn: false }];
  const after = fold(view([]), { ...update(2, [], []), rollback, marks });
  expect([after.rollback, after.marks]).toEqual([rollback, marks]);
});

test("a failed step says whether it did not verify or did not pass", () => {
  const failed = item("one", "failed", 1);
  const step = view([]).runbook.sections[2]?.steps[0];
  if (!step) throw new Error("no step");
  expect(failedWord(step, new Map([["one", failed]]))).toBe("Did not pass");
  const [attempt] = failed.attempts;
  const missed = { ...attempt!, expectations: [{ expected: "x", observed: "not found", holds: false }] };
  expect(failedWord(step, new Map([["one", { ...failed, attempts: [missed] }]]))).toBe("Did not verify");
  const exit = { ...attempt!, expectations: [{ expected: "exit 0", observed: "exit 3", holds: false }] };
  expect(failedWord(step, new Map([["one", { ...failed, attempts: [exit] }]]))).toBe("Did not pass");
});

test("an edit is what runs in an item's place, until the runbook's own text ran again", () => {
  const one = view([]).runbook.items["one"]!;
  const edited = { text: "print there", reason: "moved" };
  const after = (command: string): ReturnType<typeof item> => {
    const known = item("one", "failed", 1);
    return { ...known, edited, attempts: known.attempts.map((attempt) => ({ ...attempt, command })) };
  };
  expect(editOf(one, undefined)).toBeNull();
  expect(editOf({ ...one, script: "print here" }, after("print there"))).toEqual(edited);
  expect(editOf({ ...one, script: "print here" }, after("print here"))).toBeNull();
});

test.each([
  ["waiting", true, true],
  ["paused", true, true],
  ["paused", false, false],
  ["waiting", false, false],
  ["failed", true, true],
  ["failed", false, false],
  ["passed", false, false],
  ["interrupted", false, false],
] as const)("in a run that is %s (driven here: %s) something can be done: %s", (state, live, can) => {
  const shown = view([]);
  expect(canAct({ ...shown, run: { ...shown.run, state, live } })).toBe(can);
});

test("a step whose one check says what its title says is shown once", () => {
  const { runbook } = view([]);
  const steps = runbook.sections.flatMap((section) => section.steps);
  expect(steps.map((step) => isPlain(step, runbook.items))).toEqual([true, false, false, false, false]);
});

test("a heading that only repeats its phase is not shown twice", () => {
  const [reference, preconditions] = view([]).runbook.sections;
  expect(preconditions && repeatsPhase(preconditions)).toBe(true);
  expect(reference && repeatsPhase(reference)).toBe(false);
});

test("the path goes on beside what runs in the background", () => {
  const shown = view([item("one", "running")]);
  const first = shown.runbook.items["one"];
  if (!first) throw new Error("no item");
  const step = shown.runbook.sections.flatMap((section) => section.steps).find((one) => one.items.includes("one"));
  if (!step) throw new Error("no step");
  const items = { ...shown.runbook.items, one: { ...first, background: true } };
  expect(stepStatus(step, shown.runbook.items, progressOf(shown), null)).toBe("running");
  expect(stepStatus({ ...step, items: ["one"] }, items, progressOf(shown), null)).toBe("passed");
  expect(ticks({ ...shown.runbook, items }, progressOf(shown), null)).toContain("ok");
});
