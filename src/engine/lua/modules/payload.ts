import { WeftError } from "../../../core/errors.ts";
import { results, type LuaCall, type Returned } from "../call.ts";
import type { LuaModule } from "../module.ts";
import { tag, type LuaValue } from "../state/lua.ts";
import { crossing, LuaReference } from "../values/reference.ts";
import { decodeJson, encodeJson } from "../values/json.ts";
import { decodeMsgpack, encodeMsgpack } from "../values/msgpack.ts";
import { decodeYaml, encodeYaml } from "../values/yaml.ts";

const formats = {
  JSON: "json/plain",
  YAML: "yaml/plain",
  STRING: "text/plain",
  BYTES: "application/octet-stream",
  MSGPACK: "application/msgpack",
  LUA: "lua/any",
  GOLANG: "golang/any",
  ERROR: "golang/error",
} as const;

/** A value together with the name of its form. Crossing a call it is its value. */
export class Payload {
  readonly data: LuaReference;
  readonly format: string;

  constructor(data: LuaReference, format: string = formats.LUA) {
    this.data = data;
    this.format = format;
  }

  [crossing](): LuaValue {
    return this.data.value;
  }
}

const self = (call: LuaCall<unknown>) => call.object(1, Payload);

/** Forms that write a value down as a string, and back. */
const written: Readonly<Record<string, Form>> = {
  [formats.JSON]: {
    read: ({ runtime }, bytes) => decodeJson(runtime.lua, bytes),
    write: ({ runtime }, value) => encodeJson(runtime.lua, value),
  },
  [formats.YAML]: {
    read: async ({ runtime }, bytes) => new LuaReference(runtime.toLua(await decodeYaml(bytes))),
    write: async ({ runtime }, value) => runtime.lua.newText(await encodeYaml(runtime.fromLua(value, "payload"))),
  },
  [formats.MSGPACK]: {
    read: async ({ runtime }, bytes) => new LuaReference(runtime.toLua(await decodeMsgpack(bytes))),
    write: async ({ runtime }, value) => runtime.lua.newBytes(await encodeMsgpack(runtime.fromLua(value, "payload"))),
  },
};

interface Form {
  read(call: LuaCall<unknown>, bytes: Uint8Array): LuaReference | Promise<LuaReference>;
  write(call: LuaCall<unknown>, value: LuaValue): LuaValue | Promise<LuaValue>;
}

/** The value that a payload stands for. */
function read(call: LuaCall<unknown>, { format, data: given }: Payload): LuaReference | Promise<LuaReference> {
  const form = written[format];
  return form === undefined ? given : form.read(call, call.runtime.lua.bytes(given.value));
}

function data(call: LuaCall<unknown>): Returned {
  const value = read(call, self(call));
  return value instanceof LuaReference ? results(value, null) : value.then((found) => results(found, null));
}

/** Forms whose value is a string as it stands. */
const plainForms: ReadonlySet<string> = new Set([formats.STRING, formats.BYTES]);

function transcode(call: LuaCall<unknown>): Returned {
  const payload = self(call);
  const wanted = call.text(2);
  if (wanted === payload.format) return payload;
  const { type } = payload.data.value;
  const isString = type === tag.string || type === tag.shortString;
  if (isString && plainForms.has(wanted)) return new Payload(payload.data, wanted);
  if (wanted === formats.LUA && plainForms.has(payload.format)) return new Payload(payload.data);
  const isValue = payload.format === formats.LUA || written[payload.format] !== undefined;
  if (!isValue || (wanted !== formats.LUA && written[wanted] === undefined)) {
    throw new WeftError("UNSUPPORTED", `a payload cannot be turned from ${payload.format} into ${wanted}`);
  }
  const value = read(call, payload);
  if (value instanceof LuaReference) return writeAs(call, wanted, value);
  return value.then(async (found) => await writeAs(call, wanted, found));
}

function writeAs(call: LuaCall<unknown>, wanted: string, value: LuaReference): Payload | Promise<Payload> {
  const form = written[wanted];
  if (form === undefined) return new Payload(value);
  const text = form.write(call, value.value);
  if (!(text instanceof Promise)) return new Payload(new LuaReference(text), wanted);
  return text.then((found) => new Payload(new LuaReference(found), wanted));
}

/** Values with a format, as channels of futures and messages deliver them. */
export const payloadModule: LuaModule<unknown> = {
  name: "payload",
  always: true,
  classes: [
    {
      type: Payload,
      once: true,
      methods: { data, unmarshal: data, get_format: (call) => self(call).format, transcode },
    },
  ],
  table: {
    format: formats,
    new: (call) => new Payload(call.keep(1)),
  },
};
