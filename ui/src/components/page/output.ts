// Live output of attempts, kept for the terminals that show it: bounded, without gaps that are not told.

import { lastLine } from "../../lib/printed";

/** What is kept of one attempt, in bytes. The journal has all of it. */
export const KEPT = 1024 * 1024;

/** Of so many bytes at the end the last line is read. */
const LAST = 4096;

/** A piece that is new, and where it stands in the attempt's output. */
export interface Piece {
  bytes: Uint8Array;
  offset: number;
  /** Bytes before it that this view was not given. */
  skipped: number;
}

export type Reader = (piece: Piece, taken: () => void) => void;

export class AttemptOutput {
  /** Where the first byte that is kept stands in the attempt's output. */
  from = 0;
  /** One past the last. */
  to = 0;
  /** Bytes that this view never got because it fell behind. */
  skipped = 0;
  /** The watch has said where it begins to tell of it: bytes before the first that is kept are in the record alone. */
  joined = false;
  /** Up to here the record has what came before that, or is about to have it. */
  promised = 0;
  private pieces: Uint8Array[] = [];
  private reader: Reader | null = null;
  private readonly changed: (() => void)[] = [];
  private readonly stood: (() => void)[] = [];

  constructor(private readonly kept: number = KEPT) {}

  get empty(): boolean {
    return this.pieces.length === 0;
  }

  /** The watch tells of it from byte `offset` on; the record has, or is about to have, what stands before `promised`. */
  join(offset: number, promised: number): void {
    this.joined = true;
    this.promised = promised;
    if (this.empty || offset > this.to) {
      this.pieces = [];
      this.from = offset;
      this.to = offset;
    }
    this.stood.forEach((tell) => tell());
  }

  /** Takes a piece in. What is already here is not taken twice. */
  add(offset: number, bytes: Uint8Array, skipped: number, taken: () => void): void {
    let piece = bytes;
    // One that began after the watch is told from its first byte on.
    if (!this.joined) this.join(offset - skipped, offset - skipped);
    if (offset < this.to) piece = bytes.subarray(Math.min(bytes.length, this.to - offset));
    else if (offset > this.to) {
      // What was skipped is not here; what stood before it is of no use without it.
      this.pieces = [];
      this.from = offset;
      this.to = offset;
    }
    if (skipped > 0) {
      this.skipped += skipped;
      this.changed.forEach((tell) => tell());
    }
    if (piece.length === 0) {
      taken();
      return;
    }
    const begins = this.to;
    this.pieces.push(piece);
    this.to += piece.length;
    while (this.to - this.from > this.kept && this.pieces.length > 1) {
      this.from += this.pieces.shift()?.length ?? 0;
    }
    if (this.reader) this.reader({ bytes: piece, offset: begins, skipped }, taken);
    else taken();
  }

  /** What is kept from byte `offset` of the attempt on, in order. */
  after(offset: number): Uint8Array[] {
    const found: Uint8Array[] = [];
    let at = this.from;
    for (const piece of this.pieces) {
      const ends = at + piece.length;
      if (ends > offset) found.push(offset > at ? piece.subarray(offset - at) : piece);
      at = ends;
    }
    return found;
  }

  /** The line that was printed last. */
  lastLine(): string {
    const ends = this.after(Math.max(this.from, this.to - LAST));
    const bytes = new Uint8Array(ends.reduce((sum, piece) => sum + piece.length, 0));
    ends.reduce((at, piece) => (bytes.set(piece, at), at + piece.length), 0);
    return lastLine(bytes);
  }

  /** Hands on what comes from now on; the answer stops that. One reader at a time. */
  read(reader: Reader): () => void {
    this.reader = reader;
    return () => {
      if (this.reader === reader) this.reader = null;
    };
  }

  /** Tells when it is known where the watch begins; the answer stops that. */
  onJoined(tell: () => void): () => void {
    this.stood.push(tell);
    return () => {
      const at = this.stood.indexOf(tell);
      if (at >= 0) this.stood.splice(at, 1);
    };
  }

  /** Tells when something was skipped; the answer stops that. */
  onSkipped(tell: () => void): () => void {
    this.changed.push(tell);
    return () => {
      const at = this.changed.indexOf(tell);
      if (at >= 0) this.changed.splice(at, 1);
    };
  }
}

export class Outputs {
  private readonly attempts = new Map<string, AttemptOutput>();

  of(item: string, attempt: number): AttemptOutput {
    const key = `${attempt} ${item}`;
    let found = this.attempts.get(key);
    if (!found) {
      found = new AttemptOutput();
      this.attempts.set(key, found);
    }
    return found;
  }
}
