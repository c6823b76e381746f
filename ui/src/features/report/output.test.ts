import { expect, test } from "vitest";

import { HEAD, HITS, parts, shown, TAIL } from "./output";

const many = Array.from({ length: 5000 }, (_, at) => `line ${at + 1}`);

test("long output is folded in its middle, says how much, and unfolds", () => {
  const folded = shown(many, "", false);
  expect(folded.folded).toEqual({ after: HEAD, count: 5000 - HEAD - TAIL });
  expect(folded.lines.at(HEAD - 1)?.text).toBe(`line ${HEAD}`);
  expect(folded.lines.at(HEAD)?.number).toBe(5000 - TAIL + 1);
  expect(shown(many, "", true).lines).toHaveLength(5000);
  expect(shown(many.slice(0, HEAD + TAIL), "", false).folded).toBeNull();
});

test("finding shows the lines that have the words, also those that are folded, and counts all", () => {
  const found = shown(many, "LINE 25", false);
  expect(found.lines[0]).toEqual({ number: 25, text: "line 25" });
  expect(found.hits).toBe(111);
  const all = shown(many, "line", false);
  expect([all.hits, all.lines.length]).toEqual([5000, HITS]);
  expect(shown(many, "nowhere", false)).toEqual({ lines: [], folded: null, hits: 0 });
});

test("what was looked for stands out wherever it stands in a line", () => {
  expect(parts("Error: no error", "error")).toEqual([
    { text: "Error", hit: true },
    { text: ": no ", hit: false },
    { text: "error", hit: true },
  ]);
  expect(parts("plain", "")).toEqual([{ text: "plain", hit: false }]);
  expect(parts("İi", "i"), "where lower case is longer nothing is marked wrongly").toEqual([
    { text: "İi", hit: false },
  ]);
});
