// Takes out of a text what must not be shown.

export interface Veiled {
  text: string;
  hidden: boolean;
}

/** The pieces of a text, each secret in it as one hidden piece. */
export function veiled(text: string, secrets: readonly string[]): Veiled[] {
  let pieces: Veiled[] = [{ text, hidden: false }];
  for (const secret of [...secrets].filter(Boolean).sort((a, b) => b.length - a.length)) {
    pieces = pieces.flatMap((piece) =>
      piece.hidden
        ? [piece]
        : piece.text
            .split(secret)
            .flatMap((part, index) => [
              ...(index > 0 ? [{ text: "", hidden: true }] : []),
              ...(part === "" ? [] : [{ text: part, hidden: false }]),
            ]),
    );
  }
  return pieces;
}
