// The frame of an incident on the stand-in host.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "../../App.svelte";
import { startHost } from "../../host";
import { mockHost } from "../../host/mock";
import { router } from "../../lib/route.svelte";
import { toasts } from "../../lib/toasts.svelte";

// Drawing output needs a real browser.
vi.mock("../../components/page/Terminal.svelte", async () => await import("../../testing/NoTerminal.svelte"));

const INCIDENT = "019aab99d07be8035ac1d64f0288a3e8";
const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
});
afterEach(() => cleanup());

async function open(): Promise<ReturnType<typeof mockHost>> {
  location.hash = `#/run/${INCIDENT}`;
  router.current = { screen: "run", run: INCIDENT };
  const host = mockHost("full", 40);
  await startHost(host);
  render(App);
  await screen.findByTestId("run-page");
  return host;
}

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

test("a moment is marked by a key for a time that has been, corrected, and taken back", async () => {
  await open();
  const strip = screen.getByRole("region", { name: "Incident" });
  await press("i");
  await waitFor(() => expect(screen.getByTestId("mark-when")).toHaveFocus());
  await user.keyboard("02:47");
  expect(await violations()).toEqual([]);
  await user.click(screen.getByTestId("mark-send"));
  await waitFor(() => expect(screen.getByTestId("moment-detected")).toHaveTextContent("Detected02:47"));
  expect(within(strip).getByRole("timer", { name: "Since it was detected" })).toBeInTheDocument();
  await waitFor(() => expect(timeline()).toContain("detected at 02:47"));
  expect(screen.getByText("Marked: detected")).toBeInTheDocument();

  await user.click(screen.getByTestId("moment-detected"));
  expect(await screen.findByTestId("mark-send")).toHaveTextContent("Correct detected");
  await user.type(screen.getByTestId("mark-when"), "soon");
  await user.click(screen.getByTestId("mark-send"));
  expect(await screen.findByText(/"soon" is no time/)).toBeInTheDocument();
  await user.click(screen.getByTestId("mark-withdraw"));
  await waitFor(() => expect(timeline()).toContain("detected taken back"));
  expect(screen.getByTestId("moment-detected")).not.toHaveTextContent("02:47");
});

test("a severity is changed with a reason alone", async () => {
  await open();
  await user.click(screen.getByTestId("severity"));
  await user.click(await screen.findByTestId("severity-SEV 2"));
  expect(screen.getByTestId("severity-send")).toBeDisabled();
  await user.type(screen.getByTestId("severity-why"), "the replica serves reads");
  await user.click(screen.getByTestId("severity-send"));
  await waitFor(() => expect(screen.getByTestId("severity")).toHaveTextContent("SEV 2"));
  expect(timeline()).toContain("severity: SEV 2 (the replica serves reads)");
});

test("somebody takes a role, and leaves", async () => {
  await open();
  await user.click(screen.getByTestId("responders"));
  const who = await screen.findByTestId("responder-who");
  await user.clear(who);
  await user.type(who, "MK");
  await user.click(screen.getByTestId("take-incident lead"));
  await waitFor(() => expect(screen.getByTestId("responders")).toHaveTextContent("MK leads"));
  expect(await violations()).toEqual([]);
  const leave = screen.getByTestId("take-incident lead");
  expect(leave).toHaveAttribute("aria-label", "MK leaves");
  await user.click(leave);
  await waitFor(() => expect(timeline()).toContain("MK left"));
});

test("an update is written, survives being closed, is marked as sent, and the next one is put off with a reason", async () => {
  await open();
  await press("u");
  const text = await screen.findByTestId("update-text");
  await waitFor(() => expect(text).toHaveFocus());
  await user.selectOptions(screen.getByTestId("update-template"), "A text of your own");
  await user.type(screen.getByTestId("update-text"), "We look at <what is broken>.");
  expect(screen.getByText("<what is broken> is still to be filled in.")).toBeInTheDocument();
  // Not as it is, unless somebody says so.
  await user.click(screen.getByTestId("update-sent"));
  expect(await screen.findByTestId("update-as-is")).toBeInTheDocument();
  expect(timeline()).not.toContain("status update: We look at");
  await user.click(screen.getByTestId("update-gap"));
  await waitFor(() => expect((text as HTMLTextAreaElement).selectionEnd).toBeGreaterThan(20));
  await user.keyboard("orders");
  expect(await violations()).toEqual([]);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByTestId("update-text")).toBeNull());
  await press("u");
  expect(await screen.findByTestId("update-text")).toHaveValue("We look at orders.");
  await user.click(screen.getByTestId("update-sent"));
  await waitFor(() => expect(timeline()).toContain("status update: We look at orders."));
  expect(screen.getByText("Status update marked as sent")).toBeInTheDocument();

  // A key is the page's only once the sheet is gone.
  await waitFor(() => expect(screen.queryByTestId("update-text")).toBeNull());
  await press("u");
  expect(await screen.findByTestId("update-text")).not.toHaveValue("We look at orders.");
  await user.click(screen.getByTestId("update-off"));
  expect(screen.getByTestId("off-send")).toBeDisabled();
  await user.type(screen.getByTestId("off-why"), "the call goes on");
  await user.click(screen.getByTestId("off-send"));
  await waitFor(() => expect(timeline()).toContain("(the call goes on)"));
});
