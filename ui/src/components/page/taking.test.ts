import { expect, test } from "vitest";

import type { RunStatus, RunView } from "../../bindings/types";
import { mockHost } from "../../host/mock";
import { askedAbout, canRollBack, canTakeUp, inTheWay, known } from "./taking";

async function run(state: RunStatus): Promise<RunView> {
  const host = mockHost("full", 40);
  const { runs } = await host.call("runs", { runbook: null, state, words: null, offset: 0, limit: 100 });
  const found = runs.find((one) => !one.live);
  if (!found) throw new Error(`no run is ${state}`);
  return host.call("run_view", { run: found.id });
}

const as = (view: RunView, state: RunStatus, live: boolean): RunView => ({
  ...view,
  run: { ...view.run, state, live },
});

test.each<[RunStatus, boolean, boolean]>([
  ["paused", false, true],
  ["interrupted", false, true],
  ["failed", false, true],
  ["handed_over", false, true],
  ["passed", false, false],
  ["rolled_back", false, false],
  ["abandoned", false, false],
  ["running", false, false],
  ["paused", true, false],
])("a run that is %s (driven here: %s) can be taken up: %s", async (state, live, can) => {
  expect(canTakeUp(as(await run("paused"), state, live))).toBe(can);
});

test.each<[RunStatus, boolean, boolean]>([
  ["waiting", true, true],
  ["passed", false, true],
  ["failed", false, true],
  ["interrupted", false, true],
  ["waiting", false, false],
  ["rolled_back", false, false],
  ["abandoned", false, false],
  ["handed_over", false, false],
])("a run that is %s (driven here: %s) can be rolled back: %s", async (state, live, can) => {
  const view = as(await run("paused"), state, live);
  expect(view.rollback.entries.length).toBeGreaterThan(0);
  expect(canRollBack(view)).toBe(can);
  expect(canRollBack({ ...view, rollback: { at: null, entries: [], without: [] } })).toBe(false);
});

test("a command that runs stands in the way of a rollback, and one beside the path does not", async () => {
  const view = await run("paused");
  expect(inTheWay(view)).toBeNull();
  const [first] = view.progress;
  if (!first) throw new Error("nothing has begun");
  const item = view.runbook.items[first.item];
  if (!item) throw new Error("no such item");
  const running = (background: boolean): RunView => ({
    ...view,
    progress: view.progress.map((one) => (one === first ? { ...one, status: "running" } : one)),
    runbook: { ...view.runbook, items: { ...view.runbook.items, [item.id]: { ...item, background } } },
  });
  expect(inTheWay(running(false))?.id).toBe(item.id);
  expect(inTheWay(running(true))).toBeNull();
});

test("of a run that was cut off it is known what ran, that the file moved on, and what was lost", async () => {
  const view = await run("interrupted");
  expect(askedAbout(view)?.id).toBe("do-2");
  const says = known(view).join(" ");
  expect(says).toMatch(/do-2 was running, started \d\d:\d\d\. Nobody knows how it ended/);
  expect(says).toContain("goes on with its own revision");
  expect(view.lost).toEqual(["BACKUP_KEY"]);
});

test("of a run that was put aside it is known since when", async () => {
  const view = await run("paused");
  expect(askedAbout(view)).toBeNull();
  expect(known(view)[0]).toMatch(/^Put aside at \d\d:\d\d\. Nothing runs until it goes on\.$/);
});
