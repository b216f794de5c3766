import { WeftError } from "../../core/errors.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import { Channel } from "../../engine/lua/tasks/channel.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

/** Events that wait for a subscriber who does not fetch them; more are dropped, and the log says so once. */
const waitingEvents = 10_000;

/** What a program listens to. */
class Subscription {
  readonly channel = new Channel();
  readonly #task: Task;
  #connection: Disposable | undefined;

  constructor(task: Task) {
    this.#task = task;
  }

  /** Keeps the connection as long as the task runs, or until it is closed. */
  hold(connection: Disposable): void {
    const source = this.#task.holdSource();
    this.#connection = {
      [Symbol.dispose]() {
        source[Symbol.dispose]();
        connection[Symbol.dispose]();
      },
    };
    this.#task.own(this.#connection);
  }

  close(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    this.#task.disown(connection);
    connection[Symbol.dispose]();
    this.channel.close();
  }
}

async function subscribe(call: Call): Promise<Subscription> {
  const { runtime, host, task } = call;
  const [system, kind] = [call.text(1), call.has(2) ? call.text(2) : "**"];
  const { security } = host.ports;
  security.check("events.subscribe", system, host.call);
  const subscription = new Subscription(task);
  let waiting = 0;
  let hasDropped = false;
  const hear = (event: Value): void => {
    // A pattern stands for many systems: each must be allowed.
    const of = isRecord(event) ? event["system"] : undefined;
    if (typeof of === "string" && !security.allows("events.subscribe", of, host.call)) return;
    if (waiting < waitingEvents) {
      waiting += 1;
      return subscription.channel.deliver(new LuaReference(runtime.toLua(event)), () => (waiting -= 1));
    }
    if (hasDropped) return;
    hasDropped = true;
    host.ports.log.warn("events are dropped: their subscriber does not fetch them", { id: host.id, system, kind });
  };
  const request = { do: "subscribe", system, kind } as const;
  subscription.hold(await host.ports.services.subscribe({ service: "events", request }, hear));
  return subscription;
}

function send(call: Call): Returned {
  const [system, kind, path] = [call.text(1), call.text(2), call.has(3) ? call.text(3) : ""];
  if (system === "" || kind === "") throw new WeftError("INVALID_ARGUMENT", "an event has a system and a kind");
  call.host.ports.security.check("events.send", system, call.host.call);
  const data = call.has(4) ? call.value(4) : null;
  return call.host.ports.services.ask({ service: "events", request: { do: "send", system, kind, path, data } });
}

const self = (call: Call) => call.object(1, Subscription);

const subscriptionClass: LuaClass<InstanceContext> = {
  type: Subscription,
  methods: {
    channel: (call) => self(call).channel,
    close: (call) => {
      self(call).close();
      return true;
    },
  },
};

/** The event bus of the app. */
export const eventsModule: LuaModule<InstanceContext> = {
  name: "events",
  always: false,
  classes: [subscriptionClass],
  table: { subscribe, send },
};
