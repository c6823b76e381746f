import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/svelte";

// Waiting ends when what is waited for is there; this is only the patience of a slow machine.
configure({ asyncUtilTimeout: 15_000 });

// jsdom has no layout and no matchMedia; the screens only need answers, not sizes.
Object.defineProperty(window, "matchMedia", {
  value: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
});
class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
Object.defineProperty(window, "ResizeObserver", { value: NoObserver });
Element.prototype.scrollIntoView = () => undefined;
// What a list shows depends on its height.
Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 800 });
Object.defineProperty(window, "innerWidth", { configurable: true, writable: true, value: 1440 });
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = () => new DOMRect();
