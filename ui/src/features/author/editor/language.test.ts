import { CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { ensureSyntaxTree, foldable } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { describe, expect, test } from "vitest";

import type { Vocabulary } from "../../../bindings/types";
import { runbookSource } from "./complete";
import { exactText } from "./exact";
import { fenceLanguage, frontMatter, runbookLanguage } from "./language";
import { fenceInfo, placeholders, variables } from "./marks";

const word = (name: string, values: string[] = []): Vocabulary["keys"][number] => ({ word: name, hint: name, values });
const words: Vocabulary = {
  keys: [word("title"), word("kind", ["incident", "routine"]), word("owner"), word("tags")],
  attributes: [word("name"), word("expect"), word("timeout", ["30s", "60s"])],
  languages: [word("sh"), word("python")],
  headings: [word("Steps"), word("Rollback")],
  variables: [word("from"), word("to")],
  access: [word("orders-db", ["password"])],
  groups: [word("web", ["web1", "web2"])],
  owners: ["data-platform"],
  tags: ["tls"],
  severities: [],
  environments: [],
  files: [word("other.md")],
  snippets: [{ name: "step", title: "Step", hint: "", text: "### ${1}. ${}" }],
};

function state(text: string): EditorState {
  const made = EditorState.create({ doc: text, extensions: [exactText("\n"), runbookLanguage()] });
  ensureSyntaxTree(made, made.doc.length, 5000);
  return made;
}

/** What is offered at the mark `|`. */
function offered(marked: string): string[] {
  const at = marked.indexOf("|");
  const source = runbookSource(() => words);
  const found = source(new CompletionContext(state(marked.replace("|", "")), at, false)) as CompletionResult | null;
  return (found?.options ?? []).map((option) => option.label);
}

const cases: [string, string, string[]][] = [
  ["keys of the front matter", "---\nt|\n---\n", ["title", "kind", "owner", "tags"]],
  ["values of a key", "---\nkind: |\n---\n", ["incident", "routine"]],
  ["owners that are in use", "---\nowner: d|\n---\n", ["data-platform"]],
  ["tags in a list", "---\ntags:\n  - |\n---\n", ["tls"]],
  ["entries of the keychain", "---\naccess:\n  PW: keychain://|\n---\n", ["orders-db", "orders-db/password"]],
  ["languages of a fence", "```s|\n```\n", ["sh", "python"]],
  ["attributes that are not there yet", "```sh {name=a |}\n```\n", ["expect", "timeout"]],
  ["values of an attribute", "```sh {timeout=|}\n```\n", ["30s", "60s"]],
  ["where a block runs", "```sh {on=|}\n```\n", ["orders-db", "ssh:", "ansible:"]],
  ["groups and entries behind ssh:", "```sh {on=ssh:|}\n```\n", ["web", "orders-db"]],
  ["those that are not there yet", "```sh {on=ssh:web,o|}\n```\n", ["orders-db"]],
  ["headings that open phases", "## S|\n", ["Steps", "Rollback"]],
  ["variables", "Use {{|\n", ["from", "to"]],
  ["files in a link", "See [x](|\n", ["other.md"]],
  ["files in a wiki link", "See [[|\n", ["other.md"]],
  ["what a slash inserts", "/|\n", ["/step"]],
  ["what a slash inserts in a list", "- a /s|\n", ["/step"]],
  ["nothing behind a slash within a word", "and/|\n", []],
  ["nothing in a script", "```sh\nls /|\n```\n", []],
];
test.each(cases)("offers %s", (_, marked, labels) => {
  expect(offered(marked)).toEqual(labels);
});

test.each([
  ["---\ntitle: a\n---\nx", "yaml"],
  ["+++\ntitle = 'a'\n+++\nx", "toml"],
  ['{\n"title": "a"\n}\nx', "json"],
  ["\ufeff---\r\ntitle: a\r\n---\r\nx", "yaml"],
])("front matter %j is read as %s", (text, kind) => {
  const made = state(text);
  expect(frontMatter(made.doc)?.kind).toBe(kind);
  expect(ensureSyntaxTree(made, made.doc.length, 5000)?.topNode.firstChild?.name).toBe("FrontMatter");
});

test("a rule at the beginning that nothing closes is no front matter", () => {
  const made = state("---\n\n# A\n");
  expect(frontMatter(made.doc)).toBeNull();
  expect(ensureSyntaxTree(made, made.doc.length, 5000)?.topNode.firstChild?.name).toBe("HorizontalRule");
});

test("the first line of a fence comes apart, with quotes and expressions", () => {
  const info = fenceInfo('  ```sh {name=a probe expect=/a} b/ confirm="x } y"} rest');
  expect(info?.language).toBe("sh");
  expect(info?.attributes.map((one) => [one.key, one.value])).toEqual([
    ["name", "a"],
    ["probe", null],
    ["expect", "/a} b/"],
    ["confirm", '"x } y"'],
  ]);
});

test("placeholders and variables are found, redirections are not", () => {
  expect(placeholders("kubectl logs <pod name> <none> 2>&1 <in >out").length).toBe(1);
  expect(variables("{{a}} {{ b }} {% c %} ${{d}}").map((one) => one.name)).toEqual(["a", "b", "d"]);
});

test.each([
  ["sh {name=a}", "shell"],
  ["py", "python"],
  ["YAML", "yaml"],
])("%s is written in %s", (info, name) => {
  expect(fenceLanguage(info)?.name).toBe(name);
});

describe("folding", () => {
  function folds(text: string, line: number): string | null {
    let state = EditorState.create({ doc: text, extensions: runbookLanguage() });
    ensureSyntaxTree(state, text.length, 60_000);
    // The tree that was made is taken over by the next change.
    state = state.update({ selection: { anchor: 0 } }).state;
    const { from, to } = state.doc.line(line);
    const found = foldable(state, from, to);
    return found && state.sliceDoc(found.from, found.to);
  }

  test("a heading folds up to the next of its level", () => {
    const text = "# T\n\n## A\n\ntext\n\n### B\n\ntext\n\n## C\n\nend\n";
    expect(folds(text, 3)).toBe("\n\ntext\n\n### B\n\ntext");
    expect(folds(text, 7)).toBe("\n\ntext");
    expect(folds(text, 1)).toContain("end");
    expect(folds(text, 5)).toBeNull();
  });

  test("the title of a very long text is not looked through at each key", () => {
    const text = `# T\n\n${"## A\n\ntext\n\n".repeat(2000)}`;
    expect(folds(text, 1)).toBeNull();
    expect(folds(text, 3)).toBe("\n\ntext");
  });
});
