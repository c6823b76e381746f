// Pictures that are dropped or pasted: kept beside the file, and written into the text.

import { host } from "../../host";
import { textOf } from "./text";
import { type Workbench } from "./workbench.svelte";

const MOST = 10 * 1024 * 1024;

/** Bytes as base64. */
export async function base64(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error("The picture could not be read: drop it again."));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}

/** Keeps the pictures and writes them at a place, one after the other; the caret ends in the words for the last one. */
export async function keepImages(bench: Workbench, files: readonly File[], at: number): Promise<void> {
  let place = at;
  for (const file of files) {
    if (file.size > MOST) throw new Error(`${file.name} is larger than 10 MB: make it smaller first.`);
    const before = bench.doc;
    const { link } = await host().call("image_keep", {
      path: bench.path,
      // A picture from the clipboard has a name that says nothing.
      name: /^image\.\w+$/.test(file.name) ? "" : file.name,
      data: await base64(file),
    });
    // What was typed meanwhile may have moved the place.
    if (bench.doc !== before) place = Math.min(bench.state?.selection.main.head ?? place, bench.doc.length);
    const words = link.includes(" ") ? `![](<${link}>)` : `![](${link})`;
    bench.dispatch({
      changes: { from: place, insert: textOf(words) },
      selection: { anchor: place + 2 },
      userEvent: "input.drop",
      scrollIntoView: true,
    });
    place += words.length;
  }
  bench.view?.focus();
}
