import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import Prose from "./Prose.svelte";

test("a link in a runbook is opened outside, and the page stays where it is", async () => {
  const onopen = vi.fn();
  const before = location.href;
  render(Prose, { html: '<p><a href="https://example.net/x">the wiki</a></p>', onopen });
  await userEvent.click(screen.getByText("the wiki"));
  expect(onopen).toHaveBeenCalledExactlyOnceWith("https://example.net/x");
  expect(location.href).toBe(before);
});

test("a link within the page goes to its heading", async () => {
  const onopen = vi.fn();
  const onanchor = vi.fn();
  render(Prose, { html: '<a href="#check-the-lag">lag</a>', onopen, onanchor });
  await userEvent.click(screen.getByText("lag"));
  expect(onanchor).toHaveBeenCalledExactlyOnceWith("check-the-lag");
  expect(onopen).not.toHaveBeenCalled();
});

test("a remote image is not loaded: it waits for a click, and opens outside", async () => {
  const onopen = vi.fn();
  const { container } = render(Prose, { html: '<img data-src="https://example.net/a.png" alt="a graph">', onopen });
  expect(container.querySelector("img")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: /a graph/ }));
  expect(onopen).toHaveBeenCalledExactlyOnceWith("https://example.net/a.png");
});
