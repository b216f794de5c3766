import { WeftError } from "../../core/errors.ts";
import { requireFullId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { InstanceContext } from "../context.ts";
import type { BoundInterfaces, ComponentFace } from "../host.ts";
import { ResultError } from "../io/result-error.ts";
import type { Letter, ProcessRequest } from "../ports.ts";
import { IncomingQueue, type Incoming } from "./incoming.ts";
import { fromJsonText, processError } from "./texts.ts";
import { askAllowed, sendAllowed, spawnAllowed } from "./allowed.ts";

const functions = [
  "receive",
  "send",
  "spawn",
  "monitor",
  "unmonitor",
  "link",
  "unlink",
  "trap-links",
  "cancel",
  "terminate",
  "register",
  "unregister",
  "lookup",
];

/** `weft:runtime/process` (wit/weft-runtime). */
export const processFace: ComponentFace = {
  interfaces: { "weft:runtime/process": { version: "0.1.0", suspending: functions } },
  bind,
};

interface Ties {
  readonly monitor?: boolean;
  readonly link?: boolean;
}

function bind(instance: InstanceContext): BoundInterfaces {
  const guest = new ProcessGuest(instance);
  const tie = (what: "monitor" | "unmonitor" | "link" | "unlink") => (to: string) =>
    guest.ask({ do: what, from: guest.ownPid(), to });
  return {
    imports: {
      "weft:runtime/process": {
        pid: () => guest.ownPid(),
        receive: (timeoutMs: bigint | undefined) => guest.receive(timeoutMs),
        send: (to: string, topic: string, payloads: readonly string[]) => guest.send(to, topic, payloads),
        spawn: (id: string, host: string, args: string, ties: Ties) => guest.spawn(id, { host, args, ties }),
        monitor: tie("monitor"),
        unmonitor: tie("unmonitor"),
        link: tie("link"),
        unlink: tie("unlink"),
        trapLinks: (on: boolean) => guest.ask({ do: "trap-links", from: guest.ownPid(), on }),
        cancel: (to: string, reason: string | undefined, deadlineMs: bigint | undefined) =>
          guest.ask({
            do: "cancel",
            from: guest.ownPid(),
            to,
            reason,
            deadlineMs: deadlineMs === undefined ? undefined : Number(deadlineMs),
          }),
        terminate: (to: string) => guest.ask({ do: "terminate", to }),
        register: (name: string) => guest.ask({ do: "register", name, pid: guest.ownPid() }),
        unregister: (name: string) => guest.ask({ do: "unregister", name }),
        lookup: (name: string) => guest.ask({ do: "lookup", name }),
      },
    },
    [Symbol.dispose]: () => guest[Symbol.dispose](),
  };
}

/** One guest's side of the process table. */
class ProcessGuest implements Disposable {
  readonly #instance: InstanceContext;
  #incoming: IncomingQueue | undefined;

  constructor(instance: InstanceContext) {
    this.#instance = instance;
  }

  /** The address, which others may write to from now on. */
  ownPid(): string {
    const { pid, ports } = this.#instance;
    ports.processes.open(pid);
    return pid;
  }

  async receive(timeoutMs: bigint | undefined): Promise<Incoming | undefined> {
    this.#incoming ??= new IncomingQueue(this.#instance);
    return await this.#incoming.next(timeoutMs === undefined ? undefined : Number(timeoutMs));
  }

  async send(to: string, topic: string, payloads: readonly string[]): Promise<void> {
    await this.#attempt(async () => {
      if (topic === "" || topic.startsWith("@")) {
        throw new WeftError("INVALID_ARGUMENT", `a topic is a name that does not begin with "@", not "${topic}"`);
      }
      const values = payloads.map((text, index) => fromJsonText(text, `payload ${index + 1}`));
      const letter: Letter = { topic, from: this.ownPid(), payloads: values };
      await sendAllowed(this.#instance, to, letter);
    });
  }

  async spawn(
    id: string,
    wanted: { readonly host: string; readonly args: string; readonly ties: Ties },
  ): Promise<string> {
    return await this.#attempt(async () => {
      const args = fromJsonText(wanted.args, "arguments");
      if (!Array.isArray(args)) throw new WeftError("INVALID_ARGUMENT", "arguments are a JSON array");
      const { monitor = false, link = false } = wanted.ties;
      if (monitor || link) this.ownPid();
      return await spawnAllowed(this.#instance, {
        id: requireFullId(id),
        host: requireFullId(wanted.host),
        args,
        context: this.#instance.call,
        monitor,
        link,
      });
    });
  }

  async ask(request: ProcessRequest): Promise<Value> {
    return await this.#attempt(() => askAllowed(this.#instance, request));
  }

  [Symbol.dispose](): void {
    this.#incoming?.[Symbol.dispose]();
  }

  /** A refusal is the guest's to handle, unless its own run is over. */
  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isOwnEnd = error === this.#instance.call.cancellation.reason;
      throw error instanceof WeftError && !isOwnEnd ? new ResultError(processError(error)) : error;
    }
  }
}
