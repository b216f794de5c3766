import type { EntryId } from "../../core/ids.ts";

/** What an entry of the HTTP kinds says about itself. */
export type HttpSpec = RouterSpec | EndpointSpec | StaticSpec;

/** A group of endpoints behind the same middleware. */
export interface RouterSpec {
  readonly type: "router";
  readonly server: EntryId;
  /** Begins with a slash and does not end with one; "" for the root. */
  readonly prefix: string;
  readonly before: MiddlewareList;
  readonly after: MiddlewareList;
}

/** Middleware by name, with the options of all of them: each knows its own. */
export interface MiddlewareList {
  readonly names: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** A function behind a method and a path. */
export interface EndpointSpec {
  readonly type: "endpoint";
  readonly router: EntryId;
  readonly method: string;
  /** Below the router's prefix. */
  readonly path: string;
  readonly func: EntryId;
}

/** Files of a filesystem below a path. */
export interface StaticSpec {
  readonly type: "static";
  readonly server: EntryId;
  readonly path: string;
  /** The filesystem with the files. */
  readonly fs: EntryId;
  /** Whether a path that no file has gets the index, so that a page can route by itself. */
  readonly spa: boolean;
  readonly index: string;
  /** The `cache-control` header; undefined sends none. */
  readonly cache: string | undefined;
  readonly before: MiddlewareList;
}

/** What routes of one server there are now. */
export interface ServerRoutes {
  readonly endpoints: readonly EndpointRoute[];
  readonly statics: readonly { readonly id: EntryId; readonly spec: StaticSpec }[];
}

/** An endpoint with its router. */
export interface EndpointRoute {
  readonly id: EntryId;
  readonly spec: EndpointSpec;
  readonly router: RouterSpec;
}

/** The routes of an app, and whoever wants to know when they change. */
export class Routes {
  readonly #specs = new Map<EntryId, HttpSpec>();
  readonly #listeners = new Set<() => void>();
  #isTelling = false;

  set(id: EntryId, spec: HttpSpec): void {
    this.#specs.set(id, spec);
    this.#changed();
  }

  delete(id: EntryId): void {
    if (this.#specs.delete(id)) this.#changed();
  }

  /** Who answers at an endpoint now; undefined for what is none. */
  functionOf(endpoint: EntryId): EntryId | undefined {
    const spec = this.#specs.get(endpoint);
    return spec?.type === "endpoint" ? spec.func : undefined;
  }

  /** The routes of a server. An endpoint whose router is missing is none. */
  of(server: EntryId): ServerRoutes {
    const endpoints: EndpointRoute[] = [];
    const statics: { id: EntryId; spec: StaticSpec }[] = [];
    for (const [id, spec] of this.#specs) {
      if (spec.type === "static" && spec.server === server) statics.push({ id, spec });
      if (spec.type !== "endpoint") continue;
      const router = this.#specs.get(spec.router);
      if (router?.type === "router" && router.server === server) endpoints.push({ id, spec, router });
    }
    return { endpoints, statics };
  }

  /** Hears when routes changed: once for all changes that are made together. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #changed(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    // What is callable changes for all at once, without waiting: then a microtask sees all of it.
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
