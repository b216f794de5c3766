import type { Value } from "../src/core/values.ts";
import { extismEcho, extismPlugins } from "./extism.ts";
import {
  rawExports,
  rawFunction,
  rawMemory,
  shapesCall,
  shapesCoreCall,
  shapesModule,
  temporaryCache,
  type Call,
} from "./guests.ts";
import { ownLoop } from "./loop.seam.ts";
import { compare, printMatrix, type Contender, type Measured } from "./harness.ts";

const extismName = "Extism plug-in";

/** Sizes, and how many calls make a sample of some milliseconds. */
const sizes = [
  { title: "5 B", bytes: 5, times: 2_000 },
  { title: "10 B", bytes: 10, times: 2_000 },
  { title: "1 KB", bytes: 1_024, times: 1_000 },
  { title: "64 KB", bytes: 65_536, times: 40 },
  { title: "1 MB", bytes: 2 ** 20, times: 3 },
] as const;

/** B4: strings and bytes there and back, by size: the guest moves its argument into its result. */
export async function bench(): Promise<void> {
  using cache = temporaryCache();
  const { cacheDir } = cache;
  const makePlugin = await extismPlugins();
  const plugin = await makePlugin();
  const extism = extismEcho(plugin);
  try {
    const calls = async (method: string): Promise<Readonly<Record<string, Call>>> => ({
      "core module by WIT": await shapesCoreCall(method),
      "component, our engine": await shapesCall(method, "direct", cacheDir),
      "jco 1.35": await shapesCall(method, "jco", cacheDir),
    });
    const letters = (size: number): string => "abcdefghij".repeat(size / 10 + 1).slice(0, size);
    const accents = (size: number): string => "é".repeat(size / 2);
    const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(7);
    const strings = {
      "raw export, hand-written glue": rawString(),
      ...(await calls("echo-string")),
      [extismName]: async ([text]: readonly Value[]) => typeof text === "string" && (await extism(text)).text(),
    };
    await table("string of ASCII, there and back", letters, strings);
    await table("string of é, there and back", accents, strings);
    await table("list<u8>, there and back", bytes, {
      "raw export, hand-written glue": rawBytes(),
      ...(await calls("echo-bytes")),
      [extismName]: async ([given]) => given instanceof Uint8Array && (await extism(given)).bytes(),
    });
  } finally {
    await plugin.close();
  }
}

async function table(title: string, make: (size: number) => Value, calls: Readonly<Record<string, Call>>) {
  const columns: (readonly Measured[])[] = [];
  for (const { bytes, times } of sizes) {
    const args = [make(bytes)];
    const contenders = Object.entries(calls).map(([name, call]): Contender => ({
      name,
      run: name === extismName ? (count) => oneByOne(() => call(args), count) : ownLoop(call, args),
    }));
    columns.push(await compare(contenders, { times, rounds: 11 }));
  }
  printMatrix(
    `B4: ${title}`,
    sizes.map(({ title }) => title),
    columns,
  );
}

async function oneByOne(call: () => unknown, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await call();
}

interface EchoExports {
  readonly memory: WebAssembly.Memory;
  readonly realloc: (...args: number[]) => number;
  readonly echo: (...args: number[]) => number;
  readonly done: (...args: number[]) => number;
}

function echoExports(name: string): EchoExports {
  const exports = rawExports(shapesModule());
  return {
    memory: rawMemory(exports),
    realloc: rawFunction(exports, "cabi_realloc"),
    echo: rawFunction(exports, name),
    done: rawFunction(exports, `cabi_post_${name}`),
  };
}

/** What an author writes by hand: room for the worst case, encodeInto, and a decoder for the way back. */
function rawString(): Call {
  const { memory, realloc, echo, done } = echoExports("echo-string");
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return ([given]) => {
    if (typeof given !== "string") throw new Error("expected a string");
    const room = given.length * 3;
    const at = realloc(0, 0, 1, room);
    const { written } = encoder.encodeInto(given, new Uint8Array(memory.buffer, at, room));
    const area = echo(realloc(at, room, 1, written), written);
    const [start = 0, length = 0] = new Uint32Array(memory.buffer, area, 2);
    const result = decoder.decode(new Uint8Array(memory.buffer, start, length));
    done(area);
    return result;
  };
}

function rawBytes(): Call {
  const { memory, realloc, echo, done } = echoExports("echo-bytes");
  return ([given]) => {
    if (!(given instanceof Uint8Array)) throw new Error("expected bytes");
    const at = realloc(0, 0, 1, given.length);
    new Uint8Array(memory.buffer, at, given.length).set(given);
    const area = echo(at, given.length);
    const [start = 0, length = 0] = new Uint32Array(memory.buffer, area, 2);
    const result = new Uint8Array(memory.buffer, start, length).slice();
    done(area);
    return result;
  };
}
