// Seam for wabt: a CommonJS factory, whose features are typed but incomplete. Loaded with the first text.
import type wabtFactory from "wabt";

type Wabt = Awaited<ReturnType<typeof wabtFactory>>;

/** Everything of wabt's that V8 runs. */
const features = {
  exceptions: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  threads: true,
  function_references: true,
  multi_value: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  memory64: true,
  extended_const: true,
  relaxed_simd: true,
};

/** Why wabt refused a text: its first complaint, or `crashed` when it broke on it. */
export interface WabtFailure {
  readonly phase: "parse" | "validate" | "crashed";
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

let loading: Promise<Wabt> | undefined;

/** Assembles a module with its debug names, or says why not. */
export async function wabtAssemble(text: string): Promise<Uint8Array | WabtFailure> {
  loading ??= import("wabt").then((loaded) => loaded.default());
  const wabt = await loading;
  try {
    const module = wabt.parseWat("source.wat", text, features);
    try {
      module.resolveNames();
      module.validate();
      return module.toBinary({ write_debug_names: true }).buffer;
    } finally {
      module.destroy();
    }
  } catch (thrown) {
    return toFailure(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function toFailure(text: string): WabtFailure {
  const found = /^(\w+) failed:\s*source\.wat:(\d+):(\d+): error: ([^\n]*)/.exec(text);
  const [, phase, line, column, message] = found ?? [];
  if (message === undefined) {
    // Anything else is a crash inside wabt, whose instance cannot be trusted afterwards.
    loading = undefined;
    return { phase: "crashed", message: text, line: 1, column: 1 };
  }
  const isParse = phase === "parseWat";
  return { phase: isParse ? "parse" : "validate", message, line: Number(line), column: Number(column) };
}
