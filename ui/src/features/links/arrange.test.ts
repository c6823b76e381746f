import { expect, test } from "vitest";

import type { SavedLink } from "../../bindings/types";
import { board, chips, inColumns, monogram, neighbour, order, pieces, sections } from "./arrange";

function link(id: string, change: Partial<SavedLink> = {}): SavedLink {
  return {
    id,
    title: id,
    address: `https://${id}.example/`,
    place: `${id}.example`,
    group: "G",
    tags: [],
    pin: null,
    keys: null,
    parameters: [],
    missing: [],
    filled: {},
    opens: `https://${id}.example/`,
    refused: null,
    count: 0,
    opened_at: null,
    added_at: "2026-11-01T08:00:00.000Z",
    ...change,
  };
}

test("links stand under their group, and those without one under a name that says so", () => {
  const all = [link("a"), link("b"), link("c", { group: null })];
  expect(sections(all).map((section) => [section.name, section.links.length])).toEqual([
    ["G", 2],
    ["Without a group", 1],
  ]);
  expect(sections([link("c", { group: null })])[0]?.name).toBe("Links");
});

test.each([
  [[4, 4, 4, 4, 4, 4], 3, [2, 2, 2]],
  [[12, 2, 2, 2, 2], 2, [1, 4]],
  [[1], 3, [1]],
  [[3, 3], 1, [2]],
  [[], 2, []],
])("groups of %j links in %i columns stand as %j groups each", (sizes, count, expected) => {
  const all = sizes.map((size, at) => ({
    name: `g${at}`,
    links: Array.from({ length: size }, (_, one) => link(`${at}-${one}`)),
  }));
  expect(inColumns(all, count).map((column) => column.length)).toEqual(expected);
  expect(inColumns(all, count).flat()).toEqual(all);
});

test("pinned links stand first, in their order, and nowhere else", () => {
  const shown = board([link("a"), link("b", { pin: 2 }), link("c", { pin: 1 })], 3);
  expect(order(shown).map((one) => one.id)).toEqual(["c", "b", "a"]);
});

test("arrows lead to the link that is seen there", () => {
  const groups = ["A", "B"].flatMap((group) => [1, 2, 3].map((at) => link(`${group}${at}`, { group })));
  const shown = board([link("p1", { pin: 1 }), link("p2", { pin: 2 }), ...groups], 2);
  for (const [from, way, to] of [
    ["p1", "right", "p2"],
    ["p2", "right", "p2"],
    ["p2", "down", "A1"],
    ["A1", "up", "p2"],
    ["A2", "right", "B2"],
    ["B3", "left", "A3"],
    ["A3", "down", "B1"],
    ["B3", "down", "B3"],
  ] as const) {
    expect(neighbour(shown, from, way), `${from} ${way}`).toBe(to);
  }
  expect(neighbour(shown, null, "down")).toBe("p1");
  expect(neighbour(board([], 2), null, "down")).toBeNull();
});

test.each([
  ["Orders overview", "OO"],
  ["inventory", "IN"],
  ["Über alles", "ÜA"],
  ["42", "42"],
  ["***", "?"],
])("the tile of %s says %s", (title, expected) => {
  expect(monogram(title)).toBe(expected);
});

test("a parameter shows its value or that it waits, and the times of a run are told once", () => {
  const shown = link("a", {
    address: "https://a.example/?r={{region}}&o={{order}}&f={{run.start_ms}}&t={{run.end_ms}}",
    parameters: ["region", "order", "run.start_ms", "run.end_ms"],
    missing: ["order"],
    filled: { region: "eu 1*", "run.start_ms": "1", "run.end_ms": "2" },
  });
  expect(chips(shown).map((chip) => [chip.text, chip.open])).toEqual([
    ["eu 1*", false],
    ["order?", true],
    ["last hour", false],
  ]);
  expect(
    pieces(shown)
      .filter((piece) => piece.value)
      .map((piece) => piece.text),
  ).toEqual(["eu%201%2A", "1", "2"]);
  expect(
    pieces(shown)
      .map((piece) => piece.text)
      .join(""),
  ).toBe("https://a.example/?r=eu%201%2A&o={{order}}&f=1&t=2");
});
