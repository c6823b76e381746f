// What is typed and not saved, in the frame of every screen.

import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import App from "../App.svelte";
import { forgetWorkbenches, workbench } from "../features/author/benches";
import { startHost } from "../host";
import { mockHost } from "../host/mock";
import { drafts } from "../lib/drafts.svelte";
import { routeHash, router, type Route } from "../lib/route.svelte";
import { toasts } from "../lib/toasts.svelte";

const PATH = "/home/mara/runbooks/queues/move-broker.md";
const GONE = "/home/mara/runbooks/queues/never.md";
const user = userEvent.setup();
type Mock = ReturnType<typeof mockHost>;

beforeAll(async () => {
  await import("../features/author/Author.svelte");
}, 120_000);
beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
  drafts.list = [];
  drafts.shown = false;
  forgetWorkbenches();
});
afterEach(async () => {
  cleanup();
  // What is left keeps its draft: not in the next test's host.
  await workbench(PATH).flush();
});

async function open(kept: [string, string][], route: Route = { screen: "library" }): Promise<Mock> {
  const host = mockHost("full", 40);
  kept.forEach(([path, text], at) =>
    host.author.drafts.set(path, { base: null, text, at: new Date(Date.now() - at * 60_000).toISOString() }),
  );
  await startHost(host);
  location.hash = routeHash(route);
  router.current = route;
  render(App);
  await screen.findByRole("navigation", { name: "Main" });
  return host;
}

test("without drafts nothing of them is shown", async () => {
  await open([]);
  await drafts.refresh();
  expect(screen.queryByTestId("drafts")).toBeNull();
  await fireEvent.keyDown(document.body, { key: "D", ctrlKey: true, shiftKey: true });
  await waitFor(() => expect(toasts.list.at(-1)?.text).toBe("Nothing is typed and not saved."));
});

test("drafts are listed with their file and when, those without a file as well, and opened by keys", async () => {
  await open([
    [PATH, "---\ntitle: Half a thought\n---\n"],
    [GONE, "---\ntitle: A new one\n---\n"],
  ]);
  expect(await screen.findByRole("button", { name: "Drafts, 2 not saved" })).toHaveTextContent("Drafts2");
  await fireEvent.keyDown(document.body, { key: "D", ctrlKey: true, shiftKey: true });
  const rows = await screen.findAllByTestId("draft");
  expect(rows[0]).toHaveTextContent("Half a thought");
  expect(rows[0]).toHaveTextContent("queues/move-broker.md");
  expect(rows[0]).toHaveTextContent("just now");
  expect(rows[1]).toHaveTextContent("no file, 1 min ago");
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(result.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);
  const links = rows.map((row) => row.querySelector("a"));
  await waitFor(() => expect(document.activeElement).toBe(links[0]));
  await user.keyboard("j");
  expect(document.activeElement).toBe(links[1]);
  await user.keyboard("k{Enter}");
  await waitFor(() => expect(location.hash).toBe(routeHash({ screen: "edit", path: PATH })));
  await waitFor(() => expect(screen.queryByTestId("drafts-list")).toBeNull());
});

test("what is discarded is in the history, and the message brings it back", async () => {
  const host = await open([[PATH, "---\ntitle: Half a thought\n---\n"]]);
  await user.click(await screen.findByTestId("drafts"));
  await user.click(await screen.findByTestId("draft-discard"));
  await waitFor(() => expect(screen.queryByTestId("drafts")).toBeNull());
  expect(host.author.drafts.size).toBe(0);
  const { rows } = await host.call("history", { path: PATH, offset: 0, limit: 100 });
  expect(rows.some((row) => row.message === "Set aside, never saved")).toBe(true);
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await screen.findByTestId("drafts")).toHaveTextContent("Drafts1");
  expect(host.author.drafts.get(PATH)?.text).toContain("Half a thought");
});

test("a text that is open lets go of its draft too, and undo brings both back", async () => {
  const host = await open([], { screen: "edit", path: PATH });
  await screen.findByTestId("source");
  const bench = workbench(PATH);
  const before = bench.text;
  bench.dispatch({ changes: { from: 0, insert: "X" }, userEvent: "input.type" });
  expect(await screen.findByTestId("drafts")).toHaveAttribute("aria-label", "Drafts, 1 not saved");
  await user.click(screen.getByTestId("drafts"));
  await user.click(await screen.findByTestId("draft-discard"));
  await waitFor(() => expect(bench.text).toBe(before));
  expect(host.author.drafts.size).toBe(0);
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(bench.text).toBe(`X${before}`));
  await waitFor(() => expect(host.author.drafts.get(PATH)?.text).toBe(`X${before}`));
});

test("saving takes the draft out of the list", async () => {
  const host = await open([], { screen: "edit", path: PATH });
  await screen.findByTestId("source");
  workbench(PATH).dispatch({ changes: { from: 0, insert: "X" }, userEvent: "input.type" });
  await screen.findByTestId("drafts");
  await user.click(screen.getByTestId("save"));
  await waitFor(() => expect(screen.queryByTestId("drafts")).toBeNull());
  expect(host.author.drafts.size).toBe(0);
});
