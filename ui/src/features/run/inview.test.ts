import { expect, test } from "vitest";

import { shift } from "./inview";

test.each([
  ["in view", 100, 50, 700, 0],
  ["below the edge", 690, 50, 700, 64],
  ["half below the edge", 660, 50, 700, 34],
  ["above the edge", -40, 50, 700, -64],
  ["higher than the view, below", 300, 900, 700, 276],
  ["higher than the view, at its top", 24, 900, 700, 0],
])("a thing that is %s is brought to where it can be seen", (_, top, height, room, by) => {
  expect(shift(top, height, room, 24)).toBe(by);
});
