import { expect, test } from "vitest";

import { relative, source, wrongName } from "./make";

test.each([
  ["", "disk-full.md", "disk-full.md"],
  ["", "disk full", "disk full.md"],
  ["hosts/logs/", "/disk.markdown", "hosts/logs/disk.markdown"],
  [" hosts ", " a/b ", "hosts/a/b.md"],
])("%s and %s are the path %s", (folder, name, path) => {
  expect(relative(folder, name)).toBe(path);
});

test("a path that would leave the folder is refused, and so is none at all", () => {
  expect(wrongName("", "  ")).toMatch(/needed/);
  expect(wrongName("..", "x")).toMatch(/within/);
  expect(wrongName("a", "b/../c")).toMatch(/within/);
  expect(wrongName("a..b", "c...md")).toBeNull();
});

test("a text is made from a template at once, from a paste only when there is one", () => {
  expect(source({ from: "template", name: "incident" }, "")).toEqual({ from: "template", name: "incident" });
  expect(source({ from: "session" }, " \n")).toBeNull();
  expect(source({ from: "session" }, "$ ls")).toEqual({ from: "session", text: "$ ls" });
  expect(source({ from: "page" }, "<p>x</p>")).toEqual({ from: "page", html: "<p>x</p>" });
});
