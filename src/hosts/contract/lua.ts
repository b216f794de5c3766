import type { Actor, CallContext, Scope } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import { isRecord, type Value } from "../../core/values.ts";
import type { LuaCall, Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import { readOptions } from "../call-options.ts";
import type { InstanceContext } from "../context.ts";
import { actorArgument, scopeArgument } from "../identity.ts";
import type { CallOverrides } from "../ports.ts";
import { ContractInstance, instanceClass, type InstanceTools } from "./instance.ts";
import { schemasOf } from "./schemas.ts";
import type { ContractRequest } from "./service.ts";

type Call = LuaCall<InstanceContext>;

/** What calls through an instance carry beyond what their caller has. */
interface Additions {
  readonly values: Readonly<Record<string, Value>>;
  readonly actor?: Actor;
  readonly scope?: Scope;
  readonly overrides?: CallOverrides;
}

/** A contract as a program holds it; each `with_…` gives a new one. */
class Contract {
  readonly id: EntryId;
  readonly methods: readonly Value[];
  readonly additions: Additions;

  constructor(id: EntryId, methods: readonly Value[], additions: Additions = { values: {} }) {
    this.id = id;
    this.methods = methods;
    this.additions = additions;
  }

  with(more: Partial<Additions>): Contract {
    return new Contract(this.id, this.methods, { ...this.additions, ...more });
  }
}

const ask = (call: Call, request: ContractRequest): Promise<Value> =>
  call.host.ports.services.ask({ service: "contract", request });

function entryId(call: Call, text: string, what: string): EntryId {
  if (text === "") throw new WeftError("INVALID_ARGUMENT", `the id of a ${what} is required`);
  return resolveId(text, parseId(call.host.id).namespace);
}

/** @throws WeftError `PERMISSION_DENIED`. */
function check(call: Call, what: "get" | "open" | "implementations" | "context" | "security", on: string): void {
  call.host.ports.security.check(`contract.${what}`, on, call.host.call);
}

async function get(call: Call): Promise<Contract> {
  const id = entryId(call, call.text(1), "contract");
  check(call, "get", id);
  const found = await ask(call, { do: "definition", contract: id });
  const methods = isRecord(found) ? found["methods"] : undefined;
  return new Contract(id, isList(methods) ? methods : []);
}

/** Opens a binding: argument `first` is its id, perhaps with context values as a query, the next one a table of more. */
async function open(call: Call, first: number, contract?: Contract): Promise<ContractInstance> {
  const [text, query = ""] = call.has(first) ? call.text(first).split("?", 2) : [undefined];
  const binding = text === undefined ? undefined : entryId(call, text, "binding");
  const additions = contract?.additions ?? { values: {} };
  const given = { ...Object.fromEntries(new URLSearchParams(query)), ...call.record(first + 1) };
  const values = { ...additions.values, ...given };
  // Before anything is told about it. A default is known only then.
  if (binding !== undefined) check(call, "open", binding);
  if (Object.keys(given).length > 0) check(call, "context", "context");
  const found = await ask(call, { do: "open", contract: contract?.id, binding });
  const { binding: opened, contracts, methods, required, schemas } = isRecord(found) ? found : {};
  if (typeof opened !== "string") throw new Error("a binding without an id");
  if (binding === undefined) check(call, "open", opened);
  const lacking = textsOf(required).filter(
    (name) => !Object.hasOwn(values, name) && !Object.hasOwn(call.host.call.values, name),
  );
  if (lacking.length > 0) {
    throw new WeftError("INVALID_ARGUMENT", `opening it needs the context values ${lacking.join(", ")}`);
  }
  const functions = Object.entries(isRecord(methods) ? methods : {}).flatMap(([name, id]) =>
    typeof id === "string" ? [[name, id] as const] : [],
  );
  const context = (caller: CallContext): CallContext => ({
    ...caller,
    actor: additions.actor ?? caller.actor,
    scope: additions.scope ?? caller.scope,
    values: { ...caller.values, ...values },
  });
  const parts = {
    binding: opened,
    contracts: textsOf(contracts),
    methods: Object.fromEntries(functions),
    schemas: schemasOf(schemas),
    overrides: additions.overrides,
  };
  return new ContractInstance(parts, context);
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function textsOf(value: Value | undefined): string[] {
  return isList(value) ? value.filter((item) => typeof item === "string") : [];
}

const self = (call: Call) => call.object(1, Contract);

function method(call: Call): Returned {
  const name = call.text(2);
  const found = self(call).methods.find((each) => isRecord(each) && each["name"] === name);
  if (found !== undefined) return found;
  throw new WeftError("BINDING_NOT_FOUND", `the contract ${self(call).id} has no method ${name}`);
}

function implementations(call: Call, contract: EntryId): Returned {
  check(call, "implementations", contract);
  return ask(call, { do: "implementations", contract });
}

function withContext(call: Call): Contract {
  const [contract, values] = [self(call), call.record(2)];
  check(call, "context", "context");
  return contract.with({ values: { ...contract.additions.values, ...values } });
}

/** With another actor or scope: a right of its own, beside that of having one. */
const withIdentity =
  (read: (call: Call) => Partial<Additions>) =>
  (call: Call): Contract => {
    const contract = self(call);
    check(call, "security", "security");
    return contract.with(read(call));
  };

const contractClass: LuaClass<InstanceContext> = {
  type: Contract,
  methods: {
    id: (call) => self(call).id,
    methods: (call) => self(call).methods,
    method,
    implementations: (call) => implementations(call, self(call).id),
    open: (call) => open(call, 2, self(call)),
    with_context: withContext,
    with_actor: withIdentity((call) => ({ actor: actorArgument(call, 2) })),
    with_scope: withIdentity((call) => ({ scope: scopeArgument(call, 2) })),
    with_options: (call) => self(call).with({ overrides: readOptions(call.record(2)) }),
  },
};

function is(call: Call): boolean {
  const instance = call.payload(1);
  return instance instanceof ContractInstance && instance.contracts.includes(entryId(call, call.text(2), "contract"));
}

/** Interfaces that entries define, and others implement. */
export function contractModule(tools: InstanceTools): LuaModule<InstanceContext> {
  return {
    name: "contract",
    always: false,
    classes: [contractClass, instanceClass(tools)],
    table: {
      get,
      open: (call) => open(call, 1),
      find_implementations: (call) => implementations(call, entryId(call, call.text(1), "contract")),
      is,
    },
  };
}
