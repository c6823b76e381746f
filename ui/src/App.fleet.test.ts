// A command on many hosts, through the interface on the stand-in host.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import { startHost } from "./host";
import { mockHost } from "./host/mock";
import { forgetSessions } from "./components/page/sessions.svelte";
import { router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();
const BOOK = "/home/mara/runbooks/hosts/scanners/restart-gates.md";

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  toasts.list = [];
});
afterEach(() => cleanup());

const item = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-item="${id}"]`);
  if (!found) throw new Error(`no item ${id}`);
  return found;
};
const rows = (id: string): string[] =>
  within(item(id))
    .getAllByTestId("host-row")
    .map((row) => `${row.dataset.host} ${row.dataset.status}`);

async function begin(): Promise<void> {
  const host = mockHost("full", 40);
  await startHost(host);
  location.hash = "#/library";
  router.current = { screen: "library" };
  render(App);
  await user.type(await screen.findByTestId("search"), "restart the gates");
  await waitFor(() => expect(screen.getAllByTestId("runbook-row")).toHaveLength(1));
  expect(screen.getByTestId("runbook-row").dataset.path).toBe(BOOK);
  await user.click(await screen.findByTestId("start-run"));
  const go = await screen.findByTestId("start-go");
  await screen.findByTestId("way-back");
  await user.click(go);
  await screen.findByTestId("run-page");
}

test("what failed stands first, can be looked at alone, and is tried again on those hosts only", async () => {
  await begin();
  await user.click(within(item("restart-gates")).getByTestId("item-run"));
  await waitFor(() => expect(item("restart-gates").dataset.status).toBe("failed"), { timeout: 30_000 });
  expect(rows("restart-gates").slice(0, 3)).toEqual(["gate-04 failed", "gate-09 failed", "gate-01 passed"]);
  expect(within(item("restart-gates")).getByTestId("hosts-count")).toHaveTextContent("passed on 10 of 12, 2 failed");
  expect(item("restart-gates")).toHaveTextContent("the host cannot be reached (Connection timed out)");

  await user.click(screen.getByTestId("hosts-filter"));
  expect(rows("restart-gates")).toEqual(["gate-04 failed", "gate-09 failed"]);
  expect(screen.getByTestId("hosts-filter")).toHaveTextContent("Show all 12");

  // By keys: a host's output opens and closes, the arrows go from one to the next.
  const [first, second] = within(item("restart-gates"))
    .getAllByTestId("host-row")
    .map((row) => within(row).getByRole("button"));
  first?.focus();
  await user.keyboard("{Enter}");
  expect(first).toHaveAttribute("aria-expanded", "true");
  expect(item("restart-gates")).toHaveTextContent("gate-04 (root@gate-04)");
  await user.keyboard("{ArrowDown}");
  expect(second).toHaveFocus();

  await user.click(screen.getByRole("button", { name: /Try again on the 2 that failed/ }));
  // A step that is done folds up, and the next one waits for its command.
  await waitFor(() => expect(within(item("versions")).getByTestId("item-run")).toBeVisible(), { timeout: 30_000 });
}, 120_000);

test("two hundred hosts are one item whose count goes on while it runs", async () => {
  await begin();
  await user.click(within(item("restart-gates")).getByTestId("item-run"));
  await waitFor(() => expect(item("restart-gates").dataset.status).toBe("failed"), { timeout: 30_000 });
  await user.click(screen.getByRole("button", { name: /Try again on the 2 that failed/ }));
  await waitFor(() => expect(within(item("versions")).getByTestId("item-run")).toBeVisible(), { timeout: 30_000 });
  await user.click(within(item("versions")).getByTestId("item-run"));
  await waitFor(() => expect(item("versions").dataset.status).toBe("failed"), { timeout: 60_000 });
  expect(within(item("versions")).getByTestId("hosts-count")).toHaveTextContent("passed on 197 of 200, 3 failed");
  expect(rows("versions").slice(0, 3)).toEqual(["scanner-051 failed", "scanner-118 failed", "scanner-185 failed"]);
  // Where an exit status alone says that it failed, the last line that was printed there may say why.
  const [first] = within(item("versions")).getAllByTestId("host-says");
  expect(first).toHaveTextContent("scanner-051: 4.1.9");
  await user.click(within(item("versions")).getByTestId("hosts-filter"));
  expect(rows("versions")).toHaveLength(3);
}, 120_000);
