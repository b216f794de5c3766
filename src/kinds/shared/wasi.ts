import { posix } from "node:path";
import { z } from "zod";
import { networkRuleProblem } from "../../hosts/sockets/rules.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { PlaceTools, Reference } from "../../registry/kind.ts";
import type { MountGrant, WasiGrants } from "../../registry/placement.ts";
import { problem } from "../../registry/problem.ts";
import { fullId, idSchema } from "./ids.ts";

const mustBeAbsolute = "must be an absolute path: begin it with /";
const absolute = z.string().refine((path) => path.trim().startsWith("/"), mustBeAbsolute);
/** Empty is as good as absent. */
const absoluteOrEmpty = z.string().refine((path) => path.trim() === "" || path.trim().startsWith("/"), mustBeAbsolute);

const variable = z
  .strictObject({
    id: idSchema("Id of the env.variable entry that holds the value.").optional(),
    value: z.string().optional().describe("The value itself, instead of an id."),
    name: z
      .string()
      .refine((name) => name.trim() !== "", "must not be empty")
      .describe("Name of the variable as the guest sees it."),
    required: z.boolean().optional().describe("Refuse to run without a value; default false."),
  })
  .check((context) => {
    const { id, value } = context.value;
    if ((id === undefined) !== (value === undefined)) return;
    const message = id === undefined ? "give it an id, or a value" : "it has an id and a value: leave one out";
    context.issues.push({ code: "custom", input: context.value, path: [id === undefined ? "id" : "value"], message });
  });

/** Seeds are unsigned 64-bit numbers; YAML's own are exact up to 2^53, and longer ones are written as text. */
const seedText = /^\d{1,19}$/;

const random = z.strictObject({
  seed: z
    .union([z.int().nonnegative(), z.string().regex(seedText, "must be a whole number")])
    .describe("Where the numbers begin: every call with one seed draws the same ones. They are no secret."),
});

const networkRule = z
  .string()
  .check((context) => {
    const message = networkRuleProblem(context.value);
    if (message !== undefined) context.issues.push({ code: "custom", input: context.value, message });
  })
  .describe("`*`, an address, a range such as 10.0.0.0/8 or a name, perhaps with :port or :first-last.");

const network = z.strictObject({
  allow: z.array(networkRule).optional().describe("What the guest may reach; default everything."),
  deny: z.array(networkRule).optional().describe("What it may not reach, even if it is allowed."),
});

const mount = z.strictObject({
  fs: idSchema("Id of the fs.directory to show."),
  guest: absolute.describe("Where the guest sees it; absolute."),
  read_only: z.boolean().optional().describe("Let the guest only read; default false."),
});

/** The `wasi` field. */
export const wasiSchema = z
  .strictObject({
    args: z.array(z.string()).optional().describe("Command-line arguments, without the program's name."),
    cwd: absoluteOrEmpty.optional().describe("The guest's working directory; default /."),
    env: z
      .array(variable)
      .check((context) => {
        const names = context.value.map((item) => item.name.trim());
        for (const index of repeated(names)) {
          const message = `the variable ${names[index]} is there twice`;
          context.issues.push({ code: "custom", input: names[index], path: [index, "name"], message });
        }
      })
      .optional()
      .describe("Environment variables."),
    mounts: z
      .array(mount)
      .check((context) => {
        const guests = context.value.map((item) => cleanPath(item.guest));
        for (const index of repeated(guests)) {
          const message = `two filesystems are mounted at ${guests[index]}`;
          context.issues.push({ code: "custom", input: guests[index], path: [index, "guest"], message });
        }
      })
      .optional()
      .describe("Directories that the guest sees."),
    network: network
      .optional()
      .describe("Which part of the network the granted sockets and HTTP requests reach; default all of it."),
    random: random
      .optional()
      .describe("Random numbers that repeat, for runs that can be repeated; else they are secure."),
  })
  .describe("What the guest sees of arguments, environment, files, the network and random numbers.");

/** The `wasi` field, checked. */
export type WasiFields = z.infer<typeof wasiSchema>;

/** The entries that a `wasi` field names. */
export function wasiReferences(entry: Entry, wasi: WasiFields = {}): Reference[] {
  const mounts = (wasi.mounts ?? []).map(({ fs }, index) => ({
    path: ["wasi", "mounts", index, "fs"],
    id: fullId(fs, entry),
    kinds: ["fs.directory"],
    required: true,
    acyclic: false,
  }));
  const variables = (wasi.env ?? []).flatMap(({ id, required }, index) =>
    id === undefined
      ? []
      : [
          {
            path: ["wasi", "env", index, "id"],
            id: fullId(id, entry),
            kinds: ["env.variable"],
            required: required === true,
            acyclic: false,
          },
        ],
  );
  return [...mounts, ...variables];
}

/** What a `wasi` field grants, as data; problems are added to `problems`. */
export function resolveWasi(
  entry: Entry,
  wasi: WasiFields = {},
  { tools, problems }: { readonly tools: PlaceTools; readonly problems: Diagnostic[] },
): WasiGrants {
  const mounts = (wasi.mounts ?? []).flatMap(({ fs, guest, read_only: readOnly = false }, index): MountGrant[] => {
    const filesystem = fullId(fs, entry);
    const path = tools.provided(filesystem)?.directory?.path;
    if (path !== undefined) return [{ guest: cleanPath(guest), filesystem, path, readOnly }];
    const message = `${filesystem} is no filesystem that can be mounted`;
    problems.push(problem(entry, ["wasi", "mounts", index, "fs"], { code: "wrong-reference", message }));
    return [];
  });
  const literals = (wasi.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name.trim(), value]]));
  const variables = (wasi.env ?? []).flatMap(({ name, id, required = false }) =>
    id === undefined ? [] : [{ name: name.trim(), id: fullId(id, entry), required }],
  );
  return {
    args: wasi.args ?? [],
    cwd: cleanPath(wasi.cwd ?? ""),
    env: Object.fromEntries(literals),
    ...(variables.length === 0 ? {} : { variables }),
    mounts,
    ...(wasi.network === undefined ? {} : { network: wasi.network }),
    ...(wasi.random === undefined ? {} : { randomSeed: BigInt(wasi.random.seed) }),
  };
}

/** A path without double slashes, dots and a trailing slash. */
function cleanPath(path: string): string {
  const clean = posix.normalize(path.trim() === "" ? "/" : path.trim());
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** Indices of texts that stood earlier in the list. */
function repeated(texts: readonly string[]): number[] {
  return texts.flatMap((text, index) => (texts.indexOf(text) < index ? [index] : []));
}
