/** Definitions that may be linked for one component: each may become code. Real components stay below 20,000. */
export const definitions = 100_000;
/** Component instances inside each other. */
export const linkDepth = 64;
/** Core modules, each of which V8 compiles; real components stay below 20. */
export const coreModules = 500;
/** Core instances; each holds memories, tables and an object for its exports. Real components stay below 50. */
export const coreInstances = 1_000;
/** Characters of generated code. Real components stay below half a million. */
export const sourceLength = 16_000_000;

/** Thrown for a component that is larger than a bound allows. No other engine is asked. */
export class TooLarge extends Error {}

/** Refuses a component for its size. */
export function tooLarge(message: string): never {
  throw new TooLarge(message);
}
