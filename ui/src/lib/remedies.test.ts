import { expect, test } from "vitest";

import { inWindow } from "./remedies";

test("what the program advises is what the window has for it", () => {
  for (const [said, shown] of [
    [
      'there is no access entry "db": add it with `allgood access add db --secret password`',
      'there is no access entry "db": add it in Access',
    ],
    [
      "web1 has no secret: set one with `allgood access edit web1 --secret password`",
      "web1 has no secret: set one in Access",
    ],
    [
      "or choose an encrypted file with a passphrase instead (`allgood access vault create`)",
      "or choose an encrypted file with a passphrase instead",
    ],
    [
      'There is no access entry "x": `allgood access list` shows those there are',
      'There is no access entry "x": Access shows those there are',
    ],
    ["The file `a.md` stays.", "The file `a.md` stays."],
  ] as const)
    expect(inWindow(said)).toBe(shown);
});
