// Journeys through the whole interface on the stand-in host; jsdom has no layout, so pictures and contrast are left to
// `npm run shots` and `tools/axe.mjs`.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import type { ListQuery } from "./bindings/types";
import { startHost } from "./host";
import { mockHost, type Scene } from "./host/mock";
import { forgetSessions } from "./components/page/sessions.svelte";
import { news } from "./lib/news.svelte";
import { router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  location.hash = "#/library";
  router.current = { screen: "library" };
  toasts.list = [];
});
afterEach(() => cleanup());

async function open(scene: Scene = "full"): Promise<ReturnType<typeof mockHost>> {
  const host = mockHost(scene, 40);
  await startHost(host);
  render(App);
  return host;
}

async function choose(words: string): Promise<void> {
  await user.type(await screen.findByTestId("search"), words);
  await waitFor(() => expect(screen.getByTestId("found")).not.toBeEmptyDOMElement());
  await waitFor(() => expect(screen.getAllByTestId("runbook-row")).toHaveLength(1));
}

/** Starts a run of what is chosen, as the sheet stands. */
async function begin(): Promise<void> {
  await user.click(await screen.findByTestId("start-run"));
  const go = await screen.findByTestId("start-go");
  await screen.findByTestId("way-back");
  await user.click(go);
}

const item = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-item="${id}"]`);
  if (!found) throw new Error(`no item ${id}`);
  return found;
};

async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return result.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ""}`);
}

test("the first start offers the examples and a folder, and the examples can be opened", async () => {
  await open("empty");
  await user.click(await screen.findByTestId("add-examples"));
  expect(await screen.findAllByTestId("runbook-row")).toHaveLength(3);
});

test("a search finds runbooks as it is typed, and says so when nothing matches", async () => {
  await open();
  await choose("one of each");
  expect(screen.getByTestId("runbook-row")).toHaveTextContent("One of each");
  await user.clear(screen.getByTestId("search"));
  await user.type(screen.getByTestId("search"), "nothing like it");
  expect(await screen.findByText(/Nothing matches/)).toBeInTheDocument();
});

test("two keys start a run of a runbook that asks for nothing: one opens the sheet, one starts it", async () => {
  await open();
  await choose("one of each");
  (document.activeElement as HTMLElement | null)?.blur();
  await waitFor(() => expect(screen.getByTestId("start-run")).toBeEnabled());
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.getByTestId("start-go")).toHaveFocus());
  await user.keyboard("{Enter}");
  expect(await screen.findByTestId("run-page")).toBeInTheDocument();
  await waitFor(() => expect(item("delete-pod")).toHaveAttribute("data-hand", "true"));
});

test("two thousand runbooks draw only what is in view", async () => {
  await open("large");
  await waitFor(() => expect(screen.getAllByTestId("runbook-row").length).toBeGreaterThan(5));
  expect(screen.getAllByTestId("runbook-row").length).toBeLessThan(60);
  expect(screen.getAllByTestId("runbook-row")[0]).toHaveAttribute("aria-setsize", "2043");
});

test("a list is narrowed by tag and kind, and cleared again", async () => {
  await open();
  (await screen.findByTestId("facet-tag")).focus();
  await user.keyboard("{Enter}");
  const last = (await screen.findAllByRole("menuitemradio", { hidden: true })).at(-1);
  // Keys go to the menu once it has taken the focus.
  await waitFor(() => expect(document.querySelector(".menu")?.contains(document.activeElement)).toBe(true));
  await user.keyboard("{End}");
  await waitFor(() => expect(last).toHaveAttribute("data-highlighted"));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.getByTestId("facet-tag")).toHaveTextContent("depot"));
  // An open menu keeps the pointer from everything else.
  await waitFor(() => expect(document.body.style.pointerEvents).not.toBe("none"));
  const narrowed = screen.getAllByTestId("runbook-row").length;
  await user.click(screen.getByTestId("clear-filters"));
  await waitFor(() => expect(screen.getAllByTestId("runbook-row").length).toBeGreaterThan(narrowed));
});

