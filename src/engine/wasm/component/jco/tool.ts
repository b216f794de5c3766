/** The messages between a thread that needs jco and the thread that runs it: one task there, one outcome back. */
export type ToolTask =
  /** Component text, or WebAssembly text newer than wabt, to a binary. */
  | { readonly kind: "parse"; readonly text: string }
  /** A component to core modules and the JavaScript that joins them. */
  | { readonly kind: "transpile"; readonly bytes: Uint8Array; readonly suspending: SuspendingFunctions | undefined };

/** The functions that may wait, as jco names them; undefined links the whole component to run straight through. */
export interface SuspendingFunctions {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** Files by name; `parse` gives one. */
export type ToolFiles = Readonly<Record<string, Uint8Array>>;

export type ToolOutcome =
  | { readonly ok: true; readonly files: ToolFiles }
  | { readonly ok: false; readonly message: string };

/** jco failed: on this input, or altogether. */
export class ToolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ToolError";
  }
}
