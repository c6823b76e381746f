// The screens of the navigation, in its order: each has a number, and Control with that number goes there.

export const places = [
  { screen: "library", icon: "book-open", name: "Runbooks" },
  { screen: "runs", icon: "history", name: "Runs" },
  { screen: "access", icon: "key-round", name: "Access" },
  { screen: "links", icon: "bookmark", name: "Links" },
  { screen: "schedules", icon: "calendar-clock", name: "Schedules" },
] as const;

export type Place = (typeof places)[number];

/** The keys that go to a place, as they are written. */
export const keysOf = (place: Place): [string, string] => ["Ctrl", String(places.indexOf(place) + 1)];

/**
 * The place that a key press goes to: by the key's place on the keyboard, since some layouts have digits behind Shift. From a
 * terminal, where Control with a digit is the shell's, Shift stands with it.
 */
export function placeOf(event: KeyboardEvent): Place | null {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey === event.metaKey) return null;
  const terminal = event.target instanceof Element && event.target.closest(".xterm") !== null;
  if (event.shiftKey !== terminal) return null;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  return digit === undefined ? null : (places[Number(digit) - 1] ?? null);
}
