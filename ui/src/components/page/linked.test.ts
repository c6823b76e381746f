import { expect, test } from "vitest";

import type { ItemView, LinkedBookView, RunSummary } from "../../bindings/types";
import { openWords, shortIds, withoutItsLink } from "./linked";
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

test("the link of a check that stands for a run is shown once, and what follows it stays", () => {
  const link = '<p class="item-links"><a href="x.md">X</a> </p>';
  expect(withoutItsLink(`<ul>\n<li>${link}\n</li></ul>`)).toBeNull();
  expect(withoutItsLink(`<ul><li>${link}<p>Mind the gap</p></li></ul>`)).toBe("<ul><li><p>Mind the gap</p></li></ul>");
  const later = `<p>First</p>${link}`;
  expect(withoutItsLink(later)).toBe(later);
});

test("the id of a run in a sentence is as short as elsewhere", () => {
  const said = 'run 01a222f1-1a06-765a-9a3e-4f51b17ac129 failed at "copy"';
  expect(shortIds(said)).toBe('run 01a222f1 failed at "copy"');
  expect(shortIds("deploy 2026-11-22 by deadbeef")).toBe("deploy 2026-11-22 by deadbeef");
});
