// What a command printed, as text: without what a terminal obeys.

// Sequences of a terminal: colours, moves of the cursor, titles. What they did to the screen is the terminal's to show.
const SEQUENCES = new RegExp(
  [
    String.raw`\u001b\[[0-?]*[ -/]*[@-~]`,
    String.raw`\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)`,
    String.raw`\u001b[PX^_][^\u001b]*\u001b\\`,
    String.raw`\u001b[ -/]*[0-~]`,
  ].join("|"),
  "g",
);
// Control characters but line feed, tab and carriage return, and those that change the direction of writing.
const CONTROLS = new RegExp(
  String.raw`[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]`,
  "g",
);

/** The lines of an output: a line that was written over shows what it said last. */
export function lines(bytes: Uint8Array): string[] {
  const text = new TextDecoder("utf-8", { fatal: false }).decode(bytes).replace(SEQUENCES, "");
  const all = text.replace(/\r+\n/g, "\n").split("\n");
  if (all.at(-1) === "") all.pop();
  return all.map((line) => {
    const last = line.includes("\r") ? (line.split("\r").findLast((part) => part !== "") ?? "") : line;
    return last.replace(CONTROLS, (control) => `\u2039${control.codePointAt(0)?.toString(16).padStart(2, "0")}\u203a`);
  });
}

/** The last line in which something stands. */
export function lastLine(bytes: Uint8Array): string {
  return (lines(bytes).findLast((line) => line.trim() !== "") ?? "").trim();
}
