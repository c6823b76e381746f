// The palette through the whole interface on the stand-in host: found and done by keys alone.

import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { forgetSessions } from "./components/page/sessions.svelte";
import { palette } from "./features/palette/model.svelte";
import { news } from "./lib/news.svelte";
import { router, type Route } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";
import { openApp } from "./testing/app";

vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  toasts.list = [];
  palette.close();
});
afterEach(() => cleanup());

const open = (route: Route = { screen: "library" }): ReturnType<typeof openApp> => openApp(route);

const field = (): HTMLElement => screen.getByTestId("palette-text");
const hits = (): string[] => screen.queryAllByTestId("palette-hit").map((row) => row.textContent.replace(/\s+/g, " "));

async function find(text: string): Promise<void> {
  await user.keyboard("{Control>}k{/Control}");
  await waitFor(() => expect(field()).toHaveFocus());
  await user.keyboard(text);
}

test("Ctrl+K opens it, two letters and Enter open a link: the keys of the promise", async () => {
  const host = await open({ screen: "links" });
  const row = (await screen.findByText("Dunning queue")).closest("[data-testid='link-row']") as HTMLElement;
  const letters = within(row)
    .getByText(/^[a-z] [a-z]$/)
    .textContent.replace(" ", "");
  expect(letters).toHaveLength(2);
  await find(`${letters}{Enter}`);
  await waitFor(() => expect(host.opened).toEqual(["https://billing.internal/dunning"]));
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
});

test("it is a combobox over a list, goes by arrows, Home and End, and Esc gives the focus back", async () => {
  await open();
  const search = await screen.findByTestId("search");
  search.focus();
  await find("orders");
  await waitFor(() => expect(hits().length).toBeGreaterThan(3));
  const box = screen.getByRole("combobox", { name: "Find or do" });
  const list = screen.getByRole("listbox", { name: "Hits" });
  const inHand = (): string => within(list).getByRole("option", { selected: true }).id;
  const last = `palette-${hits().length - 1}`;
  expect(inHand()).toBe("palette-0");
  await user.keyboard("{ArrowDown}");
  expect(inHand()).toBe("palette-1");
  expect(box).toHaveAttribute("aria-activedescendant", "palette-1");
  await user.keyboard("{End}");
  expect(inHand()).toBe(last);
  await user.keyboard("{ArrowDown}");
  expect(inHand()).toBe("palette-0");
  await user.keyboard("{ArrowUp}{Home}");
  expect(inHand()).toBe("palette-0");
  const found = await axe.run(screen.getByTestId("palette"), { rules: { "color-contrast": { enabled: false } } });
  expect(found.violations.map((one) => one.id)).toEqual([]);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  await waitFor(() => expect(search).toHaveFocus());
});

test("what was chosen ten times for two letters comes first for them, and stands there before anything is typed", async () => {
  await open();
  await screen.findByTestId("search");
  await find("or");
  await waitFor(() => expect(hits().length).toBeGreaterThan(3));
  const third = screen.getAllByTestId("palette-hit")[3] as HTMLElement;
  const title = within(third).getByText((_, element) => element?.classList.contains("ti") === true).textContent;
  const row = palette.rows[3];
  if (row?.is !== "hit") throw new Error("a hit");
  await user.keyboard("{Escape}");
  const { kind, id, part } = row.hit;
  const { host } = await import("./host");
  for (let times = 0; times < 10; times += 1) await host().call("palette_chosen", { text: "or", kind, id, part });
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  await user.keyboard("{Control>}k{/Control}");
  await waitFor(() => expect(hits()).toHaveLength(1));
  expect(hits()[0]).toContain(title);
  await user.keyboard("or");
  await waitFor(() => expect(hits().length).toBeGreaterThan(3));
  expect(hits()[0]).toContain(title);
});

test("nothing that is called so offers a new runbook of that name, which keeps the name", async () => {
  await open();
  await screen.findByTestId("search");
  await find("Zebra crossing{Enter}");
  await waitFor(() => expect(router.current).toEqual({ screen: "new", title: "Zebra crossing" }));
  expect(await screen.findByTestId("new-title")).toHaveValue("Zebra crossing");
});

test("signs before it look for one kind alone, and a screen's own actions are among them", async () => {
  await open({ screen: "links" });
  await screen.findAllByTestId("link-pin");
  await find(">new l");
  await waitFor(() => expect(hits()[0]).toContain("New link"));
  await user.keyboard("{Enter}");
  expect(await screen.findByRole("dialog", { name: "New link" })).toBeInTheDocument();
});

