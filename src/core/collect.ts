/** How thoroughly to collect. */
export interface CollectOptions {
  /** Gives the empty room for young objects back as well, which V8 otherwise keeps for as many as there once were. */
  readonly giveBack?: boolean;
}

/** Collects the garbage of this thread; without `--expose-gc` nothing happens. */
export function collectGarbage({ giveBack = false }: CollectOptions = {}): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: giveBack ? "last-resort" : "regular" });
}
