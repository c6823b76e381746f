// Schedules through the whole interface on the stand-in host: seen, added, paused, accepted, run, by keys.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import { schedules } from "./features/schedules/model.svelte";
import { startHost } from "./host";
import { mockHost, type Scene } from "./host/mock";
import { router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
  schedules.list = null;
  schedules.selected = null;
});
afterEach(() => cleanup());

async function open(scene: Scene = "full"): Promise<ReturnType<typeof mockHost>> {
  location.hash = "#/schedules";
  router.current = { screen: "schedules" };
  const host = mockHost(scene, 40);
  await startHost(host);
  render(App);
  return host;
}

const rows = (): HTMLElement[] => screen.queryAllByTestId("schedule-row");
const selected = (): string | undefined =>
  rows()
    .find((row) => row.classList.contains("is-selected"))
    ?.querySelector("button")?.textContent;

test("schedules stand with what became of the last times, the week, and what runbooks propose", async () => {
  await open();
  await waitFor(() => expect(rows()).toHaveLength(2));
  const nightly = within(rows()[0] as HTMLElement);
  expect(nightly.getAllByRole("img", { name: /Failed$|Passed$|Missed$|rolled back$/ }).length).toBeGreaterThan(6);
  expect(screen.getByTestId("schedule-week").children).toHaveLength(7);
  expect(screen.getByTestId("schedule-proposal")).toHaveTextContent("Prune container images");
  const faults = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(faults.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);
});

test("it goes by keys: down, paused, and back", async () => {
  await open();
  await waitFor(() => expect(selected()).toBe("Nightly backup"));
  await user.keyboard("j");
  await waitFor(() => expect(selected()).toBe("Renew certificates"));
  await user.keyboard("k");
  await waitFor(() => expect(selected()).toBe("Nightly backup"));
  await user.keyboard("p");
  await waitFor(() =>
    expect(within(rows()[0] as HTMLElement).getByTestId("schedule-next")).toHaveTextContent("paused"),
  );
  await user.keyboard("p");
  await waitFor(() =>
    expect(within(rows()[0] as HTMLElement).getByTestId("schedule-next")).not.toHaveTextContent("paused"),
  );
});

test("what has changed since it was accepted says so, and runs again once a person accepts it", async () => {
  await open();
  await waitFor(() => expect(rows()).toHaveLength(2));
  await user.keyboard("j");
  expect(await screen.findByTestId("schedule-problem")).toHaveTextContent("has changed since it was accepted");
  await user.keyboard("a");
  await user.click(await screen.findByTestId("schedule-do"));
  await waitFor(() => expect(screen.queryByTestId("schedule-problem")).toBeNull());
});

test("a proposal is looked at with its next times before it is accepted", async () => {
  const host = await open();
  await user.click(await screen.findByTestId("proposal-accept"));
  await waitFor(() => expect(screen.getByTestId("schedule-times")).toHaveTextContent("At 05:00"));
  const cron = screen.getByTestId("schedule-cron");
  await user.clear(cron);
  await user.type(cron, "61 * * * *");
  await waitFor(() => expect(screen.getByTestId("schedule-times")).toHaveTextContent("is no cron expression"));
  expect(screen.getByTestId("schedule-keep")).toBeDisabled();
  await user.clear(cron);
  await user.type(cron, "15 6 * * *");
  await waitFor(() => expect(screen.getByTestId("schedule-times")).toHaveTextContent("At 06:15"));
  await waitFor(() => expect(screen.getByTestId("schedule-keep")).toBeEnabled());
  await user.click(screen.getByTestId("schedule-keep"));
  await waitFor(() => expect(rows()).toHaveLength(3));
  expect(screen.queryByTestId("schedule-proposal")).toBeNull();
  const list = await host.call("schedule_list", {});
  expect(list.schedules.at(-1)?.cron).toBe("15 6 * * *");
});

test("run now asks first, and leads to the run", async () => {
  await open();
  await waitFor(() => expect(rows()).toHaveLength(2));
  await user.keyboard("r");
  await user.click(await screen.findByTestId("schedule-do"));
  await waitFor(() => expect(router.current.screen).toBe("run"));
});

test("without schedules the screen says what they are, and C begins one", async () => {
  await open("empty");
  expect(await screen.findByTestId("schedules-empty")).toHaveTextContent("allgood schedule install");
  await user.keyboard("c");
  await waitFor(() => expect(screen.getByTestId("schedule-book")).toBeInTheDocument());
});

test("quiet hours are written as two times, and taken away again", async () => {
  location.hash = "#/settings";
  router.current = { screen: "settings" };
  const host = mockHost("full", 40);
  await startHost(host);
  render(App);
  const quiet = await screen.findByLabelText("Quiet hours of schedules");
  for (const [typed, kept] of [
    ["22:00-07:00", "22:00-07:00"],
    ["at night", "22:00-07:00"],
  ] as const) {
    await user.clear(quiet);
    await user.type(quiet, `${typed}{Tab}`);
    await waitFor(async () => expect((await host.call("settings_read", {})).quiet).toBe(kept));
  }
  expect(screen.getByText(/"at night" are no hours/)).toBeInTheDocument();
  await user.clear(quiet);
  await user.tab();
  await waitFor(async () => expect((await host.call("settings_read", {})).quiet).toBeUndefined());
});
