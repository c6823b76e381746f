import { afterEach, expect, test } from "vitest";

import { keyOf, pressesSomething } from "./keys";

afterEach(() => {
  document.body.innerHTML = "";
});

function press(html: string, init: KeyboardEventInit): { key: string | null; presses: boolean } {
  document.body.innerHTML = html;
  const target = document.body.querySelector("[data-here]") ?? document.body;
  let found: { key: string | null; presses: boolean } = { key: null, presses: false };
  const listen = (event: Event): void => {
    if (event instanceof KeyboardEvent) found = { key: keyOf(event), presses: pressesSomething(event) };
  };
  window.addEventListener("keydown", listen, { once: true });
  target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
  return found;
}

test.each([
  ["j", {}, "j"],
  [" ", {}, "Space"],
  ["?", { shiftKey: true }, "?"],
  ["j", { ctrlKey: true }, "Ctrl+j"],
  ["J", { ctrlKey: true, shiftKey: true }, "Ctrl+Shift+j"],
  ["s", { altKey: true }, null],
])("the key %s with %o means %s", (key, more, means) => {
  expect(press("<div data-here></div>", { key, ...more }).key).toBe(means);
});

test("single keys do nothing while a field has the focus, but Escape and chords do", () => {
  const field = "<input data-here>";
  expect(press(field, { key: "s" }).key).toBeNull();
  expect(press(field, { key: "Escape" }).key).toBe("Escape");
  expect(press(field, { key: "j", ctrlKey: true }).key).toBe("Ctrl+j");
});

test("in a terminal only chords of Ctrl and Shift are the window's", () => {
  const terminal = '<div class="xterm"><textarea data-here></textarea></div>';
  expect(press(terminal, { key: "c", ctrlKey: true }).key).toBeNull();
  expect(press(terminal, { key: "Escape" }).key).toBeNull();
  expect(press(terminal, { key: "j" }).key).toBeNull();
  expect(press(terminal, { key: "J", ctrlKey: true, shiftKey: true }).key).toBe("Ctrl+Shift+j");
});

test("Enter on a button is the button's", () => {
  expect(press("<button data-here>x</button>", { key: "Enter" }).presses).toBe(true);
  expect(press("<div data-here>x</div>", { key: "Enter" }).presses).toBe(false);
});
