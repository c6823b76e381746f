// Access entries through the whole interface, on the stand-in host.

import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { forgetSessions } from "./components/page/sessions.svelte";
import type { Scene } from "./host/mock";
import { gate } from "./lib/gate.svelte";
import { router } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";
import { openApp, violations } from "./testing/app";

// Drawing output needs a real browser.
vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();
const DB = "Orders, read and write";
const QUEUE = "/home/mara/runbooks/queues/move-broker.md";

beforeEach(() => {
  localStorage.clear();
  forgetSessions();
  toasts.list = [];
});
afterEach(() => {
  gate.said(false);
  cleanup();
});

const access = (scene?: Scene): ReturnType<typeof openApp> => openApp({ screen: "access" }, scene);

const names = (): (string | undefined)[] => screen.queryAllByTestId("entry-row").map((row) => row.dataset["name"]);

/** Looks at an entry, by the list. */
async function look(name: string): Promise<HTMLElement> {
  await screen.findByTestId("entries");
  const row = screen.getAllByTestId("entry-row").find((one) => one.dataset["name"] === name);
  if (!row) throw new Error(`${name} is not listed`);
  await user.click(row);
  return within(screen.getByTestId("entry")).findByRole("heading", { name });
}

test("entries stand by kind and are found by words, group and tag", async () => {
  await access();
  await screen.findByTestId("entries");
  expect(names().slice(0, 5)).toEqual(["bastion-1", "build-01", "edge-a", "orders-db-01", "Billing, backup role"]);
  await waitFor(() => expect(screen.getByTestId("access-head")).toHaveTextContent(/12 entries/));
  expect(await violations()).toEqual([]);
  await user.keyboard("/");
  await user.keyboard("orders prod");
  await waitFor(() => expect(names()).toEqual(["orders-db-01", DB]));
  await user.keyboard("{Escape}");
  await waitFor(() => expect(names()).toHaveLength(12));
  await user.keyboard("/nowhere");
  await screen.findByTestId("no-match");
});

test("a secret is revealed and hidden by a key, copied without coming to the page, and a code counts down", async () => {
  const host = await access();
  await look(DB);
  await user.keyboard("v");
  expect(await screen.findByTestId("revealed")).toHaveTextContent(`of ${DB}`);
  await user.keyboard("v");
  await waitFor(() => expect(screen.queryByTestId("revealed")).toBeNull());
  await user.keyboard("y");
  await waitFor(() => expect(screen.getByTestId("copy-secret")).toHaveTextContent(/clears in \d+ s/));
  expect(host.access.copied).toEqual([`of ${DB}`]);
  expect(document.body.textContent).not.toContain(`of ${DB}`);
  // Again: it is taken off now.
  await user.keyboard("y");
  await waitFor(() => expect(screen.getByTestId("copy-secret")).not.toHaveTextContent(/clears/));
  await look("Customer admin");
  await user.keyboard("t");
  expect(await screen.findByTestId("revealed")).toHaveTextContent("287082");
  // Looking at another entry hides what is shown.
  await user.keyboard("k");
  await waitFor(() => expect(screen.queryByTestId("revealed")).toBeNull());
});

test("what is revealed goes when the window loses the focus", async () => {
  await access();
  await look(DB);
  await user.keyboard("v");
  await screen.findByTestId("revealed");
  window.dispatchEvent(new Event("blur"));
  await waitFor(() => expect(screen.queryByTestId("revealed")).toBeNull());
});

