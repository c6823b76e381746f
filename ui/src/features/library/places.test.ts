import { expect, test } from "vitest";

import type { LibraryFolder } from "../../bindings/types";
import { notices, places } from "./places";

const folder = (id: number, more: Partial<LibraryFolder> = {}): LibraryFolder => ({
  id,
  path: `/srv/runbooks-${id}`,
  name: `runbooks-${id}`,
  trusted: true,
  runbooks: 3,
  problem: null,
  reading: null,
  late: null,
  git: null,
  ...more,
});

test("one folder is named, several are counted", () => {
  expect(places([])).toBe("No folders");
  expect(places([folder(1)])).toBe("/srv/runbooks-1");
  expect(places([folder(1, { git: { branch: "main", state: "clean" } as LibraryFolder["git"] })])).toBe(
    "/srv/runbooks-1, main, clean",
  );
  expect(places([folder(1), folder(2)])).toBe("2 folders");
});

test("a few folders are told each by itself, many in one line each kind", () => {
  const few = [folder(1, { trusted: false }), folder(2, { problem: "There is no /srv/runbooks-2." })];
  expect(notices(few).map((notice) => [notice.kind, notice.folder?.id])).toEqual([
    ["broken", 2],
    ["untrusted", 1],
  ]);
  const many = Array.from({ length: 100 }, (_, id) => folder(id, { trusted: false }));
  expect(notices(many)).toHaveLength(1);
  expect(notices(many)[0]?.bold).toBe("100 folders");
  expect(notices([folder(1)])).toEqual([]);
});
