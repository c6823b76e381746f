import { expect, test } from "vitest";

import { lines } from "./printed";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ["", []],
  ["one\ntwo\n", ["one", "two"]],
  ["one\r\ntwo", ["one", "two"]],
  ["10 %\r50 %\r100 %\ndone\n", ["100 %", "done"]],
  ["\u001b[31mred\u001b[0m and \u001b]0;title\u0007plain\n", ["red and plain"]],
  ["bell\u0007 and \u202eturned\n", ["bell‹07› and ‹202e›turned"]],
])("%j is read as %j", (text, expected) => {
  expect(lines(bytes(text))).toEqual(expected);
});

test("bytes that are no text are shown as such, and nothing is lost around them", () => {
  expect(lines(new Uint8Array([0x61, 0xff, 0x62, 0x0a]))).toEqual(["a\ufffdb"]);
});
