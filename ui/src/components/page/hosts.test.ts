import { describe, expect, it } from "vitest";

import type { AttemptView, HostStatus, HostView, ItemProgress } from "../../bindings/types";
import { againWords, hostRows, hostWords } from "./hosts";

function attempt(number: number, more: Partial<AttemptView> = {}): AttemptView {
  return {
    number,
    host: `h${number}`,
    started_at: "2026-11-22T15:00:00.000Z",
    command: "c",
    target: `h${number}`,
    cwd: "~",
    state: "passed",
    exit: 0,
    signal: null,
    note: null,
    duration_ms: 400,
    of: null,
    output_bytes: 0,
    expectations: [],
    typed: false,
    ...more,
  };
}

function hosts(...statuses: HostStatus[]): HostView[] {
  return statuses.map((status, index) => ({ name: `h${index + 1}`, status, attempt: index + 1 }));
}

function progress(all: HostView[], attempts: AttemptView[]): ItemProgress {
  return {
    item: "x",
    status: "failed",
    at: "",
    actor: "",
    remark: null,
    background: false,
    edited: null,
    hosts: all,
    attempts,
  };
}

describe("an item of several hosts", () => {
  it("shows those first that need a look, each state in the order of the runbook", () => {
    const all = hosts("passed", "running", "failed", "not_reached", "failed", "interrupted");
    expect(hostRows(progress(all, [])).map((row) => row.name)).toEqual(["h3", "h5", "h6", "h2", "h4", "h1"]);
  });

  it("says of each how it ended and why it did not pass, and nothing of one that has not begun again", () => {
    const rows = hostRows(
      progress(hosts("passed", "failed", "failed", "waiting"), [
        attempt(1),
        attempt(2, { state: "failed", exit: 7 }),
        attempt(3, { state: "failed", exit: null, note: "h3: the host does not let us in" }),
        attempt(4, { state: "failed", exit: 1 }),
      ]),
    );
    expect(rows.map((row) => [row.name, row.ended?.says ?? "", row.why])).toEqual([
      ["h2", "exit 7 in", ""],
      ["h3", "failed in", "the host does not let us in"],
      ["h4", "", ""],
      ["h1", "exit 0 in", ""],
    ]);
  });

  it("counts while it runs and afterwards", () => {
    expect(hostWords(hosts("passed", "failed", "running", "waiting"), true)).toBe("2 of 4, 1 failed");
    expect(hostWords(hosts("passed", "failed", "not_reached"), false)).toBe("passed on 1 of 3, 1 failed, 1 not begun");
    expect(hostWords(hosts("passed", "passed"), false)).toBe("passed on 2 of 2");
  });

  it("says on which it is tried again", () => {
    expect(againWords(hosts("passed", "failed", "failed"))?.what).toBe("Try again on the 2 that failed");
    expect(againWords(hosts("passed", "failed"))?.what).toBe("Try again on the one that failed");
    expect(againWords(hosts("passed", "failed", "not_reached"))?.what).toBe("Try again on the 2 that have not passed");
    expect(againWords(hosts("failed"))?.why).toBe("It has passed on none.");
    expect(againWords(hosts("passed"))).toBeNull();
    expect(againWords([])).toBeNull();
  });
});
