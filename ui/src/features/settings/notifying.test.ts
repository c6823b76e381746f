import { expect, test } from "vitest";

import { readSeconds } from "./notifying";

test.each([
  ["30", 30],
  [" 1 ", 1],
  ["90 s", 90],
  ["86400", 86_400],
])("%s is read", (typed, seconds) => {
  expect(readSeconds(typed)).toEqual({ seconds });
});

test.each(["", "0", "86401", "-1", "1.5", "soon", "1e3"])("%s is refused with a sentence that names it", (typed) => {
  expect(readSeconds(typed)).toMatchObject({ fault: expect.stringContaining(`"${typed}"`) as string });
});
