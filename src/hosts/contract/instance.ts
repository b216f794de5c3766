import type { CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { LuaResults, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import { LuaRaise } from "../../engine/lua/errors/raise.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { LuaValue } from "../../engine/lua/state/lua.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";
import type { CallRequest } from "../ports.ts";

type Call = LuaCall<InstanceContext>;

/** Begins a call that goes on beside its caller, and gives its future. */
export type StartFuture = (
  starter: { readonly call: Call; readonly context: CallContext },
  work: (context: CallContext) => Promise<readonly LuaValue[]>,
) => object;

/** An open binding: calling its methods calls the functions behind them. */
export class ContractInstance {
  readonly contracts: readonly EntryId[];
  readonly methods: Readonly<Record<string, EntryId>>;
  readonly #context: (caller: CallContext) => CallContext;

  constructor(
    { contracts, methods }: Pick<ContractInstance, "contracts" | "methods">,
    context: (caller: CallContext) => CallContext,
  ) {
    this.contracts = contracts;
    this.methods = methods;
    this.#context = context;
  }

  /** The context of calls through it, made by someone. */
  contextFor(caller: CallContext): CallContext {
    return this.#context(caller);
  }
}

const asyncSuffix = "_async";

interface Prepared {
  readonly request: CallRequest;
  readonly write: (value: Value) => LuaResults;
}

/** Reads the arguments of `instance:method(…)`, which begin at position 2. */
function prepare(call: Call, id: EntryId, context: CallContext): Prepared {
  const { runtime } = call;
  const callee = call.host.ports.dispatcher.describe(id);
  if (callee?.signature === undefined) {
    const args = call.values(2, { counting: 1 });
    return {
      request: { id, args, checked: false, context },
      write: (value) => new LuaResults([runtime.toLua(value)]),
    };
  }
  const converters = runtime.typed.of({ id, signature: callee.signature, resultForm: callee.resultForm });
  const given = Array.from({ length: call.count - 1 }, (_, i) => call.raw(2 + i));
  return {
    request: { id, args: converters.args(given), checked: true, context },
    write: (value) => new LuaResults(converters.results(value)),
  };
}

function receiver(call: Call): ContractInstance {
  const payload = call.payload(1);
  if (payload instanceof ContractInstance) return payload;
  throw new LuaRaise(new WeftError("INVALID_ARGUMENT", "call a contract's method with a colon: instance:method(…)"));
}

/** Calls the function behind a method. */
function invoke(call: Call, id: EntryId): Returned {
  const { request, write } = prepare(call, id, receiver(call).contextFor(call.host.call));
  const result = call.host.ports.dispatcher.call(request);
  return result instanceof Promise ? result.then(write) : write(result);
}

/** The class of instances, whose methods are those of their contracts. */
export function instanceClass(startFuture: StartFuture): LuaClass<InstanceContext> {
  const invokeAsync = (call: Call, id: EntryId): Returned => {
    const { request, write } = prepare(call, id, receiver(call).contextFor(call.host.call));
    return startFuture({ call, context: request.context }, async (context) => {
      return write(await call.host.ports.dispatcher.call({ ...request, context })).values;
    });
  };
  const lookUp = (call: Call): Returned => {
    const { methods } = call.object(1, ContractInstance);
    const name = call.text(2);
    const plain = name.endsWith(asyncSuffix) ? name.slice(0, -asyncSuffix.length) : name;
    const isAsync = !Object.hasOwn(methods, name) && plain !== name;
    const id = Object.hasOwn(methods, name)
      ? methods[name]
      : isAsync && Object.hasOwn(methods, plain)
        ? methods[plain]
        : undefined;
    if (id === undefined) {
      const known = Object.keys(methods).join(", ");
      throw new LuaRaise(new WeftError("INVALID_ARGUMENT", `the contract has no method ${name}; it has ${known}`));
    }
    const run = isAsync ? invokeAsync : invoke;
    return new LuaReference(call.runtime.lua.newFunction(call.runtime.bindFunction(name, (inner) => run(inner, id))));
  };
  return { type: ContractInstance, methods: {}, meta: { __index: lookUp } };
}
