// How many keys it takes to add, to find and to use access entries and links, beside what is typed of their names. The same
// numbers stand in docs/access.md and docs/links.md.

import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { connections } from "./components/access/connections.svelte";
import { forgetSessions } from "./components/page/sessions.svelte";
import { links } from "./features/links/model.svelte";
import { palette } from "./features/palette/model.svelte";
import type { Scene } from "./host/mock";
import { gate } from "./lib/gate.svelte";
import { router, type Route } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";
import { Hand } from "./testing/hand";
import { stands } from "./testing/terminal";
import { openApp } from "./testing/app";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));
vi.mock("./components/page/xterm", async () => await import("./testing/terminal"));

const CTRL_K = "{Control>}k{/Control}";
const TAB = "{Tab}";
const ENTER = "{Enter}";

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  stands.length = 0;
  toasts.list = [];
  palette.close();
  links.words = "";
  links.values = {};
  links.list = null;
  links.selected = null;
  links["known"].clear();
});
afterEach(() => {
  gate.said(false);
  connections.forget();
  cleanup();
});

async function open(route: Route, scene: Scene = "full"): Promise<[Awaited<ReturnType<typeof openApp>>, Hand]> {
  return [await openApp(route, scene), new Hand(userEvent.setup())];
}

const field = (): HTMLElement => screen.getByTestId("palette-text");
const hits = (): (string | null)[] => screen.queryAllByTestId("palette-hit").map((row) => row.textContent);
const rows = (): (string | undefined)[] => screen.queryAllByTestId("entry-row").map((row) => row.dataset["name"]);

const inHand = (): HTMLElement =>
  within(screen.getByRole("listbox", { name: "Actions on it" })).getByRole("option", { selected: true });

/** The palette, once it shows what is called so first. */
async function find(hand: Hand, typed: string, first: string): Promise<void> {
  await hand.press(CTRL_K);
  await waitFor(() => expect(field()).toHaveFocus());
  await hand.type(typed);
  await waitFor(() => expect(hits()[0]).toContain(first));
}

test("an access entry is added by 2 keys, with its kind, host, user and secret by 8", async () => {
  const [host, hand] = await open({ screen: "access" }, "empty");
  await screen.findByTestId("no-entries");
  const form = async (name: string): Promise<void> => {
    await hand.press("c");
    await waitFor(() => expect(screen.getByTestId("entry-name")).toHaveFocus());
    await hand.type(name);
  };
  const kept = async (name: string): Promise<void> => {
    await waitFor(() => expect(rows()).toContain(name));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  };
  await form("web1");
  await hand.press(ENTER);
  await kept("web1");
  expect(hand.presses).toBe(2);

  hand.presses = 0;
  await form("orders-db");
  await hand.press(TAB, "{ArrowRight}");
  expect(screen.getByRole("radio", { name: "Database" })).toHaveFocus();
  await hand.press(TAB);
  await hand.type("db1.example.com");
  await hand.press(TAB, TAB);
  await hand.type("app");
  await hand.press(TAB);
  expect(screen.getByTestId("entry-secret")).toHaveFocus();
  await hand.type("hunter22-and-more");
  await hand.press(ENTER);
  await kept("orders-db");
  expect(hand.presses).toBe(8);
  const added = host.access.entries.find((one) => one.row.name === "orders-db");
  expect(added?.row).toMatchObject({ kind: "database", address: "db1.example.com", user: "app" });
  expect(added?.values.get("password")).toBe("hunter22-and-more");
});

test("from any screen an access entry is connected to by 3 keys, and the terminal has the focus", async () => {
  const [host, hand] = await open({ screen: "library" });
  await screen.findByTestId("search");
  await find(hand, "bast", "bastion-1");
  await hand.press(TAB);
  await waitFor(() => expect(inHand()).toHaveTextContent("Connect"));
  await hand.press(ENTER);
  await waitFor(() => expect(screen.getByLabelText("Terminal input")).toHaveFocus());
  expect(hand.presses).toBe(3);
  expect(router.current).toEqual({ screen: "access", entry: "bastion-1" });
  await waitFor(() => expect(stands[0]?.text).toContain("mk@bastion-1"));
  expect(screen.getByTestId("go-access")).toHaveTextContent("1 open");

  // From another screen it is gone back to by the same keys.
  stands[0]?.options.onleave();
  location.hash = "#/links";
  await screen.findAllByTestId("link-pin");
  expect(screen.getByTestId("go-access")).toHaveTextContent("1 open");
  hand.presses = 0;
  await find(hand, "bast", "bastion-1");
  await hand.press(TAB);
  await waitFor(() => expect(inHand()).toHaveTextContent("Go to its terminal"));
  await hand.press(ENTER);
  await waitFor(() => expect(screen.getByLabelText("Terminal input")).toHaveFocus());
  expect(hand.presses).toBe(3);
  expect(host.access.terminals).toHaveLength(1);

  // And from its own screen too, once its list is read.
  await screen.findByTestId("entries");
  stands[0]?.options.onleave();
  await waitFor(() => expect(screen.getByTestId("entries")).toHaveFocus());
  await find(hand, "bast", "bastion-1");
  await hand.press(TAB);
  await waitFor(() => expect(inHand()).toHaveTextContent("Go to its terminal"));
  await hand.press(ENTER);
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  await waitFor(() => expect(screen.getByLabelText("Terminal input")).toHaveFocus());
});

