import { expect, test, vi } from "vitest";

import { apiError } from "./host";
import { Acknowledger, decodeOutput, encodeOutput } from "./messages";

const header = { item: "promote", attempt: 2, offset: 4096, skipped: 12 };

test("a message of output comes apart as it was put together", () => {
  const bytes = new Uint8Array([0, 255, 10, 13]);
  const message = encodeOutput(header, bytes);
  const decoded = decodeOutput(message);
  expect(decoded.header).toEqual(header);
  expect([...decoded.bytes]).toEqual([0, 255, 10, 13]);
  expect(decoded.size).toBe(message.byteLength);
});

test("a message that is cut short is refused", () => {
  expect(() => decodeOutput(new ArrayBuffer(3))).toThrow(RangeError);
  expect(() => decodeOutput(encodeOutput(header, new Uint8Array()).slice(0, 20))).toThrow(RangeError);
});

test("small acknowledgements go out together, once a frame", () => {
  const sent: number[] = [];
  let flush: () => void = () => undefined;
  const acknowledger = new Acknowledger(
    (bytes) => sent.push(bytes),
    (later) => (flush = later),
  );
  acknowledger.add(10);
  acknowledger.add(20);
  expect(sent).toEqual([]);
  flush();
  expect(sent).toEqual([30]);
  flush();
  expect(sent).toEqual([30]);
});

test("64 KiB are acknowledged at once", () => {
  const send = vi.fn();
  const acknowledger = new Acknowledger(send, () => undefined);
  acknowledger.add(60 * 1024);
  acknowledger.add(5 * 1024);
  expect(send).toHaveBeenCalledExactlyOnceWith(65 * 1024);
});

test("whatever was thrown becomes an error of the wire", () => {
  expect(apiError({ code: "stale", message: "It has changed." }).code).toBe("stale");
  expect(apiError(new Error("boom"))).toEqual({ code: "internal", message: "boom" });
  expect(apiError("text")).toEqual({ code: "internal", message: "text" });
  expect(apiError({ code: "unheard of", message: "x" }).code).toBe("internal");
});
