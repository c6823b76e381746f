import { expect, test } from "vitest";

import type { RunStatus, RunView } from "../../bindings/types";
import { mockHost } from "../../host/mock";
import { canHandOver, fileName, goesAlong, handed, left, notYet, staysHere } from "./handover";

async function paused(): Promise<RunView> {
  const host = mockHost("full", 40);
  const { runs } = await host.call("runs", { runbook: null, state: "paused", words: null, offset: 0, limit: 1 });
  return host.call("run_view", { run: runs[0]?.id ?? "" });
}

const as = (view: RunView, state: RunStatus, live: boolean): RunView => ({
  ...view,
  run: { ...view.run, state, live },
});

test.each<[RunStatus, boolean, boolean]>([
  ["waiting", true, true],
  ["running", true, true],
  ["paused", false, true],
  ["interrupted", false, true],
  ["failed", false, true],
  ["passed", false, false],
  ["rolled_back", false, false],
  ["abandoned", false, false],
  ["waiting", false, false],
])("a run that is %s (driven here: %s) can be handed over: %s", async (state, live, can) => {
  expect(canHandOver(as(await paused(), state, live))).toBe(can);
});

test("a rehearsal is nothing to hand over, and a running command has to end first", async () => {
  const view = await paused();
  expect(canHandOver({ ...view, run: { ...view.run, mode: "rehearse" } })).toBe(false);
  expect(notYet(as(view, "running", true))).toMatch(/Let it end, or stop it/);
  expect(notYet(as(view, "waiting", true))).toBeNull();
});

test("what goes along and what stays is said by name", async () => {
  const view = await paused();
  const given = { ...view, parameters: { HOST: "db-02", TOKEN: "•••" }, lost: ["TOKEN", "KEY"] };
  expect(goesAlong(given)).toContain("the parameter that was given");
  expect(goesAlong(given)[0]).toContain(`${view.seq} events`);
  expect(staysHere(given)).toContain("values kept in memory alone, which will be asked for: TOKEN, KEY");
  expect(staysHere({ ...view, parameters: {}, lost: [] }).join()).not.toContain("memory");
});

test("what is left to do are the steps of the path that are not settled", async () => {
  const view = await paused();
  const titles = left(view);
  expect(titles.length).toBeGreaterThan(0);
  const settled = view.runbook.sections
    .flatMap((section) => section.steps)
    .filter((step) =>
      step.items.every((id) => view.progress.some((one) => one.item === id && one.status === "passed")),
    );
  for (const step of settled) expect(titles).not.toContain(step.title);
});

test("a file is named after its runbook and run, and by whom a run was handed over is read from its record", async () => {
  const view = await paused();
  expect(fileName({ ...view, runbook: { ...view.runbook, title: "Überfall: Fail over!" } })).toBe(
    `u-berfall-fail-over-${view.run.id.slice(0, 8)}.allgood-run`,
  );
  expect(handed(view)).toBeNull();
  const entry = { seq: 99, at: "t", actor: "mara@desk", kind: "handed_over", item: null, attempt: null, exit: null };
  const gone = { ...as(view, "handed_over", false), timeline: [{ ...entry, text: "jonas", duration_ms: null }] };
  expect(handed(gone)).toEqual({ to: "jonas", at: "t", by: "mara@desk" });
});
