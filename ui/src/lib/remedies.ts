// What the program advises names commands where a terminal has them. The window has its own way for each: the sentence says that one
// instead. What only a terminal can do stays as it is. A test of the architecture holds every sentence against this table, so each
// rule stands in a line of its own.

const WAYS: readonly [RegExp, string][] = [
  [/(?:,)? with `allgood access (?:add|edit) [^`]*`/g, " in Access"],
  [/ \(`allgood access edit [^`]*`\)/g, " in Access"],
  [/`allgood access list` shows/g, "Access shows"],
  [/open it with `allgood access open [^`]*`/g, "open it in the browser"],
  [/: `allgood access allow [^`]*`/g, ": start it here, and you are asked"],
  [/ \(`allgood access vault create`\)/g, ""],
  [/make one with `allgood access vault create`/g, "make one in Access"],
  [/ \(`allgood library trust [^`]*`\)/g, ""],
  [/`allgood link list` shows/g, "Links shows"],
  [/`allgood runs` lists/g, "Runs lists"],
  [/`allgood runs` shows/g, "Runs shows"],
  [/ \(`allgood resume [^`]*`\)/g, ""],
  [/write its file again with `allgood export [^`]*`/g, "write its file again from its report"],
  [/ \(`allgood rollback [^`]*`\)/g, ""],
];

/** A sentence of the program with what the window has in the place of commands. */
export function inWindow(sentence: string): string {
  return sentence.includes("`allgood ")
    ? WAYS.reduce((text, [command, way]) => text.replace(command, way), sentence)
    : sentence;
}
