import { describe, expect, test } from "vitest";

import { GROUP, Layout, ROW } from "./layout";

const rowsOf = (layout: Layout, top: number, height: number): number[] =>
  layout.lines(top, height).lines.flatMap((line) => (line.type === "row" ? [line.index] : []));

describe("a list of a hundred thousand rows", () => {
  const layout = new Layout(100_000);

  test("only what is in view is drawn", () => {
    const rows = rowsOf(layout, 50_000 * ROW, 800);
    expect(rows[0]).toBeGreaterThan(49_980);
    expect(rows).toContain(50_000);
    expect(rows).toContain(50_015);
    expect(rows.at(-1)).toBeLessThan(50_040);
  });

  test("its ends are in bounds", () => {
    expect(rowsOf(layout, 0, 800)[0]).toBe(0);
    expect(rowsOf(layout, 100_000 * ROW, 800).at(-1)).toBe(99_999);
    expect(new Layout(0).lines(0, 800)).toEqual({ lines: [], from: 0, rows: [0, 0] });
  });

  test("the selected row is brought into view, and one that is seen does not move the list", () => {
    expect(layout.reveal(3, 0, 800)).toBe(0);
    expect(layout.reveal(100, 0, 800)).toBe(101 * ROW - 800);
    expect(layout.reveal(3, 1000, 800)).toBeLessThanOrEqual(3 * ROW);
  });
});

describe("rows under headings", () => {
  const layout = new Layout(10, [
    { name: "Incident", count: 2 },
    { name: "Routine", count: 0 },
    { name: "Other", count: 5 },
  ]);

  test("each heading stands above its rows, an empty one is left out, and what no group counts stands below", () => {
    const lines = layout.lines(0, 2000).lines.map((line) => (line.type === "row" ? line.index : line.name));
    expect(lines).toEqual(["Incident", 0, 1, "Other", 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(layout.height).toBe(10 * ROW + 2 * GROUP);
    expect(layout.top(2)).toBe(2 * ROW + 2 * GROUP);
  });

  test("what is drawn begins at the pixel that is given", () => {
    const long = new Layout(1000, [
      { name: "Incident", count: 400 },
      { name: "Routine", count: 600 },
    ]);
    for (const top of [0, 399 * ROW, 400 * ROW + GROUP, 30_000]) {
      const { lines, from } = long.lines(top, 700);
      const first = lines[0];
      const expected = first?.type === "row" ? long.top(first.index) : from;
      expect(from).toBe(expected);
      expect(from).toBeLessThanOrEqual(top);
    }
  });
});
