import { LuaRaise } from "../errors/raise.ts";
import { raise, results, Thrown, type LuaCall, type Returned } from "../call.ts";
import type { LuaClass, LuaModule } from "../module.ts";
import { tag, type LuaTable } from "../state/lua.ts";
import { Channel } from "../tasks/channel.ts";
import type { LuaReference } from "../values/reference.ts";

/** Waiters at a channel leave one array; more than this in a buffer is a mistake. */
const maxCapacity = 1_000_000;

const closedText = "send on closed channel";

/** A case of a select: what `ch:case_send(v)` and `ch:case_receive()` return. */
class ChannelCase {
  readonly channel: Channel;
  /** The value to send; without one the case receives. */
  readonly value: LuaReference | undefined;

  constructor(channel: Channel, value?: LuaReference) {
    this.channel = channel;
    this.value = value;
  }
}

const self = (call: LuaCall<unknown>) => call.object(1, Channel);

function send(call: LuaCall<unknown>): Returned {
  const channel = self(call);
  const value = call.keep(2);
  if (channel.isClosed) raise(closedText);
  if (channel.send(value)) return true;
  return wait(call, [new ChannelCase(channel, value)], (_, ok) => (ok ? true : new Thrown(new LuaRaise(closedText))));
}

function receive(call: LuaCall<unknown>): Returned {
  const channel = self(call);
  const received = channel.receive();
  if (received === "closed" || received === "over") return results(null, false);
  if (received !== undefined) return results(received.value, true);
  return wait(call, [new ChannelCase(channel)], (_, ok, value) => results(value, ok));
}

/** Picks what is returned when one of the cases came to pass. */
type Chosen = (item: ChannelCase, ok: boolean, value: LuaReference | null) => Returned;

/** Waits at the channels of all cases until one of them is served. */
function wait(call: LuaCall<unknown>, cases: readonly ChannelCase[], chosen: Chosen): Returned {
  return call.suspend(
    (done) => {
      let isWaiting = true;
      const serve = (item: ChannelCase, ok: boolean, value: LuaReference | null): void => {
        isWaiting = false;
        done(chosen(item, ok, value));
      };
      for (const item of cases) {
        if (item.value === undefined) {
          item.channel.addReceiver({
            isWaiting: () => isWaiting,
            take: (value) => serve(item, value !== undefined, value ?? null),
            over: () => {
              if (cases.every(isOver)) serve(item, false, null);
            },
          });
        } else {
          item.channel.addSender({
            isWaiting: () => isWaiting,
            value: item.value,
            sent: (isTaken) => serve(item, isTaken, null),
          });
        }
      }
      return {
        [Symbol.dispose]: () => {
          isWaiting = false;
        },
      };
    },
    { external: false },
  );
}

function select(call: LuaCall<unknown>): Returned {
  const { lua } = call.runtime;
  const list = call.raw(1);
  if (!lua.isTable(list)) throw new LuaRaise("bad argument #1 to 'channel.select' (table of cases expected)");
  const cases = casesOf(call, list);
  for (const item of cases) {
    if (item.value === undefined) {
      const received = item.channel.receive();
      if (received === "closed") return outcome(item, false, null);
      if (received !== undefined && received !== "over") return outcome(item, true, received.value);
    } else {
      if (item.channel.isClosed) raise(closedText);
      if (item.channel.send(item.value)) return outcome(item, true, null);
    }
  }
  const { type, value } = lua.get(list, "default");
  if (type !== tag.nil && value !== false) return { default: true, ok: true };
  if (cases.length === 0) raise("channel.select has no cases: it would wait for ever");
  const [first] = cases;
  if (first !== undefined && cases.every(isOver)) return outcome(first, false, null);
  return wait(call, cases, outcome);
}

/** Whether a case waits for what will never come. */
function isOver({ channel, value }: ChannelCase): boolean {
  return value === undefined && channel.isOver;
}

function casesOf(call: LuaCall<unknown>, list: LuaTable): ChannelCase[] {
  const { lua } = call.runtime;
  return Array.from({ length: lua.length(list) }, (_, i) => {
    const payload = lua.payload(lua.getIndex(list, i + 1));
    if (!(payload instanceof ChannelCase))
      raise(`case ${i + 1} of channel.select is no ch:case_receive() or ch:case_send(v)`);
    return payload;
  });
}

function outcome(item: ChannelCase, ok: boolean, value: LuaReference | null): Returned {
  if (item.value !== undefined && !ok) return new Thrown(new LuaRaise(closedText));
  return { channel: item.channel, value, ok };
}

const channelClass: LuaClass<unknown> = {
  type: Channel,
  methods: {
    send,
    receive,
    close: (call) => self(call).close(),
    case_send: (call) => new ChannelCase(self(call), call.keep(2)),
    case_receive: (call) => new ChannelCase(self(call)),
  },
};

/** Queues between the coroutines of one program. */
export const channelModule: LuaModule<unknown> = {
  name: "channel",
  always: true,
  classes: [channelClass, { type: ChannelCase, methods: {} }],
  table: {
    new: (call) => {
      const capacity = call.has(1) ? call.integer(1) : 0;
      if (capacity < 0 || capacity > maxCapacity) raise(`a channel's buffer holds 0 to ${maxCapacity} values`);
      return new Channel(capacity);
    },
    select,
  },
};