test("an entry is added with its secret by keyboard alone, changed and renamed", async () => {
  const host = await access("empty");
  await screen.findByTestId("no-entries");
  await user.keyboard("c");
  const name = await screen.findByTestId("entry-name");
  await waitFor(() => expect(name).toHaveFocus());
  await user.keyboard("web1{Enter}");
  await waitFor(() => expect(names()).toEqual(["web1"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  // What is changed is what stands beside the list; it comes a moment after its row.
  await screen.findByTestId("add-secret");
  await user.keyboard("e");
  const again = await screen.findByTestId("entry-name");
  await user.clear(again);
  await user.type(again, "web2");
  await user.clear(screen.getByTestId("entry-port"));
  await user.type(screen.getByTestId("entry-port"), "99999");
  await user.keyboard("{Enter}");
  expect(await screen.findByText("A port is a number from 1 to 65535.")).toBeVisible();
  await user.clear(screen.getByTestId("entry-port"));
  await user.type(screen.getByTestId("entry-port"), "22{Enter}");
  await waitFor(() => expect(names()).toEqual(["web2"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(await screen.findByTestId("add-secret"));
  await user.type(await screen.findByTestId("secret-value"), "abc{Enter}");
  await waitFor(() => expect(screen.getByTestId("secret-row")).toBeVisible());
  await waitFor(() => expect(toasts.list.map((one) => one.text).join()).toContain("only 3 characters"));
  expect(host.access.entries[0]?.values.get("password")).toBe("abc");
});

test("before an entry with secrets goes it is said what is lost; one without is put back", async () => {
  const host = await access();
  await look(DB);
  await user.keyboard("{Delete}");
  expect(await screen.findByTestId("lost")).toHaveTextContent(/password.*cannot be taken back.*2 runbooks/);
  expect(await violations()).toEqual([]);
  await user.click(screen.getByTestId("remove-for-good"));
  await waitFor(() => expect(names()).not.toContain(DB));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await look("Door code of the depot");
  await user.keyboard("{Delete}");
  await waitFor(() => expect(names()).not.toContain("Door code of the depot"));
  await user.click(await screen.findByTestId("toast-action"));
  await waitFor(() => expect(names()).toContain("Door code of the depot"));
  expect(host.access.entries.at(-1)?.row.note).toBe("The lower lock first.");
});

test("a locked keychain shows names and is unlocked from here", async () => {
  await access("errors");
  expect(await screen.findByTestId("keeper-trouble")).toHaveTextContent(/keychain is locked/);
  expect(names()).toHaveLength(12);
  await user.click(screen.getByTestId("keeper-mend"));
  await waitFor(() => expect(screen.queryByTestId("keeper-trouble")).toBeNull());
});

test("without a keychain an encrypted file is chosen, locked, and opened by its passphrase", async () => {
  const host = await access("empty");
  host.access.keeper.keychain = "absent";
  host.access.keeper.keychain_problem = "this machine's keychain cannot be reached";
  window.dispatchEvent(new Event("focus"));
  await waitFor(() =>
    expect(screen.getByTestId("keeper-trouble")).toHaveTextContent(/no keychain.*cannot be reached/i),
  );
  await user.click(screen.getByTestId("keeper-mend"));
  await user.type(await screen.findByTestId("vault-one"), "short");
  await user.click(screen.getByTestId("vault-go"));
  expect(await screen.findByText(/at least 8 characters/)).toBeVisible();
  await user.clear(screen.getByTestId("vault-one"));
  await user.type(screen.getByTestId("vault-one"), "correct horse");
  await user.type(screen.getByTestId("vault-two"), "correct horse{Enter}");
  await screen.findByTestId("lock");
  await waitFor(() => expect(screen.queryByTestId("keeper-trouble")).toBeNull());
  await host.call("access_new", {
    entry: { name: "db", kind: "database" },
    secrets: [{ field: "password", value: "hunter22" }],
  });
  window.dispatchEvent(new Event("focus"));
  await waitFor(() => expect(names()).toEqual(["db"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(screen.getByTestId("lock"));
  await waitFor(() => expect(screen.getByTestId("keeper-trouble")).toHaveTextContent(/vault is locked/));
  // What needs it asks for the passphrase, and goes on.
  await user.click(screen.getByTestId("reveal"));
  await user.type(await screen.findByTestId("vault-passphrase"), "wrong one{Enter}");
  expect(await screen.findByText(/not the passphrase/)).toBeVisible();
  await user.type(screen.getByTestId("vault-passphrase"), "correct horse{Enter}");
  expect(await screen.findByTestId("revealed")).toHaveTextContent("hunter22");
});

test("hosts of ssh's configuration are shown before any is kept, and one can be left out", async () => {
  const host = await access("empty");
  await user.click(await screen.findByTestId("bring-ssh"));
  const rows = await screen.findAllByTestId("bring-row");
  expect(rows).toHaveLength(3);
  expect(host.access.entries).toHaveLength(0);
  expect(await violations()).toEqual([]);
  await user.click(rows[1] as HTMLElement);
  await user.click(screen.getByTestId("bring"));
  expect(await screen.findByTestId("brought")).toHaveTextContent("2 entries were kept.");
  expect(host.access.entries.map((one) => one.row.name)).toEqual(["bastion-1", "staging"]);
});

test("a library's first use of an entry is asked about, and a no starts nothing", async () => {
  const host = await access();
  const call = host.call.bind(host);
  let asked = 0;
  const starts: unknown[] = [];
  host.call = (async (name: never, args: never) => {
    if (name === "run_start") {
      starts.push(args);
      if (host.access.entries.find((one) => one.row.name === "Orders, read-only")?.grants.length === 0) {
        asked += 1;
        throw {
          code: "needs_grant",
          message: "the runbooks of /home/mara/runbooks have not used Orders, read-only yet",
          grants: { entries: ["Orders, read-only"], scope: "/home/mara/runbooks" },
        };
      }
    }
    return call(name, args);
  }) as typeof host.call;
  router.go({ screen: "start", path: QUEUE });
  await screen.findByTestId("start-sheet");
  await screen.findByTestId("way-back");
  for (const field of document.querySelectorAll<HTMLInputElement>("[data-param]"))
    if (field.matches("input") && field.value === "") await user.type(field, "spare-7");
  await user.click(screen.getByTestId("start-go"));
  expect(await screen.findByTestId("grant-question")).toHaveTextContent("/home/mara/runbooks");
  await user.click(screen.getByTestId("gate-no"));
  expect(await screen.findByTestId("start-refused")).toHaveTextContent("Nothing was started.");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(screen.getByTestId("start-go"));
  await user.click(await screen.findByTestId("gate-yes"));
  await waitFor(() => expect(router.current.screen).toBe("run"));
  expect(asked).toBe(2);
  expect(starts).toHaveLength(3);
});
