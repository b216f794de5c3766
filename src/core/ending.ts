/** Something that ends when it is disposed. A class of its own: an object literal with such a method takes ten times as long. */
export class Ending implements Disposable {
  readonly #end: () => void;

  constructor(end: () => void) {
    this.#end = end;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}

/** Ends nothing. */
export const nothingToEnd: Disposable = new Ending(() => undefined);
