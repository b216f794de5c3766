import type { Actor } from "../../core/context.ts";
import { isRecord, type Value } from "../../core/values.ts";

/** Facts about what is asked for: of a store's key the key, of a message its sender. */
export type Attributes = Readonly<Record<string, Value>>;

/** Reads one field of a question; undefined where it is not there. The parts come one by one so that nothing is made. */
export type ReadField = (
  actor: Actor,
  action: string,
  resource: string,
  meta: Attributes | undefined,
) => Value | undefined;

/** A field of a question, by its path. */
export interface Field {
  readonly path: string;
  readonly read: ReadField;
  /** Of a field of the actor's or the question's facts where to find it, provided that these are a plain object. */
  readonly fact?: Fact;
}

/** A field of facts by its key. */
export interface Fact {
  readonly of: "actor" | "question";
  readonly key: string;
}

/** Fields that are texts whatever is asked. */
export function isText({ path }: Field): boolean {
  return path === "action" || path === "resource" || path === "actor.id";
}

/** Fields that are the same for all that an actor asks. */
export function isOfActor({ path }: Field): boolean {
  return path.startsWith("actor.");
}

/** The field of a path; undefined when there is none such. */
export function fieldAt(path: string): Field | undefined {
  const read = compileField(path);
  const fact = factAt(path);
  return read && { path, read, ...(fact && { fact }) };
}

function factAt(path: string): Fact | undefined {
  const [, of, name = ""] = /^(actor\.meta|meta)\.([^.]+)$/.exec(path) ?? [];
  // A key that an object had is found faster than one that was cut out of a text.
  const [key] = Object.keys({ [name]: 0 });
  if (of === undefined || key === undefined || isInherited(key)) return undefined;
  return { of: of === "meta" ? "question" : "actor", key };
}

/** Compiles the path of a field: `actor.id`, `actor.meta.…`, `meta.…`, `action`, `resource`; undefined for any other. */
export function compileField(path: string): ReadField | undefined {
  const [first, second, ...rest] = path.split(".");
  if (path === "action") return (_actor, action) => action;
  if (path === "resource") return (_actor, _action, resource) => resource;
  if (path === "actor.id") return (actor) => actor.id;
  const [only = ""] = rest;
  if (first === "actor" && second === "meta" && rest.length === 1) {
    if (isInherited(only)) return (actor) => fieldOf(actor.meta, only);
    return ({ meta }) => (isPlain(meta) ? (meta[only] ?? undefined) : fieldOf(meta, only));
  }
  if (first === "actor" && second === "meta" && rest.length > 0) return (actor) => within(actor.meta, rest);
  if (first !== "meta" || second === undefined) return undefined;
  if (rest.length === 0) {
    if (isInherited(second)) return (_actor, _action, _resource, meta) => fieldOf(meta, second);
    return (_actor, _action, _resource, meta) => (isPlain(meta) ? (meta[second] ?? undefined) : fieldOf(meta, second));
  }
  const keys = [second, ...rest];
  return (_actor, _action, _resource, meta) => (meta === undefined ? undefined : within(meta, keys));
}

/** What a path of keys leads to; null is as good as nothing. */
function within(start: Value, keys: readonly string[]): Value | undefined {
  let value: Value | undefined = start;
  for (const key of keys) {
    value = fieldOf(value, key);
    if (value === undefined) return undefined;
  }
  return value;
}

/** A field of a mapping, by its own keys only. */
export function fieldOf(holder: Value | undefined, key: string): Value | undefined {
  if (!isRecord(holder)) return holder instanceof Map ? (holder.get(key) ?? undefined) : undefined;
  return Object.hasOwn(holder, key) ? (holder[key] ?? undefined) : undefined;
}

/** Keys that plain objects have without having them. All others need not be looked for twice. */
function isInherited(key: string): boolean {
  return key in Object.prototype;
}

/** Whether its keys are its own or none. */
export function isPlain(holder: Value | undefined): holder is Attributes {
  return typeof holder === "object" && holder !== null && Object.getPrototypeOf(holder) === Object.prototype;
}
