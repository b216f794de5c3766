import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { InvalidModuleError } from "../../../../../src/engine/wasm/binary/invalid-module.ts";
import { ToolError } from "../../../../../src/engine/wasm/component/jco/tool.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { readComponent } from "../../../../../src/engine/wasm/inspect/component/read.ts";
import { validateComponent } from "../../../../../src/engine/wasm/validate/component.ts";
import { expect } from "vitest";

/** What is wrong with a component, given as text without its outer parentheses; `undefined` when nothing is. */
export async function wrongWith(fields: string): Promise<string | undefined> {
  const bytes = await assemble(`(component ${fields})`, "test:validate");
  try {
    validateComponent(bytes, readComponent(bytes));
    return undefined;
  } catch (thrown) {
    if (thrown instanceof InvalidModuleError) return thrown.message;
    throw thrown;
  }
}

/** Whether jco's validator takes a component. It stands inside of another, so that jco asks nothing else of it. */
async function jcoTakes(fields: string): Promise<boolean> {
  const bytes = await assemble(`(component (component ${fields}))`, "test:validate");
  try {
    await toolchain.run({ kind: "transpile", bytes, suspending: undefined });
    return true;
  } catch (thrown) {
    if (thrown instanceof ToolError) return false;
    throw thrown;
  }
}

/** Insists that a component is valid, for jco as well. */
export async function expectValid(fields: string): Promise<void> {
  expect(await wrongWith(fields)).toBeUndefined();
  expect(await jcoTakes(fields)).toBe(true);
}

/** Insists that a component is refused with a message, and by jco as well. */
export async function expectInvalid(fields: string, message: string): Promise<void> {
  expect(await wrongWith(fields)).toContain(message);
  expect(await jcoTakes(fields)).toBe(false);
}
