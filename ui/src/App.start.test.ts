// Starting runs, and several of them side by side, through the whole interface on the stand-in host.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import { forgetSessions } from "./components/page/sessions.svelte";
import { startHost } from "./host";
import { mockHost, type Scene } from "./host/mock";
import { app } from "./lib/app.svelte";
import { router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();
const QUEUE = "/home/mara/runbooks/queues/move-broker.md";
const LIVE = "019aac41d07be8035ac1d64f0288a3e8";
const FAILED = "019aab99d07be8035ac1d64f0288a3e8";

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  location.hash = "#/library";
  router.current = { screen: "library" };
  toasts.list = [];
});
afterEach(() => cleanup());

async function sheet(path: string, scene: Scene = "full"): Promise<ReturnType<typeof mockHost>> {
  const host = mockHost(scene, 40);
  await startHost(host);
  render(App);
  router.go({ screen: "start", path });
  await screen.findByTestId("start-sheet");
  await screen.findByTestId("way-back");
  return host;
}

async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return result.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ""}`);
}

const shownRun = (): string | null => (router.current.screen === "run" ? router.current.run : null);

test("the sheet says what a run needs and how far it can be taken back, and starts nothing by itself", async () => {
  const host = await sheet(QUEUE);
  const before = (await host.call("app_state", {})).runs;
  expect(screen.getByTestId("past")).toHaveTextContent(/8 of the last 9/);
  expect(screen.getByTestId("way-back")).toHaveTextContent(/can be undone/);
  expect(screen.getByTestId("mode-auto")).toHaveTextContent(/until a person is needed: at \d+ of its \d+ items/);
  expect(await violations()).toEqual([]);
  await user.keyboard("{Escape}");
  expect(router.current).toEqual({ screen: "library", path: QUEUE });
  expect((await host.call("app_state", {})).runs).toBe(before);
});

test("what was given to the last run is offered, said to be so, and cleared by one key", async () => {
  const host = await sheet(QUEUE);
  const { params } = await host.call("runbook", { path: QUEUE });
  const open = params.find((param) => !param.secret);
  if (!open) throw new Error("no parameter");
  const run = await host.call("run_start", {
    path: QUEUE,
    revision: "",
    mode: "hand",
    values: {
      ...Object.fromEntries(params.map((param) => [param.name, param.default ?? "x"])),
      [open.name]: "spare-9",
    },
  });
  await host.call("run_do", { run: run.run.id, action: { do: "abandon", reason: null } });
  router.go({ screen: "library" });
  await waitFor(() => expect(screen.queryByTestId("start-sheet")).toBeNull());
  router.go({ screen: "start", path: QUEUE });
  const field = async (): Promise<HTMLElement> => {
    await screen.findByTestId("way-back");
    return document.querySelector<HTMLElement>(`[data-param="${open.name}"]`) as HTMLElement;
  };
  await waitFor(async () => expect(await field()).toHaveValue("spare-9"));
  expect(screen.getByTestId("start-parameters")).toHaveTextContent(/from the run of/);
  await user.keyboard("{Alt>}c{/Alt}");
  await waitFor(async () => expect(await field()).toHaveValue(open.default ?? ""));
  expect(screen.getByTestId("clear-remembered")).toBeDisabled();
});

test("a run starts in the mode that was chosen by keys, and a rehearsal says that it is one", async () => {
  await sheet(QUEUE);
  screen.getByTestId("mode-hand").focus();
  await user.keyboard("{ArrowUp}");
  await waitFor(() => expect(screen.getByTestId("mode-rehearse")).toHaveAttribute("aria-checked", "true"));
  expect(screen.getByTestId("start-go")).toHaveTextContent("Rehearse");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await screen.findByTestId("run-page");
  expect(screen.getByText("Rehearsal")).toBeInTheDocument();
});

test("what cannot be read is said where it would stand, with a way on", async () => {
  const host = mockHost("full", 40);
  await startHost(host);
  render(App);
  router.go({ screen: "start", path: "/home/mara/runbooks/gone.md" });
  expect(await screen.findByText(/gone\.md is gone/)).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
});

test("what is usual stands beside steps and commands, and what is left at the top", async () => {
  await startHost(mockHost("full", 40));
  render(App);
  router.go({ screen: "run", run: LIVE });
  expect(await screen.findByTestId("time-left")).toHaveTextContent(/(about|at least) .+ left|longer than usual/);
  expect(screen.getByText(/going by 9 past runs|going by 8 past runs/)).toBeInTheDocument();
  expect(screen.getAllByTestId("usual").length).toBeGreaterThan(0);
});

test("runs under way are gone through by keys, and each is found as it was left", async () => {
  await startHost(mockHost("full", 40));
  render(App);
  router.go({ screen: "run", run: FAILED });
  await screen.findByTestId("run-page");
  const note = screen.getByTestId("note");
  await user.type(note, "half a note");
  (document.activeElement as HTMLElement).blur();

  await user.keyboard("w");
  const panel = await screen.findByTestId("switcher");
  const rows = within(panel).getAllByTestId("switch-to");
  expect(rows.length).toBeGreaterThan(1);
  expect(within(panel).getByText(/Failed, waits for a choice/)).toBeInTheDocument();
  expect(await violations()).toEqual([]);
  const other = rows.findIndex((row) => row.dataset["run"] === LIVE);
  await waitFor(() => expect(panel.contains(document.activeElement)).toBe(true));
  await user.keyboard(String(other + 1));
  await waitFor(() => expect(shownRun()).toBe(LIVE));
  expect(screen.queryByTestId("switcher")).toBeNull();
  await waitFor(() => expect(screen.getByTestId("note")).toHaveValue(""));

  // Back by the panel: what was written is still there.
  await user.keyboard("w");
  const again = await screen.findByTestId("switcher");
  const back = within(again).getAllByTestId("switch-to");
  await waitFor(() => expect(again.contains(document.activeElement)).toBe(true));
  await user.keyboard(String(back.findIndex((row) => row.dataset["run"] === FAILED) + 1));
  await waitFor(() => expect(shownRun()).toBe(FAILED));
  await waitFor(() => expect(screen.getByTestId("note")).toHaveValue("half a note"));

  // The next one, and the one before.
  await user.keyboard("]");
  await waitFor(() => expect(shownRun()).not.toBe(FAILED));
  await user.keyboard("[[");
  await waitFor(() => expect(shownRun()).toBe(FAILED));
});

test("the lamp is red while any run waits for a choice about a failure, also one that is not looked at", async () => {
  await startHost(mockHost("full", 40));
  render(App);
  await waitFor(() => expect(app.state?.open_runs.some((run) => run.failing)).toBe(true));
  expect(await screen.findByRole("img", { name: /has failed|have failed/ })).toBeInTheDocument();
});
