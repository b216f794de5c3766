import type { MessagePort } from "node:worker_threads";
import type { CallContext } from "../../core/context.ts";
import { encodeContext } from "../../core/context.ts";
import { canceled } from "../../core/cancellation.ts";
import { decodeError, encodeError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { Placed } from "../placed.ts";
import { portLink, type Link } from "../link.ts";
import type { IsolateLoss, LetterMessage, PeerMessage, RunMessage } from "../protocol.ts";
import { lossError } from "../loss.ts";
import { IncomingCalls, type RunIncoming } from "./incoming.ts";
import { PassingMap } from "../../core/passing.ts";

interface PendingCall {
  readonly root: number;
  resolve(value: Value): void;
  reject(error: unknown): void;
}

/** What comes over the lines. */
export interface PeerIncoming {
  readonly run: RunIncoming;
  readonly deliver: (letter: LetterMessage) => void;
}

/** Direct lines to the other isolates, over which calls go both ways. */
export class Peers {
  readonly #peers = new Map<number, Peer>();
  readonly #incoming: PeerIncoming;

  constructor(incoming: PeerIncoming) {
    this.#incoming = incoming;
  }

  connect(isolate: number, port: MessagePort): void {
    this.disconnect(isolate);
    this.#peers.set(isolate, new Peer(port, this.#incoming));
  }

  /** The isolate ended: our calls there fail, its calls here are cancelled. */
  disconnect(isolate: number, loss: IsolateLoss = {}): void {
    this.#peers.get(isolate)?.lose(loss);
    this.#peers.delete(isolate);
  }

  /** Sends a letter to a process of another isolate. False when there is no line to it. */
  post(isolate: number, letter: LetterMessage): boolean {
    const peer = this.#peers.get(isolate);
    peer?.post(letter);
    return peer !== undefined;
  }

  /** Runs a callee on another isolate, in whose column a slot was taken. */
  call(isolate: number, placed: Placed, args: readonly Value[], context: CallContext): Promise<Value> {
    const peer = this.#peers.get(isolate);
    if (peer === undefined) return Promise.reject(lossError({}, 0));
    return peer.call(placed, args, context);
  }
}

class Peer {
  readonly #link: Link<PeerMessage>;
  readonly #incoming: IncomingCalls;
  readonly #pending = new PassingMap<number, PendingCall>();
  #last = 0;

  readonly #deliver: (letter: LetterMessage) => void;

  constructor(port: MessagePort, { run, deliver }: PeerIncoming) {
    this.#link = portLink<PeerMessage, PeerMessage>(port, (message) => this.#receive(message));
    this.#incoming = new IncomingCalls(run, (message) => this.#link.send(message));
    this.#deliver = deliver;
  }

  post(letter: LetterMessage): void {
    this.#link.send(letter);
  }

  call(placed: Placed, args: readonly Value[], context: CallContext): Promise<Value> {
    this.#last += 1;
    const call = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    this.#pending.set(call, { root: context.root, resolve, reject });
    const message: RunMessage = {
      type: "run",
      call,
      id: placed.placement.id,
      args,
      checked: true,
      context: encodeContext(context),
      slot: placed.row,
      generation: placed.generation,
    };
    this.#link.send(message);
    const watch = context.cancellation.onCancel((reason) => {
      if (!this.#pending.delete(call)) return;
      this.#link.send({ type: "cancel", call, error: encodeError(reason) });
      reject(reason);
    });
    return promise.finally(() => watch[Symbol.dispose]());
  }

  lose(loss: IsolateLoss): void {
    this.#incoming.cancelAll(canceled("the caller's isolate ended"));
    for (const pending of this.#pending.values()) pending.reject(lossError(loss, pending.root));
    this.#pending.clear();
    this.#link.close();
  }

  #receive(message: PeerMessage): void {
    if (message.type === "run") this.#incoming.run(message);
    else if (message.type === "cancel") this.#incoming.cancel(message);
    else if (message.type === "letter") this.#deliver(message);
    else this.#settle(message);
  }

  #settle(message: Extract<PeerMessage, { type: "result" | "failure" }>): void {
    const pending = this.#pending.get(message.call);
    this.#pending.delete(message.call);
    if (message.type === "result") pending?.resolve(message.value);
    else pending?.reject(decodeError(message.error));
  }
}
