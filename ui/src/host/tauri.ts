// The real host: the only file of the interface that knows Tauri.

import { Channel, invoke } from "@tauri-apps/api/core";
import { open, save } from "@tauri-apps/plugin-dialog";

import type { ConnectAccess, News, OutputArgument, RunUpdate, TerminalEnd, WatchRun } from "../bindings/types";
import {
  apiError,
  type Arguments,
  type CommandName,
  type Connected,
  type Host,
  type OutputPiece,
  type Result,
  type Watch,
} from "./host";
import { Acknowledger, type Decoded, decodeOutput } from "./messages";

async function ask<T>(name: string, args: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (thrown) {
    throw apiError(thrown);
  }
}

export class TauriHost implements Host {
  call<C extends CommandName>(name: C, args: Arguments<C>): Promise<Result<C>> {
    return ask<Result<C>>(name, { arguments: args });
  }

  async watchRun(
    run: string,
    after: number,
    onUpdate: (update: RunUpdate) => void,
    onOutput: (piece: OutputPiece) => void,
  ): Promise<Watch> {
    // Messages may come before the watch has its number; what they would acknowledge waits for it.
    let watch: number | null = null;
    let open = true;
    const acknowledger = new Acknowledger((bytes) => {
      if (watch === null || !open) return;
      invoke("run_acknowledge", { arguments: { watch, bytes } }).catch(() => undefined);
    });
    let early = 0;
    const taken = (size: number): void => {
      if (watch === null) early += size;
      else acknowledger.add(size);
    };
    const channel = new Channel<RunUpdate | ArrayBuffer>((message) => {
      if (!open) return;
      if (message instanceof ArrayBuffer) {
        const { header, bytes, size } = decodeOutput(message);
        onOutput({ header, bytes, taken: () => taken(size) });
      } else {
        onUpdate(message);
      }
    });
    const args: WatchRun = { run, after };
    watch = await ask<number>("run_watch", { arguments: args, channel });
    if (early > 0) acknowledger.add(early);
    const number = watch;
    return {
      close: async () => {
        if (!open) return;
        open = false;
        await ask<null>("run_unwatch", { arguments: { watch: number } }).catch(() => null);
      },
    };
  }

  async watchNews(onNews: (news: News) => void): Promise<Watch> {
    let open = true;
    const channel = new Channel<News>((news) => {
      if (open) onNews(news);
    });
    const watch = await ask<number>("news_watch", { channel });
    return {
      close: async () => {
        if (!open) return;
        open = false;
        await ask<null>("news_unwatch", { arguments: { watch } }).catch(() => null);
      },
    };
  }

  async connect(
    asked: ConnectAccess,
    onOutput: (bytes: Uint8Array, taken: () => void) => void,
    onEnd: (end: TerminalEnd) => void,
  ): Promise<Connected> {
    // Output may come before the terminal has its number; what it would acknowledge waits for it.
    let terminal: number | null = null;
    let open = true;
    let early = 0;
    const acknowledger = new Acknowledger((bytes) => {
      if (terminal === null || !open) return;
      invoke("terminal_taken", { arguments: { terminal, bytes } }).catch(() => undefined);
    });
    const channel = new Channel<TerminalEnd | ArrayBuffer>((message) => {
      if (!open) return;
      if (!(message instanceof ArrayBuffer)) return onEnd(message);
      const size = message.byteLength;
      onOutput(new Uint8Array(message), () => {
        if (terminal === null) early += size;
        else acknowledger.add(size);
      });
    });
    terminal = await ask<number>("access_connect", { arguments: asked, channel });
    if (early > 0) acknowledger.add(early);
    const number = terminal;
    return {
      input: (text) => ask<void>("terminal_input", { arguments: { terminal: number, text } }),
      resize: (columns, rows) => ask<void>("terminal_resize", { arguments: { terminal: number, columns, rows } }),
      close: async () => {
        if (!open) return;
        open = false;
        await ask<null>("terminal_close", { arguments: { terminal: number } }).catch(() => null);
      },
    };
  }

  async readOutput(range: OutputArgument): Promise<Decoded> {
    return decodeOutput(await ask<ArrayBuffer>("output_read", { arguments: range }));
  }

  async pickFolder(): Promise<string | null> {
    try {
      return await open({ directory: true, multiple: false, title: "Add a folder of runbooks" });
    } catch (thrown) {
      throw apiError(thrown);
    }
  }

  async pickFile(title: string, endings: string[]): Promise<string | null> {
    try {
      return await open({ multiple: false, title, filters: [{ name: title, extensions: endings }] });
    } catch (thrown) {
      throw apiError(thrown);
    }
  }

  async pickSave(name: string, title = "Export the record"): Promise<string | null> {
    try {
      return await save({ defaultPath: name, title });
    } catch (thrown) {
      throw apiError(thrown);
    }
  }

  async copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch (thrown) {
      throw apiError(thrown);
    }
  }
}
