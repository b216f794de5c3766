import type { EntryId } from "../core/ids.ts";
import type { Value } from "../core/values.ts";

/** A place in a source file; lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** Keys and indices that lead from an entry's top to one of its values. */
export type FieldPath = readonly (string | number)[];

/** JSON-like data of an entry, after `file://` texts were pulled in. */
export type EntryData = { readonly [key: string]: Value };

/** Where the fields of an entry stand in what was read. */
export interface EntryPlaces {
  locate(path: FieldPath, part?: "value" | "key"): Position;
  locateText(path: FieldPath, line: number, column: number): Position;
  /** Looks there from now on: the same entry, read again. What was read before can be forgotten. */
  follow(later: EntryPlaces): void;
}

/** One item of `_index.yaml`, read but not yet checked by its kind. */
export interface Entry {
  readonly id: EntryId;
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly meta: EntryData;
  /** Every field but `name`, `kind` and `meta`. */
  readonly data: EntryData;
  /** The app root or module folder this entry came with: relative directories start there. */
  readonly root: string;
  readonly position: Position;
  /** A program made it: an empty table among its data may stand for a list or for a mapping. */
  readonly isMade?: boolean;
  /** What `locate` asks; nothing for entries that no file holds. */
  readonly places?: EntryPlaces;
  /** Where a field's value (or its key) stands; the nearest thing around it when it is not there. */
  locate(path: FieldPath, part?: "value" | "key"): Position;
  /** Where a line and column inside a text field stand: in the YAML file, or in the file that `file://` named. */
  locateText(path: FieldPath, line: number, column: number): Position;
}
