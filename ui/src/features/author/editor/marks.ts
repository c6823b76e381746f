// What is a runbook's own in the text: the band of a fence, its attributes, variables, placeholders, headings that open
// a phase. Only what is in view is looked at.

import { syntaxTree } from "@codemirror/language";
import { RangeSet, RangeSetBuilder, type EditorState } from "@codemirror/state";
import {
  Decoration,
  GutterMarker,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from "@codemirror/view";

const SHELLS = /^(sh|bash|zsh|fish|ksh|shell|console|shell-session|terminal|powershell|pwsh)$/i;

export interface Attribute {
  key: string;
  value: string | null;
  /** Offsets in the line. */
  from: number;
  to: number;
  valueFrom: number;
}

export interface FenceInfo {
  language: string;
  languageFrom: number;
  /** Where the braces stand; the end is that of the text while they are not closed. */
  braces: { from: number; to: number } | null;
  attributes: Attribute[];
}

const FENCE = /^(?:[\s>]|[-*+] |\d+[.)] )*(`{3,}|~{3,})\s*([^\s{`]*)/;
const PAIR = /([A-Za-z_][\w-]*)(?:(=)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\/(?:[^/\\]|\\.)*\/?|[^\s}]*))?/g;

/** Takes the first line of a fence apart; null where a line opens none. */
export function fenceInfo(line: string): FenceInfo | null {
  const found = FENCE.exec(line);
  if (!found) return null;
  const language = found[2] ?? "";
  const open = line.indexOf("{", found[0].length);
  const info: FenceInfo = { language, languageFrom: found[0].length - language.length, braces: null, attributes: [] };
  if (open < 0) return info;
  PAIR.lastIndex = open + 1;
  let end = line.length;
  for (;;) {
    const close = line.indexOf("}", PAIR.lastIndex);
    const pair = PAIR.exec(line);
    if (!pair || (close >= 0 && pair.index > close)) {
      if (close >= 0) end = close + 1;
      break;
    }
    const [whole, key = "", equals, value] = pair;
    info.attributes.push({
      key,
      value: equals ? (value ?? "") : null,
      from: pair.index,
      to: pair.index + whole.length,
      valueFrom: pair.index + key.length + (equals ? 1 : 0),
    });
  }
  info.braces = { from: open, to: end };
  return info;
}

/** Placeholders of a shell command: `<pod name>`. */
export function placeholders(line: string): { from: number; to: number }[] {
  const found = [];
  for (const match of line.matchAll(/<([A-Za-z"'][^<>=@\n]*)>/g)) {
    const name = match[1] ?? "";
    if (/\s$/.test(name) || /^(none|nil|unknown)$/i.test(name)) continue;
    found.push({ from: match.index, to: match.index + match[0].length });
  }
  return found;
}

/** Variables of the text: `{{name}}`. */
export function variables(line: string): { name: string; from: number; to: number }[] {
  return [...line.matchAll(/\{\{\s*([A-Za-z_]\w*)\s*\}\}/g)].map((match) => ({
    name: match[1] ?? "",
    from: match.index,
    to: match.index + match[0].length,
  }));
}

const band = Decoration.line({ class: "cm-fence" });
const matter = Decoration.line({ class: "cm-matter" });
const language = Decoration.mark({ class: "cm-lang" });
const attribute = Decoration.mark({ class: "cm-attr" });
const variable = Decoration.mark({ class: "cm-var" });
const place = Decoration.mark({ class: "cm-place" });

/** Draws the band of a fence on in the gutters; it stands in the first of them and reaches over all. */
class BandMark extends GutterMarker {
  override elementClass = "cm-fence-gutter";
}
const bandMark = new BandMark();

/** The fence that stands around a place, with the number of its first line. */
export function fenceAt(state: EditorState, at: number): { from: number; to: number; line: number } | null {
  for (
    let node: ReturnType<typeof syntaxTree>["topNode"] | null = syntaxTree(state).resolveInner(at, 1);
    node;
    node = node.parent
  ) {
    if (node.name === "FencedCode") return { from: node.from, to: node.to, line: state.doc.lineAt(node.from).number };
  }
  const before = syntaxTree(state).resolveInner(at, -1);
  for (let node: typeof before | null = before; node; node = node.parent) {
    if (node.name === "FencedCode") return { from: node.from, to: node.to, line: state.doc.lineAt(node.from).number };
  }
  return null;
}

interface Drawn {
  decorations: DecorationSet;
  /** The lines whose band goes on in the gutters. */
  bands: RangeSet<GutterMarker>;
}

function draw(view: EditorView): Drawn {
  const { state } = view;
  const { doc } = state;
  const builder = new RangeSetBuilder<Decoration>();
  const bands = new RangeSetBuilder<GutterMarker>();
  const tree = syntaxTree(state);
  for (const { from, to } of view.visibleRanges) {
    const blocks: { from: number; to: number; kind: "fence" | "matter"; shell: boolean }[] = [];
    tree.iterate({
      from,
      to,
      enter: (node) => {
        if (node.name === "FencedCode") {
          const info = fenceInfo(doc.lineAt(node.from).text);
          const lang = info?.language ?? "";
          blocks.push({ from: node.from, to: node.to, kind: "fence", shell: SHELLS.test(lang) || lang === "" });
          return false;
        }
        if (node.name === "FrontMatter") {
          blocks.push({ from: node.from, to: node.to, kind: "matter", shell: false });
          return false;
        }
        return undefined;
      },
    });
    let index = 0;
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      while (index < blocks.length && (blocks[index]?.to ?? 0) < line.from) index += 1;
      const block = blocks[index];
      const inside = block !== undefined && block.from <= line.to && block.to >= line.from;
      const found: { from: number; to: number; mark: Decoration }[] = [];
      if (inside) builder.add(line.from, line.from, block.kind === "fence" ? band : matter);
      if (inside && block.kind === "fence") bands.add(line.from, line.from, bandMark);
      if (line.length < 5000) {
        if (inside && block.kind === "fence" && block.from >= line.from) {
          const info = fenceInfo(line.text);
          if (info?.language)
            found.push({ from: info.languageFrom, to: info.languageFrom + info.language.length, mark: language });
          if (info?.braces) found.push({ from: info.braces.from, to: info.braces.to, mark: attribute });
        } else if (inside && block.shell) {
          for (const one of placeholders(line.text)) found.push({ ...one, mark: place });
        }
        for (const one of variables(line.text)) found.push({ from: one.from, to: one.to, mark: variable });
      }
      found.sort((a, b) => a.from - b.from || b.to - a.to);
      for (const one of found) builder.add(line.from + one.from, line.from + one.to, one.mark);
      if (line.to >= to || line.number >= doc.lines) break;
    }
  }
  return { decorations: builder.finish(), bands: bands.finish() };
}

export const runbookMarks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    bands: RangeSet<GutterMarker>;
    private tree;
    constructor(view: EditorView) {
      this.tree = syntaxTree(view.state);
      ({ decorations: this.decorations, bands: this.bands } = draw(view));
    }
    update(update: ViewUpdate): void {
      const tree = syntaxTree(update.state);
      if (!update.docChanged && !update.viewportChanged && tree === this.tree) return;
      this.tree = tree;
      ({ decorations: this.decorations, bands: this.bands } = draw(update.view));
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** The bands of the fences in view, for a gutter. */
export function fenceBands(view: EditorView): RangeSet<GutterMarker> {
  return view.plugin(runbookMarks)?.bands ?? RangeSet.empty;
}
