// Where the blocks of a run go that do not run here, and what is in the way of each.

import { cleanup, render, screen, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { NeededTarget } from "../../bindings/types";
import { host, startHost } from "../../host";
import { mockHost } from "../../host/mock";
import Needs from "./Needs.svelte";

afterEach(cleanup);

const BOOK = "/home/mara/runbooks/queues/move-broker.md";

const target = (over: Partial<NeededTarget>): NeededTarget => ({
  target: "web1",
  items: ["drain"],
  problem: null,
  asks: false,
  vault_locked: false,
  ...over,
});

async function shown(targets: NeededTarget[]): Promise<void> {
  await startHost(mockHost("full", 40));
  const book = await host().call("runbook", { path: BOOK });
  const prep = await host().call("run_prepare", { path: BOOK, values: {} });
  render(Needs, { book, prep: { ...prep, targets }, mode: "hand", onagain: async () => undefined });
}

test("each target says where it leads, what runs there, and whether a person has to allow it", async () => {
  await shown([
    target({ place: "web1 (ann@10.0.0.1)", items: ["drain", "restart"], entry: "web1", asks: true }),
    target({ target: "docker:shop", items: ["migrate"] }),
  ]);
  const section = screen.getByTestId("start-targets");
  const [first, second] = within(section).getAllByTestId("target");
  expect(first).toHaveTextContent("web1 (ann@10.0.0.1)");
  expect(first).toHaveTextContent("drain, restart");
  expect(second).toHaveTextContent("docker:shop");
  expect(section.textContent?.match(/have not used web1 yet/g)).toHaveLength(1);
});

test("what is in the way is said in its own words, with the name as it is written", async () => {
  const problem =
    'nowhere cannot be reached: there is no access entry "nowhere": add it with `allgood access add nowhere`';
  await shown([target({ target: "nowhere", asks: true, problem })]);
  const section = screen.getByTestId("start-targets");
  expect(within(section).getByLabelText("Cannot be reached")).toBeInTheDocument();
  expect(section).toHaveTextContent("nowhere cannot be reached");
  expect(section).toHaveTextContent('there is no access entry "nowhere": add it in Access.');
  expect(within(section).queryByText(/have not used/)).toBeNull();
});

test("of many targets what is in the way is shown first, the rest is counted, and the question is said once", async () => {
  const many = Array.from({ length: 200 }, (_, at) => target({ target: `web${at + 1}`, asks: at < 150 }));
  many[180] = target({ target: "web181", problem: "web181 cannot be reached: its address is not known" });
  many[190] = target({ target: "web191", warning: "the secret `key` of web191 is past its date" });
  await shown(many);
  const section = screen.getByTestId("start-targets");
  const lines = within(section).getAllByTestId("target");
  expect(lines.slice(0, 3).map((line) => line.textContent)).toEqual([
    expect.stringContaining("web181"),
    expect.stringContaining("web191"),
    expect.stringContaining("web1"),
  ]);
  const rest = within(section).getByTestId("targets-rest");
  expect(rest).not.toHaveAttribute("open");
  expect(rest).toHaveTextContent("194 more");
  expect(within(rest).getAllByTestId("target")).toHaveLength(194);
  expect(section.textContent?.match(/have not used web1, web2, web3 and 147 more yet/g)).toHaveLength(1);
});

test("what cannot be run as it is written stands first, with its line and why", async () => {
  await startHost(mockHost("full", 40));
  const book = await host().call("runbook", { path: BOOK });
  const prep = await host().call("run_prepare", { path: BOOK, values: {} });
  const cannot = [
    { item: "start", line: 17, why: "the attribute `tiemout` is unknown", way_back: false },
    { item: "back", line: 11, why: "the attribute `tiemout` is unknown", way_back: true },
  ];
  render(Needs, { book, prep: { ...prep, cannot }, mode: "hand", onagain: async () => undefined });
  const section = screen.getByTestId("start-cannot");
  expect(section).toHaveTextContent("startline 17 The attribute tiemout is unknown.");
  expect(section).toHaveTextContent("backon the way back");
});

test("without a target there is no such section", async () => {
  await shown([]);
  expect(screen.queryByTestId("start-targets")).toBeNull();
});
