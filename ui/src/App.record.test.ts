// The record of runs, through the whole interface on the stand-in host: the history, the report, two runs compared, what a
// run suggests, and runs that leave and come.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import type { RunStatus } from "./bindings/types";
import { startHost } from "./host";
import { mockHost } from "./host/mock";
import { history } from "./features/runs/history.svelte";
import { none } from "./features/runs/list";
import { parseRoute, router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
  history.chosen = none();
  history.page = null;
  history.first = null;
  history.offset = 0;
  history.selected = 0;
});
afterEach(() => cleanup());

async function open(hash: string): Promise<ReturnType<typeof mockHost>> {
  location.hash = hash;
  router.current = parseRoute(hash);
  const host = mockHost("full", 40);
  await startHost(host);
  render(App);
  return host;
}

async function idOf(host: ReturnType<typeof mockHost>, state: RunStatus): Promise<string> {
  const { runs } = await host.call("runs", { runbook: null, state, words: null, offset: 0, limit: 1 });
  return runs[0]?.id ?? "";
}

async function go(hash: string): Promise<void> {
  location.hash = hash;
  router.current = parseRoute(hash);
  await waitFor(() => expect(router.current).toEqual(parseRoute(hash)));
}

async function barriers(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return found.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
}

test("the history is narrowed by state and by failures, and comes back as it was left", async () => {
  await open("#/runs");
  const all = (await screen.findAllByTestId("run-row")).length;
  screen.getByTestId("filter-state").focus();
  await user.keyboard("{Enter}");
  const states = await screen.findAllByRole("menuitemradio", { hidden: true });
  const rolledBack = states.find((one) => one.textContent?.includes("Rolled back"));
  if (!rolledBack) throw new Error("there is no such state");
  await user.click(rolledBack);
  await waitFor(() => expect(screen.getAllByTestId("run-row")).toHaveLength(1));
  expect(screen.getByTestId("run-row")).toHaveAttribute("data-state", "rolled_back");
  await go("#/settings");
  await go("#/runs");
  await waitFor(() => expect(screen.getAllByTestId("run-row")).toHaveLength(1));
  await user.click(screen.getByTestId("runs-clear"));
  await waitFor(() => expect(screen.getAllByTestId("run-row")).toHaveLength(all));
  await user.click(screen.getByTestId("filter-failures"));
  await waitFor(() => expect(screen.getAllByTestId("run-row").length).toBeLessThan(all));
  expect(await barriers()).toEqual([]);
});

test("by keys alone a report is opened from the list, and left", async () => {
  await open("#/runs");
  await screen.findAllByTestId("run-row");
  await user.keyboard("jjv");
  const report = await screen.findByTestId("report");
  expect(report).toBeInTheDocument();
  expect(await screen.findAllByTestId("report-row")).not.toHaveLength(0);
  expect(await barriers()).toEqual([]);
  await user.keyboard("{Escape}");
  await screen.findAllByTestId("run-row");
  expect(history.selected).toBe(2);
});

test("a report shows a ring until the record was checked, then what was found", async () => {
  const host = await open("#/library");
  let answer = (): void => undefined;
  const gate = new Promise<void>((resolve) => (answer = resolve));
  const call = host.call.bind(host);
  host.call = (async (name: never, args: never) => {
    if (name === "run_verify") await gate;
    return call(name, args);
  }) as typeof host.call;
  await go(`#/report/${await idOf(host, "failed")}`);
  expect(await screen.findByText("Checking the record")).toBeInTheDocument();
  expect(screen.getByTestId("report-verified")).not.toHaveAttribute("data-holds");
  answer();
  await waitFor(() => expect(screen.getByTestId("report-verified")).toHaveAttribute("data-holds", "false"));
  expect(screen.getByText("Record does not verify at event 44")).toBeInTheDocument();
  for (const button of screen.getAllByTestId("report-export")) expect(button).toBeEnabled();
});

test("a run that is not finished has a report that says so", async () => {
  const host = await open("#/library");
  await go(`#/report/${await idOf(host, "paused")}`);
  expect(await screen.findByTestId("report-partial")).toHaveTextContent("not finished");
  expect(screen.getByTestId("report-left")).toBeInTheDocument();
});

test("the timeline tells what is notable, or everything", async () => {
  const host = await open("#/library");
  await go(`#/report/${await idOf(host, "paused")}`);
  const timeline = await screen.findByTestId("report-timeline");
  const notable = within(timeline).getAllByRole("time", { hidden: true }).length;
  await user.keyboard("t");
  await waitFor(() => expect(within(timeline).getAllByRole("time", { hidden: true }).length).toBeGreaterThan(notable));
});

test("the output of an attempt is opened and searched", async () => {
  const host = await open("#/library");
  await go(`#/report/${await idOf(host, "paused")}`);
  const [evidence] = await screen.findAllByTestId("report-evidence");
  if (!evidence) throw new Error("nothing was printed");
  await user.click(evidence);
  const text = await screen.findByTestId("output-text");
  const [line] = (text.textContent ?? "").split("\n");
  expect(line).not.toBe("");
  await user.type(screen.getByTestId("output-find"), "zzzz");
  expect(await screen.findByTestId("output-hits")).toHaveTextContent("no line of");
});

