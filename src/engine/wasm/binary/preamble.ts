import { InvalidModuleError } from "./invalid-module.ts";

const magic = [0x00, 0x61, 0x73, 0x6d];

/** What the first eight bytes say: `layer` 0 is a core module, 1 a component. */
interface Preamble {
  readonly version: number;
  readonly layer: number;
}

/** @throws InvalidModuleError for anything but WebAssembly. */
export function readPreamble(bytes: Uint8Array): Preamble {
  if (bytes.length === 0) throw new InvalidModuleError("the file is empty", 0);
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    throw new InvalidModuleError("not WebAssembly: the file does not begin with \\0asm", 0);
  }
  const [v0, v1, l0, l1] = bytes.subarray(4, 8);
  if (v0 === undefined || v1 === undefined || l0 === undefined || l1 === undefined) {
    throw new InvalidModuleError("unexpected end in the first eight bytes", bytes.length);
  }
  const layer = l0 | (l1 << 8);
  if (layer > 1) throw new InvalidModuleError(`neither a core module nor a component, but layer ${layer}`, 6);
  return { version: v0 | (v1 << 8), layer };
}

/**
 * True for a component, false for a core module.
 * @throws InvalidModuleError for anything but WebAssembly.
 */
export function isComponent(bytes: Uint8Array): boolean {
  return readPreamble(bytes).layer !== 0;
}
