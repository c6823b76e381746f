// The keys that call the palette from anywhere, as they are pressed: `Ctrl+Alt+Space`.

export interface Pressed {
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}

/** Keys that are only held with others. */
const HELD = /^(Control|Alt|Shift|Meta|OS)(Left|Right)?$|^(AltGraph|CapsLock|Fn|Unidentified|)$/;

/** The name of what was pressed: null while only keys that are held are down. */
export function keysOf(pressed: Pressed): string | null {
  if (HELD.test(pressed.code)) return null;
  const held = [
    pressed.ctrlKey ? "Ctrl" : null,
    pressed.altKey ? "Alt" : null,
    pressed.shiftKey ? "Shift" : null,
    pressed.metaKey ? "Super" : null,
  ];
  return [...held.filter((name) => name !== null), pressed.code.replace(/^(Key|Digit)(?=.$)/, "")].join("+");
}
