import { expect, test } from "vitest";

import { keysOf } from "./shortcut";

const none = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };

test.each([
  [{ ...none, code: "Space", ctrlKey: true, altKey: true }, "Ctrl+Alt+Space"],
  [{ ...none, code: "KeyK", metaKey: true, shiftKey: true }, "Shift+Super+K"],
  [{ ...none, code: "Digit7", altKey: true }, "Alt+7"],
  [{ ...none, code: "F12", ctrlKey: true }, "Ctrl+F12"],
  [{ ...none, code: "ControlLeft", ctrlKey: true }, null],
  [{ ...none, code: "MetaRight", metaKey: true }, null],
])("%o is called %s", (pressed, called) => {
  expect(keysOf(pressed)).toBe(called);
});
