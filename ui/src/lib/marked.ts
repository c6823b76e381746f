// Texts in which what was looked for is marked.

/** Such a text in pieces; hits stand between U+0002 and U+0003. */
export function pieces(marked: string): { text: string; hit: boolean }[] {
  const found: { text: string; hit: boolean }[] = [];
  let hit = false;
  // eslint-disable-next-line no-control-regex -- the marks are these characters
  for (const part of marked.split(/([\u0002\u0003])/)) {
    if (part === "\u0002") hit = true;
    else if (part === "\u0003") hit = false;
    else if (part !== "") found.push({ text: part, hit });
  }
  return found;
}

/** Such a text without its marks. */
export function plain(marked: string): string {
  return pieces(marked)
    .map((piece) => piece.text)
    .join("");
}
