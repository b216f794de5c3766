import { toJson } from "../../core/json.ts";
import type { Value } from "../../core/values.ts";
import type { Letter } from "../../hosts/ports.ts";

/** A letter's payload as JSON: bytes in base64; several payloads as an array, but for nothing at their end. */
export function payloadJson({ payloads }: Letter): string {
  // `process.send(pid, topic, payload:data())` sends the error that there was not, too.
  const values = payloads.slice(0, payloads.findLastIndex((each) => each !== null) + 1).map(textOfBytes);
  return toJson(values.length > 1 ? values : (values[0] ?? null));
}

/** A letter as JSON: its topic and its payload. */
export function letterJson(letter: Letter): string {
  return `{"topic":${toJson(letter.topic)},"data":${payloadJson(letter)}}`;
}

function textOfBytes(value: Value): Value {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
