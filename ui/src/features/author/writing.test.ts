// What comes into a text from elsewhere, and what is done with it: pictures, pages, tries, rehearsals, commits.

import { undo } from "@codemirror/commands";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import App from "../../App.svelte";
import type { ApiError } from "../../bindings/types";
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
type Mock = ReturnType<typeof mockHost>;

beforeAll(async () => {
  await import("./Author.svelte");
}, 120_000);
beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
  forgetWorkbenches();
});
afterEach(async () => {
  cleanup();
  await workbench(PATH).flush();
});

async function open(
  text: string | null = null,
  host: Mock = mockHost("full", 40),
): Promise<{ host: Mock; bench: Workbench }> {
  if (text !== null) host.author.writeOutside(PATH, text);
  await startHost(host);
  location.hash = routeHash({ screen: "edit", path: PATH });
  router.current = { screen: "edit", path: PATH };
  render(App);
  await screen.findByTestId("source");
  return { host, bench: workbench(PATH) };
}

/** Something dropped or pasted; jsdom has no data of its own for these. */
function bring(kind: "paste" | "drop", files: File[], texts: { [type: string]: string } = {}): void {
  const data = { files, items: [], types: Object.keys(texts), getData: (type: string) => texts[type] ?? "" };
  const event = new Event(kind, { bubbles: true, cancelable: true });
  Object.defineProperty(event, kind === "paste" ? "clipboardData" : "dataTransfer", { value: data });
  screen.getByTestId("source").dispatchEvent(event);
}

const picture = (name: string): File => new File([new Uint8Array([137, 80, 78, 71])], name, { type: "image/png" });

test.each(["paste", "drop"] as const)(
  "a picture comes in by %s: kept, written as a link, and undone as one step",
  async (kind) => {
    const { host, bench } = await open("# A\n\nHere: \n");
    const before = bench.text;
    bench.reveal(before.indexOf("Here: ") + 6);
    bring(kind, [picture("queue depth.png")]);
    await waitFor(() => expect(bench.text).toContain("![](<images/queue depth.png>)"));
    expect(host.author.images.size).toBe(1);
    if (bench.view) undo(bench.view);
    expect(bench.text).toBe(before);
  },
);

test("several pictures stand one after the other; what is no picture says so", async () => {
  const { bench } = await open("# A\n");
  bench.reveal(bench.text.length);
  bring("drop", [picture("one.png"), picture("two.png")]);
  await waitFor(() => expect(bench.text).toContain("![](images/one.png)![](images/two.png)"));
  bring("drop", [new File(["x"], "scan.tiff", { type: "image/tiff" })]);
  await waitFor(() => expect(toasts.list.at(-1)?.text).toContain("scan.tiff is not kept"));
});

test("a page is pasted as text first, and as Markdown when that is wanted", async () => {
  const { bench } = await open("# A\n\n\n");
  bench.reveal(bench.text.length);
  bring("paste", [], { "text/html": "<h2>Steps</h2><p>Look <b>up</b></p>", "text/plain": "Steps Look up" });
  await waitFor(() => expect(bench.text).toContain("Steps Look up"));
  await user.click(await screen.findByTestId("as-markdown"));
  await waitFor(() => expect(bench.text).not.toContain("Steps Look up"));
  expect(bench.text).toContain("## Steps");
  expect(bench.text.match(/^---$/gm)).toBeNull();
  if (bench.view) undo(bench.view);
  expect(bench.text).toContain("Steps Look up");
});

const SECRET = "kT9xV2mQ7rLw";

test("the page hides a secret of the text in prose, titles, checks and links as well, and says so", async () => {
  await open(
    `---\ntitle: A\n---\n\n## Steps\n\n### 1. Use ${SECRET}\n\nIt is ${SECRET} here.\n\n- [ ] ${SECRET} works\n\n\`\`\`sh {name=b}\nPASSWORD=${SECRET} ./b\n\`\`\`\n`,
  );
  const page = await screen.findByTestId("preview");
  await waitFor(() => expect(within(page).getAllByRole("img", { name: "hidden in the preview" }).length).toBe(4));
  expect(page.innerHTML).not.toContain(SECRET);
  expect(screen.getByTestId("hides")).toHaveTextContent("hides what looks like a secret");
});

const BLOCK = "---\ntitle: A\n---\n\n## Steps\n\n### 1. B\n\n```sh {name=b}\necho <pod name> now\n```\n";

test("the page keeps the focus while the text below it changes, also where its button is drawn anew", async () => {
  const two = BLOCK.replace("<pod name>", "it") + "\n### 2. C\n\n```sh {name=c}\necho c\n```\n";
  const { bench } = await open(two);
  const tries = async (): Promise<HTMLElement[]> => await screen.findAllByTestId("item-try");
  await waitFor(async () => expect(await tries()).toHaveLength(2));
  const second = (await tries())[1] as HTMLElement;
  second.focus();
  // Its step and its name are others now: nothing of it is the same element.
  const at = bench.text.indexOf("### 2. C");
  bench.dispatch({ changes: { from: at, to: bench.text.length, insert: "### 2. D\n\n```sh {name=d}\necho d\n```\n" } });
  await waitFor(() => expect(document.querySelector("[data-item=d]")).not.toBeNull());
  await waitFor(() => expect(document.querySelector("[data-item=d]")?.contains(document.activeElement)).toBe(true));
  expect(second.isConnected).toBe(false);
  expect(document.activeElement).toHaveAttribute("data-testid", "item-try");
  // What is gone leaves the focus to the page, not to nothing.
  bench.dispatch({ changes: { from: bench.text.indexOf("## Steps"), to: bench.text.length, insert: "Words.\n" } });
  await waitFor(() => expect(screen.queryAllByTestId("item-try")).toHaveLength(0));
  await waitFor(() => expect(document.activeElement).toHaveAccessibleName("Page as a runner sees it"));
});

