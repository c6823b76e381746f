// Connections of the stand-in: a shell that greets, echoes, and ends when it is told to.

import type { AccessRow, ApiError, ConnectAccess, TerminalEnd } from "../../bindings/types";
import type { Connected } from "../host";

const encoder = new TextEncoder();

/** What connecting to an entry runs; null where nothing connects to it. */
export function connects(row: AccessRow): string | null {
  if (row.command !== null) return row.command;
  if (row.kind !== "ssh") return null;
  const user = row.user === null ? "" : ` -l ${row.user}`;
  const port = row.port === null ? "" : ` -p ${row.port}`;
  return `ssh${user}${port} -- ${row.address ?? row.name}`;
}

export interface MockTerminal {
  entry: string;
  typed: string;
  size: [number, number];
  closed: boolean;
}

/** `exit N` ends it with that status, `lose` as a lost connection does, `print` prints its secret, masked. */
export function connect(
  row: AccessRow,
  { entry, columns, rows }: ConnectAccess,
  terminals: MockTerminal[],
  onOutput: (bytes: Uint8Array, taken: () => void) => void,
  onEnd: (end: TerminalEnd) => void,
): Connected {
  if (connects(row) === null) {
    const problem: ApiError = { code: "bad_input", message: `nothing says how ${entry} is connected to` };
    throw problem;
  }
  const own: MockTerminal = { entry, typed: "", size: [columns, rows], closed: false };
  terminals.push(own);
  const prompt = row.kind === "ssh" ? `${row.user ?? "mara"}@${row.name}:~$ ` : "orders=> ";
  let line = "";
  let over = false;
  const print = (text: string): void => onOutput(encoder.encode(text), () => undefined);
  const end = (status: number, says: string, failed: boolean): void => {
    over = true;
    onEnd({ status, says, failed });
  };
  const entered = (): void => {
    const [word, argument] = line.trim().split(" ");
    line = "";
    if (word === "exit") {
      const status = Number(argument ?? "0");
      const says = status === 0 ? "The connection has ended." : `The connection has ended with status ${status}.`;
      end(status, says, false);
      return;
    }
    if (word === "lose") {
      print("client_loop: send disconnect: Broken pipe\r\n");
      end(255, `${entry}: the connection was lost (client_loop: send disconnect: Broken pipe).`, true);
      return;
    }
    if (word === "print") print("•••\r\n");
    print(prompt);
  };
  queueMicrotask(() => {
    if (row.name === "build-01") {
      print("ssh: connect to host build-01 port 22: Connection refused\r\n");
      const why = "ssh: connect to host build-01 port 22: Connection refused";
      end(255, `build-01: the host cannot be reached (${why}): see whether it is up, and the way to it open.`, true);
      return;
    }
    print(`Last login: Sat Nov 28 02:14:07 2026\r\n${prompt}`);
  });
  return {
    input: async (text) => {
      if (over) return;
      own.typed += text;
      for (const key of text) {
        if (key === "\r") {
          print("\r\n");
          entered();
        } else {
          line += key;
          print(key);
        }
      }
    },
    resize: async (wide, high) => {
      own.size = [wide, high];
    },
    close: async () => {
      own.closed = true;
    },
  };
}
