/** Thrown while a component is linked that this engine does not run; another one may. */
export class Declined extends Error {}

/** Gives up with a reason that authors can read. */
export function decline(reason: string): never {
  throw new Declined(reason);
}
