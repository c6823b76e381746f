// A text as the editor holds it: exact, whatever its line ends are.

import { EditorState, type Text } from "@codemirror/state";

const lines = EditorState.create({ extensions: EditorState.lineSeparator.of("\n") });

/** The exact text as the editor holds it. */
export function textOf(text: string): Text {
  return lines.toText(text);
}
