import { WeftError } from "../../core/errors.ts";
import type { HeaderPairs } from "../../core/http.ts";
import type { Runtime } from "../../engine/lua/runtime.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";
import { headerOf } from "./headers.ts";

/** Parts of a form, each with its name; a form with more is somebody's mischief. */
const maxFields = 1_000;
const maxFiles = 100;
/** A value that is no file is kept as text. */
const maxFieldBytes = 1 << 20;
const maxHeaderPairs = 100;

/** A file of a form. */
export class MultipartFile {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array;

  constructor(name: string, type: string, content: Uint8Array) {
    this.name = name;
    this.type = type;
    this.content = content;
  }
}

/** What a form holds: several of a name stand in their order. */
export interface MultipartForm {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly files: ReadonlyMap<string, readonly MultipartFile[]>;
}

/** Reads a form of `multipart/form-data`. @throws WeftError `INVALID_ARGUMENT` for what is none, or has too many parts. */
export async function parseMultipart(headers: HeaderPairs, body: Uint8Array): Promise<MultipartForm> {
  const type = headerOf(headers, "content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new WeftError(
      "INVALID_ARGUMENT",
      `the request is no multipart/form-data but ${type === "" ? "untyped" : type}`,
    );
  }
  const { Busboy } = await import("@fastify/busboy");
  const values = new Map<string, string[]>();
  const files = new Map<string, MultipartFile[]>();
  const { promise, resolve, reject } = Promise.withResolvers<MultipartForm>();
  const refuse = (why: string): void => reject(malformed(why));
  try {
    const parser = new Busboy({
      headers: { "content-type": type },
      limits: {
        fields: maxFields,
        files: maxFiles,
        fieldSize: maxFieldBytes,
        headerPairs: maxHeaderPairs,
        fileSize: body.length,
      },
    });
    parser.on("field", (name: string, value: string, _nameCut: boolean, isCut: boolean) => {
      if (isCut) refuse(`the value ${name} is longer than ${maxFieldBytes} bytes`);
      append(values, name, value);
    });
    parser.on("file", (field: string, stream, name: string, _encoding: string, fileType: string) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("error", (error: Error) => refuse(error.message));
      stream.on("end", () => append(files, field, new MultipartFile(name, fileType, Buffer.concat(parts))));
    });
    parser.on("fieldsLimit", () => refuse(`more than ${maxFields} values`));
    parser.on("filesLimit", () => refuse(`more than ${maxFiles} files`));
    parser.on("error", (error) => refuse(error instanceof Error ? error.message : String(error)));
    parser.on("finish", () => resolve({ values, files }));
    parser.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
  return await promise;
}

function malformed(why: string): WeftError {
  return new WeftError("INVALID_ARGUMENT", `the multipart form is malformed: ${why}`);
}

function append<Item>(lists: Map<string, Item[]>, name: string, item: Item): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

/** The form as programs read it: `{files = {field = {file, …}}, values = {field = text, or texts}}`. */
export function formTable(runtime: Runtime<InstanceContext>, { values, files }: MultipartForm): LuaReference {
  const { lua } = runtime;
  const [form, fileTable, valueTable] = [lua.newTable(), lua.newTable(), lua.newTable()];
  for (const [name, texts] of values) {
    lua.set(valueTable, name, runtime.toLua(texts.length === 1 ? texts[0] : [...texts]));
  }
  for (const [name, list] of files) {
    const table = lua.newTable();
    for (const [index, file] of list.entries()) lua.setIndex(table, index + 1, runtime.toLua(file));
    lua.set(fileTable, name, table);
  }
  lua.set(form, "files", fileTable);
  lua.set(form, "values", valueTable);
  return new LuaReference(form);
}
