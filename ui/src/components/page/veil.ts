// Takes out of a text what must not be shown.

export interface Veiled {
  text: string;
  hidden: boolean;
}

/** The pieces of a text, each secret in it as one hidden piece, empty unless its text is asked for. */
export function veiled(text: string, secrets: readonly string[], kept = false): Veiled[] {
  let pieces: Veiled[] = [{ text, hidden: false }];
  for (const secret of [...secrets].filter(Boolean).sort((a, b) => b.length - a.length)) {
    pieces = pieces.flatMap((piece) =>
      piece.hidden
        ? [piece]
        : piece.text
            .split(secret)
            .flatMap((part, index) => [
              ...(index > 0 ? [{ text: kept ? secret : "", hidden: true }] : []),
              ...(part === "" ? [] : [{ text: part, hidden: false }]),
            ]),
    );
  }
  return pieces;
}

/** What stands in the place of what is hidden. */
export const HIDDEN = "hidden in the preview";

/**
 * HTML without what must not be shown: of each secret a mark is left, also where tags part it. Attributes that hold one
 * go.
 */
export function veiledHtml(html: string, secrets: readonly string[]): string {
  const wanted = asShown(secrets);
  if (wanted.length === 0) return html;
  const page = document.createElement("template");
  page.innerHTML = html;
  for (const element of page.content.querySelectorAll("*"))
    for (const name of element.getAttributeNames()) {
      const value = element.getAttribute(name) ?? "";
      if (wanted.some((secret) => value.includes(secret) || value.includes(encodeURIComponent(secret))))
        element.removeAttribute(name);
    }
  const walker = document.createTreeWalker(page.content, NodeFilter.SHOW_TEXT);
  const texts: { node: Text; from: number }[] = [];
  let whole = "";
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    texts.push({ node, from: whole.length });
    whole += node.data;
  }
  let at = 0;
  const spans = veiled(whole, wanted, true).flatMap((piece) => {
    const from = at;
    at += piece.text.length;
    return piece.hidden ? [{ from, to: at }] : [];
  });
  // From the end, so that places before stay where they are.
  for (const { from, to } of spans.reverse())
    for (const text of texts.toReversed()) {
      const start = Math.max(from, text.from) - text.from;
      const end = Math.min(to, text.from + text.node.length) - text.from;
      if (start >= end) continue;
      text.node.deleteData(start, end - start);
      if (text.from + start === from) text.node.splitText(start).before(mark());
    }
  return page.innerHTML;
}

/** Secrets stand in the source as they are written there; on the page escapes are gone. */
function asShown(secrets: readonly string[]): string[] {
  const written = secrets.filter(Boolean);
  return [...new Set(written.flatMap((secret) => [secret, secret.replace(/\\([!-/:-@[-`{-~])/g, "$1")]))];
}

function mark(): HTMLElement {
  const place = document.createElement("span");
  place.className = "redact";
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", HIDDEN);
  place.title = HIDDEN;
  return place;
}

/** A text for those who hear it. */
export function plain(text: string, secrets: readonly string[]): string {
  return veiled(text, secrets)
    .map((piece) => (piece.hidden ? HIDDEN : piece.text))
    .join("");
}
