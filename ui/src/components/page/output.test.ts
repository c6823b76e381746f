import { expect, test, vi } from "vitest";

import { AttemptOutput, Outputs } from "./output";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (pieces: Uint8Array[]): string => pieces.map((piece) => new TextDecoder().decode(piece)).join("");
const nothing = (): void => undefined;

test("pieces stand one after the other", () => {
  const output = new AttemptOutput();
  output.add(0, bytes("one "), 0, nothing);
  output.add(4, bytes("two"), 0, nothing);
  expect(text(output.after(0))).toBe("one two");
  expect([output.from, output.to]).toEqual([0, 7]);
});

test("what is already here is not taken twice", () => {
  const output = new AttemptOutput();
  output.add(0, bytes("one two"), 0, nothing);
  output.add(4, bytes("two three"), 0, nothing);
  output.add(0, bytes("one"), 0, nothing);
  expect(text(output.after(0))).toBe("one two three");
});

test("what the record has already shown is left out", () => {
  const output = new AttemptOutput();
  output.add(10, bytes("abc"), 0, nothing);
  output.add(13, bytes("def"), 0, nothing);
  expect(text(output.after(12))).toBe("cdef");
  expect(text(output.after(16))).toBe("");
});

test("what was skipped is counted and told", () => {
  const output = new AttemptOutput();
  const told = vi.fn();
  output.onSkipped(told);
  output.add(0, bytes("one"), 0, nothing);
  output.add(1003, bytes("two"), 1000, nothing);
  expect(output.skipped).toBe(1000);
  expect(told).toHaveBeenCalledTimes(1);
  expect(text(output.after(0))).toBe("two");
  expect(output.from).toBe(1003);
});

test("memory stays bounded whatever a command prints", () => {
  const output = new AttemptOutput(1000);
  for (let at = 0; at < 100_000; at += 100) output.add(at, new Uint8Array(100), 0, nothing);
  expect(output.to - output.from).toBeLessThanOrEqual(1000);
  expect(output.to).toBe(100_000);
});

test("a piece that nobody draws is acknowledged at once; one that is drawn when it is", () => {
  const output = new AttemptOutput();
  const first = vi.fn();
  output.add(0, bytes("a"), 0, first);
  expect(first).toHaveBeenCalledTimes(1);

  const drawn: (() => void)[] = [];
  const leave = output.read((_, taken) => drawn.push(taken));
  const second = vi.fn();
  output.add(1, bytes("b"), 0, second);
  expect(second).not.toHaveBeenCalled();
  drawn[0]?.();
  expect(second).toHaveBeenCalledTimes(1);

  leave();
  const third = vi.fn();
  output.add(2, bytes("c"), 0, third);
  expect(third).toHaveBeenCalledTimes(1);
});

test("a piece that holds nothing new is acknowledged as well", () => {
  const output = new AttemptOutput();
  output.add(0, bytes("abc"), 0, nothing);
  output.read(() => undefined);
  const taken = vi.fn();
  output.add(0, bytes("abc"), 0, taken);
  expect(taken).toHaveBeenCalledTimes(1);
});

test("each attempt has its own output", () => {
  const outputs = new Outputs();
  outputs.of("x", 1).add(0, bytes("one"), 0, nothing);
  expect(outputs.of("x", 2).empty).toBe(true);
  expect(outputs.of("x", 1).empty).toBe(false);
});

test("a reader learns where each piece stands, so that a gap can be filled from the record", () => {
  const output = new AttemptOutput();
  const seen: [number, number, number][] = [];
  output.read((piece, taken) => {
    seen.push([piece.offset, piece.bytes.length, piece.skipped]);
    taken();
  });
  output.add(100, bytes("abc"), 0, nothing);
  output.add(101, bytes("bcde"), 0, nothing);
  output.add(1105, bytes("x"), 1000, nothing);
  expect(seen).toEqual([
    [100, 3, 0],
    [103, 2, 0],
    [1105, 1, 1000],
  ]);
});

test("the last line is read over pieces, without colours, and as it was written over", () => {
  const output = new AttemptOutput();
  expect(output.lastLine()).toBe("");
  output.add(0, bytes(`${"x".repeat(5000)}\nfirst\nsec`), 0, nothing);
  output.add(5010, bytes("ond \u001b[32m10 %\r"), 0, nothing);
  expect(output.lastLine()).toBe("second 10 %");
  output.add(5024, bytes("done 20 %\r\n\r\n"), 0, nothing);
  expect(output.lastLine()).toBe("done 20 %");
});
