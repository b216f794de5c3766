import type { EntryId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Value } from "../core/values.ts";
import type { CalleeInfo, CallRequest } from "./ports.ts";
import type { AppAround } from "./system/service.ts";
import type { RegistryKeeper } from "./registry/service.ts";

/**
 * The half of a capability that all isolates share: opened once per app, on the control plane. The other half, in each
 * isolate, talks to it in `Request`s. What entries of its kinds say about themselves arrives as a `Spec`.
 */
export interface Service<Request, Spec> extends AsyncDisposable {
  /** Offers what an entry describes, or offers it anew with other fields. */
  add(id: EntryId, spec: Spec): void;
  /** Offers it no longer. */
  remove(id: EntryId): void;
  /** @throws WeftError every refusal. */
  ask(request: Request): Value | Promise<Value>;
  /** Begins to send what a guest asked to hear; disposing ends it. */
  subscribe?(request: Request, hear: (value: Value) => void): Disposable;
}

/** The stores of the app, as other services use them. */
export interface KeyValues {
  /** Undefined without a value. */
  get(store: EntryId, key: string): Promise<Value | undefined>;
  set(store: EntryId, key: string, value: Value, ttlMs: number): Promise<void>;
  /** Whether there was one. */
  delete(store: EntryId, key: string): Promise<boolean>;
}

/** What a service may use of the app around it. */
export interface ServiceWorld {
  readonly log: Log;
  /** Who changes the registry while the app runs; without, nobody does. */
  readonly registry?: RegistryKeeper | undefined;
  /** What programs may know of the app as a whole, and do to it. */
  readonly app?: AppAround | undefined;
  /** What is known of a function that can be called. */
  describe(id: EntryId): CalleeInfo | undefined;
  /** Calls an entry. @throws WeftError as the dispatcher does, at once or later. */
  call(request: CallRequest): Value | Promise<Value>;
}