test("a runbook is renamed by keys, its links follow, and that can be undone", async () => {
  const host = await open();
  await choose("one of each");
  const before = screen.getByTestId("runbook-row").getAttribute("data-path");
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard("{F2}");
  const field = await screen.findByTestId("move-to");
  await user.clear(field);
  await user.type(field, "all/kinds.md");
  expect(await screen.findByText(/3 links in 2 files follow/)).toBeInTheDocument();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.getByTestId("runbook-row").getAttribute("data-path")).toMatch(/all\/kinds\.md$/));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(screen.getByTestId("runbook-row").getAttribute("data-path")).toBe(before));
  expect((await host.call("runbook", { path: before ?? "" })).path).toBe(before);
});

test("a runbook goes to the bin only after a word of the person", async () => {
  await open();
  await choose("one of each");
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard("{Delete}");
  expect(screen.getByTestId("runbook-row")).toBeInTheDocument();
  await user.click(await screen.findByTestId("bin"));
  expect(await screen.findByText(/Nothing matches/)).toBeInTheDocument();
  expect(await screen.findByTestId("toast-action")).toHaveTextContent("Undo");
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard("{Control>}z{/Control}");
  expect(await screen.findByTestId("runbook-row")).toHaveAttribute("aria-selected", "true");
  expect(screen.queryByTestId("toast-action")).not.toBeInTheDocument();
});

test("a folder that was taken off the library comes back by a key, as trusted as it was", async () => {
  await open();
  await user.click(await screen.findByTestId("folders"));
  const row = await screen.findByTestId("folder");
  await user.click(within(row).getByTestId("remove-folder"));
  await user.click(within(row).getByRole("button", { name: /files stay/ }));
  expect(await screen.findByText(/Its files stay where they are/)).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByTestId("folder")).not.toBeInTheDocument());
  await user.keyboard("{Control>}z{/Control}");
  expect(await screen.findByTestId("folder")).toHaveTextContent(/, trusted/);
});

test("an import shows what it would bring before it brings anything", async () => {
  await open();
  await user.click(await screen.findByTestId("open-import"));
  await user.click(await screen.findByRole("button", { name: "Choose" }));
  expect(await screen.findByText("alerts/disk-full.md")).toBeInTheDocument();
  await user.click(screen.getByTestId("import"));
  expect(await screen.findByText(/3 files were/)).toBeInTheDocument();
});

test("files of other formats say what is otherwise here before they come", async () => {
  await open();
  await user.click(await screen.findByTestId("open-import"));
  await user.click(screen.getByRole("button", { name: "File" }));
  await user.click(screen.getByRole("button", { name: "Choose" }));
  const said = await screen.findByText(/a file of xc; it comes as it is and runs so/);
  await user.click(said);
  expect(screen.getByText("line 12")).toBeInTheDocument();
  expect(screen.getByText("STAGE=prod").tagName).toBe("CODE");
});

test("a runbook is given as a playbook after what has no place in it was said, and never over another file", async () => {
  const host = await open();
  await choose("one of each");
  const saved = vi
    .spyOn(host, "pickSave")
    .mockResolvedValueOnce("/home/ada/there.json")
    .mockResolvedValue("/home/ada/new.json");
  await user.click(await screen.findByTestId("more"));
  await user.click(await screen.findByTestId("convert"));
  expect(await screen.findByText("2 things are otherwise in the playbook")).toBeInTheDocument();
  expect(screen.getByText(/where the secrets/i)).toBeInTheDocument();
  await user.click(screen.getByTestId("convert-save"));
  expect(await screen.findByText(/nothing is written over it/)).toBeInTheDocument();
  await user.click(screen.getByTestId("convert-save"));
  await waitFor(() => expect(screen.queryByTestId("convert-save")).not.toBeInTheDocument());
  expect(await screen.findByText(/is in \/home\/ada\/new.json/)).toBeInTheDocument();
  expect(saved).toHaveBeenCalledTimes(2);
});

test("a pinned runbook is marked, and the pinned alone can be listed", async () => {
  await open();
  await choose("one of each");
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard("p");
  expect(await screen.findByTestId("facet-pinned")).toHaveTextContent("1");
  await user.keyboard("{Control>}z{/Control}");
  await waitFor(() => expect(screen.queryByTestId("facet-pinned")).not.toBeInTheDocument());
});

