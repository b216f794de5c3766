import { AssembleError } from "./assemble-error.ts";
import { isComponent } from "./binary/preamble.ts";
import { wabtAssemble, type WabtFailure } from "./wabt.seam.ts";

/** What jco, or V8 behind it, has against a text. `understood` says that the text as such could be read. */
interface Complaint {
  readonly understood: boolean;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Assembles WebAssembly text: core modules with wabt; components, and proposals that wabt does not know, with jco's
 * parser. Debug names are kept. `name` is what the author calls the text.
 * @throws AssembleError the more helpful of the two complaints, with its position.
 */
export async function assemble(text: string, name: string): Promise<Uint8Array> {
  const first = await wabtAssemble(text);
  if (first instanceof Uint8Array) return first;
  const second = await jcoAssemble(text);
  if (second instanceof Uint8Array) return second;
  const { message, line, column } = moreHelpful(text, first, second);
  throw new AssembleError(message, { source: name, line, column });
}

async function jcoAssemble(text: string): Promise<Uint8Array | Complaint> {
  const { toolchain } = await import("./component/jco/toolchain.ts");
  let bytes: Uint8Array | undefined;
  try {
    bytes = (await toolchain.run({ kind: "parse", text }))["module.wasm"];
  } catch (thrown) {
    return readComplaint(thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (bytes === undefined) return { understood: false, message: "the text could not be assembled", line: 1, column: 1 };
  if (isComponent(bytes)) return bytes;
  const problem = await validate(bytes);
  return problem === undefined ? bytes : { understood: true, message: problem, line: 1, column: 1 };
}

/** What V8 says against a core module, or undefined: jco's parser does not validate. */
async function validate(bytes: Uint8Array): Promise<string | undefined> {
  try {
    await WebAssembly.compile(bytes);
    return undefined;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return message.replace(/^WebAssembly\.compile\(\):\s*/, "").replace(/ @\+\d+$/, "");
  }
}

/** jco prints its error as Rust's debug text: the position counts from 0, the sentence comes last. */
function readComplaint(text: string): Complaint {
  const found = /line: (\d+), col: (\d+)/.exec(text);
  const custom = /kind: Custom\("(.*)"\) \}/s.exec(text)?.[1];
  const lexical = /kind: Lex\((\w+)/.exec(text)?.[1];
  return {
    understood: false,
    message: custom?.replaceAll('\\"', '"') ?? (lexical === undefined ? text : spellOut(lexical)),
    line: Number(found?.[1] ?? 0) + 1,
    column: Number(found?.[2] ?? 0) + 1,
  };
}

/** `UnexpectedEof` as `unexpected end of the text`, others word by word. */
function spellOut(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/\beof\b/, "end of the text");
}

/**
 * Of whoever could read the text and found it invalid; jco's for components; else of the reader who got further,
 * because the other one stumbled over something it does not know.
 */
function moreHelpful(text: string, wabt: WabtFailure, jco: Complaint): Pick<Complaint, "message" | "line" | "column"> {
  if (wabt.phase === "crashed" || /^\s*(?:;;[^\n]*\n\s*)*\(component\b/.test(text)) return jco;
  if (wabt.phase === "validate") return wabt;
  if (jco.understood) return jco;
  const isFurther = jco.line > wabt.line || (jco.line === wabt.line && jco.column > wabt.column);
  return isFurther ? jco : wabt;
}