test("two runs are chosen by keys and held beside each other", async () => {
  await open("#/runs");
  await screen.findAllByTestId("run-row");
  await user.type(screen.getByTestId("runs-search"), "leaving");
  await waitFor(() => expect(screen.getAllByTestId("run-row")).toHaveLength(4));
  await user.keyboard("{Enter}");
  await user.keyboard("c");
  expect(await screen.findByTestId("compare-first")).toBeInTheDocument();
  await user.keyboard("jc");
  await screen.findByTestId("compare-summary");
  await user.keyboard("t");
  expect((await screen.findAllByTestId("compare-item")).length).toBeGreaterThan(0);
  expect(await barriers()).toEqual([]);
});

test("a run is handed over with a note, and says to whom and where its file is", async () => {
  const host = await open("#/library");
  const run = await idOf(host, "paused");
  await go(`#/run/${run}`);
  await screen.findByTestId("run-page");
  await user.keyboard("h");
  await user.type(await screen.findByTestId("hand-over-to"), "jonas");
  await user.type(screen.getByTestId("hand-over-note"), "the poolers are left");
  expect(screen.getByTestId("hand-over")).toHaveTextContent("secrets and access");
  expect(await barriers()).toEqual([]);
  await user.click(screen.getByTestId("hand-over-go"));
  await waitFor(() =>
    expect(screen.getByTestId("handed-over")).toHaveTextContent(/handed it over to jonas.*\.allgood-run\./s),
  );
  const view = await host.call("run_view", { run });
  expect(view.run.state).toBe("handed_over");
  expect(view.timeline.some((entry) => entry.kind === "note" && entry.text === "the poolers are left")).toBe(true);
});

test.each([
  ["/home/mara/tampered.allgood-run", "is not taken in", false],
  ["/home/mara/parted.allgood-run", "went on here and elsewhere", false],
  ["/home/mara/known.allgood-run", "is here already", false],
  ["/home/mara/missing.allgood-run", "is in no folder here", false],
  ["/home/mara/fresh.allgood-run", "", true],
])("of the file %s it is said before it is taken: %s", async (path, says, can) => {
  const host = await open("#/runs");
  host.pickFile = async () => path;
  await screen.findAllByTestId("run-row");
  await user.keyboard("t");
  if (says === "") {
    expect(await screen.findByText(/my shift is over/)).toBeInTheDocument();
    expect(await barriers()).toEqual([]);
  } else expect(await screen.findByTestId("take-refused")).toHaveTextContent(says);
  expect(screen.queryByTestId("take-go") !== null).toBe(can);
  if (/missing/.test(path)) {
    await user.click(screen.getByTestId("take-runbook"));
    expect(await screen.findByTestId("take-go")).toBeEnabled();
  }
});

test("a change that a run suggests is put into the editor, unsaved, and taken back", async () => {
  const host = await open("#/library");
  const { runs } = await host.call("runs", { runbook: null, state: "passed", words: null, offset: 0, limit: 50 });
  const run = runs[0];
  if (!run) throw new Error("no run passed");
  const source = await host.call("source", { path: run.runbook });
  const call = host.call.bind(host);
  const at = source.text.indexOf("#");
  host.call = (async (name: never, args: never) => {
    const found = await call(name, args);
    if (name !== "run_proposals") return found;
    const proposal = {
      item: "x",
      title: "A step",
      kind: "edited",
      reason: "it was renamed",
      at: run.started_at,
      actor: run.actor,
      line: 1,
      was: "a",
      now: "a",
      ran: "b",
      expectations: [],
      edits: [{ from: at, to: at, text: "suggested " }],
      comparison: null,
      refused: null,
    };
    return { run: run.id, path: run.runbook, revision: source.revision, proposals: [proposal] };
  }) as typeof host.call;
  await go(`#/report/${run.id}`);
  await user.click(await screen.findByTestId("report-suggestions"));
  await user.click(await screen.findByTestId("apply"));
  await waitFor(() => expect(document.querySelector(".cm-content")?.textContent).toContain("suggested "));
  expect(toasts.list.map((toast) => toast.text).join()).toContain("Nothing is saved yet");
  expect((await call("source", { path: run.runbook })).text).not.toContain("suggested ");
  document.querySelector<HTMLElement>(".cm-content")?.focus();
  await user.keyboard("{Control>}z{/Control}");
  await waitFor(() => expect(document.querySelector(".cm-content")?.textContent).not.toContain("suggested "));
});

test("how long outputs are kept is chosen after it was said what that removes", async () => {
  const host = await open("#/settings");
  await user.click(await screen.findByTestId("retention-days"));
  expect(await screen.findByTestId("output-due")).toHaveTextContent("nothing is removed now");
  await user.clear(screen.getByTestId("keep-days"));
  await user.type(screen.getByTestId("keep-days"), "30{Enter}");
  await waitFor(() => expect(screen.getByTestId("output-due")).toHaveTextContent("will be removed for good"));
  expect((await host.call("settings_read", {})).keep_output_days).toBeUndefined();
  await user.click(screen.getByTestId("keep-go"));
  await waitFor(async () => expect((await host.call("settings_read", {})).keep_output_days).toBe(30));
  expect(await barriers()).toEqual([]);
});
