// What a click on a link in a runbook's text means. The webview itself never goes anywhere.

export type LinkTarget = { kind: "anchor"; id: string } | { kind: "open"; url: string } | { kind: "none" };

export function linkTarget(href: string | null): LinkTarget {
  if (href === null || href.trim() === "" || href === "#") return { kind: "none" };
  if (href.startsWith("#")) return { kind: "anchor", id: decode(href.slice(1)) };
  return { kind: "open", url: href };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
