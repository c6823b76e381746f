// Edits that a run suggests, put into the text as if they had been typed: seen, taken back, saved or not.

import { ChangeSet, type Text } from "@codemirror/state";

import type { TextEdit } from "../../bindings/types";
import type { PendingEdits } from "../../lib/pending";
import { changesBetween } from "./change";
import { textOf } from "./text";
import type { Workbench } from "./workbench.svelte";

/** Edits of the saved text in the text as it stands; null where something was changed there since. */
export function placed(saved: Text, doc: Text, edits: readonly TextEdit[]): ChangeSet | null {
  const between = ChangeSet.of(changesBetween(saved, doc), saved.length);
  const moved = edits.map(({ from, to, text }) => {
    if (to > saved.length || between.touchesRange(from, to)) return null;
    return { from: between.mapPos(from, 1), to: between.mapPos(to, -1), insert: textOf(text) };
  });
  const whole = moved.filter((one) => one !== null && one.from <= one.to);
  return whole.length === edits.length
    ? ChangeSet.of(
        whole.flatMap((one) => one ?? []),
        doc.length,
      )
    : null;
}

/** Puts them in; what there is to say about it, and where the first of them stands. */
export function putIn(bench: Workbench, pending: PendingEdits): { says: string; at: number | null } {
  const changes = pending.count === 1 ? "1 change" : `${pending.count} changes`;
  const run = `run ${pending.run.slice(0, 13)}`;
  const source = bench.source;
  const refused = (why: string): { says: string; at: null } => ({
    says: `The ${changes} of ${run} ${pending.count === 1 ? "is" : "are"} not put in: ${why}`,
    at: null,
  });
  if (source === null) return refused("the file cannot be read.");
  if (source.read_only !== null) return refused(source.read_only);
  if (source.revision !== pending.revision)
    return refused("the file was changed meanwhile. Open the changes of the run again.");
  const found = placed(textOf(source.text), bench.doc, pending.edits);
  if (found === null) return refused("what is not saved here has changed these very lines. Save or discard it first.");
  let at = bench.doc.length;
  found.iterChanges((_from, _to, from) => (at = Math.min(at, from)));
  bench.replace(found.apply(bench.doc).toString(), "suggested");
  return {
    says: `${changes} of ${run} ${pending.count === 1 ? "is" : "are"} in the text. Nothing is saved yet; Ctrl Z takes it back.`,
    at,
  };
}
