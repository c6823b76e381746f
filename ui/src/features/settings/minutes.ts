// Minutes as a person types them.

const MOST = 1440;

export function minutesOf(text: string): { minutes: number } | { fault: string } {
  const said = text.trim();
  const minutes = /^\d{1,5}$/.test(said) ? Number(said) : null;
  if (minutes === null || minutes > MOST)
    return { fault: `“${said}” is no number of minutes: write 0, which is never, to ${MOST.toLocaleString("en")}.` };
  return { minutes };
}
