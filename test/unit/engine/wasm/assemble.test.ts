import { afterAll, describe, expect, test } from "vitest";
import { AssembleError } from "../../../../src/engine/wasm/assemble-error.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { isComponent } from "../../../../src/engine/wasm/binary/preamble.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { inspectCore } from "../../../../src/engine/wasm/inspect/core.ts";
import { guest, guestText } from "./support.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

async function complaint(text: string): Promise<AssembleError> {
  try {
    await assemble(text, "app:bad");
  } catch (thrown) {
    if (thrown instanceof AssembleError) return thrown;
    throw thrown;
  }
  throw new Error("it was assembled");
}

describe("text that is read", () => {
  test("a core module keeps its debug names", async () => {
    const bytes = await assemble('(module (func $inner) (func (export "f") (call $inner)))', "app:f");
    expect(inspectCore(bytes).hasNames).toBe(true);
  });

  test.each(["arith", "strings", "many", "spin-catch", "imports-memory"])(
    "%s.wat gives the committed module",
    async (name) => {
      expect(Buffer.from(await assemble(guestText(`wat/${name}.wat`), "app:f"))).toEqual(guest(`wat/${name}.wasm`));
    },
  );

  test("a component goes to jco's parser", async () => {
    expect(isComponent(await assemble(guestText("wat/component.wat"), "app:c"))).toBe(true);
  });

  test("so does what wabt does not know, such as garbage collection and several memories", async () => {
    const gc =
      '(module (type $s (struct (field i32))) (func (export "f") (result i32) (struct.get $s 0 (struct.new $s (i32.const 1)))))';
    expect(inspectCore(await assemble(gc, "app:gc")).exports).toHaveLength(1);
    expect(inspectCore(await assemble("(module (memory 1) (memory 2))", "app:m")).memories).toHaveLength(2);
  });
});

describe("text that is wrong", () => {
  test.each([
    ['(module\n (func (export "a") (result i32)\n  i32.cons 1))', 3, 3, "i32.cons"],
    ['(module\n (func (export "a") (result i32)\n  i64.const 1))', 3, 3, "type mismatch"],
    ['(component\n  (import "x" (fun)))', 2, 16, "expected one of"],
    ['(component "', 1, 13, "unexpected end of the text"],
    ["(module (memory 1) (memory 1)\n (func (i32.foo)))", 2, 9, "i32.foo"],
    [
      '(module (type $s (struct)) (func (export "f") (result (ref $s)) (struct.new $s (i32.const 1))))',
      1,
      1,
      "expected 1 elements",
    ],
    ["no wasm", 1, 1, "unexpected token"],
  ])("%s", async (text, line, column, message) => {
    const error = await complaint(text);
    expect({ line: error.line, column: error.column }).toEqual({ line, column });
    expect(error.message).toContain(message);
    expect(error.source).toBe("app:bad");
    expect(error.message).not.toMatch(/\.wat|\//);
  });

  test("after a failure the next text is read", async () => {
    await complaint("(component (");
    expect(isComponent(await assemble("(component)", "app:c"))).toBe(true);
  });
});