test("a folder that is not trusted can be looked through and trusted; until then nothing in it starts", async () => {
  await open("untrusted");
  await user.click(await screen.findByRole("button", { name: "Look and trust" }));
  expect(await screen.findByText("kubectl")).toBeInTheDocument();
  await user.click(screen.getByTestId("trust-folder"));
  await waitFor(() => expect(screen.queryByText(/Not trusted yet:/)).not.toBeInTheDocument());
});

test("a command that needs values asks for exactly those, and starts when it has them", async () => {
  await open();
  await choose("one of each");
  await begin();
  await waitFor(() => expect(item("delete-pod")).toHaveAttribute("data-hand", "true"));
  await user.click(within(item("delete-pod")).getByTestId("item-run"));
  expect(await within(item("delete-pod")).findByText("A value is needed.")).toHaveClass("need");
  await user.type(within(item("delete-pod")).getAllByTestId("item-value")[0] as HTMLElement, "web-1");
  await user.click(within(item("delete-pod")).getByText("As it stands"));
  await user.click(within(item("delete-pod")).getByText("Leave empty"));
  await user.click(within(item("delete-pod")).getByTestId("item-run"));
  await waitFor(() => expect(screen.getAllByTestId("run-step")[0]).toHaveAttribute("data-status", "passed"));
});

test("a run in a guarded environment wears its plate and asks for its name, then each block asks for itself", async () => {
  await open();
  await choose("Drop the orders");
  await user.click(await screen.findByTestId("start-run"));
  await user.click(await screen.findByTestId("environment-prod"));
  await screen.findByTestId("way-back");
  await user.click(screen.getByTestId("start-go"));
  expect(await screen.findByTestId("environment")).toHaveClass("plate--prod");
  expect(screen.getByTestId("environment")).toHaveAccessibleName("Environment prod (production)");

  await user.click(within(item("sure")).getByTestId("item-run"));
  const typed = await within(item("sure")).findByTestId("confirm-text");
  expect(typed).toHaveFocus();
  await user.type(typed, "pro");
  expect(within(item("sure")).getByTestId("confirm-send")).toBeDisabled();
  await user.type(typed, "d{Enter}");
  // The environment has its answer; now the block asks.
  const yes = await within(item("sure")).findByText(/asks to be confirmed/);
  expect(yes).toBeInTheDocument();
  expect(await violations()).toEqual([]);
  await user.click(within(item("sure")).getByTestId("confirm-send"));
  await waitFor(() => expect(item("drop")).toHaveAttribute("data-hand", "true"));

  await user.click(within(item("drop")).getByTestId("item-run"));
  await user.type(await within(item("drop")).findByTestId("confirm-text"), "orders{Enter}");
  await waitFor(() => expect(item("tell")).toHaveAttribute("data-hand", "true"));
});

test("a message is filled in, can be edited, and what was sent stays", async () => {
  await open();
  await choose("Drop the orders");
  await begin();
  await user.click(await screen.findByRole("button", { name: /Tell them/, expanded: false }));
  const text = await within(item("tell")).findByTestId("message-text");
  expect(text).toHaveValue("orders is gone from {{CLUSTER}}.");
  await user.clear(text);
  await user.type(text, "It is gone.");
  await user.click(within(item("tell")).getByTestId("item-sent"));
  await waitFor(() => expect(item("tell")).toHaveAttribute("data-status", "passed"));
  expect(within(item("tell")).getByText("It is gone.")).toBeInTheDocument();
  expect(within(item("tell")).queryByTestId("message-text")).toBeNull();
});

test("a refused block says why and has no button", async () => {
  await open();
  await choose("one of each");
  await begin();
  await user.click(await screen.findByRole("button", { name: /Refused/, expanded: false }));
  expect(within(item("refused-block")).getByText(/confrim/)).toBeInTheDocument();
  expect(within(item("refused-block")).queryByTestId("item-run")).toBeNull();
});

