// What a terminal shows of an attempt, in order and each byte once: first what the record holds, then what comes. Where one ends and
// the other begins is said by the watch, never guessed.

import type { AttemptOutput } from "./output";

export interface Source {
  /** What the record holds from byte `at` on, `most` bytes at most, and where that begins; no bytes where it holds none. */
  read(at: number, most: number): Promise<{ offset: number; bytes: Uint8Array }>;
}

export interface Screen {
  /** Draws what comes next; `taken` is called when it stands there. */
  draw(bytes: Uint8Array, taken: () => void): void;
  /** So many bytes before the first that is drawn are not shown. */
  begins(bytes: number): void;
  /** So many bytes between two that are drawn are in no record. */
  left(bytes: number): void;
  /** So many bytes are passed over here; the record has them, or will have them. */
  skipped(bytes: number): void;
  /** The record could not be read. */
  failed(error: unknown): void;
}

/** So much of the record is read at once. */
const PIECE = 1024 * 1024;

const nothing = (): void => undefined;

export class Feed {
  /** The next byte to be drawn; before the first it is not known. */
  private at = -1;
  /** A view that fell behind goes on here. */
  private jump = 0;
  private known = 0;
  private over = false;
  private busy = false;
  private again = false;
  private stopped = false;
  private readonly leave: (() => void)[];

  /** Shows the last `most` bytes, and what comes after them. */
  constructor(
    private readonly output: AttemptOutput,
    private readonly source: Source,
    private readonly screen: Screen,
    private readonly most: number,
  ) {
    this.leave = [
      output.onJoined(() => this.go()),
      output.read(({ bytes, offset, skipped }, taken) => {
        if (skipped > 0) this.jump = offset;
        if (!this.busy && this.at === offset) {
          this.at += bytes.length;
          this.screen.draw(bytes, taken);
        } else {
          // It is kept, and drawn in its turn.
          taken();
          this.go();
        }
      }),
    ];
  }

  /** The record holds the first `bytes` of it by now; `over`: no more will come. */
  holds(bytes: number, over: boolean): void {
    this.known = bytes;
    this.over = over;
    this.go();
  }

  stop(): void {
    this.stopped = true;
    for (const leave of this.leave) leave();
  }

  private go(): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    void this.work();
  }

  private async work(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.catchUp();
      } catch (error) {
        if (!this.stopped) this.screen.failed(error);
      }
    } while (this.again && !this.stopped);
    this.busy = false;
  }

  private async catchUp(): Promise<void> {
    const { output, screen } = this;
    while (!this.stopped) {
      // What the page keeps of it by itself does not have to be read.
      const goal = output.joined ? output.from : this.known;
      if (this.at < 0) {
        if (goal === 0 && !output.joined) return;
        this.at = Math.max(0, goal - this.most);
        screen.begins(this.at);
      }
      this.at = Math.max(this.at, this.jump);
      if (this.at >= goal) break;
      const has = Math.min(goal, this.known);
      if (this.at >= has) {
        // It has been told, and is on its way to the disk.
        if (!this.over && goal <= output.promised) return;
        break;
      }
      const first = this.at;
      const { offset, bytes } = await this.source.read(first, Math.min(has - first, PIECE));
      if (this.stopped) return;
      if (bytes.length === 0) break;
      if (offset > first) screen.left(offset - first);
      this.at = offset + bytes.length;
      screen.draw(bytes, nothing);
    }
    if (this.stopped || !output.joined) return;
    if (this.at < output.from) {
      screen.skipped(output.from - this.at);
      this.at = output.from;
    }
    for (const piece of output.after(this.at)) screen.draw(piece, nothing);
    this.at = Math.max(this.at, output.to);
  }
}
