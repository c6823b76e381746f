// Journeys through the author screen on the stand-in host; jsdom has no layout.

import { undo } from "@codemirror/commands";
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import App from "../../App.svelte";
import { startHost } from "../../host";
import { mockHost } from "../../host/mock";
import { routeHash, router } from "../../lib/route.svelte";
import { toasts } from "../../lib/toasts.svelte";
import { forgetWorkbenches, workbench } from "./benches";
import { type Workbench } from "./workbench.svelte";

// Drawing output needs a real browser.
vi.mock("../../components/page/Terminal.svelte", async () => await import("../../testing/NoTerminal.svelte"));

const PATH = "/home/mara/runbooks/queues/move-broker.md";
const user = userEvent.setup();

// The screen is loaded when it is wanted, which on a busy machine takes longer than a test waits for an element.
beforeAll(async () => {
  await import("./Author.svelte");
}, 120_000);
beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
  forgetWorkbenches();
});
afterEach(() => cleanup());

type Mock = ReturnType<typeof mockHost>;

async function open(host: Mock = mockHost("full", 40), path = PATH): Promise<{ host: Mock; bench: Workbench }> {
  await startHost(host);
  location.hash = routeHash({ screen: "edit", path });
  router.current = { screen: "edit", path };
  render(App);
  await screen.findByTestId("source");
  return { host, bench: workbench(path) };
}

async function text(host: Mock, path = PATH): Promise<string> {
  return (await host.call("source", { path })).text;
}

const texts: [string, string][] = [
  ["line feeds", "---\ntitle: A\n---\n\n## Steps\n\n- [ ] one\n"],
  ["carriage returns", "---\r\ntitle: A\r\n---\r\n\r\n## Steps\r\n\r\n- [ ] one\r\n"],
  ["both", "# A\r\n\nb\nc\r\n"],
  ["no line end at the end", "# A\n\nb"],
  ["a byte order mark and tabs", "\ufeff# A\r\n\r\n\t- b\r\n"],
];
test.each(texts)("open, edit, save keeps every other character of a text with %s", async (_, before) => {
  const host = mockHost("full", 40);
  host.author.writeOutside(PATH, before);
  const { bench } = await open(host);
  const at = before.indexOf("A") + 1;
  bench.dispatch({ changes: { from: at, insert: "bc" }, userEvent: "input.type" });
  await user.click(screen.getByTestId("save"));
  await waitFor(async () => expect(await text(host)).toBe(`${before.slice(0, at)}bc${before.slice(at)}`));
  await waitFor(() => expect(screen.getByTestId("author-state")).toHaveAttribute("data-dirty", "false"));
});

test("what is typed is a draft on disk, and comes back after the window is gone", async () => {
  const { host, bench } = await open();
  bench.dispatch({ changes: { from: 0, insert: "X" }, userEvent: "input.type" });
  await waitFor(() => expect(host.author.drafts.get(PATH)?.text.startsWith("X---")).toBe(true));
  cleanup();
  forgetWorkbenches();
  const again = await open(host);
  expect(await screen.findByTestId("restored")).toBeInTheDocument();
  expect(again.bench.text.startsWith("X---")).toBe(true);
  await user.click(screen.getByTestId("discard"));
  await waitFor(async () => expect(again.bench.text).toBe(await text(host)));
});

test("the page shows what a runner sees, and problems are told with their fixes", async () => {
  const { bench } = await open();
  expect(await screen.findByRole("heading", { name: "Move the parcel queue to the spare broker" })).toBeInTheDocument();
  const problems = await screen.findByTestId("problems");
  expect(problems).toHaveTextContent("2 to fix");
  await user.click(screen.getAllByTestId("fix")[0] as HTMLElement);
  expect(bench.text).toContain('timeout=120s expect=""}');
});

test("axe finds nothing on the author screen", async () => {
  await open();
  await screen.findAllByTestId("problem");
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(result.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);
});

test("what was changed outside is not overwritten: both stay, and what fits together is joined", async () => {
  const { host, bench } = await open();
  const before = await text(host);
  bench.dispatch({ changes: { from: before.indexOf("Move the"), insert: "Now: " }, userEvent: "input.type" });
  host.author.writeOutside(PATH, `${before}\nOutside.\n`);
  await user.click(screen.getByTestId("save"));
  expect(await screen.findByTestId("conflict")).toBeInTheDocument();
  expect(await text(host)).toBe(`${before}\nOutside.\n`);
  await user.click(document.querySelector("[data-choice=merged]") as HTMLElement);
  await waitFor(async () =>
    expect(await text(host)).toBe(`${before.replace("Move the", "Now: Move the")}\nOutside.\n`),
  );
});