test("a run goes from the first tick to its verdict by keys alone, and its record verifies", async () => {
  await open();
  await choose("Prune container");
  await begin();
  await screen.findByTestId("run-page");
  const hand = (): string | null | undefined => document.querySelector("[data-hand=true]")?.getAttribute("data-item");
  await waitFor(() => expect(hand()).toBe("nobody-else-is-at-it"));
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard(" ");
  for (const id of ["do-1", "do-2", "do-3"]) {
    await waitFor(() => expect(hand()).toBe(id));
    await user.keyboard("{Enter}");
  }
  await waitFor(() => expect(hand()).toBe("it-looks-right"));
  await user.keyboard(" ");
  expect(await screen.findByTestId("run-verdict")).toHaveAttribute("data-state", "passed");
  await user.click(screen.getByTestId("verify"));
  expect(await screen.findByTestId("record-verdict")).toHaveAttribute("data-holds", "true");
});

test("a failed step shows expected and got, the advice, and the choices; a reason takes it as done", async () => {
  await open();
  router.go({ screen: "run", run: "019aab99d07be8035ac1d64f0288a3e8" });
  expect(await screen.findByTestId("choices")).toBeInTheDocument();
  expect(screen.getByText(/A gate left behind/)).toBeInTheDocument();
  expect(screen.getByText("/broker-b/")).toBeInTheDocument();
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard("m");
  await user.type(await screen.findByTestId("reason"), "seen at the gate{Enter}");
  await waitFor(() =>
    expect(document.querySelector('[data-step="point-the-gates-at-broker-b"]')).toHaveAttribute(
      "data-status",
      "overridden",
    ),
  );
});

test("the light that was chosen is set on the page and stored", async () => {
  const host = await open();
  await user.click(await screen.findByRole("button", { name: "Dark" }));
  expect(document.documentElement).toHaveAttribute("data-theme", "dark");
  expect((await host.call("settings_read", {})).theme).toBe("dark");
});

test("a link of a run is opened by the program, and a scheme that is not allowed is told", async () => {
  const host = await open();
  router.go({ screen: "run", run: "019aac41d07be8035ac1d64f0288a3e8" });
  await screen.findByTestId("run-page");
  await user.keyboard("2");
  await waitFor(() => expect(host.opened).toEqual(["https://chat.example.net/c/inc-parcels"]));
});

test.each<[string, Scene, string, string]>([
  ["library", "full", "#/library", "runbook-row"],
  ["first start", "empty", "#/library", "add-examples"],
  ["library with errors", "errors", "#/library", "runbook-row"],
  ["run", "full", "#/run/019aac41d07be8035ac1d64f0288a3e8", "run-page"],
  ["failed run", "full", "#/run/019aab99d07be8035ac1d64f0288a3e8", "choices"],
  ["new runbook", "full", "#/new", "new-text"],
  ["runs", "full", "#/runs", "run-row"],
  ["settings", "full", "#/settings", "theme-switch"],
])("axe finds nothing on the screen: %s", async (_, scene, hash, ready) => {
  location.hash = hash;
  await open(scene);
  await waitFor(() => expect(screen.getAllByTestId(ready).length).toBeGreaterThan(0));
  expect(await violations()).toEqual([]);
});

