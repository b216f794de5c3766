import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { hostForInterface } from "../../../../src/hosts/index.ts";
import { toText } from "../../../../src/hosts/funcs/texts.ts";
import type { CallRequest, DispatcherPort } from "../../../../src/hosts/ports.ts";
import { parseWit } from "../../../../src/wit/parse/parse.ts";
import { buildComponent, prepareComponent } from "../support/guests.seam.ts";
import { instance, ports } from "../support/instance.ts";

const runtimeWit = readFileSync(new URL("../../../../wit/weft-runtime/runtime.wit", import.meta.url), "utf8");

/** Calls the entry it is told to, and gives what came back: the text, or the code of the error. */
const caller = `(module
  (import "weft:runtime/funcs@0.1.0" "call-string" (func $call (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    global.get $top
    (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))
  (func (export "run") (param i32 i32 i32 i32) (result i32)
    (call $call (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16))
    i32.const 20))`;

const world = `package test:caller;
world caller {
  import weft:runtime/funcs@0.1.0;
  export run: func(target: string, input: string) -> string;
}
${runtimeWit.replace("package weft:runtime@0.1.0;", "package weft:runtime@0.1.0 {")}
}`;

describe("weft:runtime", () => {
  test("has WIT text for each function that the host has", () => {
    const funcs = parseWit(runtimeWit).interfaces.find(({ name }) => name.includes("/funcs@"));
    const names = funcs?.functions.map((func) => func.name);
    expect(names).toEqual(["call-string", "call-bytes", "call-json"]);
    expect(hostForInterface("weft:runtime/funcs")?.p2?.interfaces["weft:runtime/funcs"]?.suspending).toEqual(names);
  });

  test("is called by a component, which waits for its callee", async () => {
    const requests: CallRequest[] = [];
    const dispatcher: DispatcherPort = {
      describe: () => undefined,
      async call(request) {
        requests.push(request);
        if (request.id === "app:none") throw new WeftError("ENTRY_NOT_FOUND", "there is no app:none");
        return `${toText(request.args[0] ?? null)}, größer`;
      },
    };
    const component = await prepareComponent(await buildComponent(caller, world), ["run"]);
    const run = async (target: string, input: string) => {
      using guest = await component.start(instance({ ports: ports(dispatcher) }), ["funcs"]);
      return await guest.call("run", target, input);
    };
    expect(await run("app:echo", "größe")).toBe("größe, größer");
    expect(await run("app:none", "")).toBe("ENTRY_NOT_FOUND");
    expect(requests.map(({ id }) => id)).toEqual(["app:echo", "app:none"]);
  });
});
