// How the messages of a watch are laid out: JSON for an update; for output four bytes (little-endian) with the length
// of a JSON header, the header, then the bytes.

import type { OutputHeader } from "../bindings/types";

export interface Decoded {
  header: OutputHeader;
  bytes: Uint8Array;
  /** Length of the whole message, which is what is acknowledged. */
  size: number;
}

/** Takes a message of output apart. Throws a RangeError when it is cut short. */
export function decodeOutput(message: ArrayBuffer): Decoded {
  if (message.byteLength < 4) throw new RangeError("A message of output is shorter than the length of its header.");
  const length = new DataView(message).getUint32(0, true);
  if (4 + length > message.byteLength) throw new RangeError("A message of output is shorter than its header says.");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length))) as OutputHeader;
  return { header, bytes: new Uint8Array(message, 4 + length), size: message.byteLength };
}

/** The same the other way round; the stand-in host and the tests use it. */
export function encodeOutput(header: OutputHeader, bytes: Uint8Array): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const message = new ArrayBuffer(4 + json.length + bytes.length);
  new DataView(message).setUint32(0, json.length, true);
  new Uint8Array(message, 4).set(json);
  new Uint8Array(message, 4 + json.length).set(bytes);
  return message;
}

/**
 * Gathers acknowledgements: one goes out for every 64 KiB, and otherwise one a frame, so that many small pieces do not
 * cost a call each.
 */
export class Acknowledger {
  private waiting = 0;
  private scheduled = false;

  constructor(
    private readonly send: (bytes: number) => void,
    private readonly schedule: (flush: () => void) => void = (flush) => setTimeout(flush, 16),
    private readonly limit = 64 * 1024,
  ) {}

  add(bytes: number): void {
    this.waiting += bytes;
    if (this.waiting >= this.limit) {
      this.flush();
    } else if (!this.scheduled) {
      this.scheduled = true;
      this.schedule(() => {
        this.scheduled = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.waiting === 0) return;
    const bytes = this.waiting;
    this.waiting = 0;
    this.send(bytes);
  }
}
