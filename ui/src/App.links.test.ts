// Links through the whole interface on the stand-in host: found and opened by keys alone, added, removed and put back.

import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Scene } from "./host/mock";
import { forgetSessions } from "./components/page/sessions.svelte";
import { toasts } from "./lib/toasts.svelte";
import { links } from "./features/links/model.svelte";
import { openApp, violations } from "./testing/app";

vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  toasts.list = [];
  links.words = "";
  links.values = {};
  links.list = null;
  links.selected = null;
  links["known"].clear();
});
afterEach(() => cleanup());

const open = (scene?: Scene): ReturnType<typeof openApp> => openApp({ screen: "links" }, scene);

const titles = (): string[] =>
  [...screen.queryAllByTestId("link-pin"), ...screen.queryAllByTestId("link-row")].map(
    (row) => row.getAttribute("data-link") ?? "",
  );

/** The filter shows so many. */
async function shows(count: number): Promise<void> {
  await waitFor(() => expect(titles()).toHaveLength(count));
}

test("without a link the screen says what they are for and how to get some", async () => {
  await open("empty");
  expect(await screen.findByTestId("links-empty")).toHaveTextContent("No links yet.");
  await user.keyboard("c");
  expect(await screen.findByRole("dialog", { name: "New link" })).toBeInTheDocument();
});

test("a link that somebody else added is counted in the frame as soon as the list shows it", async () => {
  const host = await open();
  const nav = (): HTMLElement => within(screen.getByRole("navigation", { name: "Main" })).getByText("Links");
  await screen.findAllByTestId("link-pin");
  await waitFor(() => expect(nav()).toHaveTextContent(/^Links\s*\d+$/));
  const before = Number(/\d+/.exec(nav().textContent)?.[0]);
  await host.call("link_add", { title: "Rota", address: "https://rota.internal/", group: "", tags: [], pinned: false });
  await user.type(screen.getByRole("searchbox"), "rota");
  await screen.findByText("Rota");
  await waitFor(() => expect(nav()).toHaveTextContent(new RegExp(`^Links\\s*${before + 1}$`)));
});

test("a pinned link opens by one key, any other by its two letters: four keys", async () => {
  const host = await open();
  await screen.findAllByTestId("link-pin");
  await user.keyboard("1");
  await waitFor(() => expect(host.opened).toHaveLength(1));
  expect(host.opened[0]).toMatch(/^https:\/\/grafana.internal\/d\/orders\?var-region=eu-west-1&from=\d+$/);
  const row = screen.getByText("Dunning queue").closest("[data-testid='link-row']") as HTMLElement;
  const letters = within(row)
    .getByText(/^[a-z] [a-z]$/)
    .textContent.replace(" ", "");
  await user.keyboard(`/${letters}{Enter}`);
  await waitFor(() => expect(host.opened).toHaveLength(2));
  expect(host.opened[1]).toBe("https://billing.internal/dunning");
});

test("what a link needs is asked for where everybody sees it, and Enter opens it", async () => {
  const host = await open();
  await user.click(await screen.findByText("Invoice by number"));
  await waitFor(() => expect(document.activeElement).toHaveAttribute("data-parameter", "invoice"));
  expect(screen.getByText(/Invoice by number needs invoice/)).toBeInTheDocument();
  expect(host.opened).toHaveLength(0);
  await user.keyboard("4711/a{Enter}");
  await waitFor(() => expect(host.opened).toEqual(["https://billing.internal/invoices/4711%2Fa"]));
});

test("a link is added, and refused with a sentence where it may not be opened", async () => {
  await open();
  await screen.findAllByTestId("link-row");
  await user.keyboard("c");
  await waitFor(() => expect(screen.getByTestId("link-title")).toHaveFocus());
  await user.keyboard("Tower{Tab}javascript:alert(1)");
  await user.click(screen.getByTestId("link-keep"));
  expect(await screen.findByText(/Links that begin with "javascript:" are not opened/)).toBeInTheDocument();
  await user.clear(screen.getByTestId("link-url"));
  await user.type(screen.getByTestId("link-url"), "https://tower.internal/");
  await user.click(screen.getByTestId("link-keep"));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(await screen.findByText("Tower")).toBeInTheDocument();
  expect(screen.getByTestId("link-address")).toHaveTextContent("https://tower.internal/");
});

test("a removed link comes back by one key", async () => {
  await open();
  await user.type(await screen.findByTestId("links-filter"), "SMS");
  await shows(1);
  await user.keyboard("{Escape}");
  links.words = "";
  await links.load();
  const sms = links.list?.links.find((link) => link.title === "SMS gateway");
  links.selected = sms?.id ?? null;
  await user.keyboard("{Delete}");
  await waitFor(() => expect(screen.queryByText("SMS gateway")).not.toBeInTheDocument());
  expect(toasts.undo()).toBe(true);
  expect(await screen.findByText("SMS gateway")).toBeInTheDocument();
});

test("a set is shown before it is opened, with what is left out and why", async () => {
  const host = await open();
  await user.type(await screen.findByTestId("links-filter"), "billing");
  await shows(4);
  await user.keyboard("{Escape}");
  links.typed("billing");
  await shows(4);
  await user.keyboard("a");
  const rows = await screen.findByTestId("set-rows");
  expect(rows).toHaveTextContent("Left out: it needs invoice");
  expect(host.opened).toHaveLength(0);
  await waitFor(() => expect(screen.getByTestId("set-open")).toHaveFocus());
  await user.keyboard("{Enter}");
  await waitFor(() =>
    expect(host.opened).toEqual(["https://billing.internal/dunning", "https://billing.internal/export"]),
  );
});

test("a file is shown before it is kept, with what is left out and why", async () => {
  await open();
  await screen.findAllByTestId("link-row");
  await user.keyboard("i");
  expect(await screen.findByTestId("import-says")).toHaveTextContent("1 link would be kept, 2 left out");
  expect(screen.getByTestId("import-rows")).toHaveTextContent('its address is there already, as "Alerts firing now"');
  await user.click(screen.getByTestId("import-keep"));
  expect(await screen.findByText("Runway lights")).toBeInTheDocument();
});

test("links are asked whether they answer only after a word", async () => {
  await open();
  await screen.findAllByTestId("link-row");
  await user.click(screen.getByTestId("links-more"));
  await user.click(await screen.findByTestId("links-ask"));
  await user.click(await screen.findByTestId("answers-ask"));
  expect(await screen.findByTestId("answers-says")).toHaveTextContent(/^1 of \d+ do not answer\.$/);
});

test("nothing of the screen is out of reach of those who do not see or point", async () => {
  await open();
  await screen.findAllByTestId("link-row");
  expect(await violations()).toEqual([]);
});
