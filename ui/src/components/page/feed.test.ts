import { expect, test } from "vitest";

import { Feed } from "./feed";
import { AttemptOutput } from "./output";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const nothing = (): void => undefined;

/** A screen that notes what it draws, and a record that holds so much of a text. */
class World {
  readonly output = new AttemptOutput();
  drawn = "";
  beginsAt = -1;
  leftOut = 0;
  passed = 0;
  reads = 0;
  readonly feed: Feed;

  constructor(
    readonly text: string,
    most = 1_000_000,
    readonly read = (at: number, limit: number): { offset: number; bytes: Uint8Array } => ({
      offset: at,
      bytes: bytes(text.slice(at, at + limit)),
    }),
  ) {
    this.feed = new Feed(
      this.output,
      {
        read: async (at, limit) => {
          this.reads += 1;
          await Promise.resolve();
          return this.read(at, limit);
        },
      },
      {
        draw: (piece, taken) => {
          this.drawn += new TextDecoder().decode(piece);
          taken();
        },
        begins: (count) => (this.beginsAt = count),
        left: (count) => (this.leftOut += count),
        skipped: (count) => (this.passed += count),
        failed: (error) => {
          throw error;
        },
      },
      most,
    );
  }

  live(from: number, to: number, skipped = 0): void {
    this.output.add(from, bytes(this.text.slice(from, to)), skipped, nothing);
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test("what came between the reading of a run and the beginning of its watch is shown, once, though nothing follows", async () => {
  const world = new World("begun and on it goes");
  world.feed.holds(5, false);
  await settled();
  expect(world.drawn).toBe("begun");
  world.output.join(20, 20);
  await settled();
  expect(world.drawn).toBe("begun");
  world.feed.holds(20, false);
  await settled();
  expect(world.drawn).toBe("begun and on it goes");
});

test("what comes while the record is behind waits for it, and nothing stands twice or out of order", async () => {
  const world = new World("one two three four");
  world.feed.holds(4, false);
  world.output.join(8, 8);
  world.live(8, 14);
  await settled();
  expect(world.drawn).toBe("one ");
  world.live(14, 18);
  world.feed.holds(8, false);
  await settled();
  expect(world.drawn).toBe("one two three four");
  world.feed.holds(18, true);
  await settled();
  expect(world.drawn).toBe("one two three four");
  expect(world.reads).toBe(2);
});

test("an attempt that began after the watch needs no record", async () => {
  const world = new World("all of it");
  world.live(0, 3);
  world.live(3, 9);
  await settled();
  world.feed.holds(9, true);
  await settled();
  expect([world.drawn, world.reads]).toEqual(["all of it", 0]);
});

test("a run that another process drives is read on from where it was, not anew", async () => {
  const world = new World("one two three");
  for (const holds of [0, 4, 4, 8, 13]) {
    world.feed.holds(holds, holds === 13);
    await settled();
  }
  expect([world.drawn, world.reads]).toEqual(["one two three", 3]);
});

test("only the end of a long output is shown, and how much stands before it is told", async () => {
  const world = new World("0123456789".repeat(10), 15);
  world.feed.holds(100, true);
  await settled();
  expect([world.drawn, world.beginsAt]).toEqual(["567890123456789", 85]);
});

test("a view that fell behind goes on where the watch does, without reading what was passed over", async () => {
  const world = new World("x".repeat(50) + "the end");
  world.live(0, 10);
  await settled();
  world.live(50, 57, 40);
  await settled();
  world.feed.holds(57, false);
  await settled();
  expect([world.drawn, world.output.skipped, world.reads]).toEqual(["x".repeat(10) + "the end", 40, 0]);
});

test("of a very long output that runs the record has only the first part: the rest is not waited for", async () => {
  const world = new World("head" + "-".repeat(96) + "now");
  world.feed.holds(4, false);
  await settled();
  world.output.join(100, 4);
  world.live(100, 103);
  await settled();
  expect([world.drawn, world.passed]).toEqual(["headnow", 96]);
});

test("what the record does not hold in the midst is counted", async () => {
  const text = "head" + "-".repeat(90) + "tail";
  const world = new World(text, 1_000, (at) =>
    at < 4 ? { offset: at, bytes: bytes(text.slice(at, 4)) } : { offset: 94, bytes: bytes(text.slice(94)) },
  );
  world.feed.holds(98, true);
  await settled();
  expect([world.drawn, world.leftOut]).toEqual(["headtail", 90]);
});

test("a watch that ends and begins anew leaves no hole", async () => {
  const world = new World("one two three four");
  world.live(0, 4);
  await settled();
  world.output.join(14, 14);
  world.live(14, 18);
  await settled();
  expect(world.drawn).toBe("one ");
  world.feed.holds(14, false);
  await settled();
  expect(world.drawn).toBe("one two three four");
});

test("nothing is drawn after it was stopped", async () => {
  const world = new World("one two");
  world.feed.holds(3, false);
  world.feed.stop();
  world.live(0, 7);
  await settled();
  expect(world.drawn).toBe("");
});

test("however reading, watching and keeping fall together, each byte is drawn once and in order", async () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 500; round += 1) {
    const text = Array.from({ length: 40 + random(60) }, (_, at) => String.fromCharCode(97 + (at % 26))).join("");
    const world = new World(text);
    // What has been printed, what of it is on disk, and where the watch stands: none before it has begun.
    let printed = random(text.length);
    let kept = random(printed + 1);
    let watched = random(4) === 0 ? 0 : -1;
    if (watched === 0) printed = kept = 0;
    while (printed < text.length || kept < printed || watched < printed) {
      const what = random(4);
      if (what === 0) {
        printed = Math.min(text.length, printed + 1 + random(9));
        // A piece that is shown is told to whoever watches, whether it is on disk or not.
      } else if (what === 1) {
        kept = Math.min(printed, kept + 1 + random(9));
        world.feed.holds(kept, false);
      } else if (watched < 0) {
        watched = printed;
        world.output.join(watched, watched);
      } else if (watched < printed) {
        const to = Math.min(printed, watched + 1 + random(9));
        world.live(watched, to);
        watched = to;
      }
      if (random(2) === 0) await settled();
    }
    world.feed.holds(text.length, true);
    await settled();
    expect(world.drawn).toBe(text);
  }
});
