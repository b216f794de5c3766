import { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import type { LuaCall } from "../../engine/lua/call.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import type { RegistryRequest } from "./service.ts";

type Call = LuaCall<InstanceContext>;

/** A version of the registry, as Lua holds it. */
export class Version {
  readonly id: number;
  readonly previous: number | undefined;

  constructor(id: number, previous: number | undefined) {
    this.id = id;
    this.previous = previous;
  }
}

/** Asks who keeps the registry. @throws WeftError every refusal. */
export async function ask(call: Call, request: RegistryRequest): Promise<Value> {
  return await call.host.ports.services.ask({ service: "registry", request });
}

/** A version as the registry gives it. */
export function versionOf(value: Value): Version {
  const { id, previous } = Object(value) === value ? { ...fieldsOf(value) } : {};
  return new Version(Number(id), typeof previous === "number" ? previous : undefined);
}

function fieldsOf(value: Value): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** Every version that is kept, oldest first. */
export async function allVersions(call: Call): Promise<readonly Version[]> {
  const versions = await ask(call, { do: "versions" });
  return Array.isArray(versions) ? versions.map(versionOf) : [];
}

/** The number of a version: given as such, or as the object. */
export function versionNumber(call: Call, index: number): number {
  const payload = call.payload(index);
  return payload instanceof Version ? payload.id : call.integer(index);
}

/** One of the versions that are kept. @throws WeftError `VERSION_NOT_FOUND`. */
export async function findVersion(call: Call, number: number): Promise<Version> {
  const found = (await allVersions(call)).find(({ id }) => id === number);
  if (found !== undefined) return found;
  throw new WeftError("VERSION_NOT_FOUND", `there is no version ${number} of the registry`);
}

const self = (call: Call): Version => call.object(1, Version);

/** Methods of versions. */
export const versionClass: LuaClass<InstanceContext> = {
  type: Version,
  methods: {
    id: (call) => self(call).id,
    previous(call) {
      const { previous } = self(call);
      return previous === undefined ? null : findVersion(call, previous);
    },
    next: async (call) => {
      const { id } = self(call);
      return (await allVersions(call)).findLast(({ previous }) => previous === id) ?? null;
    },
    string: (call) => `v${self(call).id}`,
  },
  meta: { __tostring: (call) => `v${self(call).id}` },
};
