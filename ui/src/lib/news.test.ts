import { beforeEach, expect, test } from "vitest";

import type { LibraryFolder } from "../bindings/types";
import { startHost } from "../host";
import { mockHost } from "../host/mock";
import { news } from "./news.svelte";

const folder = (id: number, runbooks: number, reading: number | null): LibraryFolder => ({
  id,
  path: `/books/${id}`,
  name: `${id}`,
  trusted: true,
  runbooks,
  problem: null,
  reading,
  late: null,
  git: null,
});

let now: LibraryFolder[];
beforeEach(async () => {
  now = [];
  const host = mockHost("empty", 1);
  host.call = (async () => now) as typeof host.call;
  await startHost(host);
});

test("folders are told of when the last of them has been read", async () => {
  const { folders, over } = await news.reading(async () => [folder(1, 0, 2), folder(2, 0, 2), folder(3, 7, null)]);
  expect(folders.map((one) => one.runbooks)).toEqual([0, 0, 7]);
  let told = false;
  void over.then(() => (told = true));
  news.hear({ news: "read", library: 1, reading: 2 });
  news.hear({ news: "read", library: 9, reading: 2 });
  // What was over before it was asked for is no answer.
  news.hear({ news: "read", library: 2, reading: 1 });
  await Promise.resolve();
  expect(told).toBe(false);
  now = [folder(1, 4, null), folder(2, 5, null), folder(3, 7, null), folder(9, 1, null)];
  news.hear({ news: "read", library: 2, reading: 3 });
  expect((await over).map((one) => one.runbooks)).toEqual([4, 5, 7]);
});

test("a folder that was read before its answer came is not waited for", async () => {
  const { over } = await news.reading(async () => {
    news.hear({ news: "read", library: 1, reading: 2 });
    now = [folder(1, 4, null)];
    return [folder(1, 0, 2)];
  });
  expect((await over).map((one) => one.runbooks)).toEqual([4]);
});

test("folders that are not read in the background are told of at once", async () => {
  const { over } = await news.reading(async () => [folder(1, 4, null)]);
  expect((await over).map((one) => one.runbooks)).toEqual([4]);
});

test("a folder that is taken off is not waited for", async () => {
  const { over } = await news.reading(async () => [folder(1, 0, 2)]);
  news.hear({ news: "read", library: 1, reading: null });
  expect(await over).toEqual([]);
});
