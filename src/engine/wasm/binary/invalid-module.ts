/** Bytes that are no WebAssembly, or not well-formed. Nothing else is thrown by the readers of this folder. */
export class InvalidModuleError extends Error {
  /** Where in the file reading stopped, in bytes from its start. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.name = "InvalidModuleError";
    this.offset = offset;
  }
}
