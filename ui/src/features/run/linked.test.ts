// A check that stands for a run of another runbook: what that asks for, the way there and back, and what the check says
// meanwhile.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "../../App.svelte";
import { forgetSessions } from "../../components/page/sessions.svelte";
import { startHost } from "../../host";
import { mockHost } from "../../host/mock";
import { routeHash, router } from "../../lib/route.svelte";
import { toasts } from "../../lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("../../components/page/Terminal.svelte", async () => await import("../../testing/NoTerminal.svelte"));

const PATH = "/home/mara/runbooks/databases/orders/failover.md";
const user = userEvent.setup();
type Mock = ReturnType<typeof mockHost>;

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  toasts.list = [];
});
afterEach(() => cleanup());

async function begin(): Promise<{ host: Mock; parent: string }> {
  const host = mockHost("full", 40);
  await startHost(host);
  const { revision } = await host.call("runbook", { path: PATH });
  const values = { REGION: "mars" };
  const { run } = await host.call("run_start", { path: PATH, revision, mode: "hand", values });
  location.hash = routeHash({ screen: "run", run: run.id });
  router.current = { screen: "run", run: run.id };
  render(App);
  await screen.findByTestId("run-page");
  await waitFor(() => expect(item("restore")).toHaveAttribute("data-hand", "true"));
  return { host, parent: run.id };
}

const item = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-item="${id}"]`);
  if (!found) throw new Error(`no item ${id}`);
  return found;
};
const param = (name: string): HTMLElement => {
  const found = screen.getByTestId("linked-values").querySelector<HTMLElement>(`[data-param="${name}"]`);
  if (!found) throw new Error(`no field ${name}`);
  return found;
};

test("what a linked runbook asks for is asked in the fields of a start, and its run is shown as it goes", async () => {
  const { host, parent } = await begin();
  const call = vi.spyOn(host, "call");
  await user.keyboard("{Enter}");
  const form = await screen.findByTestId("linked-values");
  // A value of the same name that does not fit there is asked for as one that is missing.
  expect(
    within(form)
      .getAllByRole("radio")
      .map((one) => one.textContent),
  ).toEqual(["eu-1", "us-1"]);
  expect(param("TOKEN")).toHaveAttribute("type", "password");
  await waitFor(() => expect(form.contains(document.activeElement)).toBe(true));
  const found = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);

  await user.click(within(form).getByRole("radio", { name: "us-1" }));
  await user.type(param("TOKEN"), "s3cret");
  await user.type(param("SNAPSHOT"), "yesterday{Enter}");
  expect(await within(form).findByText("SNAPSHOT must match /snap-\\d+/")).toBeInTheDocument();
  expect(router.current).toEqual({ screen: "run", run: parent });
  await user.clear(param("SNAPSHOT"));
  await user.type(param("SNAPSHOT"), "snap-7{Enter}");
  await waitFor(() => expect(router.current.screen === "run" && router.current.run).not.toBe(parent));
  const opened = call.mock.calls.filter(([name]) => name === "run_open_linked").at(-1)?.[1];
  expect(opened).toMatchObject({ values: { REGION: "us-1", SNAPSHOT: "snap-7", TOKEN: "s3cret" } });
  const child = router.current.screen === "run" ? router.current.run : "";

  // Back at the first one it stands there, and goes on standing there as it goes.
  await user.click(await screen.findByTestId("part-of"));
  const linked = await screen.findByText(/, 0 of 2/);
  const { runbook } = await host.call("run_view", { run: child });
  const [look] = Object.values(runbook.items).filter((one) => one?.kind === "check");
  await host.call("run_do", { run: child, action: { do: "tick", item: look?.id ?? "", note: null } });
  await waitFor(() => expect(linked).toHaveTextContent("waits for you, 1 of 2"));
  expect(screen.getByTestId("item-open-run")).toHaveTextContent("Go on in its run");
});

test("a runbook that leads back to itself is refused in words, and nothing opens it", async () => {
  await begin();
  expect(item("again")).toHaveTextContent("a runbook cannot be a part of itself");
  expect(within(item("again")).queryByTestId("item-open-run")).toBeNull();
});

test("a message with a place that nobody filled in is marked as sent only after a word", async () => {
  const { host, parent } = await begin();
  for (const one of ["restore", "again"])
    await host.call("run_do", { run: parent, action: { do: "skip", item: one, reason: "not now" } });
  await waitFor(() => expect(item("tell")).toHaveAttribute("data-hand", "true"));
  await user.keyboard(" ");
  expect(await screen.findByTestId("message-gaps")).toHaveTextContent("<time> is still to be filled in.");
  expect(item("tell")).not.toHaveAttribute("data-status", "passed");
  await waitFor(() => expect(screen.getByTestId("message-fill")).toHaveFocus());
  // A second press of the same key fills it in: it does not send.
  await user.keyboard(" ");
  await waitFor(() => expect(screen.getByTestId("message-text")).toHaveFocus());
  await user.keyboard("03:12");
  await waitFor(() => expect(screen.getByTestId("message-text")).toHaveValue("Orders are back since 03:12."));
  expect(screen.queryByTestId("message-gaps")).toBeNull();
  await user.click(screen.getByTestId("item-sent"));
  await waitFor(() => expect(screen.getByTestId("run-verdict")).toHaveAttribute("data-state", "passed"));
});
