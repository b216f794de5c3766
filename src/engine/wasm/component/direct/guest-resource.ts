import { trap } from "./handle-table.ts";

/** A resource that a guest defines, outside of it: an opaque handle for whoever called the guest. */
export class GuestResource implements Disposable {
  readonly #resource: number;
  readonly #rep: number;
  readonly #destroy: ((rep: number) => unknown) | undefined;
  #state: "owned" | "borrowed" | "gone";

  constructor(resource: number, rep: number, ownership: Ownership) {
    this.#resource = resource;
    this.#rep = rep;
    this.#destroy = ownership.destroy;
    this.#state = ownership.isOwn ? "owned" : "borrowed";
  }

  /** Runs its destructor, if this owns it. */
  [Symbol.dispose](): void {
    if (this.#state !== "owned") return;
    this.#state = "gone";
    this.#destroy?.(this.#rep);
  }

  /** Moves a resource into a guest. */
  static take(value: unknown, resource: number): number {
    const found = GuestResource.#of(value, resource);
    if (found.#state !== "owned") trap("a resource is given away that is borrowed or gone");
    found.#state = "gone";
    return found.#rep;
  }

  /** Lends a resource to a guest. */
  static rep(value: unknown, resource: number): number {
    return GuestResource.#of(value, resource).#rep;
  }

  static #of(value: unknown, resource: number): GuestResource {
    if (!(value instanceof GuestResource) || value.#resource !== resource) return trap("a value is no such resource");
    return value.#state === "gone" ? trap("a resource is used after it was given away") : value;
  }
}

interface Ownership {
  readonly isOwn: boolean;
  readonly destroy: ((rep: number) => unknown) | undefined;
}
