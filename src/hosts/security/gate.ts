import type { CallContext } from "../../core/context.ts";
import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Policies } from "./policies.ts";
import type { Decision } from "./policy.ts";
import type { Attributes } from "./subject.ts";

/** A refusal, for the audit. */
export interface Denial {
  readonly action: string;
  readonly resource: string;
  /** Empty where there is none. */
  readonly actor: string;
  /** The policy that denied; undefined where none allowed it. */
  readonly policy: EntryId | undefined;
  /** The process or function that asked. */
  readonly pid: string;
  /** Unix time in milliseconds. */
  readonly at: number;
}

const remedy =
  "give a service `lifecycle.security` with an actor and policies, an HTTP router token_auth, a call from TypeScript `actor` and `scope`";

/**
 * Where every action of a program is asked for. With an actor and a scope, the scope must allow it; with one of them
 * missing it is allowed, unless the app is strict.
 */
export class Gate {
  readonly policies: Policies;
  readonly #audit: (denial: Denial) => void;

  constructor(policies: Policies, audit: (denial: Denial) => void) {
    this.policies = policies;
    this.#audit = audit;
  }

  /** Whether anything could be denied in this context. */
  judges({ actor, scope }: CallContext): boolean {
    return (actor !== undefined && scope !== undefined) || this.policies.isStrict;
  }

  /** Whether the action is allowed. Nobody hears of a refusal. */
  allows(action: string, resource: string, context: CallContext, meta?: Attributes): boolean {
    return this.#decide(action, resource, context, meta) === "allow";
  }

  /** What `security.can` says: without an actor and a scope, no. */
  can(action: string, resource: string, context: CallContext, meta?: Attributes): boolean {
    return context.actor !== undefined && context.scope !== undefined && this.allows(action, resource, context, meta);
  }

  /** @throws WeftError `PERMISSION_DENIED`, and the audit hears of it. */
  check(action: string, resource: string, context: CallContext, meta?: Attributes): void {
    if (!this.allows(action, resource, context, meta)) throw this.#deny(action, resource, context, meta);
  }

  /** As `check`, for hosts with refusals of their own: the audit hears of it. */
  permits(action: string, resource: string, context: CallContext, meta?: Attributes): boolean {
    const isAllowed = this.allows(action, resource, context, meta);
    if (!isAllowed) this.#deny(action, resource, context, meta);
    return isAllowed;
  }

  /** Of something with several names, the first of which is told: none may be denied, one must be allowed. */
  checkAny(action: string, names: readonly string[], context: CallContext): void {
    if (this.allowsAny(action, names, context)) return;
    const denied = names.find((name) => this.#decide(action, name, context) === "deny");
    throw this.#deny(action, denied ?? names[0] ?? "", context);
  }

  /** An action on an entry: `namespace:name#part` is part of `namespace:name`, and goes by either id. */
  checkEntry(action: string, id: EntryId, context: CallContext): void {
    const end = id.indexOf("#");
    if (end < 0) this.check(action, id, context);
    else this.checkAny(action, [id.slice(0, end), id], context);
  }

  /** As `checkAny`, but nobody hears of a refusal. */
  allowsAny(action: string, names: readonly string[], context: CallContext): boolean {
    const decisions = names.map((name) => this.#decide(action, name, context));
    return decisions.includes("allow") && !decisions.includes("deny");
  }

  #decide(action: string, resource: string, { actor, scope }: CallContext, meta?: Attributes): Decision {
    if (actor !== undefined && scope !== undefined) {
      return this.policies.compiled(scope).decide(actor, action, resource, meta);
    }
    return this.policies.isStrict ? "undefined" : "allow";
  }

  #deny(action: string, resource: string, context: CallContext, meta?: Attributes): WeftError {
    const { actor, scope, pid } = context;
    const isWhole = actor !== undefined && scope !== undefined;
    const policy = isWhole ? this.policies.compiled(scope).denying(actor, action, resource, meta) : undefined;
    this.#audit({ action, resource, actor: actor?.id ?? "", policy, pid, at: Date.now() });
    const mayKnow = policy !== undefined && this.allows("security.policy.get", policy, context);
    const who = actor === undefined ? "nobody in particular" : actor.id;
    const why = mayKnow ? ` by ${policy}` : isWhole ? "" : `: ${missing(context)}`;
    return new WeftError("PERMISSION_DENIED", `not allowed: ${action} on ${resource} for ${who}${why}`, {
      details: { action, resource, ...(actor && { actor: actor.id }), ...(mayKnow && { policy }) },
    });
  }
}

function missing({ actor, scope }: Pick<CallContext, "actor" | "scope">): string {
  const what = actor !== undefined ? "scope" : scope === undefined ? "actor and no scope" : "actor";
  return `security.strict_mode is on, and there is no ${what}: ${remedy}`;
}
