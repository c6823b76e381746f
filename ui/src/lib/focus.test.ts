import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { keepFocus } from "./focus";

let fallback: ReturnType<typeof vi.fn<() => void>>;
let stop: () => void;

beforeEach(() => {
  document.body.innerHTML = `<button id="a"></button><button id="b"></button><p id="p"></p>`;
  fallback = vi.fn();
  stop = keepFocus(fallback);
});
afterEach(() => stop());

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(id);
  return found;
};
const turn = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));
const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
/** What was changed has been seen, and the two frames that are given to others are over. */
const settled = async (): Promise<void> => {
  await turn();
  for (let frames = 0; frames < 3; frames += 1) await frame();
  await turn();
};

test("what had the focus is gone: the focus gets a place", async () => {
  element("a").focus();
  element("a").remove();
  await settled();
  expect(fallback).toHaveBeenCalledTimes(1);
});

test("who takes the focus over keeps it", async () => {
  element("a").focus();
  element("a").remove();
  element("b").focus();
  await settled();
  expect(fallback).not.toHaveBeenCalled();
});

test("who clicked beside everything is left alone", async () => {
  element("a").focus();
  element("a").blur();
  await settled();
  element("a").remove();
  element("p").remove();
  await settled();
  expect(fallback).not.toHaveBeenCalled();
});
