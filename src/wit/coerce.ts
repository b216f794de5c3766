import { WeftError } from "../core/errors.ts";
import type { Value } from "../core/values.ts";
import { formatFunction, formatType } from "./format.ts";
import type { WitField, WitFunction, WitType } from "./types.ts";
import { parseExact } from "./json.seam.ts";
import { compileArguments, type SignatureOptions } from "./values/arguments.ts";
import { javascriptReader } from "./values/javascript.ts";

/**
 * Turns words of a command line into the canonical arguments of a signature.
 *
 * - A number, `true`, `false` as such; a string, char, enum name or case without payload is the word as it stands, unquoted.
 * - `option<T>`: `null` is none; so is the empty word, unless T is `string`; any other word is a T.
 * - `flags`: names divided by commas, a number as bit mask, or JSON.
 * - `list<u8>`: a JSON array of numbers, else the bytes of the word.
 * - Lists, tuples, records, results, and cases with a payload: JSON. Integers in JSON keep all their digits.
 *
 * Trailing options may be left out.
 * @throws WeftError `INVALID_ARGUMENT` that names the parameter and its type.
 */
export function coerceWords(signature: WitFunction, words: readonly string[], options: SignatureOptions = {}): Value[] {
  const values = words.map((word, index) => {
    const param = signature.params[index];
    return param === undefined ? word : coerceParameter(param, word, { index, signature, options });
  });
  return compileArguments(signature, options)(values);
}

/** A word for a callee without a signature: JSON if it parses as JSON, else the text. */
export function coerceWord(word: string): Value {
  const parsed = parseJson(word);
  return parsed.ok ? parsed.value : word;
}

/** One text as a value of a type, by the same rules; a text that is none stays, for the check of the whole call to report. */
export function coerceText(type: WitType, text: string): unknown {
  const coerced = coerce(type, text);
  return coerced.ok ? coerced.value : text;
}

interface Place {
  readonly index: number;
  readonly signature: WitFunction;
  readonly options: SignatureOptions;
}

function coerceParameter(param: WitField, word: string, { index, signature, options }: Place): unknown {
  const coerced = coerce(param.type, word);
  if (coerced.ok) return coerced.value;
  const name = param.name === "" ? "" : ` "${param.name}"`;
  const callee = options.id ?? signature.name;
  throw new WeftError(
    "INVALID_ARGUMENT",
    `argument ${index + 1}${name}: expected ${formatType(param.type)} as JSON: ${coerced.problem} ` +
      `(in ${callee === "" ? "" : `${callee}: `}${formatFunction(signature)})`,
    { details: { path: `argument ${index + 1}${name}` } },
  );
}

type Coerced = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** A word that fits no number or boolean is kept, so that the check of the whole call reports it with its range. */
function coerce(type: WitType, word: string): Coerced {
  switch (type.kind) {
    case "bool":
      return keep(word === "true" ? true : word === "false" ? false : word);
    case "char":
    case "string":
      return keep(word);
    case "f32":
    case "f64":
      return keep(floatOf(word));
    case "enum":
      return keep(type.cases.includes(word) ? word : integerOf(word));
    case "option":
      return coerceOption(type.some, word);
    case "flags":
      return word.startsWith("{") || word.startsWith("[") ? parseJson(word) : keep(flagsOf(word));
    case "variant":
    case "result":
      return word.startsWith("{") ? parseJson(word) : keep(word);
    case "list":
      return type.element.kind === "u8" && !/^\s*\[/.test(word) ? keep(word) : parseJson(word);
    case "tuple":
    case "record":
      return parseJson(word);
    default:
      return keep(integerOf(word));
  }
}

function keep(value: unknown): Coerced {
  return { ok: true, value };
}

function coerceOption(some: WitType, word: string): Coerced {
  if (word === "null" || (word === "" && some.kind !== "string")) return keep(null);
  // The inner one of two options is written as JSON, {"some": …} or {"none": true}.
  return some.kind === "option" ? parseJson(word) : coerce(some, word);
}

/** 64-bit numbers fit in this many characters; what is longer need not be parsed. */
const integerLength = 24;

function integerOf(word: string): unknown {
  const isInteger = word.length <= integerLength && /^(?:[+-]?\d+|0x[0-9a-fA-F]+|0b[01]+)$/.test(word);
  return isInteger ? javascriptReader.integer(BigInt(word.replace(/^\+/, ""))) : word;
}

function floatOf(word: string): unknown {
  if (/^[+-]?(?:inf|infinity)$/i.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(word)) return NaN;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word) ? Number(word) : word;
}

function flagsOf(word: string): unknown {
  if (word === "") return [];
  const mask = integerOf(word);
  return mask === word ? word.split(",").map((name) => name.trim()) : mask;
}

type Parsed = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string };

function parseJson(text: string): Parsed {
  try {
    return { ok: true, value: parseExact(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, problem: error.message };
    throw error;
  }
}
