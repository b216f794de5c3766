import { WeftError } from "../../core/errors.ts";
import type { Pid } from "../../hosts/ports.ts";
import { PassingMap, PassingSet } from "../../core/passing.ts";

/** Who has to be told that somebody ended. */
export interface Bereaved {
  readonly watchers: readonly Pid[];
  readonly linked: readonly Pid[];
}

/** Who watches whom, who is linked with whom, and who has which names. */
export class Relations {
  readonly #watchers = new PassingMap<Pid, Set<Pid>>();
  readonly #watched = new PassingMap<Pid, Set<Pid>>();
  readonly #links = new PassingMap<Pid, Set<Pid>>();
  readonly #names = new PassingMap<string, Pid>();
  readonly #namesOf = new PassingMap<Pid, Set<string>>();
  readonly #trapping = new PassingSet<Pid>();

  /** `watcher` is told when `target` ends. */
  monitor(watcher: Pid, target: Pid): void {
    add(this.#watchers, target, watcher);
    add(this.#watched, watcher, target);
  }

  unmonitor(watcher: Pid, target: Pid): void {
    remove(this.#watchers, target, watcher);
    remove(this.#watched, watcher, target);
  }

  /** When one of the two ends with an error, so does the other. */
  link(a: Pid, b: Pid): void {
    add(this.#links, a, b);
    add(this.#links, b, a);
  }

  unlink(a: Pid, b: Pid): void {
    remove(this.#links, a, b);
    remove(this.#links, b, a);
  }

  /** Whether a process hears of a linked one's failure instead of failing with it. */
  setTrapping(pid: Pid, isTrapping: boolean): void {
    if (isTrapping) this.#trapping.add(pid);
    else this.#trapping.delete(pid);
  }

  isTrapping(pid: Pid): boolean {
    return this.#trapping.has(pid);
  }

  /** @throws WeftError `NAME_TAKEN`. */
  register(name: string, pid: Pid): void {
    const holder = this.#names.get(name);
    if (holder === pid) return;
    if (holder !== undefined) {
      throw new WeftError("NAME_TAKEN", `the name "${name}" belongs to ${holder}`, { details: { name, pid: holder } });
    }
    this.#names.set(name, pid);
    add(this.#namesOf, pid, name);
  }

  /** Gives a name back. False when nobody had it. */
  unregister(name: string): boolean {
    const holder = this.#names.get(name);
    if (holder === undefined) return false;
    this.#names.delete(name);
    remove(this.#namesOf, holder, name);
    return true;
  }

  lookup(name: string): Pid | undefined {
    return this.#names.get(name);
  }

  /** Everybody of whom something is known. */
  known(): ReadonlySet<Pid> {
    const maps = [this.#watchers, this.#watched, this.#links, this.#namesOf];
    return new Set([...maps.flatMap((map) => [...map.keys()]), ...this.#trapping]);
  }

  /** Forgets one that ended, and says who has to know. */
  end(pid: Pid): Bereaved {
    const watchers = [...(this.#watchers.get(pid) ?? [])];
    const linked = [...(this.#links.get(pid) ?? [])];
    for (const watcher of watchers) this.unmonitor(watcher, pid);
    for (const target of this.#watched.get(pid) ?? []) this.unmonitor(pid, target);
    for (const other of linked) this.unlink(pid, other);
    for (const name of this.#namesOf.get(pid) ?? []) this.#names.delete(name);
    this.#namesOf.delete(pid);
    this.#trapping.delete(pid);
    return { watchers, linked };
  }
}

function add<Key, Item>(sets: PassingMap<Key, Set<Item>>, key: Key, item: Item): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([item]));
  else set.add(item);
}

function remove<Key, Item>(sets: PassingMap<Key, Set<Item>>, key: Key, item: Item): void {
  const set = sets.get(key);
  set?.delete(item);
  if (set?.size === 0) sets.delete(key);
}
