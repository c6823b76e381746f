import { expect, test } from "vitest";

import { minutesOf } from "./minutes";

test("minutes are 0 to 1,440, and anything else is said", () => {
  expect(minutesOf(" 20 ")).toEqual({ minutes: 20 });
  expect(minutesOf("0")).toEqual({ minutes: 0 });
  for (const text of ["", "-1", "1441", "soon", "1.5"])
    expect(minutesOf(text)).toEqual({
      fault: `“${text}” is no number of minutes: write 0, which is never, to 1,440.`,
    });
});
