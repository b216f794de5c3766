// Seam for the inspector: entering a scope is an evaluation that calls one global function.
import { Session } from "node:inspector";

const entrance = "__weftScope";

/** Enters a scope that ends after so many milliseconds, whatever runs in it; without a number, when it is told to. */
export type EnterScope = (timeoutMs?: number) => void;

/**
 * Connects this thread's inspector to itself; entering a scope calls `run`, and comes back when that has returned or was
 * cut. Undefined where the inspector is refused (`--permission` without `--allow-inspector`).
 */
export function openInspector(run: () => void): EnterScope | undefined {
  const session = new Session();
  try {
    session.connect();
  } catch {
    return undefined;
  }
  Object.defineProperty(globalThis, entrance, { value: run, configurable: true });
  const untimed = { expression: `${entrance}()`, silent: true };
  return (timeout) => {
    session.post("Runtime.evaluate", timeout === undefined ? untimed : { ...untimed, timeout });
  };
}
