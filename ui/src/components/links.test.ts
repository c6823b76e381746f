import { expect, test } from "vitest";

import { isInside, linkTarget } from "./links";
import { pace } from "./pace";

test.each([
  [null, { kind: "none" }],
  ["", { kind: "none" }],
  ["#", { kind: "none" }],
  ["#if-the-disk-is-full", { kind: "anchor", id: "if-the-disk-is-full" }],
  ["#%C3%BCber", { kind: "anchor", id: "über" }],
  ["#%zz", { kind: "anchor", id: "%zz" }],
  ["https://example.net/a?b#c", { kind: "open", url: "https://example.net/a?b#c" }],
  ["../other.md", { kind: "open", url: "../other.md" }],
  ["javascript:alert(1)", { kind: "open", url: "javascript:alert(1)" }],
])("a click on %s means %o, and never a page of the webview", (href, meant) => {
  expect(linkTarget(href)).toEqual(meant);
});

test.each([
  ["../other.md", true],
  ["other.md#steps", true],
  ["/runbooks/a.md", true],
  ["[[Fail over#steps]]", true],
  ["https://example.net", false],
  ["//example.net/x", false],
  ["mailto:a@example.net", false],
  ["javascript:alert(1)", false],
])("%s is looked for in the library: %s", (url, inside) => {
  expect(isInside(url)).toBe(inside);
});

test("a wiki link has no address and is followed by its name", () => {
  expect(linkTarget(null, "Fail over#steps")).toEqual({ kind: "open", url: "[[Fail over#steps]]" });
});

test("the usual stands at two thirds until it is exceeded by half", () => {
  expect(pace(10, 20).usual).toBeCloseTo(66.7, 1);
  expect(pace(10, 20).took).toBeCloseTo(33.3, 1);
  expect(pace(60, 20)).toEqual({ took: 100, usual: expect.closeTo(33.3, 1) });
});
