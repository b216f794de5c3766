import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { messageValue, type QueueRequest } from "./spec.ts";

type Call = LuaCall<InstanceContext>;

/** The message that a handler was given. */
class QueueMessage {
  readonly id: string;
  readonly headers: Readonly<Record<string, Value>>;
  readonly delivery: string;

  constructor(id: string, headers: Readonly<Record<string, Value>>, delivery: string) {
    this.id = id;
    this.headers = headers;
    this.delivery = delivery;
  }
}

const ask = (call: Call, request: QueueRequest): Promise<Value> =>
  call.host.ports.services.ask({ service: "queue", request });

function queueId(call: Call): EntryId {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the id of a queue is required");
  return resolveId(name, parseId(call.host.id).namespace);
}

function publish(call: Call): Returned {
  if (!call.has(2)) throw new WeftError("INVALID_ARGUMENT", "a message needs a body");
  const id = queueId(call);
  call.host.ports.security.check("queue.publish", id, call.host.call);
  call.host.ports.security.check("queue.publish.queue", id, call.host.call);
  return ask(call, { do: "publish", id, body: call.value(2), headers: call.record(3) });
}

/** How full a queue is, for whoever may write to it or may know. */
function info(call: Call): Returned {
  const [id, { security }] = [queueId(call), call.host.ports];
  if (!security.allows("queue.publish", id, call.host.call)) security.check("queue.info", id, call.host.call);
  return ask(call, { do: "info", id });
}

function message(call: Call): QueueMessage {
  const given = call.host.call.values[messageValue];
  const { id, headers, delivery } = isRecord(given) ? given : {};
  if (typeof id !== "string" || typeof delivery !== "string") {
    throw new WeftError("INVALID_ARGUMENT", "there is no message: the program was not called by a queue.consumer");
  }
  return new QueueMessage(id, isRecord(headers) ? headers : {}, delivery);
}

const self = (call: Call) => call.object(1, QueueMessage);

const messageClass: LuaClass<InstanceContext> = {
  type: QueueMessage,
  methods: {
    id: (call) => self(call).id,
    header: (call) => self(call).headers[call.text(2)] ?? null,
    headers: (call) => self(call).headers,
    ack: (call) => ask(call, { do: "ack", delivery: self(call).delivery }),
    nack: (call) => ask(call, { do: "nack", delivery: self(call).delivery }),
  },
};

/** Messages that are handled later, by consumers. */
export const queueModule: LuaModule<InstanceContext> = {
  name: "queue",
  always: false,
  classes: [messageClass],
  table: {
    publish,
    message,
    info,
  },
};
