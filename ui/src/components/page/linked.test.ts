import { expect, test } from "vitest";

import type { ItemView, LinkedBookView, RunSummary } from "../../bindings/types";
import { openWords } from "./linked";
import { opensRun } from "./model";

const summary = (live: boolean): RunSummary => ({ live }) as RunSummary;

test("a check says what its button does, by how its run stands", () => {
  const opened = { run: "r", state: "opened" } as const;
  const failed = { run: "r", state: "failed" } as const;
  expect(openWords(undefined, undefined, "ready")).toBe("Open run");
  expect(openWords(opened, summary(true), "waiting")).toBe("Go on in its run");
  expect(openWords(opened, summary(false), "waiting")).toBe("Go to its run");
  expect(openWords(failed, summary(false), "failed")).toBe("Run it again");
});

test("only a check whose runbook is there and leads not back to itself opens a run", () => {
  const check = (linked?: Partial<LinkedBookView>): ItemView => ({ kind: "check", linked }) as unknown as ItemView;
  expect(opensRun(check())).toBe(false);
  expect(opensRun(check({ refused: null }))).toBe(true);
  expect(opensRun(check({ refused: "it leads back" }))).toBe(false);
});
