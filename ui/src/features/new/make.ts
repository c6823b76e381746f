// What the screen for a new runbook decides.

import type { MakeFrom } from "../../bindings/types";

export type Choice = { from: "template"; name: string } | { from: "session" } | { from: "page" };

/** What the text is made from; null while there is nothing to make it from. */
export function source(choice: Choice, pasted: string): MakeFrom | null {
  if (choice.from === "template") return choice;
  if (pasted.trim() === "") return null;
  return choice.from === "session" ? { from: "session", text: pasted } : { from: "page", html: pasted };
}

/** The path within the library folder; a name without an ending is a Markdown file. */
export function relative(folder: string, name: string): string {
  const parts = [...folder.split("/"), ...name.split("/")].map((part) => part.trim()).filter((part) => part !== "");
  const path = parts.join("/");
  return /\.(md|markdown)$/i.test(path) ? path : `${path}.md`;
}

/** Why that cannot be the name of a file, if it cannot. */
export function wrongName(folder: string, name: string): string | null {
  if (name.trim() === "") return "A name is needed.";
  if (
    relative(folder, name)
      .split("/")
      .some((part) => part === "." || part === "..")
  ) {
    return "The path must stay within the folder: leave out “..”.";
  }
  return null;
}
