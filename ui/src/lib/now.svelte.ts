// The time, once a second, for clocks on the page. It only ticks while something shows it.

class Now {
  value = $state(Date.now());
  private users = 0;
  private timer: ReturnType<typeof setInterval> | null = null;

  /** Keeps the clock going; the answer lets go of it. */
  use(): () => void {
    this.users += 1;
    this.value = Date.now();
    this.timer ??= setInterval(() => {
      this.value = Date.now();
    }, 1000);
    return () => {
      this.users -= 1;
      if (this.users === 0 && this.timer !== null) {
        clearInterval(this.timer);
        this.timer = null;
      }
    };
  }
}

export const now = new Now();
