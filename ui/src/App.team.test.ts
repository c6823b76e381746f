// A library in git through the whole interface on the stand-in host: cloned, looked at, committed, taken in, decided, pushed.

import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "./App.svelte";
import { startHost } from "./host";
import { mockHost, type Scene } from "./host/mock";
import { routeHash, router, type Route } from "./lib/route.svelte";
import { toasts } from "./lib/toasts.svelte";

vi.mock("./components/page/Terminal.svelte", async () => await import("./testing/NoTerminal.svelte"));

const user = userEvent.setup();

beforeEach(() => {
  localStorage.clear();
  toasts.list = [];
});
afterEach(() => cleanup());

async function open(
  route: Route = { screen: "changes", library: 1 },
  scene: Scene = "team",
): Promise<ReturnType<typeof mockHost>> {
  location.hash = routeHash(route);
  router.current = route;
  const host = mockHost(scene, 40);
  await startHost(host);
  render(App);
  return host;
}

const said = (): HTMLElement => screen.getByTestId("team-said");

async function accessible(): Promise<void> {
  const faults = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  expect(faults.violations.map((one) => `${one.id}: ${one.nodes[0]?.html ?? ""}`)).toEqual([]);
}

test("the library says what others pushed and which of it you use, and leads to the changes", async () => {
  await open({ screen: "library" });
  await waitFor(() => expect(screen.getByTestId("upstream")).toHaveTextContent("12 changes, 2 runbooks you use"));
  await user.click(screen.getByTestId("see-changes"));
  await waitFor(() => expect(screen.getAllByTestId("incoming")).toHaveLength(4));
  expect(screen.getAllByTestId("change")).toHaveLength(2);
  await waitFor(() => expect(screen.getByTestId("diff")).toHaveTextContent("and the depot"));
  await accessible();
});

test("a commit takes what is chosen, with a message that is suggested, by keys", async () => {
  const host = await open();
  const rows = await waitFor(() => {
    const found = screen.getAllByTestId("change");
    expect(found).toHaveLength(2);
    return found;
  });
  await waitFor(() =>
    expect(screen.getByTestId("team-message")).toHaveValue("Change Renew certificates, Notes of the shift"),
  );
  await user.click(within(rows[1] as HTMLElement).getByRole("checkbox"));
  await waitFor(() => expect(screen.getByTestId("team-message")).toHaveValue("Change Renew certificates"));
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("c");
  await waitFor(() => expect(screen.getByTestId("team-message")).toHaveFocus());
  await user.keyboard("Say where the keys are{Control>}{Enter}{/Control}");
  await waitFor(() => expect(said()).toHaveTextContent("1 file committed as 4f2a91c."));
  expect(host.team.committed).toEqual([
    { library: 1, files: ["ops/certificates.md"], message: "Say where the keys are", author: null },
  ]);
  await waitFor(() => expect(screen.getByTestId("team-push")).toHaveTextContent("Push 1 commit"));
  expect(screen.getAllByTestId("change")).toHaveLength(1);
});

test("who commits is asked where git does not know it", async () => {
  const host = await open();
  host.team.known = false;
  await waitFor(() => expect(screen.getAllByTestId("change")).toHaveLength(2));
  await user.click(within(screen.getAllByTestId("change")[1] as HTMLElement).getByRole("checkbox"));
  await waitFor(() => expect(screen.getByTestId("team-name")).toBeInTheDocument());
  expect(screen.getByTestId("team-commit")).toBeDisabled();
  await user.type(screen.getByTestId("team-name"), "Mara K");
  await user.type(screen.getByTestId("team-email"), "mara@example.org");
  await user.click(screen.getByTestId("team-commit"));
  await waitFor(() => expect(host.team.committed[0]?.author).toEqual({ name: "Mara K", email: "mara@example.org" }));
});

