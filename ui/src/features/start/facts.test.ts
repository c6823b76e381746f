import { describe, expect, test } from "vitest";

import type { RunbookView, RunPreparation, Usual } from "../../bindings/types";
import { askedName, backLines, backSays, fileFacts, held, modeSays, pastFacts, toolSays } from "./facts";

const now = Date.parse("2026-11-28T12:00:00.000Z");
const prep = (more: Partial<RunPreparation> = {}): RunPreparation => ({
  path: "/r/a.md",
  revision: "0123456789abcdef",
  environment: null,
  remembered: null,
  unfit: {},
  access: [],
  targets: [],
  tools: [],
  tools_uncertain: false,
  asked: [],
  way_back: [],
  rollback_phase: false,
  needs_person: 2,
  items: 5,
  usual: null,
  review_due: null,
  review_days: null,
  git: null,
  ...more,
});
const book = (more: Partial<RunbookView> = {}): RunbookView =>
  ({ refused: null, trusted: true, problems: [], params: [], ...more }) as RunbookView;
const back = (way: "undo" | "by_hand" | "unsaid", step = "s") => ({ step, title: "Move", number: "2", way });

describe("how it is started", () => {
  test("auto says at how many of its items a person is needed", () => {
    expect(modeSays("auto", prep())).toMatch(/at 2 of its 5 items/);
    expect(modeSays("auto", prep({ needs_person: 5 }))).toMatch(/at each of its items/);
    expect(modeSays("auto", prep({ needs_person: 0 }))).toMatch(/nothing in it asks for one/);
  });

  test("what is not trusted can be rehearsed; what is refused, or holds nothing to do, cannot be started at all", () => {
    const untrusted = book({ trusted: false });
    expect(held(untrusted, prep(), "hand")).toMatch(/not trusted/);
    expect(held(untrusted, prep(), "rehearse")).toBeNull();
    expect(held(book({ refused: "mend the front matter" }), prep(), "rehearse")).toBe("mend the front matter");
    expect(held(book(), prep({ items: 0 }), "hand")).toMatch(/Nothing in it is to be done/);
    expect(held(book(), prep(), "auto")).toBeNull();
  });
});

describe("what is known of it", () => {
  const tool = (name: string, path: string | null) => ({ name, path, items: ["a"] });

  test("missing tools come with their number, and a doubt where the runbook changes where they are looked for", () => {
    expect(toolSays(prep()).says).toMatch(/call no tools/);
    const some = prep({ tools: [tool("jq", null), tool("ls", "/bin/ls")] });
    expect(toolSays(some)).toMatchObject({
      says: "1 of 2 tools not found on this machine.",
      missing: [{ name: "jq" }],
    });
    expect(toolSays({ ...some, tools_uncertain: true }).says).toMatch(/may find more/);
    expect(toolSays(prep({ tools: [tool("ls", "/bin/ls")] })).says).toBe("1 tool found on this machine.");
  });

  test("the way back is counted, and each step says its own", () => {
    expect(backSays(prep())).toMatch(/Nothing in it is known to change/);
    const ways = [back("undo", "a"), back("by_hand", "b"), back("unsaid", "c")];
    expect(backSays(prep({ way_back: ways, rollback_phase: true }))).toBe(
      "1 of 3 steps can be undone, 1 by hand, then its rollback phase.",
    );
    expect(backSays(prep({ way_back: [back("undo")] }))).toBe("Its one step can be undone.");
    expect(backLines(ways).map((line) => [line.shape, line.says])).toEqual([
      ["rolledback", "undo"],
      ["noundo", "by hand"],
      ["pending", "no undo written"],
    ]);
  });

  test("past runs say how long, how often, when, and where it fails", () => {
    expect(pastFacts(prep(), now)).toEqual([{ name: "Past runs", says: "none yet" }]);
    const item = { passed: 8, skipped: 0, overridden: 0, timed: 8, median_ms: 1, low_ms: 1, high_ms: 1 };
    const usual: Usual = {
      runs: 9,
      passed: 8,
      median_ms: 22 * 60_000,
      last_passed_at: "2026-11-28T06:00:00.000Z",
      items: { drain: { ...item, runs: 9, failed: 1 }, promote: { ...item, runs: 9, failed: 3 } },
    };
    expect(pastFacts(prep({ usual }), now).map((fact) => `${fact.name}: ${fact.says}`)).toEqual([
      "Usual time: 22 min",
      "Passed: 8 of the last 9",
      "Last passed: 6 h ago",
      "Fails most at: promote, 3 of 9",
    ]);
  });

  test("a file that is not committed, past its review, or has errors says so", () => {
    const git = { root: "/r", branch: "main", state: "modified", ahead: 0, behind: 2 };
    const problems = [{ code: "dead-link", severity: "error" as const, line: 1, message: "x" }];
    const facts = fileFacts(book({ problems }), prep({ git, review_due: "2026-11-16", review_days: -12 }));
    expect(facts.map((fact) => `${fact.name}: ${fact.says}`)).toEqual([
      "Revision: 01234567",
      "Git: changed, not committed, main, 2 behind",
      "Review: due 2026-11-16, 12 days over",
      "Check: 1 error",
    ]);
    expect(fileFacts(book(), prep({ review_due: "2026-12-16", review_days: 18 })).at(-1)?.look).toBeUndefined();
  });

  test("what is asked for on the way is written as it stands in the text", () => {
    const kinds = ["placeholder", "variable", "doubt"] as const;
    expect(kinds.map((kind) => askedName({ item: "a", kind, name: "POD" }))).toEqual(["<POD>", "$POD", "POD"]);
  });
});
