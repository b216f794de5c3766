import { toWeftError, WeftError } from "../../core/errors.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import { tag, type LuaValue } from "../../engine/lua/state/lua.ts";
import { encodeJson } from "../../engine/lua/values/json.ts";
import type { InstanceContext } from "../context.ts";
import type { HttpExchange } from "./exchange.ts";

type Call = LuaCall<InstanceContext>;

/** The response as Lua programs hold it. */
export class HttpResponseObject {
  readonly exchange: HttpExchange;
  /** How it goes: whole when the program ends, part by part as it is written, or as events. */
  transfer: "whole" | "chunked" | "sse" = "whole";

  constructor(exchange: HttpExchange) {
    this.exchange = exchange;
  }
}

const encoder = new TextEncoder();
const self = (call: Call) => call.object(1, HttpResponseObject);

/**
 * Nil when it went well, else the error: as the first value and as the second, for those who write `local err = …` and
 * those who write `local _, err = …`.
 */
const told =
  (run: (call: Call) => void | Promise<void>) =>
  (call: Call): Returned => {
    try {
      const work = run(call);
      return work instanceof Promise ? work.then(() => null, refused) : null;
    } catch (error) {
      return refused(error);
    }
  };

function refused(error: unknown): Returned {
  if (!(error instanceof WeftError)) throw error;
  const failure = toWeftError(error);
  return results(failure, failure);
}

function send({ exchange, transfer }: HttpResponseObject, bytes: Uint8Array): void | Promise<void> {
  const room = exchange.write(bytes);
  return transfer === "whole" ? room : exchange.flush();
}

function jsonBytes(call: Call, index: number): Uint8Array {
  const { lua } = call.runtime;
  return lua.bytes(encodeJson(lua, call.keep(index).value));
}

function writeJson(call: Call): void | Promise<void> {
  const response = self(call);
  const { exchange } = response;
  const bytes = jsonBytes(call, 2);
  if (!exchange.isSent && !exchange.headers.has("content-type")) {
    exchange.change();
    exchange.headers.set("content-type", "application/json");
  }
  return send(response, bytes);
}

function setTransfer(response: HttpResponseObject, how: string): void {
  if (how !== "chunked" && how !== "sse") {
    throw new WeftError("INVALID_ARGUMENT", `a transfer is "chunked" or "sse", not "${how}"`);
  }
  const { exchange } = response;
  exchange.change();
  response.transfer = how;
  if (how === "chunked") return;
  exchange.headers.set("content-type", "text/event-stream");
  if (!exchange.headers.has("cache-control")) exchange.headers.set("cache-control", "no-cache");
}

/** One event of the `text/event-stream` format (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
function writeEvent(call: Call): void | Promise<void> {
  const response = self(call);
  const { lua } = call.runtime;
  const event = call.keep(2).value;
  if (!lua.isTable(event)) throw new WeftError("INVALID_ARGUMENT", "an event is a table {name, data}");
  const text = (value: LuaValue): string => {
    const isText = value.type === tag.string || value.type === tag.shortString;
    return lua.text(isText ? value : encodeJson(lua, value)) ?? "";
  };
  const [name, data] = [lua.get(event, "name"), lua.get(event, "data")];
  if (response.transfer !== "sse") setTransfer(response, "sse");
  const title = name.type === tag.nil ? "" : `event: ${text(name).replaceAll(/[\r\n]/g, " ")}\n`;
  const lines = text(data)
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("");
  return send(response, encoder.encode(`${title}${lines}\n`));
}

function setHeader(call: Call, name: string, value: string): void {
  const { exchange } = self(call);
  exchange.change();
  exchange.headers.set(name, value);
}

/** The response, in Lua. */
export const responseClass: LuaClass<InstanceContext> = {
  type: HttpResponseObject,
  methods: {
    set_status: told((call) => {
      self(call).exchange.status = call.integer(2);
    }),
    set_header: told((call) => {
      if (call.typeOf(3) !== "table") return setHeader(call, call.text(2), call.text(3));
      const { exchange } = self(call);
      exchange.change();
      const name = call.text(2);
      exchange.headers.delete(name);
      const values = call.value(3);
      for (const value of Array.isArray(values) ? values : []) exchange.headers.append(name, String(value));
    }),
    add_header: told((call) => {
      const { exchange } = self(call);
      exchange.change();
      exchange.headers.append(call.text(2), call.text(3));
    }),
    set_content_type: told((call) => setHeader(call, "content-type", call.text(2))),
    write: told((call) => send(self(call), call.typeOf(2) === "number" ? encoder.encode(call.text(2)) : call.bytes(2))),
    write_json: told(writeJson),
    flush: told((call) => self(call).exchange.flush()),
    set_transfer: told((call) => setTransfer(self(call), call.text(2))),
    write_event: told(writeEvent),
  },
};
