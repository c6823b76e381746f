// Runs of the stand-in in many states.

import type { ItemStatus } from "../../bindings/types";
import type { Built } from "./build";
import { PAST } from "./content";
import type { MockRun } from "./engine";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Desk {
  book: (relative: string) => Built;
  run: (built: Built, ago: number, id?: string) => MockRun;
}

/** Makes them. */
export function pastRuns(desk: Desk): void {
  const now = Date.now();
  const at = (ago: number): string => new Date(now - ago).toISOString();
  const queue = desk.book("queues/move-broker.md");
  const plays = queue.plays;

  const walk = (run: MockRun, until: string, from: number, step = 45_000): number => {
    let when = from;
    for (const id of run.path) {
      if (id === until) break;
      when -= step;
      run.past(
        id,
        "passed",
        at(when),
        Math.min(step, (plays.get(id)?.takes ?? 4000) * 5 + 1000),
        plays.get(id) ?? { lines: [], takes: 0 },
      );
    }
    return when;
  };

  const live = desk.run(queue, 14.5 * 60_000, "019aac41d07be8035ac1d64f0288a3e8");
  walk(live, "follow", 14 * 60_000, 80_000);
  live.pastNote("broker-a answers ping but not 5672. Jonas sees the same from Lisbon.", at(5 * 60_000));
  live.act({ do: "start", item: "follow", hash: "", values: {} });

  const failed = desk.run(queue, 17 * 60_000, "019aab99d07be8035ac1d64f0288a3e8");
  const left = walk(failed, "repoint", 16 * 60_000, 70_000);
  const bad = plays.get("repoint")?.before?.[0];
  if (bad) failed.past("repoint", "failed", at(left - 60_000), 41_000, bad);

  for (const [relative, state, ago, took] of PAST) {
    const built = desk.book(relative);
    for (let back = 0; back < 4; back += 1) {
      const run = desk.run(built, ago + back * 7 * DAY);
      const status: ItemStatus = "passed";
      run.path.forEach((id, index) => {
        const last = index === run.path.length - 2;
        const use: ItemStatus = back === 0 && last && state === "failed" ? "failed" : status;
        if (back === 0 && state !== "passed" && index > run.path.length - 2) return;
        run.past(
          id,
          use,
          new Date(Date.parse(run.started) + (took * (index + 1)) / run.path.length).toISOString(),
          took / run.path.length,
          built.plays.get(id) ?? { lines: [], takes: 0 },
        );
      });
      if (back === 0 && state === "interrupted") {
        // It was cut off in its second command, and the file is another one by now.
        run.forget(run.path.slice(2));
        const cut = run.path[2] ?? "";
        run.past(cut, "interrupted", new Date(Date.parse(run.started) + took).toISOString(), took / 4, {
          lines: ["reading the last backup", "31 of 204 tables"],
          takes: 0,
        });
        run.movedOn = true;
        run.lost = ["BACKUP_KEY"];
      }
      run.state = back === 0 ? state : "passed";
      run.ended = back === 0 && state === "interrupted" ? null : new Date(Date.parse(run.started) + took).toISOString();
    }
  }
  // Put aside yesterday, by a process that is gone.
  const aside = desk.run(queue, 26 * HOUR, "019aab10d07be8035ac1d64f0288a3e8");
  walk(aside, "promote", 26 * HOUR, 60_000);
  aside.act({ do: "pause" });
  aside.elsewhere = true;
  const passed = desk.run(queue, 30 * DAY);
  const end = walk(passed, "", 30 * DAY, 90_000);
  passed.ended = at(end);
  passed.rescued = true;
}