test("a try with placeholders shows the filled command before anything runs", async () => {
  const { host } = await open(BLOCK);
  const call = vi.spyOn(host, "call");
  await user.click((await screen.findAllByTestId("item-try"))[0] as HTMLElement);
  const command = await screen.findByTestId("try-command");
  expect(command).toHaveTextContent("echo <pod name> now");
  await user.click(screen.getByTestId("try-run"));
  expect(await screen.findByRole("alert")).toHaveTextContent("<pod name> needs a value.");
  await user.type(screen.getByTestId("try-value"), "web 1");
  expect(command).toHaveTextContent("echo web 1 now");
  const tried = (): unknown[] => call.mock.calls.filter(([name]) => name === "try_block");
  expect(tried()).toHaveLength(0);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(tried()).toHaveLength(1));
  expect(tried()[0]).toMatchObject(["try_block", { values: { "pod name": "web 1" } }]);
});

test("a try in a folder that is not trusted runs nothing and shows the way to trust", async () => {
  const { host, bench } = await open(BLOCK.replace("<pod name>", "it"));
  const call = vi.spyOn(host, "call");
  if (bench.source) bench.source = { ...bench.source, trusted: false };
  await user.click((await screen.findAllByTestId("item-try"))[0] as HTMLElement);
  const panel = await screen.findByTestId("try");
  expect(panel).toHaveTextContent("Nothing in this folder runs until it is trusted");
  expect(within(panel).queryByTestId("try-run")).toBeNull();
  expect(call.mock.calls.some(([name]) => name === "try_block")).toBe(false);
  await user.click(within(panel).getByRole("button", { name: "Look and trust" }));
  expect(await screen.findByRole("dialog")).toBeInTheDocument();
});

test("a try asks what the block asks, and sends the answer", async () => {
  const { host } = await open(BLOCK.replace("<pod name>", "it"));
  const answers: unknown[] = [];
  const real = host.call.bind(host);
  vi.spyOn(host, "call").mockImplementation((name, given) => {
    if (name === "try_block") {
      const { confirmed } = given as { confirmed?: string };
      answers.push(confirmed);
      const asked: ApiError = {
        code: "needs_confirmation",
        message: '"b" asks first.',
        confirm: { typed: "orders", environment: false } as ApiError["confirm"],
      };
      if (confirmed !== "orders") return Promise.reject(asked as unknown as Error);
    }
    return real(name, given);
  });
  await user.click((await screen.findAllByTestId("item-try"))[0] as HTMLElement);
  await user.type(await screen.findByTestId("try-typed"), "orders{Enter}");
  await waitFor(() => expect(answers).toEqual([undefined, "orders"]));
  await waitFor(() => expect(screen.getByTestId("try").querySelector(".block")).not.toBeNull());
});

test("rehearsing asks for the values in a sheet, in the environment of the page, and remembers them", async () => {
  const { host, bench } = await open();
  const call = vi.spyOn(host, "call");
  bench.setEnvironment("staging");
  await fireEvent.keyDown(document.body, { key: "d", ctrlKey: true });
  const sheet = await screen.findByTestId("rehearse-sheet");
  const to = sheet.querySelector<HTMLInputElement>("[data-param=TO]");
  expect(to).toHaveValue("broker-b");
  if (to) await user.clear(to);
  await user.click(screen.getByTestId("rehearse-start"));
  await waitFor(() => expect(sheet).toHaveTextContent("TO is needed"));
  expect(document.activeElement).toBe(to);
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(result.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);
  await user.keyboard("broker-c{Enter}");
  await waitFor(() => expect(router.current.screen).toBe("run"));
  expect(call.mock.calls.find(([name]) => name === "run_start")).toMatchObject([
    "run_start",
    { mode: "rehearse", values: { FROM: "broker-a", TO: "broker-c" }, environment: "staging" },
  ]);
  expect(bench.rehearsed).toMatchObject({ TO: "broker-c" });
});

test("a commit takes a message, and a hook that refuses says why in its own words", async () => {
  const { host, bench } = await open();
  bench.dispatch({ changes: { from: 0, insert: "\n" }, userEvent: "input.type" });
  await user.click(await screen.findByTestId("git"));
  const message = await screen.findByTestId("commit-message");
  expect(screen.getByTestId("commit")).toBeDisabled();
  await user.type(message, "Make it fail");
  await user.click(screen.getByTestId("commit"));
  expect(await screen.findByRole("alert")).toHaveTextContent("the hook pre-commit refused the commit");
  expect(message).toHaveValue("Make it fail");
  await user.clear(message);
  await user.type(message, "Fence first");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(host.author.committed).toEqual(["Fence first"]));
  expect(bench.dirty).toBe(false);
});
