// The page beside a text is drawn anew while somebody works in it by keys: what had the focus is found again.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/** What had the focus on a page. */
export interface Focused {
  node: HTMLElement;
  /** The item that it stands in, if one. */
  item: string | null;
  /** What it is, and how many of the same stand before it. */
  kind: string;
  before: number;
}

function kindOf(node: HTMLElement): string {
  const says = node.getAttribute("aria-label") ?? node.textContent?.trim() ?? "";
  return [node.tagName, node.dataset["testid"] ?? "", says].join("\n");
}

function all(page: HTMLElement): HTMLElement[] {
  return [...page.querySelectorAll<HTMLElement>(FOCUSABLE)];
}

const itemOf = (node: HTMLElement): string | null => node.closest<HTMLElement>("[data-item]")?.dataset["item"] ?? null;

/** What has the focus within a page, before it is drawn anew; null where nothing has. */
export function focusedIn(page: HTMLElement): Focused | null {
  const node = document.activeElement;
  if (!(node instanceof HTMLElement) || node === page || !page.contains(node)) return null;
  const kind = kindOf(node);
  const same = all(page).filter((one) => kindOf(one) === kind);
  return { node, item: itemOf(node), kind, before: Math.max(0, same.indexOf(node)) };
}

/** Gives the focus back where it was lost: to the same of the same item, else to the same in its place, else to the page. */
export function refocus(page: HTMLElement, was: Focused): void {
  if (was.node.isConnected) return;
  const now = document.activeElement;
  // Somebody has gone elsewhere in the meantime.
  if (now !== null && now !== document.body) return;
  const same = all(page).filter((one) => kindOf(one) === was.kind);
  const found =
    same.find((one) => was.item !== null && itemOf(one) === was.item) ?? same[Math.min(was.before, same.length - 1)];
  (found ?? page).focus({ preventScroll: true });
}
