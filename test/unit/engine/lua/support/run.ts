import { Cancellation } from "../../../../../src/core/cancellation.ts";
import type { WeftError } from "../../../../../src/core/errors.ts";
import type { Value } from "../../../../../src/core/values.ts";
import { createLuaEngine, type LuaEngine, type TaskOptions } from "../../../../../src/engine/lua/engine.ts";
import type { LuaFunction, LuaModule } from "../../../../../src/engine/lua/module.ts";
import type { LuaProgram } from "../../../../../src/engine/lua/program.ts";
import type { InterpreterName } from "../../../../../src/engine/lua/state/interpreter.seam.ts";

/** A program whose source returns its function. */
export function program(source: string, overrides: Partial<LuaProgram> = {}): LuaProgram {
  return {
    type: "lua",
    name: "app:main",
    source,
    file: "app/main.lua",
    firstLine: 1,
    method: undefined,
    modules: [],
    imports: {},
    ...overrides,
  };
}

/** What test modules find as their host. */
export interface TestHost {
  readonly log: string[];
}

type Run<R> = (source: string | LuaProgram, args?: readonly Value[], options?: Partial<TaskOptions<TestHost>>) => R;

export interface TestEngine {
  readonly engine: LuaEngine<TestHost>;
  readonly log: string[];
  readonly run: Run<Value | Promise<Value>>;
  /** The failure of a run, whether it comes at once or later. */
  readonly fail: Run<Promise<WeftError>>;
}

/** Functions that wait, for tests of the scheduler: module `host`. */
const hostModule: LuaModule<TestHost> = {
  name: "host",
  always: true,
  table: {
    now: (call) => call.value(1),
    later: async (call) => {
      const value = call.keep(1);
      await Promise.resolve();
      return value;
    },
    sleep: (call) => {
      const ms = call.number(1);
      return call.suspend(
        (done) => {
          const timer = setTimeout(() => done(null), ms);
          return { [Symbol.dispose]: () => clearTimeout(timer) };
        },
        { external: true },
      );
    },
    never: (call) => call.suspend(() => undefined, { external: true }),
    log: (call) => {
      call.host.log.push(call.display(1));
    },
    bug: () => {
      throw new TypeError("a bug of the host");
    },
  },
};

const print: LuaFunction<TestHost> = (call) => {
  call.host.log.push(Array.from({ length: call.count }, (_, i) => call.display(i + 1)).join("\t"));
};

let usual: InterpreterName = "patched";

/** Has engines that name no interpreter run on this one, for the rest of the test file. */
export function usually(interpreter: InterpreterName): void {
  usual = interpreter;
}

/** An engine over the real interpreter. Sources given as text are bodies of the program's function. */
export function testEngine(
  libraries: readonly LuaProgram[] = [],
  modules: readonly LuaModule<TestHost>[] = [],
  interpreter: InterpreterName = usual,
): TestEngine {
  const log: string[] = [];
  const engine = createLuaEngine<TestHost>({
    interpreter,
    modules: new Map([hostModule, ...modules].map((module) => [module.name, module])),
    globals: { print },
    library: (id) => libraries.find((library) => library.name === id),
  });
  const run: TestEngine["run"] = (source, args = [], options = {}) => {
    const entry = typeof source === "string" ? program(`return function(...) ${source}\nend`) : source;
    return engine.run(entry, args, { host: { log }, cancellation: new Cancellation(), ...options });
  };
  const fail: TestEngine["fail"] = async (source, args, options) => {
    try {
      await run(source, args, options);
    } catch (error) {
      return expectWeftError(error);
    }
    throw new Error("the program did not fail");
  };
  return { engine, log, run, fail };
}

function expectWeftError(error: unknown): WeftError {
  if (error instanceof Error && "code" in error && isWeftError(error)) return error;
  throw error;
}

function isWeftError(error: Error): error is WeftError {
  return error.name === "WeftError";
}
