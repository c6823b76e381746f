/** How the folder of a repository is called: `runbooks` of `git@example.org:team/runbooks.git`; null where nothing says it. */
export function nameOf(url: string): string | null {
  const last = url.trim().replace(/\/+$/, "").split(/[/:]/).pop() ?? "";
  const name = last.replace(/\.git$/, "");
  return name === "" || /^[-.]/.test(name) || !/[/:]/.test(url) ? null : name;
}
