// What a person has to say or open before something can go on: a library's first use of access entries, the passphrase of the
// vault. It is asked where it comes up, and what was wanted is tried again.

import type { ApiError, GrantsNeeded } from "../bindings/types";
import { apiError, host } from "../host";

export type Asked = { kind: "grant"; needed: GrantsNeeded } | { kind: "vault" };

/** The tries after which an answer is given up: each of them was answered by a person. */
const MOST = 8;

class Gate {
  asked = $state.raw<Asked | null>(null);
  private answer: ((yes: boolean) => void) | null = null;

  /** Does it, and asks what it needs; null when the person thought better of it. */
  async pass<T>(work: () => Promise<T>): Promise<{ value: T } | null> {
    for (let tried = 0; ; tried += 1) {
      try {
        return { value: await work() };
      } catch (error) {
        const problem = apiError(error);
        const asked = tried < MOST ? question(problem) : null;
        if (asked === null) throw error;
        if (!(await this.ask(asked))) return null;
        if (asked.kind === "grant") {
          const { entries, scope } = asked.needed;
          await host().call("access_allow", { entries, path: scope, allowed: true });
        }
      }
    }
  }

  /** Asks; whether it was granted, or opened. One question at a time: another one answers the first with no. */
  ask(asked: Asked): Promise<boolean> {
    this.said(false);
    this.asked = asked;
    return new Promise((resolve) => (this.answer = resolve));
  }

  said(yes: boolean): void {
    const { answer } = this;
    this.answer = null;
    this.asked = null;
    answer?.(yes);
  }
}

function question(problem: ApiError): Asked | null {
  if (problem.code === "needs_grant" && problem.grants) return { kind: "grant", needed: problem.grants };
  return problem.code === "vault_locked" ? { kind: "vault" } : null;
}

export const gate = new Gate();
