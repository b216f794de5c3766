import { stdin } from "node:process";

/** Reads the process's standard input on demand: nothing is read, and nothing keeps the process alive, before. */
export class StdinReader implements Disposable {
  #rest: Buffer | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;

  /** At least one byte, at most `limit`; undefined at the end. Reads come one after the other. */
  async read(limit: number): Promise<Uint8Array | undefined> {
    const chunk = this.#rest ?? (await this.#next());
    if (chunk === undefined) return undefined;
    this.#rest = chunk.length > limit ? chunk.subarray(limit) : undefined;
    return Uint8Array.from(chunk.subarray(0, limit));
  }

  [Symbol.dispose](): void {
    if (this.#chunks !== undefined) stdin.destroy();
  }

  async #next(): Promise<Buffer | undefined> {
    this.#chunks ??= stdin.iterator({ destroyOnReturn: false });
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }
}
