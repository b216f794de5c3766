import type { z } from "zod";
import type { EntryId } from "../core/ids.ts";
import type { Limits } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { PolicySpec } from "../hosts/security/spec.ts";
import type { ServiceOffer } from "../hosts/services.ts";
import type { Entry, FieldPath } from "./entry.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Placement } from "./placement.ts";
import type { ServiceSpec } from "./service.ts";

/**
 * What `kind:` can be. A kind owns its schema, says which other entries it refers to, and returns something that can
 * only be placed (a program) or started (a service). Nobody outside depends on its fields. Made by `defineKind`.
 */
export interface Kind {
  readonly name: string;
  readonly summary: string;
  /** Every field `.describe()`d: the same sentence is in JSON Schema, editors and docs. */
  readonly schema: z.ZodType;
  /** Checks an entry's fields. Returns what can be done with it, or every problem. */
  check(entry: Entry, world: CheckWorld): CheckedSpec | readonly Diagnostic[];
  /** What is wrong with entries of the kind that are right by themselves, but do not go together. */
  checkTogether?(entries: readonly CheckedEntry[], app: CheckedEntries): readonly Diagnostic[];
}

/** An entry and what its kind made of it. */
export interface CheckedEntry {
  readonly entry: Entry;
  readonly checked: CheckedSpec;
}

/** The entries of an app that are right by themselves. */
export interface CheckedEntries {
  get(id: EntryId): CheckedSpec | undefined;
}

/** What holds for the whole app while entries are checked. */
export interface CheckWorld {
  /** `wippy` relaxes what an app written for that format relies on; DESIGN §5. */
  readonly compat: "weft" | "wippy";
}

/** An entry whose fields are right. */
export interface CheckedSpec {
  readonly references: readonly Reference[];
  /** Fields without effect, and what else is wrong although the rest can be read; an error among them breaks the entry. */
  readonly warnings: readonly Diagnostic[];
  /** What the entry offers to others. */
  readonly provides: Provided;
  /** Prepares the program: reads, verifies and compiles. @throws DiagnosticError with every problem found. */
  readonly place?: (tools: PlaceTools) => Promise<Placement>;
  /** Ties the placed program to those of entries that it names, when all are placed. @throws DiagnosticError as `place`. */
  readonly link?: (placement: Placement, tools: LinkTools) => LinkedPlacement;
  /** The service behind the entry, to be run while the app runs. */
  readonly service?: ServiceSpec;
}

/** Another entry that a field names. */
export interface Reference {
  readonly path: FieldPath;
  readonly id: EntryId;
  /** Kinds that fit here; empty when any does. */
  readonly kinds: readonly string[];
  /** A missing target is an error of this entry; else a warning where `kinds` are named, and an ordering hint where none are. */
  readonly required: boolean;
  /** Whether a cycle through references of this sort is an error (`imports`, `requires`). */
  readonly acyclic: boolean;
}

/** What an entry offers to the entries that name it. */
export interface Provided {
  readonly directory?: ProvidedDirectory;
  readonly processHost?: ProvidedProcessHost;
  /** What it says of who may do what. */
  readonly policy?: PolicySpec;
  /** What programs reach of it through the shared half of a host. */
  readonly offer?: ServiceOffer;
}

export interface ProvidedDirectory {
  /** The real directory, absolute. */
  readonly path: string;
}

/** A place where processes run. */
export interface ProvidedProcessHost {
  /** `terminal` hosts lend the real stdin and stdout and run one process at a time. */
  readonly type: "pool" | "terminal";
  readonly hideLogs: boolean;
  readonly maxProcesses: number;
  /** Isolates over which its processes are spread; undefined is all that there are for them. */
  readonly workers?: number | undefined;
  /** Letters that may wait for one of its processes; undefined is as many as for a function. */
  readonly mailbox?: number | undefined;
}

/** What a kind may use while it ties a program to others. */
export interface LinkTools {
  /** The placement of another entry; undefined when it has none. Entries that this one refers to are linked before. */
  placement(id: EntryId): Placement | undefined;
}

/** A program that is tied to others, and parts of those that had to be made callable for it. */
export interface LinkedPlacement {
  readonly placement: Placement;
  /** Their ids are `namespace:name#function`; several entries may ask for the same one. */
  readonly parts: readonly Placement[];
}

/** What a kind may use while it prepares a program. */
export interface PlaceTools {
  readonly compat: "weft" | "wippy";
  /** Folder for compiled forms, kept between runs. */
  readonly cacheDir: string;
  readonly log: Log;
  /** The app's own limits: an entry may only tighten them. */
  readonly limits: Limits;
  /** What another entry provides, or undefined when it does not exist or provides nothing. */
  provided(id: EntryId): Provided | undefined;
  /** The kind of another entry, or undefined when it does not exist. */
  kindOf(id: EntryId): string | undefined;
  /** Notes a file outside of the registry's own that the program is read from: its change is a change of the entry. */
  noteFile?(path: string): void;
  /** Tells the author of something that does not stop the program. */
  noteProblem?(diagnostic: Diagnostic): void;
}
