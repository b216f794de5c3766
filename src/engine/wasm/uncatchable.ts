/** A module whose export traps: `(module (func (export "t") unreachable))`. */
const trapping = new WebAssembly.Module(
  Uint8Array.of(
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    0x60,
    0,
    0,
    3,
    2,
    1,
    0,
    7,
    5,
    1,
    1,
    116,
    0,
    0,
    10,
    5,
    1,
    3,
    0,
    0,
    11,
  ),
);
let trap: WebAssembly.ExportValue | undefined;

/** What traps stand for. */
const carried = new WeakMap<Error, unknown>();

/**
 * What to throw into a guest for something that ends its call. A guest with exception handling can catch whatever
 * JavaScript throws, and go on as if it had not happened: only V8's own traps pass through it, so one carries it.
 */
export function uncatchable(thrown: unknown): unknown {
  if (Error.isError(thrown) && thrown.name === "RuntimeError") return thrown;
  try {
    trap ??= new WebAssembly.Instance(trapping).exports["t"];
    if (typeof trap === "function") trap();
  } catch (carrier) {
    if (!Error.isError(carrier)) throw carrier;
    carried.set(carrier, thrown);
    return carrier;
  }
  return thrown;
}

/** What was thrown in truth. */
export function carriedBy(thrown: unknown): unknown {
  return Error.isError(thrown) && carried.has(thrown) ? carried.get(thrown) : thrown;
}

/** A function for a guest to import, whose failures, and those of what comes `before` it, no guest can catch. */
export function throwingTraps(run: (...args: never[]) => unknown, before?: () => void): (...args: never[]) => unknown {
  return (...args) => {
    try {
      before?.();
      const result = run(...args);
      return result instanceof Promise ? result.then(undefined, throwTrap) : result;
    } catch (thrown) {
      return throwTrap(thrown);
    }
  };
}

/** @throws a trap that carries `thrown`. */
export function throwTrap(thrown: unknown): never {
  throw uncatchable(thrown);
}
