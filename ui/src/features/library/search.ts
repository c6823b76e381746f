// Searching while a person types: not at every key, and an answer that comes late is dropped.

export const WAIT_MS = 120;

export class Search<T> {
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly ask: (words: string) => Promise<T>,
    private readonly found: (answer: T, words: string) => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Asks in a moment, unless something else is typed before. */
  typed(words: string): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(words), WAIT_MS);
  }

  /** Asks at once. */
  async now(words: string): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.turn += 1;
    const turn = this.turn;
    try {
      const answer = await this.ask(words);
      if (turn === this.turn) this.found(answer, words);
    } catch (error) {
      if (turn === this.turn) this.failed(error);
    }
  }

  /** Nothing that is still under way is taken any more. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.turn += 1;
  }
}
