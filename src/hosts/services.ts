import { isDeepStrictEqual } from "node:util";
import type { EntryId } from "../core/ids.ts";
import type { Value } from "../core/values.ts";
import { ContractService } from "./contract/service.ts";
import { EnvironmentService } from "./env/service.ts";
import { EventService } from "./events/service.ts";
import { FilesystemService } from "./filesystem/service.ts";
import { HttpService } from "./http/service.ts";
import { MetricService } from "./metrics/service.ts";
import { QueueService } from "./queue/service.ts";
import { RegistryService } from "./registry/service.ts";
import type { Service, ServiceWorld } from "./service.ts";
import { TokenService } from "./security/tokens.ts";
import { SqlService } from "./sql/service.ts";
import { StoreService } from "./store/service.ts";
import { TerminalService } from "./terminal/service.ts";
import { SystemService } from "./system/service.ts";

/** Opens every service: the control plane's table, a line each. */
function openAll(world: ServiceWorld) {
  const [env, store] = [new EnvironmentService(), new StoreService()];
  return {
    contract: new ContractService(),
    env,
    events: new EventService(),
    fs: new FilesystemService(),
    http: new HttpService(world),
    metrics: new MetricService(),
    queue: new QueueService(world),
    registry: new RegistryService(world.registry),
    sql: new SqlService(),
    store,
    system: new SystemService(world.app),
    terminal: new TerminalService(),
    tokens: new TokenService({
      values: store.values,
      variable: (name, namespace) => env.ask({ do: "get", name, namespace }),
    }),
  };
}

type Opened = ReturnType<typeof openAll>;

/** The services, by the names that questions to them carry. */
export type ServiceName = keyof Opened;

type RequestOf<Name extends ServiceName> = Parameters<Opened[Name]["ask"]>[0];
type SpecOf<Name extends ServiceName> = Parameters<Opened[Name]["add"]>[1];

/** A request with the name of the service that it is for: what crosses from an isolate to the control plane. */
export type ServiceRequest<Name extends ServiceName = ServiceName> = {
  [Each in Name]: { readonly service: Each; readonly request: RequestOf<Each> };
}[Name];

/** What an entry offers through a service. */
export type ServiceOffer<Name extends ServiceName = ServiceName> = {
  [Each in Name]: { readonly service: Each; readonly spec: SpecOf<Each> };
}[Name];

/** The services of one app, open. */
export class Services implements AsyncDisposable {
  /** Who answers what, and the exchanges that go on: the door for servers. */
  readonly http: HttpService;
  readonly #opened: { readonly [Name in ServiceName]: Service<RequestOf<Name>, SpecOf<Name>> };

  readonly #offered = new Map<EntryId, { readonly service: ServiceName; readonly spec: unknown }>();

  constructor(world: ServiceWorld) {
    const opened = openAll(world);
    this.http = opened.http;
    this.#opened = opened;
  }

  /**
   * Offers what an entry describes, or offers it anew. What is offered already stays as it is: entries are put again when
   * something that they name has changed, or when a change is taken back.
   */
  add<Name extends ServiceName>(id: EntryId, { service, spec }: ServiceOffer<Name>): void {
    const known = this.#offered.get(id);
    if (known?.service === service && isDeepStrictEqual(known.spec, spec)) return;
    this.#offered.set(id, { service, spec });
    this.#opened[service].add(id, spec);
  }

  remove(id: EntryId, service: ServiceName): void {
    this.#offered.delete(id);
    this.#opened[service].remove(id);
  }

  /** @throws WeftError what the service refuses. */
  ask<Name extends ServiceName>({ service, request }: ServiceRequest<Name>): Value | Promise<Value> {
    return this.#opened[service].ask(request);
  }

  /** @throws WeftError what the service refuses. */
  subscribe<Name extends ServiceName>(
    { service, request }: ServiceRequest<Name>,
    hear: (value: Value) => void,
  ): Disposable {
    const begin = this.#opened[service].subscribe?.bind(this.#opened[service]);
    if (begin === undefined) throw new Error(`the service ${service} sends nothing by itself`);
    return begin(request, hear);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#opened).map((service) => service[Symbol.asyncDispose]()));
  }
}
