import assert from "node:assert/strict";
import type { Cancellation } from "../../core/cancellation.ts";
import { encodeContext } from "../../core/context.ts";
import { decodeError, encodeError, type WireError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { CallRequest, EntryView, Pid, ProcessRequest, SpawnRequest } from "../../hosts/ports.ts";
import type { ServiceRequest } from "../../hosts/services.ts";
import type { Link } from "../link.ts";
import type { Answer, FromIsolate, Question } from "../protocol.ts";
import { PassingMap } from "../../core/passing.ts";

type AnswerSort = Answer["is"];
type AnswerOf<Sort extends AnswerSort> = Extract<Answer, { is: Sort }>;

/** Questions to the control plane and the promises of their answers. */
export class Uplink {
  readonly #link: Link<FromIsolate>;
  readonly #pending = new PassingMap<number, { resolve(answer: Answer): void; reject(error: unknown): void }>();
  readonly #hearers = new PassingMap<number, (value: Value) => void>();
  #last = 0;

  constructor(link: Link<FromIsolate>) {
    this.#link = link;
  }

  send(message: FromIsolate): void {
    this.#link.send(message);
  }

  /** Lets a checked call wait for a slot (`queue`), or has the control plane call what is unknown here (`call`). */
  async askCall(ask: "queue" | "call", request: CallRequest): Promise<Value> {
    const { id, args, checked, context, overrides } = request;
    const question: Question = { ask, id, args, checked, context: encodeContext(context), overrides };
    return expect(await this.#ask(question, context.cancellation), "value").value;
  }

  async getEntry(id: EntryId): Promise<EntryView> {
    const { entries } = expect(await this.#ask({ ask: "registry.get", id }), "entries");
    const [entry] = entries;
    assert(entry !== undefined, "the control plane refuses a question for an entry that does not exist");
    return entry;
  }

  async findEntries(filter: Readonly<Record<string, Value>>): Promise<readonly EntryView[]> {
    return expect(await this.#ask({ ask: "registry.find", filter }), "entries").entries;
  }

  async spawn(request: SpawnRequest): Promise<Pid> {
    return expect(await this.#ask(spawnQuestion("spawn", request)), "pid").pid;
  }

  async exec(request: SpawnRequest): Promise<Value> {
    const answer = await this.#ask(spawnQuestion("exec", request), request.context.cancellation);
    return expect(answer, "value").value;
  }

  async askProcesses(request: ProcessRequest): Promise<Value> {
    return expect(await this.#ask({ ask: "process", request }), "value").value;
  }

  async askService(request: ServiceRequest): Promise<Value> {
    return expect(await this.#ask({ ask: "service", request }), "value").value;
  }

  /** Begins a subscription; disposing it ends it. */
  async subscribe(request: ServiceRequest, hear: (value: Value) => void): Promise<Disposable> {
    const asked = this.#ask({ ask: "subscribe", request });
    const number = this.#last;
    this.#hearers.set(number, hear);
    try {
      await asked;
    } catch (error) {
      this.#hearers.delete(number);
      throw error;
    }
    return {
      [Symbol.dispose]: () => {
        if (this.#hearers.delete(number)) this.#link.send({ type: "unsubscribe", request: number });
      },
    };
  }

  heard(request: number, value: Value): void {
    this.#hearers.get(request)?.(value);
  }

  async readStdin(limit: number): Promise<Uint8Array | undefined> {
    return expect(await this.#ask({ ask: "stdin", limit }), "bytes").bytes;
  }

  answer(request: number, answer: Answer): void {
    this.#take(request)?.resolve(answer);
  }

  refuse(request: number, error: WireError): void {
    this.#take(request)?.reject(decodeError(error));
  }

  /** Asks, and takes the question back when the asker is cancelled. */
  #ask(question: Question, cancellation?: Cancellation): Promise<Answer> {
    this.#last += 1;
    const request = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#pending.set(request, { resolve, reject });
    this.#link.send({ type: "ask", request, question });
    if (cancellation === undefined) return promise;
    const watch = cancellation.onCancel((reason) => {
      if (!this.#pending.delete(request)) return;
      this.#link.send({ type: "cancel-ask", request, error: encodeError(reason) });
      reject(reason);
    });
    return promise.finally(() => watch[Symbol.dispose]());
  }

  #take(request: number): { resolve(answer: Answer): void; reject(error: unknown): void } | undefined {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    return pending;
  }
}

function spawnQuestion(ask: "spawn" | "exec", request: SpawnRequest): Question {
  const { id, host, args, context, ...wants } = request;
  return { ask, id, host, args, context: encodeContext(context), wants };
}

function expect<Sort extends AnswerSort>(answer: Answer, sort: Sort): AnswerOf<Sort> {
  assert(isAnswer(answer, sort), `the control plane answered "${answer.is}" where "${sort}" was due`);
  return answer;
}

function isAnswer<Sort extends AnswerSort>(answer: Answer, sort: Sort): answer is AnswerOf<Sort> {
  return answer.is === sort;
}
