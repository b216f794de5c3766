import { didYouMean, nearestNames } from "../../core/nearest.ts";
import type { ImportLink } from "../../hosts/funcs/link.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { DiagnosticCode } from "../../registry/diagnostic-codes.ts";
import type { Entry, FieldPath } from "../../registry/entry.ts";
import type { LinkTools } from "../../registry/kind.ts";
import type { Placement } from "../../registry/placement.ts";
import { problem } from "../../registry/problem.ts";

/** What the linking of one entry has come to. */
export interface Linking {
  readonly entry: Entry;
  readonly placement: Placement;
  readonly tools: LinkTools;
  readonly links: ImportLink[];
  /** Parts of other entries, by id. */
  readonly parts: Map<string, Placement>;
  readonly problems: Diagnostic[];
}

/** What is wrong. */
export interface Complaint {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly code?: DiagnosticCode;
}

/** Notes what is wrong with an import. */
export function complain(
  { entry, problems }: Pick<Linking, "entry" | "problems">,
  path: FieldPath,
  { code = "unknown-link", ...rest }: Complaint,
): void {
  problems.push(problem(entry, path, { code, ...rest }));
}

/** About an import that the guest does not have. */
export function notImported(name: string, what: string, names: readonly string[]): Complaint {
  const near = nearestNames(name, names);
  const all = names.length === 0 ? "it imports none" : `it imports ${names.join(", ")}`;
  return {
    message: `the guest imports no ${what} ${name}`,
    hint: didYouMean(near) ?? all,
  };
}