test("what both changed is decided by the person, and nothing changes until then", async () => {
  const host = await open();
  await waitFor(() => expect(screen.getAllByTestId("incoming")).toHaveLength(4));
  await user.keyboard("p");
  await waitFor(() => expect(screen.getByTestId("team-conflicts")).toHaveTextContent("Nothing was changed"));
  expect(host.team.behind).toBe(12);
  expect(screen.getByTestId("team-decided")).toBeDisabled();
  await accessible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByTestId("team-conflicts")).toBeNull());
  await user.click(screen.getByTestId("team-pull"));
  const place = await waitFor(() => screen.getByTestId("team-place"));
  await user.click(within(place).getByRole("button", { name: "Both, mine first" }));
  await waitFor(() => expect(screen.getByTestId("team-decided")).toBeEnabled());
  await user.click(screen.getByTestId("team-decided"));
  await waitFor(() => expect(said()).toHaveTextContent("12 commits taken in"));
  expect(host.team.behind).toBe(0);
  expect(screen.queryByTestId("team-conflicts")).toBeNull();
});

test("what fails is said and stays to be read, and what is refused names what to do", async () => {
  const host = await open();
  await waitFor(() => expect(screen.getAllByTestId("incoming")).toHaveLength(4));
  host.team.failure =
    "git@example.org:depot/runbooks.git was not reached, and nothing was changed: git says: no route.";
  await user.keyboard("f");
  await waitFor(() => expect(said()).toHaveTextContent("was not reached, and nothing was changed"));
  expect(said()).toHaveAttribute("role", "alert");
  host.team.ahead = 1;
  await user.keyboard("u");
  await waitFor(() => expect(said()).toHaveTextContent("pull first"));
});

test("records of runs are shared only after the person read what that means", async () => {
  const host = await open();
  await waitFor(() => expect(screen.getByTestId("records")).toHaveTextContent("Not shared."));
  await user.click(screen.getByTestId("records-choose"));
  const dialog = await waitFor(() => screen.getByRole("dialog"));
  expect(dialog).toHaveTextContent("what the commands printed");
  expect(screen.getByTestId("records-set")).toBeDisabled();
  await user.click(screen.getByTestId("records-finished"));
  await user.click(screen.getByTestId("records-set"));
  await waitFor(() => expect(screen.getByTestId("records")).toHaveTextContent("Shared: each that finishes."));
  expect(host.team.mode).toBe("finished");
});

test("a folder that is not trusted says so, and git is not asked", async () => {
  await open({ screen: "changes", library: 2 }, "untrusted");
  await waitFor(() => expect(screen.getByText(/is not trusted, so git is not asked/)).toBeInTheDocument());
});

test("a repository is cloned from the folders, and trust is asked afterwards", async () => {
  const host = await open({ screen: "library" });
  await user.click(await screen.findByTestId("folders"));
  await user.click(await screen.findByTestId("open-clone"));
  const url = await screen.findByTestId("clone-url");
  await user.type(url, "git@example.org:team/network.git");
  expect(screen.getByTestId("clone")).toBeDisabled();
  await user.type(screen.getByTestId("clone-above"), "/home/mara");
  expect(screen.getByRole("dialog")).toHaveTextContent("/home/mara/network");
  host.team.failure = "git@example.org:team/network.git was not cloned: it was stopped.";
  await user.click(screen.getByTestId("clone"));
  await waitFor(() => expect(screen.getByRole("dialog")).toHaveTextContent("it was stopped"));
  await user.click(screen.getByTestId("clone"));
  await waitFor(() => expect(screen.getByRole("dialog")).toHaveTextContent("Trust this folder?"));
});

test("a run is shared from its report where that was allowed, and otherwise it is said who allows it", async () => {
  const host = await open({ screen: "runs" });
  const { runs } = await host.call("runs", { state: "passed", offset: 0, limit: 1 } as never);
  router.go({ screen: "report", run: runs[0]?.id ?? "" });
  await user.click(await screen.findByTestId("report-share"));
  await waitFor(() => expect(document.body).toHaveTextContent("that is for a person to allow first"));
  host.team.mode = "named";
  await user.click(screen.getByTestId("report-share"));
  await waitFor(() => expect(document.body).toHaveTextContent("Its record is shared in origin/allgood-records."));
});
