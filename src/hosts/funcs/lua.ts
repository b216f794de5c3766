import type { Actor, CallContext, Scope } from "../../core/context.ts";
import { toWeftError } from "../../core/errors.ts";
import { requireFullId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { Converters } from "../../engine/lua/values/typed.ts";
import type { LuaValue } from "../../engine/lua/state/lua.ts";
import { StraightCall } from "../../wit/values/straight.ts";
import { LuaResults, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import { readOptions } from "../call-options.ts";
import { isAsKnown, resultAsKnown, type KnownCallee } from "../callee.ts";
import type { InstanceContext } from "../context.ts";
import { actorArgument, scopeArgument } from "../identity.ts";
import type { CallOverrides, CallRequest } from "../ports.ts";
import { Future, futureClass } from "./future.ts";

type Call = LuaCall<InstanceContext>;

/** How a call is made beyond its target and arguments. */
interface Manner {
  readonly context: CallContext;
  readonly overrides?: CallOverrides;
}

/** A call with its arguments read, and how its result becomes Lua values. */
interface Prepared {
  readonly request: CallRequest;
  /** The callee by whose types the arguments were read. */
  readonly known?: KnownCallee | undefined;
  readonly write: (value: Value) => LuaResults;
}

function target(call: Call, first: number): string {
  return call.typeOf(first) === "string" ? call.text(first) : "";
}

/** Reads the target from position `first` and its arguments from there on. @throws WeftError */
function prepare(call: Call, first: number, { context, overrides }: Manner): Prepared {
  const id = target(call, first);
  const { runtime } = call;
  const callee = call.host.ports.dispatcher.describe(id);
  if (callee === undefined) requireFullId(id);
  // An executor may carry another identity, but it is still its holder who calls.
  const caller = call.host.call;
  const options = {
    ...(overrides === undefined ? {} : { overrides }),
    ...(context === caller ? {} : { caller }),
  };
  if (callee?.signature === undefined) {
    const args = call.values(first + 1, { counting: 1 });
    return {
      request: { id, args, checked: false, context, ...options },
      write: (value) => new LuaResults([runtime.toLua(value)]),
    };
  }
  // Before a wrong argument tells about the signature of what may not be called.
  call.host.ports.security.checkEntry("funcs.call", id, caller);
  const { signature, resultForm } = callee;
  const converters = runtime.typed.of({ id, signature, resultForm });
  const known = { dispatcher: call.host.ports.dispatcher, id, signature };
  const given = Array.from({ length: call.count - first }, (_, i) => call.raw(first + 1 + i));
  if (converters.straight !== undefined && overrides === undefined) {
    // Stack slots are reused when the caller goes on.
    const kept = given.map((_, i) => call.keep(first + 1 + i).value);
    return straightly(converters, kept, { known, context, ...options });
  }
  return {
    request: { id, args: converters.args(given), checked: true, context, ...options },
    known,
    write: (value) => new LuaResults(converters.results(resultAsKnown(known, value))),
  };
}

/** A call whose tables may go straight into the callee's memory, and back. */
function straightly(
  converters: Converters,
  given: readonly LuaValue[],
  { known, ...rest }: Pick<CallRequest, "context" | "caller"> & { readonly known: KnownCallee },
): Prepared {
  const form = converters.straight;
  if (form === undefined) throw new Error("the values cannot go straight");
  let args: readonly Value[] | undefined;
  const materialize = (): readonly Value[] => (args ??= converters.args(given));
  const straight = new StraightCall(form, given, materialize);
  return {
    request: {
      id: known.id,
      get args() {
        return materialize();
      },
      straight,
      checked: true,
      ...rest,
    },
    known,
    write(value) {
      const { returned } = straight;
      return new LuaResults(
        returned === undefined
          ? converters.results(resultAsKnown(known, value))
          : converters.straightResults(returned.value),
      );
    },
  };
}

/** Calls and gives the result, at once when the callee ends at once. */
function invoke(call: Call, first: number, manner: Manner): Returned {
  const { request, write } = prepare(call, first, manner);
  const result = call.host.ports.dispatcher.call(request);
  return result instanceof Promise ? result.then(write) : write(result);
}

/** Starts a call. Only a malformed target fails here: what is wrong with arguments fails the future, as a failing callee does. */
function start(call: Call, first: number, manner: Manner): Future {
  const id = requireFullId(target(call, first));
  call.host.ports.security.checkEntry("funcs.call", id, call.host.call);
  const prepared = prepareAhead(call, first, manner);
  return Future.start({ call, context: manner.context }, async (context) => {
    const { request, known, write } = prepared();
    const checked = known !== undefined && isAsKnown(known);
    const result = await call.host.ports.dispatcher.call({ ...request, checked, context });
    return write(result).values;
  });
}

/** Reads a call while its arguments are at hand; what is wrong with them is thrown when the call is made. */
function prepareAhead(call: Call, first: number, manner: Manner): () => Prepared {
  try {
    const { request, known, write } = prepare(call, first, manner);
    // Tables may change before the call is made.
    const { straight: _, ...ready } = { ...request };
    return () => ({ request: ready, known, write });
  } catch (error) {
    const failure = toWeftError(error);
    return () => {
      throw failure;
    };
  }
}

/** What an executor adds to the calls made through it. */
interface Additions {
  readonly values: Readonly<Record<string, Value>>;
  readonly actor?: Actor;
  readonly scope?: Scope;
  readonly overrides?: CallOverrides;
}

/** What `funcs.new()` makes: each `with_…` gives a new one, so one can be shared and refined. */
class Executor {
  readonly additions: Additions;

  constructor(additions: Additions = { values: {} }) {
    this.additions = additions;
  }

  with(more: Partial<Additions>): Executor {
    return new Executor({ ...this.additions, ...more });
  }

  /** The manner of calls made through it by someone with this context. */
  manner(context: CallContext): Manner {
    const { values, actor = context.actor, scope = context.scope, overrides } = this.additions;
    return {
      context: { ...context, values: { ...context.values, ...values }, actor, scope },
      ...(overrides === undefined ? {} : { overrides }),
    };
  }
}

const self = (call: Call) => call.object(1, Executor);

const executorClass: LuaClass<InstanceContext> = {
  type: Executor,
  methods: {
    with_context(call) {
      call.host.ports.security.check("funcs.context", "context", call.host.call);
      return self(call).with({ values: { ...self(call).additions.values, ...call.record(2) } });
    },
    with_actor(call) {
      call.host.ports.security.check("funcs.security", "security", call.host.call);
      return self(call).with({ actor: actorArgument(call, 2) });
    },
    with_scope(call) {
      call.host.ports.security.check("funcs.security", "security", call.host.call);
      return self(call).with({ scope: scopeArgument(call, 2) });
    },
    with_options: (call) => self(call).with({ overrides: readOptions(call.record(2)) }),
    call: (call) => invoke(call, 2, self(call).manner(call.host.call)),
    async: (call) => start(call, 2, self(call).manner(call.host.call)),
  },
};

/** Calls of other entries by id. */
export const funcsModule: LuaModule<InstanceContext> = {
  name: "funcs",
  always: false,
  classes: [futureClass, executorClass],
  table: {
    call: (call) => invoke(call, 1, { context: call.host.call }),
    async: (call) => start(call, 1, { context: call.host.call }),
    new: () => new Executor(),
  },
};
