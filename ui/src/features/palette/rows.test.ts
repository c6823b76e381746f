import { expect, test } from "vitest";

import type { PaletteHit } from "../../bindings/types";
import { secretsOf } from "./acts";
import { actionsOn, asked } from "./actions";
import { iconOf, kindOf, moved, rowsOf } from "./rows";

const hit = (kind: PaletteHit["kind"], entry_kind: string | null = null): PaletteHit => ({
  kind,
  id: "1",
  part: "",
  line: null,
  title: "One",
  beside: "",
  entry_kind,
  asks: [],
});

test("keys go through the rows, round from the last to the first, and no other key does", () => {
  const keys = ["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "a", "Enter"];
  expect(keys.map((key) => moved(key, 0, 3))).toEqual([1, 2, 0, 2, 2, 0, null, null]);
  expect(moved("ArrowDown", 2, 3)).toBe(0);
  expect(moved("ArrowDown", 0, 0)).toBeNull();
});

test("the last row is a new runbook that is called what was typed, but for a search of one kind", () => {
  expect(rowsOf([hit("link")], " Disk   full ").map((row) => (row.is === "new" ? row.title : row.key))).toEqual([
    "link 1 ",
    "Disk full",
  ]);
  for (const text of ["", "  ", ">new", "@db", "#tag"]) expect(rowsOf([], text)).toEqual([]);
});

test("each kind has a word and a shape, an access entry that of its own kind", () => {
  const rows = rowsOf([hit("access", "ssh"), hit("access", "other"), hit("step")], "x");
  expect(rows.map(kindOf)).toEqual(["Access", "Access", "Step", "Action"]);
  expect(rows.map(iconOf)).toEqual(["terminal", "key-round", "list", "corner-down-left"]);
});

test("the actions of a screen stand before those of every screen, and no two have one name", () => {
  const ids = asked(actionsOn("run")).map((one) => one.id);
  expect(ids[0]).toBe("run.note");
  expect(ids).toContain("new.runbook");
  expect(new Set(ids).size).toBe(ids.length);
  expect(asked(actionsOn("library")).some((one) => one.id.startsWith("run."))).toBe(false);
});

test("of the secrets of an entry the usual one comes first, and never the seed of codes", () => {
  const row = (...names: string[]): Parameters<typeof secretsOf>[0] =>
    ({ secrets: names.map((name) => ({ name, place: "keychain", set_at: "" })) }) as Parameters<typeof secretsOf>[0];
  expect(secretsOf(row("totp", "key", "password"))).toEqual(["password", "key"]);
  expect(secretsOf(row("key", "passphrase"))).toEqual(["key", "passphrase"]);
  expect(secretsOf(row("totp"))).toEqual([]);
});
