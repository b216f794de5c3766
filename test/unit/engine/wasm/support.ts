import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { linkCore } from "../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../src/engine/wasm/core/prepare.ts";
import type {
  CoreProgram,
  InstanceImports,
  InstantiateOptions,
  LinkOptions,
  WasmInstance,
} from "../../../../src/engine/wasm/program.ts";
import { WeftError } from "../../../../src/core/errors.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import type { WitFunction } from "../../../../src/wit/types.ts";

const guests = join(import.meta.dirname, "../../../guests");

/** A committed guest, by its path under test/guests. */
export function guest(path: string): Buffer {
  return readFileSync(join(guests, path));
}

/** The text of a guest's file. */
export function guestText(path: string): string {
  return readFileSync(join(guests, path), "utf8");
}

/** The only function of a WIT text. */
export function signatureOf(wit: string): WitFunction {
  const [first] = parseWit(wit).functions;
  if (first === undefined) throw new Error(`no function in ${wit}`);
  return first;
}

/** What a test wants of a core module. */
export interface CoreCase {
  readonly bytes: Uint8Array | string;
  readonly method: string;
  readonly wit?: string;
  readonly imports?: InstanceImports;
  readonly link?: LinkOptions;
  readonly options?: InstantiateOptions;
}

/** Prepares bytes or text as `test:guest`. */
export async function core(wanted: CoreCase): Promise<CoreProgram> {
  const bytes = typeof wanted.bytes === "string" ? await assemble(wanted.bytes, "test:guest") : wanted.bytes;
  const signature = wanted.wit === undefined ? undefined : signatureOf(wanted.wit);
  return prepareCore(bytes, { name: "test:guest", method: wanted.method, signature });
}

/** An instance of a core module. */
export async function coreInstance(wanted: CoreCase): Promise<WasmInstance> {
  return await linkCore(await core(wanted), wanted.link).instantiate(wanted.imports ?? {}, wanted.options);
}

/** The failure that a piece of work ends with. */
export async function failureOf(work: () => unknown): Promise<WeftError> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof WeftError) return thrown;
    throw thrown;
  }
  throw new Error("it did not fail");
}
