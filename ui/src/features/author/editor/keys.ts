// Keys of the screen that the editor, which has the focus, would not know.

import type { KeyBinding } from "@codemirror/view";

/** Whether that was the key of the binding. */
export function matches(key: KeyBinding, event: KeyboardEvent): boolean {
  const parts = (key.key ?? "").split("-");
  const last = parts.pop() ?? "";
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (
    last === pressed &&
    parts.includes("Mod") === (event.ctrlKey || event.metaKey) &&
    parts.includes("Shift") === event.shiftKey &&
    parts.includes("Alt") === event.altKey
  );
}
