import { expect, test } from "vitest";

import { plateOf } from "./environment";

test.each([
  ["prod", "production", "plate--prod", "Environment prod (production)"],
  ["production", "production", "plate--prod", "Environment production"],
  ["stg", "staging", "plate--stage", "Environment stg (staging)"],
  ["dev", "development", "plate--dev", "Environment dev (development)"],
  ["lab", null, "", "Environment lab"],
])("the plate of %s, %s, is %s and says %s", (name, kind, look, label) => {
  expect(plateOf({ name, kind, guard: false })).toEqual({ look, text: name, label });
});
