import { toWeftError, WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { ServiceSpec, ServiceTools } from "../../registry/service.ts";
import { requirementsOf } from "./requirements.ts";
import { Service, type ServiceState } from "./service.ts";

/** What the supervisor needs of the runtime around it. */
export interface SupervisorParts {
  readonly log: Log;
  /** Tools under a service's identity. */
  tools(spec: ServiceSpec): ServiceTools;
}

/** The services of an app: started level by level, what they require first, and stopped in reverse. */
export class Supervisor implements AsyncDisposable {
  readonly #services = new Map<EntryId, Service>();
  readonly #parts: SupervisorParts;
  /** Services that asked for the change which removed them: they end when they have its answer. By id, with their end. */
  readonly #leaving = new Map<EntryId, Promise<void>>();
  /** Services that are about to start, but wait for others. */
  readonly #waiting = new Set<Service>();
  #isClosed = false;

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  /** Makes a service known; it does not start by that. */
  add(id: EntryId, spec: ServiceSpec): void {
    const { log } = this.#parts;
    this.#services.set(id, new Service(id, spec, { tools: this.#parts.tools(spec), log }));
  }

  /**
   * Stops services, those first that need others, and forgets them. Gives those that were meant to run. The service whose
   * own call (`from`) asked for this is asked to end, but not waited for: it waits itself.
   */
  async removeAll(ids: ReadonlySet<EntryId>, from?: number): Promise<ReadonlySet<EntryId>> {
    const services = [...ids].flatMap((id) => this.#services.get(id) ?? []);
    const wanted = services.filter((service) => this.#isWanted(service)).map(({ id }) => id);
    const stops = new Map<EntryId, Promise<void>>();
    for (const service of this.#services.values()) {
      if (ids.has(service.id) && service.runsAs(from)) this.#leave(service, stops);
    }
    await Promise.all(services.map((service) => this.#stop(service, stops)));
    for (const { id } of services) this.#services.delete(id);
    return new Set(wanted);
  }

  /** How a service is. @throws WeftError `ENTRY_NOT_FOUND`. */
  state(id: EntryId): ServiceState {
    const service = this.#services.get(id);
    if (service === undefined) throw new WeftError("ENTRY_NOT_FOUND", `there is no service ${id}`);
    return service.state;
  }

  get states(): readonly ServiceState[] {
    return [...this.#services.values()].map((service) => service.state);
  }

  /**
   * Starts every service with `auto_start`, and what those require. Services that can start at the same time do.
   * @throws WeftError when one fails that is not optional; those that it needs may still be restarted.
   */
  async startAll(): Promise<void> {
    const services = [...this.#services.values()];
    await this.startSome(new Set(services.filter(({ spec }) => spec.autoStart).map(({ id }) => id)));
  }

  /** As `startAll`, but only these services and what they require. Ids of no service are ignored. */
  async startSome(ids: ReadonlySet<EntryId>): Promise<void> {
    const wanted = [...ids].flatMap((id) => this.#services.get(id) ?? []);
    const starts = new Map<EntryId, Promise<void>>();
    await Promise.all(
      wanted.map(async (service) => {
        const start = this.#start(service, starts);
        if (!service.spec.optional && !this.#followsOne(service)) return await start;
        start.catch((error: unknown) => {
          const { message } = toWeftError(error);
          void this.#startLater(service);
          this.#parts.log.warn("a service did not start, and the app goes on without it", {
            service: service.id,
            error: message,
          });
        });
      }),
    );
  }

  /** Starts one service and what it requires. @throws WeftError. */
  async start(id: EntryId): Promise<void> {
    const service = this.#services.get(id);
    if (service === undefined) throw new WeftError("ENTRY_NOT_FOUND", `there is no service ${id}`);
    await this.#start(service, new Map());
  }

  /** Stops every service, those first that others do not need any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const stops = new Map<EntryId, Promise<void>>();
    this.#isClosed = true;
    await Promise.all([...this.#services.values()].map((service) => this.#stop(service, stops)));
    await Promise.all(this.#leaving.values());
  }

  /** Starts a service when what it requires, and what failed, runs after all. */
  async #startLater(service: Service): Promise<void> {
    const needed = new Set(requirementsOf(service, this.#services));
    for (const each of needed) for (const further of requirementsOf(each, this.#services)) needed.add(further);
    const failed = [...needed].filter(({ state }) => state.status === "failed");
    if (failed.length === 0) return;
    await Promise.all(failed.map((each) => each.whenRunning()));
    await this.#start(service, new Map()).catch(() => this.#startLater(service));
  }

  #isWanted(service: Service): boolean {
    return service.state.desired === "running" || this.#waiting.has(service);
  }

  /** Stops a service beside the change that it asked for. */
  #leave(service: Service, stops: Map<EntryId, Promise<void>>): void {
    const left = service.stop().finally(() => this.#leaving.delete(service.id));
    this.#leaving.set(service.id, left);
    stops.set(service.id, Promise.resolve());
  }

  /** Whether its start waits for the end of one that leaves. */
  #followsOne(service: Service, seen = new Set<EntryId>()): boolean {
    if (seen.has(service.id)) return false;
    seen.add(service.id);
    if (this.#leaving.has(service.id)) return true;
    return requirementsOf(service, this.#services).some((needed) => this.#followsOne(needed, seen));
  }

  #start(service: Service, starts: Map<EntryId, Promise<void>>): Promise<void> {
    const known = starts.get(service.id);
    if (known !== undefined) return known;
    this.#waiting.add(service);
    const start = (async () => {
      try {
        await Promise.all(requirementsOf(service, this.#services).map((each) => this.#start(each, starts)));
        await this.#leaving.get(service.id);
      } finally {
        this.#waiting.delete(service);
      }
      // It may have been removed meanwhile.
      if (this.#isClosed || this.#services.get(service.id) !== service) return;
      try {
        await service.start();
      } catch (error) {
        const cause = toWeftError(error);
        throw new WeftError(cause.code, `the service ${service.id} did not start: ${cause.message}`, { cause });
      }
    })();
    starts.set(service.id, start);
    return start;
  }

  #stop(service: Service, stops: Map<EntryId, Promise<void>>): Promise<void> {
    const known = stops.get(service.id);
    if (known !== undefined) return known;
    const stop = (async () => {
      const users = [...this.#services.values()].filter((each) =>
        requirementsOf(each, this.#services).includes(service),
      );
      await Promise.all(users.map((user) => this.#stop(user, stops)));
      await service.stop();
    })();
    stops.set(service.id, stop);
    return stop;
  }
}
