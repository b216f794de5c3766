import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import type { SecuritySettings } from "../hosts/security/spec.ts";
import type { ServiceOffer } from "../hosts/services.ts";
import type { ControlPlane } from "../runtime/control/control.ts";
import type { Supervisor } from "../runtime/supervisor/supervisor.ts";
import { ownerOf, type LoadedApp } from "./app.ts";

/** Where an app is brought to. */
export interface DeploymentParts {
  readonly control: ControlPlane;
  readonly supervisor: Supervisor;
}

/** An app on its control plane: brings its entries there, and exchanges some of them for those of another app. */
export class Deployment {
  readonly #control: ControlPlane;
  readonly #supervisor: Supervisor;
  #app: LoadedApp;
  #parts: ReadonlySet<EntryId> = new Set();

  /** Makes everything of the app callable; its services do not start by that. */
  constructor(app: LoadedApp, { control, supervisor }: DeploymentParts) {
    this.#app = app;
    this.#control = control;
    this.#supervisor = supervisor;
    this.#put(app, new Set(app.registry.entries.map(({ entry }) => entry.id)));
    for (const { entry } of app.registry.entries) this.#supervise(app, entry.id);
  }

  get app(): LoadedApp {
    return this.#app;
  }

  /**
   * Goes over to another app, of which only the affected entries differ. All of it or nothing: when a service does not
   * start, everything is as it was before. `from` is the call tree that asked for it, if one did: a service is not waited
   * for while it waits for this.
   */
  async exchange(next: LoadedApp, affected: ReadonlySet<EntryId>, from?: number): Promise<void> {
    const before = this.#app;
    try {
      await this.#change(next, affected, from);
    } catch (cause) {
      const again = await this.#change(before, affected, from).then(
        () => undefined,
        (error: unknown) => error,
      );
      throw again === undefined ? cause : new SuppressedError(again, cause);
    }
  }

  async #change(next: LoadedApp, affected: ReadonlySet<EntryId>, from: number | undefined): Promise<void> {
    this.#withdraw(next, affected);
    this.#app = next;
    this.#put(next, affected);
    const wasRunning = await this.#supervisor.removeAll(affected, from);
    for (const id of affected) this.#supervise(next, id);
    const starts = [...affected].filter((id) => wasRunning.has(id) || this.#startsByItself(next, id));
    await this.#supervisor.startSome(new Set(starts));
  }

  #startsByItself(app: LoadedApp, id: EntryId): boolean {
    return app.registry.get(id)?.checked?.service?.autoStart === true;
  }

  #supervise(app: LoadedApp, id: EntryId): void {
    const loaded = app.registry.get(id);
    if (loaded?.state === "ok" && loaded.checked?.service !== undefined)
      this.#supervisor.add(id, loaded.checked.service);
  }

  /** Takes back what entries offer through services no longer; what they offer anew keeps what it holds. */
  #withdraw(next: LoadedApp, affected: ReadonlySet<EntryId>): void {
    for (const id of affected) {
      const [old, made] = [offerOf(this.#app, id), offerOf(next, id)];
      if (old !== undefined && old.service !== made?.service) this.#control.services.remove(id, old.service);
    }
  }

  /** What is callable changes for all at once: nothing here waits. */
  #put(app: LoadedApp, affected: ReadonlySet<EntryId>): void {
    this.#control.secure(securityOf(app));
    for (const id of affected) this.#putOne(app, id);
    for (const id of this.#parts) if (!app.parts.has(id)) this.#control.remove(id);
    for (const part of app.parts.values()) {
      if (affected.has(ownerOf(part.id)) || !this.#parts.has(part.id)) this.#control.place(part);
    }
    this.#parts = new Set(app.parts.keys());
  }

  #putOne(app: LoadedApp, id: EntryId): void {
    const loaded = app.registry.get(id);
    const { processHost: host } = loaded?.checked?.provides ?? {};
    const offer = offerOf(app, id);
    if (offer !== undefined) this.#control.services.add(id, offer);
    if (host === undefined) this.#control.processes.hosts.remove(id);
    else this.#control.processes.hosts.add(id, host);
    const placement = app.placements.get(id);
    const failure = app.failures.get(id);
    if (loaded === undefined) this.#control.remove(id);
    else if (failure !== undefined) this.#control.placeFailed(id, failure);
    else if (placement !== undefined) this.#control.place(placement);
    else {
      const unknown = loaded.checked === undefined ? ": no such kind is known" : "";
      const message = `${id} is a ${loaded.entry.kind}, which cannot be called${unknown}`;
      this.#control.placeFailed(id, new WeftError("NOT_CALLABLE", message, { details: { target: id } }));
    }
  }
}

/** What an entry that loaded offers through the shared half of a host. */
function offerOf({ registry, failures }: LoadedApp, id: EntryId): ServiceOffer | undefined {
  return failures.has(id) ? undefined : registry.get(id)?.checked?.provides.offer;
}

/** What the app's entries and its configuration say of who may do what. */
function securityOf({ registry, failures, config }: LoadedApp): SecuritySettings {
  const policies = registry.entries.flatMap(({ entry, checked }) =>
    failures.has(entry.id) ? [] : (checked?.provides.policy ?? []),
  );
  return { policies, broken: [...failures.keys()], strict: config.strictSecurity };
}