test("the page hides what looks like a secret, and marks a step that nothing verifies", async () => {
  const host = mockHost("full", 40);
  host.author.writeOutside(
    PATH,
    "---\ntitle: A\n---\n\n## Steps\n\n### 1. B\n\n```sh {name=b}\nPASSWORD=kT9xV2mQ7rLw ./b\n```\n",
  );
  await open(host);
  const page = await screen.findByTestId("preview");
  await waitFor(() => expect(page).toHaveTextContent("No verification"));
  expect(screen.getByTestId("no-expect")).toBeInTheDocument();
  expect(screen.getByRole("img", { name: "hidden in the preview" })).toBeInTheDocument();
  expect(page).not.toHaveTextContent("kT9xV2mQ7rLw");
});

test("a file that changed outside is read again while nothing is unsaved, and undo brings back what stood there", async () => {
  const { host, bench } = await open();
  const before = bench.text;
  host.author.writeOutside(PATH, `${before}\nOutside.\n`);
  await bench.refresh();
  expect(bench.text).toBe(`${before}\nOutside.\n`);
  expect(bench.dirty).toBe(false);
  if (bench.view) undo(bench.view);
  expect(bench.text).toBe(before);
});

/** Holds the answers of a command back, until what is given is called. */
function holding(host: ReturnType<typeof mockHost>, held: string): () => void {
  const call = host.call.bind(host);
  let release = (): void => undefined;
  const released = new Promise<void>((done) => (release = done));
  host.call = async (command, argument) => {
    const answer = await call(command, argument);
    if (command === held) await released;
    return answer;
  };
  return () => release();
}

test("a save that is asked for while another is under way follows it", async () => {
  const { host, bench } = await open();
  const before = bench.text;
  const release = holding(host, "save");
  bench.dispatch({ changes: { from: before.length, insert: "One.\n" }, userEvent: "input.type" });
  const first = bench.save();
  bench.dispatch({ changes: { from: bench.text.length, insert: "Two.\n" }, userEvent: "input.type" });
  const second = bench.save();
  release();
  expect([await first, await second]).toEqual([true, true]);
  expect(await text(host)).toBe(`${before}One.\nTwo.\n`);
  expect(bench.dirty).toBe(false);
});

test("what was read before a save does not replace what was saved", async () => {
  const { host, bench } = await open();
  const before = bench.text;
  const release = holding(host, "source");
  const refreshed = bench.refresh();
  bench.dispatch({ changes: { from: before.length, insert: "One.\n" }, userEvent: "input.type" });
  await bench.save();
  release();
  await refreshed;
  expect(bench.text).toBe(`${before}One.\n`);
  expect(bench.outside).toBe(false);
});

test("an old revision is restored as one change that undo takes back", async () => {
  const { bench } = await open();
  const before = bench.text;
  await user.click(screen.getByTestId("history-toggle"));
  const rows = await screen.findAllByTestId("revision");
  await user.click(rows.at(-1) as HTMLElement);
  expect(await screen.findByTestId("diff")).toBeInTheDocument();
  await user.click(screen.getByTestId("restore"));
  await waitFor(() => expect(bench.text).not.toBe(before));
  if (bench.view) undo(bench.view);
  expect(bench.text).toBe(before);
});

test("undo goes on where it was after another screen", async () => {
  const { host, bench } = await open();
  const before = bench.text;
  bench.dispatch({ changes: { from: 0, insert: "X" }, userEvent: "input.type" });
  cleanup();
  const again = await open(host);
  expect(again.bench).toBe(bench);
  if (bench.view) undo(bench.view);
  expect(bench.text).toBe(before);
});

test("a block is tried without leaving the editor", async () => {
  const { bench } = await open();
  await bench.understand();
  bench.reveal(bench.text.indexOf("./fence broker-a"));
  await user.click(screen.getAllByTestId("item-try")[0] as HTMLElement);
  const panel = await screen.findByTestId("try");
  await waitFor(() => expect(panel.querySelector(".block")).not.toBeNull());
});

test("of a long text the page shows what stands around the cursor, says so, and goes on where it is asked to", async () => {
  const host = mockHost("full", 40);
  host.author.writeOutside(PATH, `# Long\n\n${"A line of words that fill the text.\n".repeat(4000)}`);
  const { bench } = await open(host);
  const after = await screen.findByTestId("page-after");
  expect(after).toHaveTextContent("shows lines 1 to 41 of 4003, around the cursor");
  expect(screen.queryByTestId("page-before")).toBeNull();
  expect(screen.queryByRole("img", { name: "End of the runbook" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "What is after" }));
  expect(await screen.findByTestId("page-before")).toHaveTextContent("shows lines 2 to 82");
  bench.revealLine(3000);
  await waitFor(() => expect(screen.getByTestId("page-after")).toHaveTextContent("shows lines 2960 to 3040 of 4003"));
});
