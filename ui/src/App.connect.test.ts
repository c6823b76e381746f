// Connecting to access entries through the whole interface, on the stand-in host.

import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { forgetSessions } from "./components/page/sessions.svelte";
import { connections } from "./components/access/connections.svelte";
import type { Scene } from "./host/mock";
import { gate } from "./lib/gate.svelte";
import { toasts } from "./lib/toasts.svelte";
import { stands, type Stand } from "./testing/terminal";
import { openApp, violations } from "./testing/app";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));
vi.mock("./components/page/xterm", async () => await import("./testing/terminal"));

const user = userEvent.setup();
const DB = "Orders, read and write";

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  stands.length = 0;
  toasts.list = [];
});
afterEach(() => {
  gate.said(false);
  connections.forget();
  cleanup();
});

const access = (scene?: Scene): ReturnType<typeof openApp> => openApp({ screen: "access" }, scene);

async function look(name: string): Promise<HTMLElement> {
  await screen.findByTestId("entries");
  const row = screen.getAllByTestId("entry-row").find((one) => one.dataset["name"] === name);
  if (!row) throw new Error(`${name} is not listed`);
  await user.click(row);
  return within(screen.getByTestId("entry")).findByRole("heading", { name });
}

const tabs = (): (string | undefined)[] =>
  screen.queryAllByTestId("terminal-tab").map((tab) => `${tab.textContent?.trim()} ${tab.dataset["state"]}`);

/** The terminal that was opened as the `at`th, once it takes keys and shows that. */
async function terminal(at: number, shows: string): Promise<Stand> {
  await waitFor(() => expect(stands[at]?.text).toContain(shows));
  const stand = stands[at];
  if (!stand) throw new Error("no terminal");
  return stand;
}

test("an entry is connected to by a key, typed into, and its end is said with its status and one way on", async () => {
  const host = await access();
  await look("bastion-1");
  expect(screen.getByTestId("connects")).toHaveTextContent("ssh -l mk -p 2222 -- bastion-1.eu-west-1");
  await user.keyboard("{Enter}");
  // What is typed before it has begun arrives.
  await waitFor(() => expect(stands).toHaveLength(1));
  await waitFor(() => expect(screen.getByLabelText("Terminal input")).toHaveFocus());
  stands[0]?.type("date; ");
  const shell = await terminal(0, "mk@bastion-1:~$ ");
  await waitFor(() => expect(tabs()).toEqual(["bastion-1 open"]));
  await waitFor(() => expect(screen.getByTestId("in-use")).toBeInTheDocument());
  expect(await violations()).toEqual([]);
  shell.type("uptime\r");
  await waitFor(() => expect(host.access.terminals[0]?.typed).toBe("date; uptime\r"));
  shell.options.onresize(132, 40);
  await waitFor(() => expect(host.access.terminals[0]?.size).toEqual([132, 40]));
  shell.type("exit 3\r");
  await waitFor(() => expect(screen.getByTestId("terminal-over")).toHaveTextContent("has ended with status 3"));
  await waitFor(() => expect(screen.getByTestId("connect-again")).toHaveFocus());
  expect(tabs()).toEqual(["bastion-1 over"]);
  // What is over takes no keys.
  shell.type("lost");
  expect(host.access.terminals[0]?.typed).toBe("date; uptime\rexit 3\r");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(host.access.terminals).toHaveLength(2));
  await waitFor(() => expect(tabs()).toEqual(["bastion-1 open"]));
  expect(screen.queryByTestId("terminal-over")).toBeNull();
});

test("several are open at once, Enter goes to the one that is there, and closing one that runs is asked about", async () => {
  const host = await access();
  await look("bastion-1");
  await user.keyboard("{Enter}");
  const first = await terminal(0, "bastion-1");
  first.options.onleave();
  await waitFor(() => expect(screen.getByTestId("entries")).toHaveFocus());
  await look("edge-a");
  await user.keyboard("{Enter}");
  await terminal(1, "edge-a");
  await waitFor(() => expect(tabs()).toEqual(["bastion-1 open", "edge-a open"]));
  stands[1]?.options.onleave();
  await waitFor(() => expect(screen.getByTestId("entries")).toHaveFocus());
  await look("bastion-1");
  await waitFor(() => expect(screen.getByTestId("connect")).toHaveTextContent("Go to terminal"));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.getByRole("tab", { selected: true })).toHaveTextContent("bastion-1"));
  expect(host.access.terminals).toHaveLength(2);
  first.options.onleave();
  await waitFor(() => expect(screen.getByTestId("entries")).toHaveFocus());
  await user.keyboard("{Shift>}{Enter}{/Shift}");
  await waitFor(() => expect(tabs()).toHaveLength(3));
  await terminal(2, "bastion-1");
  // Another screen, and back: they are there.
  location.hash = "#/settings";
  await waitFor(() => expect(screen.queryByTestId("terminals")).toBeNull());
  location.hash = "#/access";
  await waitFor(() => expect(tabs()).toHaveLength(3));
  expect(stands).toHaveLength(3);
  await user.click(screen.getByTestId("terminal-close"));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("an interrupt, after 5 s terminate");
  await waitFor(() => expect(within(dialog).getByText("Keep it open")).toHaveFocus());
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(tabs()).toHaveLength(3);
  await user.click(screen.getByTestId("terminal-close"));
  await user.click(await screen.findByTestId("disconnect"));
  await waitFor(() => expect(tabs()).toHaveLength(2));
  expect(host.access.terminals[2]?.closed).toBe(true);
});

test("a connection that is refused or lost says so, and is tried again from there", async () => {
  const host = await access();
  await look("build-01");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.getByTestId("terminal-over")).toHaveTextContent("the host cannot be reached"));
  expect(screen.getByRole("alert")).toBeInTheDocument();
  await user.click(screen.getByTestId("terminal-close"));
  await waitFor(() => expect(screen.queryByTestId("terminals")).toBeNull());
  await look("edge-a");
  await user.keyboard("{Enter}");
  const shell = await terminal(1, "edge-a");
  shell.type("lose\r");
  await waitFor(() => expect(screen.getByTestId("terminal-over")).toHaveTextContent("the connection was lost"));
  // Enter on the entry connects in the terminal that is there.
  await look("edge-a");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(host.access.terminals).toHaveLength(3));
  await waitFor(() => expect(tabs()).toEqual(["edge-a open"]));
});

test("a secret that cannot be had is said where the terminal would be, and nothing is connected", async () => {
  const host = await access("errors");
  await look(DB);
  await user.click(await screen.findByTestId("connect"));
  await waitFor(() => expect(screen.getByTestId("terminal-over")).toHaveTextContent("keychain is locked"));
  expect(host.access.terminals).toEqual([]);
});

test("a page opens in the browser, and what nothing connects to says so", async () => {
  const host = await access();
  await look("Customer admin");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(host.opened).toEqual(["https://admin.example.com"]));
  await look("Billing, backup role");
  expect(screen.queryByTestId("connect")).toBeNull();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(toasts.list.at(-1)?.text).toContain("give it a command"));
  expect(screen.queryByTestId("terminals")).toBeNull();
});
