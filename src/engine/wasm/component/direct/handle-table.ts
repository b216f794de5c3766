import { WeftError } from "../../../../core/errors.ts";

/** Handles that one component instance may hold; one costs about 100 bytes, and a guest that leaks them must end. */
const handles = 1_000_000;

interface Handle {
  readonly resource: number;
  /** The host's object, or the number by which the defining component knows the resource. */
  readonly rep: unknown;
  readonly isOwn: boolean;
  /** Calls in flight that were lent it. */
  lends: number;
}

/** What one component instance holds and may do: its handles, and whether it may be entered and left now. */
export class HandleTable {
  readonly #entries: (Handle | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #lent: Handle[] = [];
  /** Borrows that the call in flight was given and has not dropped. */
  #borrowed = 0;
  #isEntered = false;
  #mayLeave = true;
  #hasEnded = false;
  #hasGiven = false;

  /** The instance is given up: nothing enters or leaves it any more, and what outsiders hold of it is dead. */
  end(): void {
    this.#hasEnded = true;
    this.#entries.length = 0;
  }

  /** All handles that were in it are gone, no call is inside, and nobody outside holds a resource of the instance. */
  get isLeft(): boolean {
    const isEmpty = this.#entries.length === this.#free.length + 1;
    return (
      isEmpty && this.#lent.length === 0 && !this.#isEntered && this.#mayLeave && !this.#hasGiven && !this.#hasEnded
    );
  }

  /** As it was when it was made, where it `isLeft`: its next handle is the first one. */
  reset(): void {
    this.#entries.length = 1;
    this.#free.length = 0;
    this.#borrowed = 0;
  }

  /** A resource of the instance was given to somebody outside, who may keep it. */
  give(): void {
    this.#hasGiven = true;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Before an export is called. */
  enter(): void {
    if (this.#hasEnded) trap("a component is entered that has ended");
    if (this.#isEntered) trap("a component is entered that is in a call already");
    this.#isEntered = true;
  }

  /** After an export has returned, and its result was read. */
  exit(): void {
    if (this.#borrowed > 0) trap(`the guest kept ${this.#borrowed} borrowed handles beyond its call`);
    this.#isEntered = false;
  }

  /** Before an import is called: not allowed while the guest allocates or cleans up. */
  leave(): void {
    if (this.#hasEnded) trap("a guest that has ended calls an import");
    if (!this.#mayLeave) trap("the guest calls an import while it allocates or cleans up");
  }

  /** Runs a part of the guest that may not call imports. */
  inside<R>(run: () => R): R {
    this.#mayLeave = false;
    const result = run();
    this.#mayLeave = true;
    return result;
  }

  /** What others drop a resource of this component with. */
  destructor(run: (rep: number) => unknown): (rep: number) => unknown {
    return (rep) => {
      this.enter();
      const running = run(rep);
      if (running instanceof Promise) return running.then(() => this.exit());
      this.exit();
      return undefined;
    };
  }

  /** The same for a part that may wait. */
  insideLater(run: (result: unknown) => unknown): (result: unknown) => unknown {
    const end = (): void => void (this.#mayLeave = true);
    return (result) => {
      this.#mayLeave = false;
      const running = run(result);
      return running instanceof Promise ? running.then(end) : end();
    };
  }

  /** A new handle that owns. */
  add(resource: number, rep: unknown): number {
    return this.#insert({ resource, rep, isOwn: true, lends: 0 });
  }

  /** A new handle that the guest must drop before its call returns. */
  addBorrow(resource: number, rep: unknown): number {
    this.#borrowed += 1;
    return this.#insert({ resource, rep, isOwn: false, lends: 0 });
  }

  /** Moves a resource out. */
  take(resource: number, index: number): unknown {
    const handle = this.#get(resource, index);
    if (!handle.isOwn) trap(`handle ${index} is borrowed and cannot be given away`);
    this.#remove(handle, index);
    return handle.rep;
  }

  /** Lends a resource until `unlend`. */
  lend(resource: number, index: number): unknown {
    const handle = this.#get(resource, index);
    handle.lends += 1;
    this.#lent.push(handle);
    return handle.rep;
  }

  /** After a call: what it was lent is back. */
  unlend(): void {
    // One after the other: setting a length is a call into V8.
    for (let handle = this.#lent.pop(); handle !== undefined; handle = this.#lent.pop()) handle.lends -= 1;
  }

  rep(resource: number, index: number): unknown {
    return this.#get(resource, index).rep;
  }

  /** Drops a handle. Gives what it stood for when the resource ends with it. */
  drop(resource: number, index: number): { readonly rep: unknown } | undefined {
    const handle = this.#get(resource, index);
    this.#remove(handle, index);
    if (handle.isOwn) return handle;
    this.#borrowed -= 1;
    return undefined;
  }

  #insert(handle: Handle): number {
    const index = this.#free.pop() ?? this.#entries.length;
    if (index > handles) trap(`more than ${handles} handles`);
    this.#entries[index] = handle;
    return index;
  }

  #get(resource: number, index: number): Handle {
    const handle = this.#entries[index >>> 0];
    if (handle === undefined) return trap(`handle ${index >>> 0} does not exist`);
    return handle.resource === resource ? handle : trap(`handle ${index >>> 0} is of another type`);
  }

  #remove(handle: Handle, index: number): void {
    if (handle.lends > 0) trap(`handle ${index} is lent to a call`);
    this.#entries[index >>> 0] = undefined;
    this.#free.push(index >>> 0);
  }
}

/** Ends the call. */
export function trap(message: string): never {
  throw new WeftError("TRAP_INVALID_VALUE", message);
}
