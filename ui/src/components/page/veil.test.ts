import { expect, test } from "vitest";

import { HIDDEN, plain, veiledHtml } from "./veil";

const MARK = `<span class="redact" role="img" aria-label="${HIDDEN}" title="${HIDDEN}"></span>`;

const cases: [string, string, string[], string][] = [
  ["nothing to hide", "<p>a &amp; b</p>", [], "<p>a &amp; b</p>"],
  ["in a paragraph, twice", "<p>use hunter2, then hunter2</p>", ["hunter2"], `<p>use ${MARK}, then ${MARK}</p>`],
  ["in code", "<p><code>hunter2</code></p>", ["hunter2"], `<p><code>${MARK}</code></p>`],
  ["parted by tags", "<p>a hun<em>ter</em>2 b</p>", ["hunter2"], `<p>a ${MARK}<em></em> b</p>`],
  ["escaped in the source", "<p>k_T*9</p>", ["k\\_T\\*9"], `<p>${MARK}</p>`],
  ["the longer of two", "<p>hunter22 hunter2</p>", ["hunter2", "hunter22"], `<p>${MARK} ${MARK}</p>`],
  [
    "in an address and a title",
    '<p><a href="https://a.example/?t=hunter2" title="hunter2">x</a></p>',
    ["hunter2"],
    "<p><a>x</a></p>",
  ],
  ["with an ampersand", "<p>a&amp;b=c</p>", ["a&b=c"], `<p>${MARK}</p>`],
];
test.each(cases)("HTML of a page hides what it must not show: %s", (_, html, secrets, shown) => {
  expect(veiledHtml(html, secrets)).toBe(shown);
});

test("who hears a text hears that something is hidden", () => {
  expect(plain("use hunter2", ["hunter2"])).toBe(`use ${HIDDEN}`);
});
