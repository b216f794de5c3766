import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../src/core/log.ts";
import type { Value } from "../src/core/values.ts";
import { assemble } from "../src/engine/wasm/assemble.ts";
import { linkComponent } from "../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../src/engine/wasm/component/prepare.ts";
import { linkCore } from "../src/engine/wasm/core/link.ts";
import { prepareCore } from "../src/engine/wasm/core/prepare.ts";
import { parseWit } from "../src/wit/parse/parse.ts";
import { addWat } from "./apps.ts";
import { compare, printTable, type Contender } from "./harness.ts";

type Call = (args: readonly Value[]) => unknown;

const guests = new URL("../test/guests/", import.meta.url);
const records = Array.from({ length: 1_000 }, (_, id) => ({
  id,
  name: `user ${id}`,
  tags: ["a", "b"],
  active: id % 2 === 0,
}));

/** B2: what a call into a warm instance costs from TypeScript: a component through jco, and a core module by WIT signature. */
export async function bench(): Promise<void> {
  const cacheDir = mkdtempSync(join(tmpdir(), "weft-bench-"));
  try {
    const component = async (method: string, engine: "jco" | "direct" = "jco"): Promise<Call> => {
      const bytes = readFileSync(new URL("rust/shapes/shapes.wasm", guests));
      const program = await prepareComponent(bytes, {
        engine,
        name: "bench",
        method,
        cacheDir,
        suspending: () => false,
        log: silentLog,
      });
      const instance = await linkComponent(program).instantiate({});
      return (args) => instance.call(args);
    };
    const short = "0123456789";
    const long = "x".repeat(1_024);
    await table("add(s32, s32)", 20_000, [1, 2], {
      "raw export": await rawAdd(),
      "core module by WIT": await core(addWat, "add: func(a: s32, b: s32) -> s32;"),
      "component through jco": await component("calc#add"),
      "component, engine: direct": await component("calc#add", "direct"),
    });
    const echo = await module("zig/strings/strings.wasm", "greet: func(name: string) -> string;");
    await table("string of 10 bytes", 5_000, [short], {
      "core module by WIT": echo,
      "component through jco": await component("echo-string"),
      "component, engine: direct": await component("echo-string", "direct"),
    });
    await table("string of 1 KB", 2_000, [long], {
      "core module by WIT": echo,
      "component through jco": await component("echo-string"),
      "component, engine: direct": await component("echo-string", "direct"),
    });
    const wit = readFileSync(new URL("c/records/records.wit", guests), "utf8");
    await table("list of 1,000 records, there and back", 20, [records], {
      "core module by WIT": await module("c/records/records.wasm", wit, "transform-users"),
      "component through jco": await component("transform-users"),
      "component, engine: direct": await component("transform-users", "direct"),
    });
  } finally {
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

async function table(
  title: string,
  times: number,
  args: readonly Value[],
  calls: Readonly<Record<string, Call>>,
): Promise<void> {
  const contenders = Object.entries(calls).map(([name, call]): Contender => ({
    name,
    async run(count) {
      for (let i = 0; i < count; i += 1) call(args);
    },
  }));
  printTable(`B2: ${title}`, await compare(contenders, { times }));
}

async function rawAdd(): Promise<Call> {
  const { add } = new WebAssembly.Instance(new WebAssembly.Module(await assemble(addWat, "add"))).exports;
  if (typeof add !== "function") throw new Error("the module exports no add");
  return ([a, b]) => add(a, b);
}

async function core(wat: string, wit: string): Promise<Call> {
  return link(await assemble(wat, "bench"), wit);
}

async function module(path: string, wit: string, method?: string): Promise<Call> {
  return link(readFileSync(new URL(path, guests)), wit, method);
}

async function link(bytes: Uint8Array, wit: string, method?: string): Promise<Call> {
  const signature = parseWit(wit).functions.find(({ name }) => method === undefined || name === method);
  if (signature === undefined) throw new Error(`the WIT text has no function ${method ?? ""}`);
  const instance = await linkCore(prepareCore(bytes, { name: "bench", method: signature.name, signature })).instantiate(
    {},
  );
  return (args) => instance.call(args);
}
