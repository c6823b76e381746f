// What the program tells the page by itself: files of the library that changed outside, and long work under way.

import type { LibraryFolder, News } from "../bindings/types";
import { host, type Watch } from "../host";
import { toasts } from "./toasts.svelte";

export type Work = Extract<News, { news: "work" }>;
type Listener = (news: News) => void;

class NewsRoom {
  /** Long work that is under way, in the order in which it began. */
  work = $state<Work[]>([]);
  private readonly listeners = new Set<Listener>();

  /** Listens as long as the page lives; the answer stops it. */
  start(): () => void {
    let watch: Watch | null = null;
    let stopped = false;
    host()
      .watchNews((news) => this.hear(news))
      .then((opened) => {
        if (stopped) void opened.close();
        else watch = opened;
      })
      .catch((error: unknown) => toasts.fail(error));
    return () => {
      stopped = true;
      void watch?.close();
    };
  }

  /** Hears what comes from now on; the answer stops it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asks for what has folders read in the background; `over` gives them as they are when the reading is over. */
  async reading(
    ask: () => Promise<LibraryFolder[]>,
  ): Promise<{ folders: LibraryFolder[]; over: Promise<LibraryFolder[]> }> {
    const read = new Map<number, number>();
    let again = (): void => undefined;
    // From before it is asked: a small folder is read before the answer is here.
    const deaf = this.listen((news) => {
      if (news.news !== "read") return;
      read.set(news.library, news.reading ?? Infinity);
      again();
    });
    try {
      const folders = await ask();
      const waiting = folders.flatMap(({ id, reading }) => (reading === null ? [] : [{ id, reading }]));
      const all = new Promise<void>((resolve) => {
        again = () => {
          if (waiting.every(({ id, reading }) => (read.get(id) ?? 0) >= reading)) resolve();
        };
        again();
      });
      const over = all.finally(deaf).then(async () => {
        if (waiting.length === 0) return folders;
        const ids = new Set(folders.map((folder) => folder.id));
        return (await host().call("library_folders", {})).filter((folder) => ids.has(folder.id));
      });
      return { folders, over };
    } catch (error) {
      deaf();
      throw error;
    }
  }

  hear(news: News): void {
    if (news.news === "work") {
      const others = this.work.filter((work) => work.id !== news.id);
      const at = this.work.findIndex((work) => work.id === news.id);
      if (news.over) this.work = others;
      else if (at < 0) this.work = [...this.work, news];
      else this.work = this.work.with(at, news);
    }
    for (const listener of this.listeners) listener(news);
  }
}

export const news = new NewsRoom();
