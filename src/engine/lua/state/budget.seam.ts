// Seam for the counters inside the patched interpreter: which task pays, and what happens when it has used up its part.
import { charge, kill, Measurement, meter, sizes } from "../vm/vm.seam.ts";
import { sliceFuel, type Account } from "./account.ts";
import type { Decision, LuaState, LuaValue } from "./lua.ts";

/** Values counted between two looks at the clock: about a millisecond. */
const valuesPerStep = 10_000;

/** The accounts of one interpreter; of an interpreter that cannot count, nothing happens. */
export function budget(main: any) {
  const isPatched = main.l_G.fuel !== undefined;
  const books = new Books(main.l_G);
  return {
    bill: (account: Account | undefined) => (isPatched ? books.bill(account) : undefined),
    settle: (account: Account): boolean => !isPatched || books.settle(account),
    addThread: (account: Account | undefined): boolean => !isPatched || books.addThread(account),
    onSlice(decide: (L: LuaState) => Decision): void {
      if (!isPatched) return;
      books.bill(undefined);
      main.l_G.fuel = main.l_G.granted = sliceFuel;
      main.l_G.onFuel = (L: LuaState) => books.ask(L, decide);
    },
    onStackOverflow(make: (message: string) => LuaValue): void {
      if (isPatched) main.l_G.onOverflow = make;
    },
    isKilled: (): boolean => isPatched && main.l_G.isKilled,
  };
}

type Turn = "yield" | "continue";

class Books {
  readonly #shared: any;
  readonly #counting = new WeakMap<Account, Measurement>();
  #current: Account | undefined;

  constructor(shared: any) {
    this.#shared = shared;
  }

  bill(account: Account | undefined): Account | undefined {
    const previous = this.#current;
    if (account === previous) return previous;
    if (previous !== undefined) this.#save(previous);
    this.#current = account;
    if (account !== undefined) this.#load(account);
    else this.#serveNobody();
    return previous;
  }

  #serveNobody(): void {
    const shared = this.#shared;
    meter.shared = null;
    meter.left = Infinity;
    shared.granted = shared.fuel = sliceFuel;
    shared.isKilled = false;
  }

  /** Writes what the interpreter counted into the account. */
  #save(account: Account): void {
    const shared = this.#shared;
    account.granted = shared.granted;
    account.fuel = shared.fuel;
    account.left = meter.left;
    account.isKilled = shared.isKilled;
  }

  #load(account: Account): void {
    const shared = this.#shared;
    shared.granted = account.granted;
    shared.fuel = account.fuel;
    shared.isKilled = account.isKilled;
    shared.stackSlots = account.stackSlots;
    meter.left = account.left;
    meter.shared = shared;
  }

  settle(account: Account): boolean {
    return !this.#counting.has(account) || this.#count(account);
  }

  /** Counts a task's bytes a little further; true when it is done. */
  #count(account: Account): boolean {
    let measurement = this.#counting.get(account);
    if (measurement === undefined) {
      this.#counting.set(account, (measurement = new Measurement()));
      const { threads, values } = account.roots();
      for (const thread of threads) measurement.addThread(thread);
      for (const value of values) measurement.add(value);
    }
    if (!measurement.run(valuesPerStep)) return false;
    this.#counting.delete(account);
    account.counted(measurement, this.#shared.pending);
    return true;
  }

  addThread(account: Account | undefined): boolean {
    if (account === undefined) return true;
    charge(sizes.thread);
    if (--account.threadsLeft >= 0) return true;
    if (account === this.#current) this.#save(account);
    this.#counting.delete(account);
    while (!this.#count(account));
    if (account === this.#current) this.#load(account);
    return --account.threadsLeft >= 0;
  }

  /** Decides about a thread whose fuel is used up, or whose task has allocated so much that its bytes are counted. */
  ask(L: LuaState, decide: (L: LuaState) => Decision): Turn {
    const shared = this.#shared;
    const account = this.#current;
    if (account === undefined) {
      shared.fuel = sliceFuel;
      return decided(decide(L), L);
    }
    this.#save(account);
    if (account.left < 0 && !this.#countInTurns(account, () => decided(decide(L), L))) {
      // Asked again by the next loop or call, and by whoever resumes the thread.
      shared.granted -= shared.fuel;
      shared.fuel = 0;
      return "yield";
    }
    account.refill();
    this.#load(account);
    return decided(decide(L), L);
  }

  /** Counts to the end, or until others must have their turn; true when it is done. */
  #countInTurns(account: Account, ask: () => Turn): boolean {
    while (!this.#count(account)) if (ask() === "yield") return false;
    return true;
  }
}

function decided(decision: Decision, L: LuaState): Turn {
  if (typeof decision === "string") return decision === "preempt" ? "yield" : "continue";
  return kill(L as any, decision.raise);
}
