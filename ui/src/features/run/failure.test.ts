// Journeys through failure, rollback and resume on the stand-in host.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "../../App.svelte";
import type { RunbookView, RunView } from "../../bindings/types";
import { startHost } from "../../host";
import { mockHost } from "../../host/mock";
import { news } from "../../lib/news.svelte";
import { router } from "../../lib/route.svelte";
import { toasts } from "../../lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("../../components/page/Terminal.svelte", async () => await import("../../testing/NoTerminal.svelte"));

const FAILED = "019aab99d07be8035ac1d64f0288a3e8";
const ASIDE = "019aab10d07be8035ac1d64f0288a3e8";
const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
});
afterEach(() => cleanup());

async function open(
  run: string,
  change: (host: ReturnType<typeof mockHost>) => void = () => undefined,
): Promise<ReturnType<typeof mockHost>> {
  location.hash = `#/run/${run}`;
  router.current = { screen: "run", run };
  const host = mockHost("full", 40);
  change(host);
  await startHost(host);
  render(App);
  await screen.findByTestId("run-page");
  return host;
}

/** The run of that state that nobody drives. */
async function closed(state: "interrupted" | "failed" | "passed", title: string): Promise<string> {
  const host = mockHost("full", 40);
  const { runs } = await host.call("runs", { runbook: null, state, words: title, offset: 0, limit: 100 });
  const found = runs.find((one) => !one.live);
  if (!found) throw new Error(`no ${state} run of ${title}`);
  return found.id;
}

const item = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-item="${id}"]`);
  if (!found) throw new Error(`no item ${id}`);
  return found;
};
const entry = (id: string): HTMLElement | null => document.querySelector(`[data-entry="${id}"]`);
const press = async (key: string): Promise<void> => {
  (document.activeElement as HTMLElement | null)?.blur();
  await user.keyboard(key);
};
const timeline = (): string => screen.getByRole("log", { name: "Timeline" }).textContent ?? "";

async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return result.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html ?? ""}`);
}

test("a failed step wears its verdict, and each choice says what it does", async () => {
  await open(FAILED);
  const choices = await screen.findByTestId("choices");
  expect(screen.getByText("Did not verify")).toBeInTheDocument();
  for (const name of ["retry", "edit", "done", "skip", "rollback", "abandon"])
    expect(choices.querySelector(`[data-choice=${name}]`)).toBeInTheDocument();
  expect(choices.querySelector("[data-choice=retry]")).toHaveTextContent("last try 41 s");
  expect(choices.querySelector("[data-choice=rollback]")).toHaveTextContent(
    "5 actions in the order shown at the right, 1 by hand. Nothing starts before you say so. Step 3 has no undo: a person does it.",
  );
  expect(screen.getByTestId("rollback-plan")).toHaveAttribute("data-as", "plan");
});

test("a command is edited for this run, asked for its placeholder, and the deviation stays shown on it", async () => {
  const host = await open(FAILED);
  await screen.findByTestId("choices");
  await press("e");
  const text = await screen.findByTestId("edit-text");
  expect(text).toHaveFocus();
  await user.clear(text);
  await user.type(text, "./gate point <gate number> broker-b");
  await user.type(screen.getByTestId("edit-reason"), "only one is left");
  expect(await violations()).toEqual([]);
  await user.click(screen.getByTestId("edit-run"));
  const value = await within(item("repoint")).findByTestId("item-value");
  expect(value).toHaveFocus();
  await user.type(value, "3{Enter}");
  await waitFor(() =>
    expect(document.querySelector("[data-step='point-the-gates-at-broker-b']")).toHaveAttribute(
      "data-status",
      "passed",
    ),
  );
  const view = await host.call("run_view", { run: FAILED });
  const known = view.progress.find((one) => one.item === "repoint");
  expect(known?.edited).toEqual({ text: "./gate point <gate number> broker-b", reason: "only one is left" });
  expect(known?.attempts.at(-1)?.command).toBe("./gate point 3 broker-b");
  await user.click(document.querySelector("[data-step='point-the-gates-at-broker-b']") as HTMLElement);
  expect(within(item("repoint")).getByTestId("deviation")).toHaveTextContent("only one is left");
  expect(timeline()).toContain("repoint edited for this run: “only one is left”");
});

