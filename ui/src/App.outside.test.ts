// Addresses from outside, through the whole interface on the stand-in host.

import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import type { OutsideRunbook } from "./bindings/types";
import { forgetSessions } from "./components/page/sessions.svelte";
import { startHost } from "./host";
import { mockHost } from "./host/mock";
import { outside } from "./lib/outside.svelte";
import { router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();
const QUEUE = "/home/mara/runbooks/queues/move-broker.md";

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  outside.drop();
  outside.choosing = null;
  location.hash = "#/library";
  router.current = { screen: "library" };
  toasts.list = [];
});
afterEach(() => cleanup());

/** A runbook of the stand-in, with its first parameter filled in from outside. */
async function arrive(more: Partial<OutsideRunbook> = {}, also: OutsideRunbook[] = []): Promise<[string, number]> {
  const host = mockHost("full", 40);
  const book = await host.call("runbook", { path: QUEUE });
  const name = book.params.find((param) => !param.secret && param.choices.length === 0 && param.pattern === null)?.name;
  if (name === undefined) throw new Error("no parameter takes any text");
  const one: OutsideRunbook = {
    path: QUEUE,
    title: book.title,
    relative: book.relative,
    values: { [name]: "brought-in" },
    left_out: [{ name: "alert", why: "the runbook has no such parameter" }],
    ...more,
  };
  host.fromOutside = { asked: "move-broker", runbooks: [one, ...also] };
  const runs = (await host.call("app_state", {})).runs;
  await startHost(host);
  render(App);
  return [name, runs];
}

test("what an address from outside fills in is shown as that, can be taken out, and nothing starts by it", async () => {
  const [name] = await arrive();
  const note = await screen.findByTestId("start-outside");
  await screen.findByTestId("way-back");
  expect(router.current).toEqual({ screen: "start", path: QUEUE });
  expect(note).toHaveTextContent(`It has filled in ${name}`);
  expect(note).toHaveTextContent("alert is left out: the runbook has no such parameter");
  expect(screen.getByDisplayValue("brought-in")).toBeInTheDocument();
  expect(screen.getByTestId("start-parameters")).toHaveTextContent("from outside");
  const found = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(found.violations.map((one) => one.id)).toEqual([]);
  await user.click(screen.getByTestId("outside-drop"));
  await waitFor(() => expect(screen.queryByDisplayValue("brought-in")).toBeNull());
  expect(screen.getByTestId("start-parameters")).not.toHaveTextContent("from outside");
});

test("where several runbooks are called so a person chooses, by keys too", async () => {
  const other = { path: "/x/move-broker.md", title: "Another", relative: "move-broker.md", values: {}, left_out: [] };
  await arrive({}, [other]);
  const choice = await screen.findByTestId("outside-choice");
  expect(choice).toHaveTextContent("Another");
  expect(router.current.screen).toBe("library");
  await waitFor(() => expect(document.activeElement?.closest("li")).not.toBeNull());
  await user.keyboard("{Enter}");
  await screen.findByTestId("start-outside");
  expect(router.current).toEqual({ screen: "start", path: QUEUE });
});
