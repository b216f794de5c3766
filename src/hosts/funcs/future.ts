import { canceled, childCancellation, type Cancellation } from "../../core/cancellation.ts";
import type { CallContext } from "../../core/context.ts";
import { toWeftError } from "../../core/errors.ts";
import { results, type LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import { Payload } from "../../engine/lua/modules/payload.ts";
import type { LuaValue } from "../../engine/lua/state/lua.ts";
import { Channel } from "../../engine/lua/tasks/channel.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";

type Call = LuaCall<InstanceContext>;

/** Who starts a future, and the context its call inherits. */
interface Starter {
  readonly call: Call;
  readonly context: CallContext;
}

/** A call that goes on beside its caller. It is cancelled when the caller's task ends first. */
export class Future {
  readonly channel = new Channel(1);
  value: LuaReference | undefined;
  error: LuaReference | undefined;
  isCanceled = false;
  readonly #cancellation: Cancellation;

  constructor(cancellation: Cancellation) {
    this.#cancellation = cancellation;
  }

  /** Starts the work with a context of its own, which `cancel` ends. */
  static start({ call, context }: Starter, work: (context: CallContext) => Promise<readonly LuaValue[]>): Future {
    const scope = childCancellation(context.cancellation);
    const future = new Future(scope.cancellation);
    const source = call.task.holdSource();
    const onTaskEnd = { [Symbol.dispose]: () => scope.cancellation.cancel(canceled("the caller ended")) };
    call.task.own(onTaskEnd);
    const run = async (): Promise<void> => {
      await future.#settle(call.runtime, () => work({ ...context, cancellation: scope.cancellation }));
      scope[Symbol.dispose]();
      call.task.disown(onTaskEnd);
      source[Symbol.dispose]();
    };
    void run();
    return future;
  }

  get isComplete(): boolean {
    return this.value !== undefined || this.error !== undefined;
  }

  cancel(): void {
    if (this.isComplete) return;
    this.isCanceled = true;
    this.#cancellation.cancel(canceled());
  }

  async #settle({ lua, values }: Call["runtime"], work: () => Promise<readonly LuaValue[]>): Promise<void> {
    let settled: LuaReference;
    try {
      const [value = lua.nil, error = lua.nil] = await work();
      if (error.type === lua.nil.type) {
        settled = this.value = new LuaReference(values.toLua(new Payload(new LuaReference(value))));
      } else settled = this.error = new LuaReference(error);
    } catch (error) {
      settled = this.error = new LuaReference(values.toLua(toWeftError(error)));
    }
    this.channel.deliver(settled);
    this.channel.finish();
  }
}

const self = (call: Call) => call.object(1, Future);

/** A future as Lua sees it. */
export const futureClass: LuaClass<InstanceContext> = {
  type: Future,
  methods: {
    response: (call) => self(call).channel,
    channel: (call) => self(call).channel,
    is_complete: (call) => self(call).isComplete,
    is_canceled: (call) => self(call).isCanceled,
    result: (call) => results(self(call).value ?? null, self(call).error ?? null),
    error: (call) => results(self(call).error ?? null, self(call).error !== undefined),
    cancel: (call) => {
      self(call).cancel();
      return true;
    },
  },
};