test("the plan opens by a key, starts nothing, is shortened, and asks what took effect in part", async () => {
  const host = await open(FAILED);
  await screen.findByTestId("choices");
  await press("r");
  const plan = await screen.findByTestId("rollback-plan");
  expect(plan).toHaveAttribute("data-as", "choose");
  expect((await host.call("run_view", { run: FAILED })).rollback.at).toBeNull();
  expect(within(plan).getByText("Did step 4 take effect in part?")).toBeInTheDocument();
  expect(within(plan).getByText(/No undo is written for|by hand, it asks you/)).toBeInTheDocument();
  const begin = within(plan).getByTestId("rollback-begin");
  expect(begin).toBeDisabled();
  expect(await violations()).toEqual([]);
  await user.click(plan.querySelector("[data-entry='print-list']") as HTMLElement);
  await user.click(within(plan).getByTestId("took-effect-no"));
  expect(begin).toHaveTextContent("Roll back 3 of 5");
  // Escape closes it, and nothing has begun.
  await press("{Escape}");
  await waitFor(() => expect(screen.getByTestId("rollback-plan")).toHaveAttribute("data-as", "plan"));
});

test("a rollback shows its plan as the sheet in hand, waits for what is done by hand, and stops at an undo that fails", async () => {
  await open(FAILED);
  await screen.findByTestId("choices");
  await press("r");
  const plan = await screen.findByTestId("rollback-plan");
  await user.click(within(plan).getByTestId("took-effect-yes"));
  await user.click(plan.querySelector("[data-entry='print-list']") as HTMLElement);
  await user.click(within(plan).getByTestId("rollback-begin"));
  expect(await screen.findByTestId("rollback")).toHaveAttribute("data-rolling", "true");

  // The undo of step 4 has run by itself; step 3 is undone by hand.
  await waitFor(() => expect(entry("promote")).toHaveAttribute("data-status", "waiting"));
  expect(entry("point-back")).toHaveAttribute("data-status", "undone");
  await waitFor(() =>
    expect(document.querySelector("[data-step='point-the-gates-at-broker-b']")).toHaveAttribute(
      "data-status",
      "undone",
    ),
  );
  expect(await violations()).toEqual([]);
  await press("{Enter}");
  expect(screen.getByTestId("by-hand-note")).toHaveFocus();
  await user.keyboard("rebuilt broker-a from the copy{Enter}");

  // The undo of step 2 fails: the same choices, and no second rollback among them.
  await waitFor(() => expect(entry("unfence")).toHaveAttribute("data-status", "failed"));
  expect(screen.getByText("Not undone")).toBeInTheDocument();
  const choices = await screen.findByTestId("choices");
  expect(choices.querySelector("[data-choice=rollback]")).toBeNull();
  expect(await violations()).toEqual([]);
  await press("{Enter}");

  expect(await screen.findByTestId("run-verdict")).toHaveAttribute("data-state", "rolled_back");
  expect(screen.getByTestId("run-verdict")).toHaveTextContent("4 undone, 1 of them by hand.");
  expect(entry("promote")).toHaveTextContent("rebuilt broker-a from the copy");
  expect(timeline()).toContain("promote undone by hand: “rebuilt broker-a from the copy”");
  expect(timeline()).toContain("plan chosen: point-back, promote, unfence, unpause-scanners");
  expect(await violations()).toEqual([]);
});

test("a run that was cut off says what is known, asks about the one item, and goes on with what is chosen", async () => {
  const id = await closed("interrupted", "Restore drill");
  const host = await open(id);
  const take = await screen.findByTestId("take-up");
  expect(take).toHaveTextContent(/do-2 was running/);
  expect(take).toHaveTextContent("The file has changed since: this run goes on with its own revision.");
  expect(screen.getAllByTestId("choices")).toHaveLength(1);
  expect(await violations()).toEqual([]);
  await user.type(within(take).getByTestId("lost-value"), "hunter2");
  await user.click(take.querySelector("[data-choice=done]") as HTMLElement);
  await user.type(await screen.findByTestId("reason"), "the tables are there{Enter}");
  await waitFor(() => expect(screen.queryByTestId("take-up")).toBeNull());
  const view = await host.call("run_view", { run: id });
  expect(view.run.live).toBe(true);
  expect(view.progress.find((one) => one.item === "do-2")?.status).toBe("overridden");
  await waitFor(() => expect(item("do-3")).toHaveAttribute("data-hand", "true"));
});

test("after it went on the item that was cut off is still asked about, in its place", async () => {
  await open(await closed("interrupted", "Restore drill"));
  await user.click(await screen.findByTestId("take-up-go"));
  await waitFor(() => expect(screen.queryByTestId("take-up")).toBeNull());
  const choices = await within(item("do-2")).findByTestId("choices");
  expect(choices.querySelector("[data-choice=retry]")).toHaveTextContent("Run it again");
  expect(within(item("do-2")).getByTestId("cut-known")).toHaveTextContent("was ended with it; what it had done stays");
  await press("{Enter}");
  await waitFor(() => expect(item("do-3")).toHaveAttribute("data-hand", "true"));
});

