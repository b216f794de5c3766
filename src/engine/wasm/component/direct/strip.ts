import { ByteReader } from "../../binary/reader.ts";

const exportSection = 7;

/** A core module with only those of its exports that are used; everything else in it stays as it is. */
export function stripExports(bytes: Uint8Array, used: ReadonlySet<string>): Uint8Array {
  const reader = new ByteReader(bytes, 8);
  while (reader.left > 0) {
    const start = reader.at;
    const id = reader.byte();
    const section = reader.slice(reader.u32());
    if (id !== exportSection) continue;
    const kept: Uint8Array[] = [];
    section.vector(() => {
      const from = section.at;
      const name = section.name();
      section.byte();
      section.u32();
      if (used.has(name)) kept.push(bytes.subarray(from, section.at));
    });
    const body = Buffer.concat([leb(kept.length), ...kept]);
    const head = Buffer.concat([Buffer.of(id), leb(body.length)]);
    return Buffer.concat([bytes.subarray(0, start), head, body, bytes.subarray(reader.at)]);
  }
  return bytes;
}

function leb(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.of(...bytes, rest);
}
