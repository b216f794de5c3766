import { WeftError } from "../../core/errors.ts";
import { raise, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import { Payload } from "../../engine/lua/modules/payload.ts";
import { Channel } from "../../engine/lua/tasks/channel.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";
import type { Letter, LetterListener, ProcessEvent } from "../ports.ts";
import { sendAllowed } from "./allowed.ts";

type Call = LuaCall<InstanceContext>;

/** A letter as its receiver holds it. */
class Message {
  readonly letter: Letter;

  constructor(letter: Letter) {
    this.letter = letter;
  }
}

/** Topics that begin so are the runtime's own. */
const reserved = "@";

const self = (call: LuaCall<unknown>) => call.object(1, Message).letter;

/** Messages, as the inbox gives them. */
export const messageClass: LuaClass<InstanceContext> = {
  type: Message,
  once: true,
  methods: {
    topic: (call) => self(call).topic,
    from: (call) => self(call).from,
    payload(call) {
      const payloads = self(call).payloads.map((value) => new Payload(new LuaReference(call.runtime.toLua(value))));
      return payloads.length > 1 ? payloads : (payloads[0] ?? null);
    },
  },
};

/** The channels through which one task hears of the world, each made when it is asked for. */
interface Ears {
  inbox?: Channel;
  events?: Channel;
  readonly listening: Map<Channel, Disposable>;
}

const ears = new WeakMap<Task, Ears>();

function earsOf(task: Task): Ears {
  let found = ears.get(task);
  if (found === undefined) {
    found = { listening: new Map() };
    ears.set(task, found);
  }
  return found;
}

/** A channel that something outside fills: whoever waits at it is never deadlocked. */
function openChannel(call: Call, connect: (channel: Channel) => Disposable): Channel {
  const channel = new Channel();
  const held = call.task.holdSource();
  const connection = connect(channel);
  call.task.own(held);
  call.task.own(connection);
  earsOf(call.task).listening.set(channel, {
    [Symbol.dispose]() {
      call.task.disown(held);
      call.task.disown(connection);
      held[Symbol.dispose]();
      connection[Symbol.dispose]();
    },
  });
  return channel;
}

/** The channel of a task's events; the same one each time. Events that came before it was asked for are in it. */
export function events(call: Call): Returned {
  const { runtime, host } = call;
  return (earsOf(call.task).events ??= openChannel(call, (channel) => {
    const deliver = (event: ProcessEvent): void => channel.deliver(new LuaReference(runtime.toLua(event)));
    return host.ports.processes.events(host.pid, deliver);
  }));
}

/** The channel of messages that no `listen` takes. */
export function inbox(call: Call): Returned {
  const { host } = call;
  return (earsOf(call.task).inbox ??= openChannel(call, (channel) =>
    host.ports.processes.inbox(host.pid, asMessages(call, channel)),
  ));
}

/** A channel of one topic: of what was sent, or of messages with `{message = true}`. */
export function listen(call: Call): Returned {
  const topic = checkTopic(call, 1);
  const wantsMessages = call.record(2)["message"] === true;
  const { host } = call;
  return openChannel(call, (channel) => {
    const deliver = wantsMessages ? asMessages(call, channel) : asValues(call, channel);
    return host.ports.processes.listen(host.pid, topic, deliver);
  });
}

/** Ends what `listen` began. */
export function unlisten(call: Call): Returned {
  const channel = call.object(1, Channel);
  const { listening } = earsOf(call.task);
  const connection = listening.get(channel);
  if (connection === undefined) raise("process.unlisten takes a channel that process.listen gave");
  listening.delete(channel);
  connection[Symbol.dispose]();
  channel.close();
  return true;
}

/** Writes to a pid or a name. */
export function send(call: Call): Returned {
  const { pid, ports } = call.host;
  const to = call.text(1);
  const letter: Letter = { topic: checkTopic(call, 2), from: pid, payloads: call.values(3, { counting: 3 }) };
  // The receiver may answer.
  if (pid !== "") ports.processes.open(pid);
  return sendAllowed(call.host, to, letter)?.then(() => true) ?? true;
}

/** The topic at a position. */
export function checkTopic(call: Call, index: number): string {
  const topic = call.text(index);
  if (topic === "" || topic.startsWith(reserved)) {
    const message = `a topic is a name that does not begin with "${reserved}", not "${topic}"`;
    throw new WeftError("INVALID_ARGUMENT", message);
  }
  return topic;
}

function asMessages({ runtime }: Call, channel: Channel): LetterListener {
  return (letter, taken) => channel.deliver(new LuaReference(runtime.toLua(new Message(letter))), taken);
}

function asValues({ runtime }: Call, channel: Channel): LetterListener {
  return ({ payloads }, taken) => {
    const value = payloads.length > 1 ? payloads : (payloads[0] ?? null);
    channel.deliver(new LuaReference(runtime.toLua(value)), taken);
  };
}
