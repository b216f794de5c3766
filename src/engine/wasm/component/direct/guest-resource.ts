import { trap, type HandleTable } from "./handle-table.ts";

/** A resource that a guest defines, outside of it: an opaque handle for whoever called the guest. */
export class GuestResource implements Disposable {
  /** The component instance that defines it. Another instance of the same component knows nothing of it. */
  readonly #owner: HandleTable;
  readonly #resource: number;
  readonly #rep: number;
  readonly #destroy: ((rep: number) => unknown) | undefined;
  #state: "owned" | "borrowed" | "gone";

  constructor(owner: HandleTable, resource: number, { rep, isOwn, destroy }: Ownership) {
    owner.give();
    this.#owner = owner;
    this.#resource = resource;
    this.#rep = rep;
    this.#destroy = destroy;
    this.#state = isOwn ? "owned" : "borrowed";
  }

  /** Runs its destructor, if this owns it and its guest still lives. */
  [Symbol.dispose](): void {
    if (this.#state !== "owned") return;
    this.#state = "gone";
    if (!this.#owner.hasEnded) this.#destroy?.(this.#rep);
  }

  /** Moves a resource into a guest. */
  static take(value: unknown, owner: HandleTable, resource: number): number {
    const found = GuestResource.#of(value, owner, resource);
    if (found.#state !== "owned") trap("a resource is given away that is borrowed or gone");
    found.#state = "gone";
    return found.#rep;
  }

  /** Lends a resource to a guest. */
  static rep(value: unknown, owner: HandleTable, resource: number): number {
    return GuestResource.#of(value, owner, resource).#rep;
  }

  static #of(value: unknown, owner: HandleTable, resource: number): GuestResource {
    if (!(value instanceof GuestResource) || value.#owner !== owner || value.#resource !== resource) {
      return trap("a value is no such resource");
    }
    return value.#state === "gone" ? trap("a resource is used after it was given away") : value;
  }
}

interface Ownership {
  readonly rep: number;
  readonly isOwn: boolean;
  readonly destroy: ((rep: number) => unknown) | undefined;
}
