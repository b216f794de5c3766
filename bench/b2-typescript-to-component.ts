import type { Value } from "../src/core/values.ts";
import { assemble } from "../src/engine/wasm/assemble.ts";
import { compileArguments } from "../src/wit/values/arguments.ts";
import { addWat } from "./apps.ts";
import {
  coreCall,
  guestBytes,
  linkedComponent,
  rawExports,
  rawFunction,
  rawMemory,
  shapesCall,
  shapesCoreCall,
  shapesModule,
  shapesSignature,
  temporaryCache,
  type Call,
} from "./guests.ts";
import { compare, printTable, type Contender } from "./harness.ts";
import { jcoCall } from "./jco.seam.ts";
import { ownLoop } from "./loop.seam.ts";

/** Its calls are that much slower, or nearly so. */
const jcoShare = 0.1;

const records = Array.from({ length: 1_000 }, (_, id) => ({
  id,
  name: `user ${id}`,
  tags: ["a", "b"],
  active: id % 2 === 0,
}));

/** B2: a call into a warm instance from TypeScript, by what lies between: nothing, a WIT signature, our engine, jco. */
export async function bench(): Promise<void> {
  using cache = temporaryCache();
  const { cacheDir } = cache;
  await table("add(s32, s32)", 200_000, [1, 2], {
    "raw export": rawAdd(await assemble(addWat, "add")),
    "core module by WIT": await coreCall(addWat, "add: func(a: s32, b: s32) -> s32;"),
    "component, our engine": await shapesCall("calc#add", "direct", cacheDir),
    "jco 1.35": await shapesCall("calc#add", "jco", cacheDir),
  });
  const each = async (method: string): Promise<Readonly<Record<string, Call>>> => ({
    "core module by WIT": await shapesCoreCall(method),
    "component, our engine": await shapesCall(method, "direct", cacheDir),
    "jco 1.35": await shapesCall(method, "jco", cacheDir),
  });
  const tiny = guestBytes("wat/component.wasm");
  const echo = await (await linkedComponent(tiny, { method: "echo", engine: "direct", cacheDir })).instantiate({});
  await table("string of 10 bytes, there and back, a guest without an allocator", 5_000, ["0123456789"], {
    "component, our engine": (args) => echo.call(args),
    "jco 1.35": await jcoCall(tiny, "echo", { cacheDir }),
  });
  await numbers(await each("echo-list-u32"));
  const users = await each("transform-users");
  await table("list of one record, there and back", 5_000, [records.slice(0, 1)], users);
  await table("list of 1,000 records, there and back", 40, [records], users);
}

/** Lists of numbers: engines take arrays; what the library is given, typed arrays too, is read into them first. */
async function numbers(calls: Readonly<Record<string, Call>>): Promise<void> {
  const list = Array.from({ length: 1_000 }, (_, index) => index);
  const typed = Uint32Array.from(list);
  const read = compileArguments(shapesSignature("echo-list-u32"));
  const own = calls["component, our engine"];
  if (own === undefined) throw new Error("our engine is not among the calls");
  await table("list<u32> of 1,000, there and back", 500, [list], {
    "raw export, Uint32Array, hand-written glue": rawNumbers(typed),
    ...calls,
    "component, our engine, a Uint32Array read as arguments are": () => own(read([typed])),
  });
}

async function table(
  title: string,
  times: number,
  args: readonly Value[],
  calls: Readonly<Record<string, Call>>,
): Promise<void> {
  const contenders = Object.entries(calls).map(([name, call]): Contender => ({
    name,
    share: name.startsWith("jco") ? jcoShare : 1,
    run: ownLoop(call, args),
  }));
  printTable(`B2: ${title}`, await compare(contenders, { times }));
}

function rawAdd(bytes: Uint8Array): Call {
  const { add } = rawExports(bytes);
  if (typeof add !== "function") throw new Error("the module exports no add");
  return ([a, b]) => add(a, b);
}

/** What a careful author writes by hand for `echo-list-u32`. */
function rawNumbers(given: Uint32Array): Call {
  const exports = rawExports(shapesModule());
  const memory = rawMemory(exports);
  const realloc = rawFunction(exports, "cabi_realloc");
  const echo = rawFunction(exports, "echo-list-u32");
  const done = rawFunction(exports, "cabi_post_echo-list-u32");
  return () => {
    const at = realloc(0, 0, 4, given.byteLength);
    new Uint32Array(memory.buffer, at, given.length).set(given);
    const area = echo(at, given.length);
    const [start = 0, length = 0] = new Uint32Array(memory.buffer, area, 2);
    const result = new Uint32Array(memory.buffer, start, length).slice();
    done(area);
    return result;
  };
}
