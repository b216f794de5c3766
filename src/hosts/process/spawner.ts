import type { Actor, Scope } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import { requireFullId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import { raise, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import { LuaRaise } from "../../engine/lua/errors/raise.ts";
import type { LuaClass } from "../../engine/lua/module.ts";
import type { InstanceContext } from "../context.ts";
import { actorArgument, scopeArgument } from "../identity.ts";
import type { Letter, SpawnRequest } from "../ports.ts";
import { spawnAllowed } from "./allowed.ts";
import { checkTopic } from "./mailbox.ts";

type Call = LuaCall<InstanceContext>;

/** How the spawner wants to be related to what it spawns. */
export interface Ties {
  readonly monitor?: boolean;
  readonly link?: boolean;
}

/** What a spawner adds to the processes that it starts. */
interface Additions {
  readonly values?: Readonly<Record<string, Value>>;
  readonly actor?: Actor;
  readonly scope?: Scope;
  readonly name?: string;
  readonly letters?: readonly Letter[];
  readonly trapLinks?: boolean;
}

/** What `process.with_…` makes: each method gives a new one. */
export class Spawner {
  readonly additions: Additions;

  constructor(additions: Additions = {}) {
    this.additions = additions;
  }

  with(more: Additions): Spawner {
    return new Spawner({ ...this.additions, ...more });
  }
}

const self = (call: Call) => call.object(1, Spawner);

const plain = new Spawner();

/** A spawn as a call asks for it, with its target at position `first`. */
export function spawnRequest(
  call: Call,
  { monitor = false, link = false }: Ties,
  spawner = plain,
  first = 1,
): SpawnRequest {
  if ((monitor || link) && call.host.pid === "") raise(`${call.name} needs a pid to report to`);
  const text = (index: number) => (call.typeOf(index) === "string" ? call.text(index) : undefined);
  const inherited = call.host.call;
  const { values, actor = inherited.actor, scope = inherited.scope, ...wants } = spawner.additions;
  return {
    id: requireFullId(text(first)),
    host: requireFullId(text(first + 1)),
    args: call.values(first + 2, { counting: 1 }),
    context: { ...inherited, actor, scope, values: { ...inherited.values, ...values } },
    monitor,
    link,
    ...wants,
  };
}

/** Starts a process tied to its spawner. */
export function spawn(ties: Ties): (call: Call) => Returned {
  return (call) => spawnAllowed(call.host, spawnRequest(call, ties));
}

const spawnWith =
  (ties: Ties) =>
  (call: Call): Returned =>
    spawnAllowed(call.host, spawnRequest(call, ties, self(call), 2));

/** `{trap_links}`. @throws WeftError for an option that there is not. */
export function readOptions(options: Readonly<Record<string, Value>>): { readonly trapLinks?: boolean } {
  for (const [name, value] of Object.entries(options)) {
    if (name !== "trap_links") throw new WeftError("INVALID_ARGUMENT", `unknown option ${name}: there is trap_links`);
    if (typeof value !== "boolean") throw new WeftError("INVALID_ARGUMENT", "trap_links is true or false");
  }
  const { trap_links: trapLinks } = options;
  return typeof trapLinks === "boolean" ? { trapLinks } : {};
}

/** Refuses what a spawner may not carry. A refusal raises: the methods are chained. */
export function checkBuilder(call: Call, what: "context" | "security"): void {
  raising(() => call.host.ports.security.check(`process.${what}`, what, call.host.call));
}

function raising<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof WeftError && error.code === "PERMISSION_DENIED" ? new LuaRaise(error) : error;
  }
}

/** Spawners, which start processes with more than the spawner's own context. */
export const spawnerClass: LuaClass<InstanceContext> = {
  type: Spawner,
  methods: {
    with_context(call) {
      checkBuilder(call, "context");
      return self(call).with({ values: { ...self(call).additions.values, ...call.record(2) } });
    },
    with_options: (call) => self(call).with(readOptions(call.record(2))),
    with_actor(call) {
      checkBuilder(call, "security");
      return self(call).with({ actor: raising(() => actorArgument(call, 2)) });
    },
    with_scope(call) {
      checkBuilder(call, "security");
      return self(call).with({ scope: raising(() => scopeArgument(call, 2)) });
    },
    with_name: (call) => self(call).with({ name: call.text(2) }),
    with_message(call) {
      const letter: Letter = { topic: checkTopic(call, 2), from: call.host.pid, payloads: call.values(3) };
      return self(call).with({ letters: [...(self(call).additions.letters ?? []), letter] });
    },
    spawn: spawnWith({}),
    spawn_monitored: spawnWith({ monitor: true }),
    spawn_linked: spawnWith({ link: true }),
    spawn_linked_monitored: spawnWith({ monitor: true, link: true }),
  },
};
