import { WeftError } from "../../../core/errors.ts";
import { results, type LuaCall } from "../call.ts";
import type { LuaModule } from "../module.ts";
import { tag, type LuaValue } from "../state/lua.ts";
import { crossing, LuaReference } from "../values/reference.ts";
import { decodeJson, encodeJson } from "../values/json.ts";
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

async function fromYaml({ runtime }: LuaCall<unknown>, { data: text }: Payload): Promise<LuaReference> {
  return new LuaReference(runtime.toLua(await decodeYaml(runtime.lua.bytes(text.value))));
}

function data(call: LuaCall<unknown>) {
  const payload = self(call);
  if (payload.format === formats.YAML) return fromYaml(call, payload).then((value) => results(value, null));
  if (payload.format !== formats.JSON) return results(payload.data, null);
  const text = call.runtime.lua.bytes(payload.data.value);
  return results(decodeJson(call.runtime.lua, text), null);
}

/** Forms whose value is a string as it stands. */
const plainForms: ReadonlySet<string> = new Set([formats.STRING, formats.BYTES]);

function transcode(call: LuaCall<unknown>) {
  const payload = self(call);
  const wanted = call.text(2);
  if (wanted === payload.format) return payload;
  const { type } = payload.data.value;
  const isString = type === tag.string || type === tag.shortString;
  if (isString && plainForms.has(wanted)) return new Payload(payload.data, wanted);
  if (wanted === formats.LUA && plainForms.has(payload.format)) return new Payload(payload.data);
  if (wanted === formats.YAML && payload.format === formats.LUA) {
    const { lua } = call.runtime;
    const text = encodeYaml(call.runtime.fromLua(payload.data.value, "payload"));
    return text.then((written) => new Payload(new LuaReference(lua.newText(written)), formats.YAML));
  }
  if (wanted === formats.LUA && payload.format === formats.YAML) {
    return fromYaml(call, payload).then((value) => new Payload(value));
  }
  if (wanted === formats.JSON && payload.format === formats.LUA) {
    return new Payload(new LuaReference(encodeJson(call.runtime.lua, payload.data.value)), formats.JSON);
  }
  if (wanted === formats.LUA && payload.format === formats.JSON) {
    const text = call.runtime.lua.bytes(payload.data.value);
    return new Payload(decodeJson(call.runtime.lua, text));
  }
  throw new WeftError("UNSUPPORTED", `a payload cannot be turned from ${payload.format} into ${wanted}`);
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
