import type { CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { LuaResults, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import { LuaRaise } from "../../engine/lua/errors/raise.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { LuaValue } from "../../engine/lua/state/lua.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import { isAsKnown, resultAsKnown, type KnownCallee } from "../callee.ts";
import type { InstanceContext } from "../context.ts";
import type { CallOverrides, CallRequest } from "../ports.ts";
import type { MethodSchemas } from "./schemas.ts";

type Call = LuaCall<InstanceContext>;

/** Begins a call that goes on beside its caller, and gives its future. */
export type StartFuture = (
  starter: { readonly call: Call; readonly context: CallContext },
  work: (context: CallContext) => Promise<readonly LuaValue[]>,
) => object;

/** An open binding: calling its methods calls the functions behind them. */
export class ContractInstance {
  readonly binding: EntryId;
  readonly contracts: readonly EntryId[];
  readonly methods: Readonly<Record<string, EntryId>>;
  readonly schemas: ReadonlyMap<string, MethodSchemas>;
  readonly overrides: CallOverrides | undefined;
  readonly #context: (caller: CallContext) => CallContext;

  constructor(
    { binding, contracts, methods, schemas, overrides }: Omit<ContractInstance, "contextFor">,
    context: (caller: CallContext) => CallContext,
  ) {
    this.binding = binding;
    this.contracts = contracts;
    this.methods = methods;
    this.schemas = schemas;
    this.overrides = overrides;
    this.#context = context;
  }

  /** The context of calls through it, made by someone. */
  contextFor(caller: CallContext): CallContext {
    return this.#context(caller);
  }
}

/** What instances need of other hosts. */
export interface InstanceTools {
  /** Of `funcs`: calls that go on beside their caller. */
  readonly startFuture: StartFuture;
  /** Of `json`: checks a value against a JSON Schema. @throws WeftError `INVALID_ARGUMENT`. */
  readonly validate: (schema: Value, value: Value) => Promise<void>;
}

const asyncSuffix = "_async";

interface Prepared {
  readonly request: CallRequest;
  /** The callee by whose types the arguments were read. */
  readonly known?: KnownCallee;
  readonly write: (value: Value) => LuaResults;
}

/** A method that is called: the function behind it, and what its contract says of it. */
interface Method {
  readonly name: string;
  readonly id: EntryId;
  readonly instance: ContractInstance;
}

/** Reads the arguments of `instance:method(…)`, which begin at position 2. */
function prepare(call: Call, { id, name, instance }: Method): Prepared {
  const { runtime } = call;
  const { ports, call: caller } = call.host;
  // The caller's identity decides, not the one that it calls with; before a wrong argument tells about the callee.
  ports.security.check("contract.call", name, caller, { binding: instance.binding, function: id });
  ports.security.checkEntry("funcs.call", id, caller);
  const context = instance.contextFor(caller);
  const overrides = { caller, ...(instance.overrides && { overrides: instance.overrides }) };
  const callee = call.host.ports.dispatcher.describe(id);
  if (callee?.signature === undefined) {
    const args = call.values(2, { counting: 1 });
    return {
      request: { id, args, checked: false, context, ...overrides },
      write: (value) => new LuaResults([runtime.toLua(value)]),
    };
  }
  const { signature, resultForm } = callee;
  const converters = runtime.typed.of({ id, signature, resultForm });
  const known = { dispatcher: ports.dispatcher, id, signature };
  const given = Array.from({ length: call.count - 1 }, (_, i) => call.raw(2 + i));
  return {
    request: { id, args: converters.args(given), checked: true, context, ...overrides },
    known,
    write: (value) => new LuaResults(converters.results(resultAsKnown(known, value))),
  };
}

function receiver(call: Call): ContractInstance {
  const payload = call.payload(1);
  if (payload instanceof ContractInstance) return payload;
  throw new LuaRaise(new WeftError("INVALID_ARGUMENT", "call a contract's method with a colon: instance:method(…)"));
}

/** Checks values against their schemas; what has none may be anything. @throws WeftError naming the method and the value. */
async function check(
  { validate }: InstanceTools,
  { schemas, values }: { readonly schemas: readonly Value[]; readonly values: readonly Value[] },
  name: (index: number) => string,
): Promise<void> {
  for (const [index, schema] of schemas.entries()) {
    if (schema === null) continue;
    try {
      await validate(schema, values[index] ?? null);
    } catch (error) {
      if (!(error instanceof WeftError)) throw error;
      const { code, details } = error;
      throw new WeftError(code, `${name(index)}: ${error.message}`, { cause: error, details });
    }
  }
}

/** Calls the function behind a method whose contract has schemas. */
async function callChecked(
  tools: InstanceTools,
  method: Method,
  work: { readonly args: readonly Value[]; readonly run: () => Value | Promise<Value> },
): Promise<Value> {
  const { input = [], output = [] } = method.instance.schemas.get(method.name) ?? {};
  await check(tools, { schemas: input, values: work.args }, (i) => `argument ${i + 1} of ${method.name}`);
  const result = await work.run();
  try {
    await check(tools, { schemas: output, values: [result] }, () => `the result of ${method.name}`);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    // Not the caller's fault.
    throw new WeftError("INVALID_RESULT", `${method.id}: ${error.message}`, { cause: error, details: error.details });
  }
  return result;
}

/** The class of instances, whose methods are those of their contracts. */
export function instanceClass(tools: InstanceTools): LuaClass<InstanceContext> {
  const dispatch = (
    call: Call,
    method: Method,
    { request, known }: Omit<Prepared, "write">,
  ): Value | Promise<Value> => {
    const run = () => call.host.ports.dispatcher.call({ ...request, checked: known !== undefined && isAsKnown(known) });
    return method.instance.schemas.has(method.name) ? callChecked(tools, method, { args: request.args, run }) : run();
  };
  const invoke = (call: Call, method: Method): Returned => {
    const { write, ...prepared } = prepare(call, method);
    const result = dispatch(call, method, prepared);
    return result instanceof Promise ? result.then(write) : write(result);
  };
  const invokeAsync = (call: Call, method: Method): Returned => {
    const { write, request, ...prepared } = prepare(call, method);
    return tools.startFuture({ call, context: request.context }, async (context) => {
      return write(await dispatch(call, method, { ...prepared, request: { ...request, context } })).values;
    });
  };
  const lookUp = (call: Call): Returned => {
    const { methods } = call.object(1, ContractInstance);
    const asked = call.text(2);
    const plain = asked.endsWith(asyncSuffix) ? asked.slice(0, -asyncSuffix.length) : asked;
    const isAsync = !Object.hasOwn(methods, asked) && plain !== asked;
    const name = isAsync ? plain : asked;
    const id = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (id === undefined) {
      const known = Object.keys(methods).join(", ");
      throw new LuaRaise(new WeftError("INVALID_ARGUMENT", `the contract has no method ${asked}; it has ${known}`));
    }
    const run = isAsync ? invokeAsync : invoke;
    const method = (inner: Call): Returned => run(inner, { name, id, instance: receiver(inner) });
    return new LuaReference(call.runtime.lua.newFunction(call.runtime.bindFunction(asked, method)));
  };
  return { type: ContractInstance, methods: {}, meta: { __index: lookUp } };
}
