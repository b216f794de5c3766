import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { nearestSuffix } from "../../core/nearest.ts";
import type { Service } from "../service.ts";

/** What an entry of a filesystem's kind says about itself. */
export interface FilesystemSpec {
  /** The real directory, absolute. */
  readonly path: string;
}

/** The directory of a filesystem entry. */
export interface FilesystemRequest {
  readonly do: "get";
  readonly id: EntryId;
}

/** The filesystems of an app, for programs that name one while they run. */
export class FilesystemService implements Service<FilesystemRequest, FilesystemSpec> {
  readonly #directories = new Map<EntryId, FilesystemSpec>();

  add(id: EntryId, spec: FilesystemSpec): void {
    this.#directories.set(id, spec);
  }

  remove(id: EntryId): void {
    this.#directories.delete(id);
  }

  ask({ id }: FilesystemRequest): string {
    const found = this.#directories.get(id);
    if (found !== undefined) return found.path;
    const hint = nearestSuffix(id, this.#directories.keys());
    throw new WeftError("ENTRY_NOT_FOUND", `there is no filesystem ${id}${hint}`, { details: { target: id } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#directories.clear();
  }
}
