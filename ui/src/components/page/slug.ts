// Anchors as Markdown readers make them from headings.

/** `Check the lag (2)` becomes `check-the-lag-2`. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s+/g, "-");
}
