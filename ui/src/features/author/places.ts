// Places of the text that was looked at, in the text as it stands: while an answer is on its way, and after it, one goes on
// typing.

import type { ChangeSet } from "@codemirror/state";
import { Text } from "@codemirror/state";

import type { TextEdit, TextProblem } from "../../bindings/types";
import { textOf } from "./text";

export interface Range {
  from: number;
  to: number;
}

export class Places {
  private looked: Text = Text.empty;
  /** What was changed since the text was looked at that is shown. */
  private since: ChangeSet | null = null;
  /** What was changed since the text was asked about last. */
  private meanwhile: ChangeSet | null = null;

  /** Whether nothing was changed since the text was looked at. */
  get current(): boolean {
    return this.since === null;
  }

  /** The text is asked about. */
  asked(): void {
    this.meanwhile = null;
  }

  changed(changes: ChangeSet): void {
    this.since = this.since ? this.since.compose(changes) : changes;
    this.meanwhile = this.meanwhile ? this.meanwhile.compose(changes) : changes;
  }

  /** An answer about `looked` has come, and the text is `now`. False where nobody knows what lies between the two. */
  answered(looked: Text, now: Text): boolean {
    if (now !== looked && !this.meanwhile) return false;
    this.looked = looked;
    this.since = now === looked ? null : this.meanwhile;
    return true;
  }

  /** A place. */
  at(place: number, side: -1 | 1 = -1): number {
    return this.since === null ? place : this.since.mapPos(Math.min(place, this.since.length), side);
  }

  /** Where a line begins. */
  start(line: number): number {
    return this.at(this.looked.line(Math.min(Math.max(1, line), this.looked.lines)).from);
  }

  /** The number of a line, in the text as it is `now`. */
  line(line: number, now: Text): number {
    return this.since === null ? line : now.lineAt(Math.min(this.start(line), now.length)).number;
  }

  /** A range without what was typed at its ends. */
  range(from: number, to: number): Range {
    const start = this.at(from, 1);
    return { from: start, to: Math.max(start, this.at(to)) };
  }

  /** Whether something was changed within a range. */
  touched(from: number, to: number): boolean {
    return Boolean(this.since?.touchesRange(from, to));
  }

  /** Edits, as changes; null where the text was changed at one of them. */
  edits(edits: readonly TextEdit[]): { from: number; to: number; insert: Text }[] | null {
    if (edits.some((edit) => this.touched(edit.from, edit.to))) return null;
    return edits.map((edit) => {
      const from = this.at(edit.from, 1);
      return { from, to: Math.max(from, this.at(edit.to, 1)), insert: textOf(edit.text) };
    });
  }

  /** A problem, in the text as it is `now`. */
  problem(problem: TextProblem, now: Text): TextProblem {
    if (this.since === null) return problem;
    const from = this.at(problem.from);
    const to = Math.max(from, this.at(problem.to));
    return { ...problem, from, to, line: now.lineAt(Math.min(from, now.length)).number };
  }
}
