/**
 * Maps and sets for what comes and goes.
 *
 * V8 makes a new table when one is full of what was deleted, and leaves the old one pointing to it, for iterators. Once
 * such a table has grown old, its successor is kept until the next full collection although nobody uses it, and so is
 * the successor of that: everything that passes through the map survives every scavenge. A map that is made anew before
 * its table is full leaves no such trail, and takes half the time.
 */

/** So many deletions beyond its size are let be before a map is made anew: a copy of each entry for each deletion. */
const slack = 16;

/** A map whose entries come and go. While it is iterated over, entries may be deleted, but none added. */
export class PassingMap<Key, T> {
  #map = new Map<Key, T>();
  #deleted = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: Key): T | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: T): void {
    if (this.#deleted > this.#map.size + slack) this.#renew(this.#map);
    this.#map.set(key, value);
  }

  /** Returns whether there was such an entry. */
  delete(key: Key): boolean {
    const wasThere = this.#map.delete(key);
    if (wasThere) this.#deleted += 1;
    return wasThere;
  }

  clear(): void {
    this.#renew([]);
  }

  keys(): IterableIterator<Key> {
    return this.#map.keys();
  }

  values(): IterableIterator<T> {
    return this.#map.values();
  }

  [Symbol.iterator](): IterableIterator<[Key, T]> {
    return this.#map[Symbol.iterator]();
  }

  #renew(entries: Iterable<[Key, T]>): void {
    this.#map = new Map(entries);
    this.#deleted = 0;
  }
}

/** A set whose members come and go, in the order in which they came. */
export class PassingSet<T> {
  readonly #members = new PassingMap<T, T>();

  get size(): number {
    return this.#members.size;
  }

  has(member: T): boolean {
    return this.#members.has(member);
  }

  add(member: T): void {
    this.#members.set(member, member);
  }

  /** Returns whether it was a member. */
  delete(member: T): boolean {
    return this.#members.delete(member);
  }

  clear(): void {
    this.#members.clear();
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.values();
  }
}
