// Single keys act on the thing in hand, never while a field has the focus. While a terminal has the focus only chords of
// Ctrl and Shift are the window's: every other key is the shell's.

/** What a key press means: `j`, `Enter`, `Space`, `Ctrl+j`, `?`; null when it belongs to a field or a terminal. */
export function keyOf(event: KeyboardEvent): string | null {
  if (event.defaultPrevented || event.isComposing) return null;
  const target = event.target instanceof Element ? event.target : null;
  const control = event.ctrlKey || event.metaKey;
  if (target?.closest(".xterm")) {
    if (!(control && event.shiftKey)) return null;
  } else if (isField(target)) {
    if (event.key !== "Escape" && !control) return null;
  }
  if (event.altKey) return null;
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (control) return `Ctrl+${event.shiftKey ? "Shift+" : ""}${key}`;
  return key;
}

/** Whether keys typed there are text. */
export function isField(target: Element | null): boolean {
  if (!target) return false;
  return target.closest("input, textarea, select, [contenteditable='true']") !== null;
}

/** Whether Enter or Space there already press something, so that the screen must not act on them as well. */
export function pressesSomething(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest("button, a[href], summary, [role='menuitem'], [role='button']") != null;
}
