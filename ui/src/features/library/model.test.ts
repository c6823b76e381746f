import { beforeEach, expect, test } from "vitest";

import type { ListQuery, RunbookRow } from "../../bindings/types";
import { startHost } from "../../host";
import { mockHost } from "../../host/mock";
import { LibraryList, PAGE } from "./model.svelte";

let books: LibraryList;
let asked: ListQuery[];

beforeEach(async () => {
  const host = mockHost("large");
  asked = [];
  const call = host.call.bind(host);
  host.call = (name, args) => {
    if (name === "library_list") asked.push(args as ListQuery);
    return call(name, args);
  };
  await startHost(host);
  books = new LibraryList();
  await books.refresh();
});

const at = (index: number): RunbookRow => {
  const row = books.rows.get(index);
  if (!row) throw new Error(`row ${index} was not read`);
  return row;
};

test("a large library is read a page at a time, as far as it is looked at", async () => {
  expect(books.total).toBeGreaterThan(2000);
  expect(books.rows.size).toBe(PAGE);
  books.need(950, 1010);
  books.need(960, 1020);
  await expect.poll(() => books.rows.has(1000)).toBe(true);
  expect(asked.map((query) => query.offset)).toEqual([0, 800, 1000]);
});

test("the end of the list can be gone to at once", async () => {
  await books.select(books.total - 1);
  expect(books.selected).toBe(at(books.total - 1).path);
  expect(books.at).toBe(books.total - 1);
});

test("another question selects its first answer, the same question keeps what is selected", async () => {
  await books.select(5);
  const fifth = at(5).path;
  await books.refresh();
  expect(books.selected).toBe(fifth);
  await books.filter({ kind: "routine" });
  expect(at(0).kind).toBe("routine");
  expect(books.filtered).toBe(true);
  await books.clear();
  expect(books.filtered).toBe(false);
});

test("where a selected runbook is gone, the one in its place is selected", async () => {
  await books.select(3);
  const next = at(4).path;
  const { host } = await import("../../host");
  await host().call("runbook_bin", { path: at(3).path });
  await books.refresh();
  expect(books.selected).toBe(next);
});

test("headings stand only where kinds decide the order", async () => {
  expect(books.groups.map((group) => group.name)).toEqual(["Incident", "Routine", "Other"]);
  expect(books.groups.reduce((sum, group) => sum + group.count, 0)).toBe(books.total);
  await books.sort("title");
  expect(books.groups).toEqual([]);
});
