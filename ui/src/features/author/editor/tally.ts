// How many matches a search has, and which one is in hand. A long text is counted in slices, so that no key waits for it.

export interface Match {
  from: number;
  to: number;
}

/** More are not counted: nobody walks through them. */
export const MOST_MATCHES = 10_000;

export class Tally {
  /** Where matches begin and end, in order. */
  readonly from: number[] = [];
  readonly to: number[] = [];
  /** Whether the whole text was looked at, or as much as is counted. */
  done = false;
  /** There are more than were counted. */
  more = false;

  constructor(
    private readonly matches: Iterator<Match>,
    private readonly most = MOST_MATCHES,
  ) {}

  /** Counts on until `late` says so; true when there is nothing left to count. */
  run(late: () => boolean): boolean {
    while (!this.done) {
      const next = this.matches.next();
      if (next.done === true) this.done = true;
      else if (this.from.length >= this.most) this.done = this.more = true;
      else {
        this.from.push(next.value.from);
        this.to.push(next.value.to);
      }
      if (late()) break;
    }
    return this.done;
  }

  /** The number of the match that is selected, from 1; 0 where none is. */
  at(from: number, to: number): number {
    const index = this.behind(from);
    return this.from[index] === from && this.to[index] === to ? index + 1 : 0;
  }

  /** The first match that begins at a place or behind it; null while none is known. */
  first(place: number): Match | null {
    const index = this.behind(place);
    const [from, to] = [this.from[index], this.to[index]];
    return from === undefined || to === undefined ? null : { from, to };
  }

  private behind(place: number): number {
    let low = 0;
    let high = this.from.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.from[middle] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** "3 of 17", "17 matches", "no match", "3 of more than 10,000"; "counting" until something can be said. */
export function said(tally: Tally, number: number): string {
  const count = tally.from.length;
  if (!tally.done) return number > 0 ? `${format(number)} of …` : "counting";
  if (count === 0) return "no match";
  const all = tally.more ? `more than ${format(count)}` : format(count);
  if (number > 0) return `${format(number)} of ${all}`;
  return `${all} ${count === 1 ? "match" : "matches"}`;
}

function format(number: number): string {
  return number.toLocaleString("en");
}