test("on its screen an access entry is found and connected to, or its secret copied, by 3 keys", async () => {
  const [host, hand] = await open({ screen: "access" });
  await screen.findByTestId("entries");
  const found = async (typed: string, name: string): Promise<void> => {
    await hand.press("/");
    await waitFor(() => expect(screen.getByTestId("access-search")).toHaveFocus());
    await hand.type(typed);
    await waitFor(() => expect(rows()).toEqual([name]));
    await hand.press(ENTER);
    await waitFor(() => expect(screen.getByTestId("entries")).toHaveFocus());
    await within(screen.getByTestId("entry")).findByRole("heading", { name });
  };
  await found("read and", "Orders, read and write");
  await hand.press("y");
  await waitFor(() => expect(host.access.copied).toEqual(["of Orders, read and write"]));
  expect(hand.presses).toBe(3);
  hand.presses = 0;
  await userEvent.setup().keyboard("{Escape}");
  await waitFor(() => expect(rows()).toHaveLength(12));
  await found("edge-a", "edge-a");
  await hand.press(ENTER);
  await waitFor(() => expect(screen.getByLabelText("Terminal input")).toHaveFocus());
  expect(hand.presses).toBe(3);
});

test("from any screen the secret of an access entry is copied by 3 keys and shown by 4", async () => {
  const [host, hand] = await open({ screen: "links" });
  await screen.findAllByTestId("link-pin");
  await find(hand, "@billing", "Billing, backup role");
  await hand.press(TAB);
  await waitFor(() => expect(inHand()).toHaveTextContent("Copy its password"));
  await hand.press(ENTER);
  await waitFor(() => expect(host.access.copied).toEqual(["of Billing, backup role"]));
  expect(hand.presses).toBe(3);
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  hand.presses = 0;
  await find(hand, "@billing", "Billing, backup role");
  await hand.press(TAB);
  await waitFor(() => expect(screen.queryAllByTestId("palette-act").length).toBeGreaterThan(2));
  await hand.press("{ArrowDown}");
  expect(inHand()).toHaveTextContent("Reveal its password");
  await hand.press(ENTER);
  expect(await screen.findByTestId("revealed")).toHaveTextContent("of Billing, backup role");
  expect(hand.presses).toBe(4);
});

test("a link is added by 3 keys and opened by 4 with its letters, a pinned one by 1; each screen is reached by one", async () => {
  const [host, hand] = await open({ screen: "library" });
  await screen.findByTestId("search");
  await hand.press("{Control>}4{/Control}");
  await screen.findAllByTestId("link-pin");
  expect(hand.presses).toBe(1);
  hand.presses = 0;
  await hand.press("c");
  await waitFor(() => expect(screen.getByTestId("link-title")).toHaveFocus());
  await hand.type("Tower");
  await hand.press(TAB);
  await hand.type("https://tower.internal/");
  await hand.press(ENTER);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(hand.presses).toBe(3);
  const row = (await screen.findByText("Tower")).closest("[data-testid='link-row']") as HTMLElement;
  const letters = within(row)
    .getByText(/^[a-z] [a-z]$/)
    .textContent.replace(" ", "");
  hand.presses = 0;
  await hand.press(CTRL_K);
  await waitFor(() => expect(field()).toHaveFocus());
  await hand.press(...letters, ENTER);
  await waitFor(() => expect(host.opened).toEqual(["https://tower.internal/"]));
  expect(hand.presses).toBe(4);
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  hand.presses = 0;
  await hand.press("1");
  await waitFor(() => expect(host.opened).toHaveLength(2));
  expect(hand.presses).toBe(1);
  for (const [digit, to] of [
    ["1", "library"],
    ["2", "runs"],
    ["3", "access"],
  ] as const) {
    await hand.press(`{Control>}${digit}{/Control}`);
    await waitFor(() => expect(router.current.screen).toBe(to));
  }
});
