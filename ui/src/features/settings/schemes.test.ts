import { expect, test } from "vitest";

import { addScheme } from "./schemes";

test.each([
  ["ssh", ["ssh"]],
  ["SSH://", ["ssh"]],
  [" vscode: ", ["vscode"]],
])("%s is allowed", (typed, schemes) => {
  expect(addScheme([], typed)).toEqual({ schemes });
});

test.each(["", "1abc", "a b", "https", "javascript", "data:", "file://"])("%s is refused with a sentence", (typed) => {
  expect(addScheme([], typed)).toHaveProperty("fault");
});

test("nothing is allowed twice", () => {
  expect(addScheme(["ssh"], "ssh")).toHaveProperty("fault");
});
