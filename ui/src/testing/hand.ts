// A hand on the keyboard that counts: each key counts once, keys that are held with it included; what is typed of a name or an
// address counts for nothing.

import type { UserEvent } from "@testing-library/user-event";

export class Hand {
  /** How many keys were pressed, beside what was typed. */
  presses = 0;

  constructor(private readonly user: UserEvent) {}

  /** Each of these is one press: `c`, `{Enter}`, `{Control>}k{/Control}`. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.presses += 1;
      await this.user.keyboard(key);
    }
  }

  /** Types a name, an address or a few letters of one. */
  async type(text: string): Promise<void> {
    await this.user.keyboard(text.replace(/[[{]/g, "$&$&"));
  }
}
