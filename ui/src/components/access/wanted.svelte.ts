// A secret that somebody wants to see from elsewhere: the screen of access entries shows it, by its own rules, once it shows the
// entry.

class Wanted {
  private asked = $state.raw<{ entry: string; field: string } | null>(null);

  show(entry: string, field: string): void {
    this.asked = { entry, field };
  }

  /** The field of that entry that is wanted; once. */
  take(entry: string): string | null {
    if (this.asked?.entry !== entry) return null;
    const { field } = this.asked;
    this.asked = null;
    return field;
  }
}

export const wanted = new Wanted();