test("what was cut off on another machine may still run there: that is said, and where each block runs", async () => {
  const id = await closed("interrupted", "Restore drill");
  await open(id, (host) => {
    const { runs } = host as unknown as { runs: { built: { view: RunbookView } }[] };
    for (const { built } of runs) {
      const one = built.view.items["do-2"];
      if (one) one.on = "db1";
    }
  });
  await user.click(await screen.findByTestId("take-up-go"));
  await waitFor(() => expect(screen.queryByTestId("take-up")).toBeNull());
  await within(item("do-2")).findByTestId("choices");
  expect(within(item("do-2")).getByTestId("cut-known")).toHaveTextContent(
    "It may still be running on db1: look there before you run it again.",
  );
  expect(within(item("do-2")).getByTestId("block-on")).toHaveTextContent("on db1");
});

test("a run that was put aside goes on where it was", async () => {
  await open(ASIDE);
  expect(await screen.findByTestId("take-up")).toHaveAttribute("data-state", "paused");
  await user.click(screen.getByTestId("take-up-go"));
  await waitFor(() => expect(within(item("promote")).getByTestId("item-run")).toBeEnabled());
});

test("a failed run that nobody drives is taken up by a choice about its failed step", async () => {
  const host = await open(await closed("failed", "webhooks"));
  expect(await screen.findByTestId("take-up")).toHaveAttribute("data-state", "failed");
  const hand = document.querySelector<HTMLElement>("[data-status='failed'][data-item]");
  await user.click(hand?.querySelector("[data-choice=retry]") as HTMLElement);
  await waitFor(() => expect(screen.queryByTestId("take-up")).toBeNull());
  expect(toasts.list).toEqual([]);
  void host;
});

test("a run that has passed is rolled back from its page", async () => {
  const id = await closed("passed", "Move the parcel queue");
  await open(id);
  await user.click(await screen.findByTestId("verdict-rollback"));
  const plan = await screen.findByTestId("rollback-plan");
  expect(plan).toHaveAttribute("data-as", "choose");
  await user.click(within(plan).getByTestId("rollback-begin"));
  await waitFor(() => expect(entry("promote")).toHaveAttribute("data-status", "waiting"));
});

test("a link to a later step is a branch: what it skips is said first, then it is followed", async () => {
  const host = await open(FAILED);
  await user.click(await screen.findByText("tell the depot"));
  const branch = await screen.findByTestId("branch");
  expect(branch).toHaveTextContent("Skips 2: repoint, resume");
  expect(within(branch).getByTestId("branch-follow")).toHaveFocus();
  expect(await violations()).toEqual([]);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(item("tell")).toHaveAttribute("data-hand", "true"));
  expect((await host.call("run_view", { run: FAILED })).progress.find((one) => one.item === "resume")).toMatchObject({
    status: "skipped",
    remark: "branch",
  });
  expect(timeline()).toContain("branch followed to 6 Tell the depot");
  expect(timeline()).toContain("repoint passed over by the branch");
});

test("before anything fails the way back is a stack, newest first, with a closed end where there is no undo", async () => {
  await open("019aac41d07be8035ac1d64f0288a3e8");
  const stack = await screen.findByTestId("rollback-plan");
  expect(stack).toHaveAttribute("data-as", "stack");
  const shown = [...stack.querySelectorAll(".stack__it .cut:first-of-type")].map((one) => one.textContent?.trim());
  expect(shown[0]).toBe("3 Promote broker-b");
  expect(within(stack).getByRole("img", { name: "No undo past this step" })).toBeInTheDocument();
  await press("r");
  await waitFor(() => expect(screen.getByTestId("rollback-plan")).toHaveAttribute("data-as", "choose"));
});

test("a file that changes under a run that is watched is said there, and nothing else of the page changes", async () => {
  const { runs } = await mockHost("full", 40).call("runs", {
    runbook: null,
    state: null,
    words: "",
    offset: 0,
    limit: 100,
  });
  const live = runs.find((one) => one.live);
  if (!live) throw new Error("no live run");
  const host = await open(live.id);
  const page = document.body;
  expect(page).not.toHaveTextContent("the file has changed since");
  const { path } = (await host.call("run_view", { run: live.id })).runbook;
  const original = host.call.bind(host);
  const asked: string[] = [];
  vi.spyOn(host, "call").mockImplementation(async (name, given) => {
    asked.push(name);
    const answer = await original(name, given);
    return name === "run_view" ? { ...(answer as RunView), moved_on: true } : answer;
  });
  news.hear({ news: "library", library: 1, paths: [`${path}.other`] });
  expect(asked).not.toContain("run_view");
  news.hear({ news: "library", library: 1, paths: [path] });
  await waitFor(() => expect(page).toHaveTextContent("the file has changed since"));
});