test("a new runbook is made from a template, named after its title, and opened to be written", async () => {
  await open();
  await screen.findAllByTestId("runbook-row");
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard("c");
  await user.type(await screen.findByTestId("new-title"), "Queue is stuck");
  await waitFor(() => expect(screen.getByTestId("new-name")).toHaveValue("queue-is-stuck.md"));
  await waitFor(() => expect(screen.getByTestId("new-text")).toHaveTextContent("Queue is stuck"));
  await user.click(screen.getByTestId("create"));
  await waitFor(() => expect(location.hash).toMatch(/^#\/edit\/.*queue-is-stuck\.md/));
});

test("what was pasted from a terminal becomes the text, and a name that leaves the folder is refused", async () => {
  location.hash = "#/new";
  router.current = { screen: "new" };
  await open();
  await user.click(await screen.findByTestId("source-session"));
  expect(screen.getByTestId("create")).toBeDisabled();
  await user.type(screen.getByTestId("new-paste"), "$ systemctl restart nginx");
  expect(await screen.findByTestId("new-text")).toHaveTextContent("systemctl restart nginx");
  await user.clear(screen.getByTestId("new-name"));
  await user.type(screen.getByTestId("new-name"), "../x.md");
  expect(await screen.findByText(/must stay within the folder/)).toBeInTheDocument();
  expect(screen.getByTestId("create")).toBeDisabled();
});

test("a link to another runbook is followed in the window, and the address alone shows one", async () => {
  const host = await open();
  const none = { library: null, folder: null, kind: null, tag: null, owner: null, severity: null, review: null };
  const query: ListQuery = {
    ...none,
    words: "",
    quick: false,
    problem: null,
    pinned: false,
    sort: "path",
    descending: false,
    offset: 0,
    limit: 500,
  };
  const paths = (await host.call("library_list", query)).rows.map((row) => row.path);
  const [from, to] = [paths[0] ?? "", paths.at(-1) ?? ""];
  const found = await host.call("link_follow", { path: from, link: `../${to.split("/").pop() ?? ""}` });
  router.go({ screen: "library", path: found });
  const title = (await host.call("runbook", { path: found })).title;
  expect(await screen.findByRole("heading", { level: 2, name: title })).toBeInTheDocument();
});

test("what was found in the folders is said when they have been read, not before", async () => {
  const host = await open();
  const said = (): string[] => toasts.list.map((toast) => toast.text);
  vi.spyOn(host, "pickFolder").mockResolvedValue("/home/mara/work/partner");
  await user.click(await screen.findByTestId("folders"));
  await user.click(await screen.findByRole("button", { name: "Read again" }));
  expect(said()).toEqual([]);
  await waitFor(() => expect(said().join()).toMatch(/^Read again: [1-9]\d* runbooks\.$/));
  toasts.list = [];
  await user.click(screen.getByRole("button", { name: "Add folder" }));
  await waitFor(() => expect(said()).toEqual(["partner: 6 runbooks found."]));
});

test("an answered notification leads to its run, from whatever screen", async () => {
  await open();
  router.go({ screen: "settings" });
  await screen.findByText("Notifications of the desktop");
  news.hear({ news: "show", run: "0199-somewhere" });
  expect(location.hash).toBe("#/run/0199-somewhere");
});

test("notifications are turned off, and from how many seconds a command is long is said in digits", async () => {
  const host = await open();
  router.go({ screen: "settings" });
  const seconds = await screen.findByLabelText("A command is long from");
  const keep = async (typed: string): Promise<void> => {
    await user.clear(seconds);
    await user.type(seconds, typed);
    await user.tab();
  };
  await keep("90");
  await waitFor(async () => expect(await host.call("settings_read", {})).toMatchObject({ notify_after_s: 90 }));
  await keep("soon");
  expect(await screen.findByText(/"soon" is no number of seconds from 1 to 86400/)).toBeInTheDocument();
  expect(await host.call("settings_read", {})).toMatchObject({ notify_after_s: 90, notifications: true });
  await user.click(within(screen.getByTestId("notifications")).getByText("Off"));
  await waitFor(async () => expect(await host.call("settings_read", {})).toMatchObject({ notifications: false }));
  expect(seconds).toBeDisabled();
});

test("whoever comes back to a run sees what happens in it from then on", async () => {
  await open();
  await choose("one of each");
  await begin();
  await screen.findByTestId("run-page");
  const hash = location.hash;
  router.go({ screen: "library" });
  await waitFor(() => expect(screen.queryByTestId("run-page")).toBeNull());
  location.hash = hash;
  await screen.findByTestId("run-page");
  await waitFor(() => expect(item("delete-pod")).toHaveAttribute("data-hand", "true"));
  await user.keyboard("s");
  await user.type(await screen.findByTestId("reason"), "none is due{Enter}");
  // Its step is done, and shrinks to a line.
  await waitFor(() => expect(document.querySelector('[data-item="delete-pod"]')).toBeNull());
  expect(screen.getByTestId("run-page")).toHaveTextContent("none is due");
});
