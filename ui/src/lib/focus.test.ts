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
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 80));

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
