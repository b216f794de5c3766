import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { EntryId } from "../core/ids.ts";
import type { ServiceTools } from "../registry/service.ts";

/** A file that may be sent. */
export interface Found {
  /** The folder it is in, with all links resolved. */
  readonly home: string;
  /** Where it is below the folder, all links resolved. */
  readonly path: string;
  readonly modified: Date;
}

/** What of a request its file depends on. */
type FileRequest = Pick<Request, "method" | "headers">;

/** The folder of a filesystem entry as it is now: filesystems may change while the app runs. */
export async function folderOf(fs: EntryId, ask: ServiceTools["ask"]): Promise<string> {
  const path = await ask({ service: "fs", request: { do: "get", id: fs } });
  if (typeof path !== "string") throw new Error("the service fs answers with a path");
  return path;
}

/** The file that a path names, or the index of its folder. Nothing leads out of the folder, no link either. */
export async function findFile(root: string, path: string, index?: string): Promise<Found | undefined> {
  // Files that begin with a dot are the folder's own business.
  if (path.split("/").some((part) => part.startsWith(".") && part !== ".well-known")) return undefined;
  if (path.includes("\0") || path.includes("\\")) return undefined;
  try {
    const home = await realpath(root);
    const real = await realpath(join(home, path));
    if (real !== home && !real.startsWith(home + sep)) return undefined;
    const stats = await stat(real);
    if (stats.isFile()) return { home, path: relative(home, real), modified: stats.mtime };
    if (!stats.isDirectory() || index === undefined) return undefined;
    const inside = await realpath(join(real, index));
    if (!inside.startsWith(home + sep)) return undefined;
    const page = await stat(inside);
    return page.isFile() ? { home, path: relative(home, inside), modified: page.mtime } : undefined;
  } catch {
    return undefined;
  }
}

/** A file as the response to a request: all of it, a range (206, 416), or 304 when the client has it. hono sends it. */
export async function fileResponse(
  { method, headers }: FileRequest,
  { home, path, modified }: Found,
): Promise<Response> {
  if (isUnchanged(headers, modified)) return new Response(null, { status: 304 });
  const range = headers.get("range");
  const app = new Hono();
  app.use(serveStatic({ root: home, path }));
  const response = await app.request("/", {
    // Whatever the client's method was, the file is what it gets.
    method: method === "HEAD" ? "HEAD" : "GET",
    headers: range !== null && isOneRange(range) && isSame(headers, modified) ? { range } : {},
  });
  response.headers.set("accept-ranges", "bytes");
  return response;
}

/** Several ranges at once, and other units than bytes, are answered with the whole file, as servers may. */
function isOneRange(range: string): boolean {
  return /^bytes=(\d+-\d*|-\d+)$/.test(range);
}

/** Whether the part that a client asks for still belongs to what it has: by `if-range`, where it says so. */
function isSame(headers: Headers, modified: Date): boolean {
  const known = headers.get("if-range");
  return known === null || Date.parse(known) === wholeSeconds(modified);
}

function isUnchanged(headers: Headers, modified: Date): boolean {
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return !Number.isNaN(since) && wholeSeconds(modified) <= since;
}

/** As headers tell a time, in milliseconds. */
function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1_000) * 1_000;
}