test("Tab shows the other actions on a hit, and what cannot be done says why in its row", async () => {
  const host = await open();
  await screen.findByTestId("search");
  await find("@orders");
  await waitFor(() => expect(hits().length).toBeGreaterThan(0));
  await user.keyboard("{Tab}");
  const acts = await screen.findAllByTestId("palette-act");
  expect(acts.map((act) => act.dataset["act"])).toEqual([
    "show",
    "connect",
    "copy password",
    "reveal password",
    "user",
    "address",
  ]);
  await user.keyboard("{Tab}");
  await waitFor(() => expect(screen.queryAllByTestId("palette-act")).toHaveLength(0));
  expect(field()).toHaveFocus();
  // A link that may not be opened says so where it stands.
  const call = host.call.bind(host);
  host.call = async (name, args) => {
    if (name === "links_open") throw { code: "scheme", message: "It is refused for a reason." };
    return call(name, args);
  };
  await fireEvent.input(field(), { target: { value: "dunning" } });
  await waitFor(() => expect(hits()[0]).toContain("Dunning queue"));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(hits()[0]).toContain("It is refused for a reason."));
  expect(screen.getByTestId("palette")).toBeInTheDocument();
});

test("a link that needs values asks for them, with those that were given last", async () => {
  const host = await open();
  await screen.findByTestId("search");
  await find("invoice by{Enter}");
  const value = await screen.findByTestId("palette-value");
  await waitFor(() => expect(value).toHaveFocus());
  await user.keyboard("4711{Enter}");
  await waitFor(() => expect(host.opened).toEqual(["https://billing.internal/invoices/4711"]));
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
});

test("it opens over no dialog that asks something", async () => {
  await open({ screen: "links" });
  await screen.findAllByTestId("link-pin");
  await user.keyboard("c");
  await screen.findByRole("dialog", { name: "New link" });
  await user.keyboard("{Control>}k{/Control}");
  expect(screen.queryByTestId("palette")).toBeNull();
});

test("the keys that call it from everywhere are chosen by pressing them, and what is refused is said beside them", async () => {
  const host = await open({ screen: "settings" });
  const keys = await screen.findByTestId<HTMLInputElement>("find-shortcut");
  const says = screen.getByTestId("find-shortcut-says");
  keys.focus();
  fireEvent.keyDown(keys, { key: "Control", code: "ControlLeft", ctrlKey: true });
  fireEvent.keyDown(keys, { key: " ", code: "Space", ctrlKey: true, altKey: true });
  await waitFor(() => expect(keys).toHaveValue("Ctrl+Alt+Space"));
  await waitFor(async () =>
    expect(await host.call("settings_read", {})).toMatchObject({ find_shortcut: "Ctrl+Alt+Space" }),
  );
  // Keys that are taken: those before stay.
  const call = host.call.bind(host);
  host.call = async (name, args) => {
    if (name === "settings_write") throw { code: "bad_input", message: "ctrl+Alt+J cannot be had." };
    return call(name, args);
  };
  fireEvent.keyDown(keys, { key: "j", code: "KeyJ", ctrlKey: true, altKey: true });
  await waitFor(() => expect(says).toHaveTextContent("Ctrl+Alt+J cannot be had."));
  expect(keys).toHaveValue("Ctrl+Alt+Space");
  host.call = call;
  fireEvent.keyDown(keys, { key: "Backspace", code: "Backspace" });
  await waitFor(() => expect(keys).toHaveValue(""));
  expect(says).toHaveTextContent("");
  expect(await host.call("settings_read", {})).not.toHaveProperty("find_shortcut");
});

test("called from elsewhere it opens, but over no dialog that asks something", async () => {
  const host = await open();
  await screen.findByTestId("search");
  const call = host.call.bind(host);
  let asked = 0;
  host.call = async (name, args) => {
    if (name !== "find_next") return call(name, args);
    asked += 1;
    return true as never;
  };
  news.hear({ news: "find" });
  await waitFor(() => expect(field()).toHaveFocus());
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  await user.keyboard("?");
  await screen.findByRole("dialog");
  news.hear({ news: "find" });
  await waitFor(() => expect(asked).toBe(2));
  expect(screen.queryByTestId("palette")).toBeNull();
});
