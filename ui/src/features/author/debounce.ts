// When to keep a draft and when to look at a text. Times are in milliseconds; clocks come from outside, so that tests
// can turn them.

export interface Clock {
  set(run: () => void, after: number): unknown;
  clear(timer: unknown): void;
  now(): number;
}

export const realClock: Clock = {
  set: (run, after) => setTimeout(run, after),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  now: () => Date.now(),
};

/** A draft is kept so long after the first key that is not kept yet: going on typing does not put it off. */
export const KEEP_MS = 400;

/**
 * Keeps what was typed: at most one call at a time, the newest text next. `keep` must resolve when the text is on disk.
 */
export class Keeper {
  private timer: unknown = null;
  private busy: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly keep: () => Promise<void>,
    private readonly clock: Clock = realClock,
  ) {}

  /** Something was typed. */
  touched(): void {
    if (this.timer !== null) return;
    this.timer = this.clock.set(() => {
      this.timer = null;
      void this.flush();
    }, KEEP_MS);
  }

  /** Nothing that was typed waits any more. */
  calm(): void {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
    this.again = false;
  }

  /** Whether something is not on disk yet. */
  get waiting(): boolean {
    return this.timer !== null || this.busy !== null;
  }

  /** Keeps it now. */
  async flush(): Promise<void> {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
    if (this.busy !== null) {
      this.again = true;
      await this.busy;
      return;
    }
    this.busy = (async () => {
      do {
        this.again = false;
        await this.keep();
      } while (this.again);
    })();
    try {
      await this.busy;
    } finally {
      this.busy = null;
    }
  }
}

/** Idle time before a text is looked at. */
export const LOOK_MS = 150;
const LOOK_MOST_MS = 2000;

/**
 * Asks what a text means when the typing rests; longer where the last answer took long. An answer to an older question
 * is dropped.
 */
export class Looker<T> {
  private timer: unknown = null;
  private asked = 0;
  private took = 0;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly found: (answer: T) => void,
    private readonly failed: (error: unknown) => void,
    private readonly clock: Clock = realClock,
  ) {}

  touched(): void {
    // What is on its way is about an older text.
    if (this.timer !== null) this.clock.clear(this.timer);
    const idle = Math.min(LOOK_MOST_MS, Math.max(LOOK_MS, this.took * 2));
    this.timer = this.clock.set(() => void this.now(), idle);
  }

  async now(): Promise<void> {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
    this.asked += 1;
    const mine = this.asked;
    const began = this.clock.now();
    try {
      const answer = await this.ask();
      if (mine !== this.asked) return;
      this.took = this.clock.now() - began;
      this.found(answer);
    } catch (error) {
      if (mine === this.asked) this.failed(error);
    }
  }

  stop(): void {
    if (this.timer !== null) this.clock.clear(this.timer);
    this.timer = null;
    this.asked += 1;
  }
}
