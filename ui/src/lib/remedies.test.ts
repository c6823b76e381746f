import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** What has no counterpart in the window, so that a terminal is named there too. */
const OF_A_TERMINAL = [
  "allgood access reveal",
  "allgood export`",
  "allgood history`",
  "allgood take",
  "allgood check --code",
];

/** The sentences of the program, with the line ends inside them taken out. */
function sentences(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sentences(path);
    if (!entry.name.endsWith(".rs") || entry.name === "tests.rs") return [];
    const text = readFileSync(path, "utf8").replace(/\\\n\s*/g, "");
    const lines = text.split("\n").filter((line) => !line.trim().startsWith("//"));
    return lines.filter((line) => line.includes("`allgood "));
  });
}

test("no sentence that can reach the window names a command that the window has a way for", () => {
  const all = ["api", "access", "engine"].flatMap((part) => sentences(join("..", "src-tauri", part, "src")));
  expect(all.length).toBeGreaterThan(15);
  const left = all.filter(
    (line) => inWindow(line).includes("`allgood ") && !OF_A_TERMINAL.some((command) => line.includes(command)),
  );
  expect(left).toEqual([]);
});
