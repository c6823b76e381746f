// What a click on a link in a runbook's text means. The webview itself never goes anywhere.

export type LinkTarget = { kind: "anchor"; id: string } | { kind: "open"; url: string } | { kind: "none" };

export function linkTarget(href: string | null, wiki: string | null = null): LinkTarget {
  if (wiki !== null) return { kind: "open", url: `[[${wiki}]]` };
  if (href === null || href.trim() === "" || href === "#") return { kind: "none" };
  if (href.startsWith("#")) return { kind: "anchor", id: decode(href.slice(1)) };
  return { kind: "open", url: href };
}

/** Whether that leads to another file beside the runbook: a wiki link, or an address without a scheme or host. */
export function isInside(url: string): boolean {
  return url.startsWith("[[") || !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(url);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
