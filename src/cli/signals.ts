import { exitCodes } from "./contract.ts";

/** Listens for Ctrl-C, for `kill` and for the app's own wish to end. Dispose it to give the signals back. */
export class StopSignals implements Disposable {
  readonly #controller = new AbortController();
  readonly #listener = (name: NodeJS.Signals): void => this.#received(name);
  #first: NodeJS.Signals | undefined;
  #wished: number | undefined;

  constructor() {
    process.on("SIGINT", this.#listener);
    process.on("SIGTERM", this.#listener);
  }

  /** The exit code that the app itself asked for, or undefined when it did not. */
  get wished(): number | undefined {
    return this.#wished;
  }

  /** The app ends itself: as a signal would end it, but with an exit code of its own. Only its first wish counts. */
  exit(code: number): void {
    this.#wished ??= code;
    this.#controller.abort();
  }

  /** Aborts at the first signal or wish. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that the first signal asks for, or undefined when none came. */
  get exitCode(): number | undefined {
    if (this.#first === undefined) return undefined;
    return this.#first === "SIGINT" ? exitCodes.interrupted : exitCodes.terminated;
  }

  /** Settles at the first signal; until then the process stays alive. */
  async wait(): Promise<void> {
    if (this.signal.aborted) return;
    // Signal listeners alone do not keep Node running.
    const alive = setInterval(() => undefined, 0x7fff_ffff);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearInterval(alive);
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#listener);
    process.off("SIGTERM", this.#listener);
  }

  #received(name: NodeJS.Signals): void {
    // Whoever asks twice does not want to wait for a clean end.
    if (this.#first !== undefined) process.exit(exitCodes.failure);
    this.#first = name;
    this.#controller.abort();
  }
}
