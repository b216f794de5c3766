import { serveStatic } from "@hono/node-server/serve-static";
import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { EntryId } from "../core/ids.ts";
import type { StaticSpec } from "../hosts/http/routes.ts";
import type { ServiceTools } from "../registry/service.ts";
import type { GatewayContext } from "./answer.ts";
import type { Handler } from "./middleware/middleware.ts";

/** Files of a filesystem entry below a path. hono finds and sends them; here stands what may be sent at all. */
export function staticHandler(spec: StaticSpec, ask: ServiceTools["ask"]): Handler {
  const senders = new Map<string, Sender>();
  return async (c, next) => {
    const root = await folderOf(spec.fs, ask);
    const found = await findFile(root, relativePath(spec, c.req.path), spec.index);
    if (found === undefined && !(spec.spa && wantsPage(c))) return c.notFound();
    if (spec.cache !== undefined) c.header("cache-control", spec.cache);
    if (found !== undefined && isUnchanged(c, found.modified)) return c.body(null, 304);
    if (!isOneRange(c.req.header("range"))) c.req.raw.headers.delete("range");
    let sender = senders.get(root);
    if (sender === undefined) senders.set(root, (sender = makeSender(spec, root)));
    return await (found === undefined ? sender.page : sender.file)(c, next);
  };
}

/** What sends the files of a folder, and its index for all else. */
interface Sender {
  readonly file: Handler;
  readonly page: Handler;
}

function makeSender(spec: StaticSpec, root: string): Sender {
  const { index } = spec;
  return {
    file: serveStatic({
      root,
      index,
      allowPercentInPath: true,
      rewriteRequestPath: (path) => relativePath(spec, path),
    }),
    page: serveStatic({ root, path: index }),
  };
}

/** The folder as it is now: filesystems may change while the app runs. */
async function folderOf(fs: EntryId, ask: ServiceTools["ask"]): Promise<string> {
  const path = await ask({ service: "fs", request: { do: "get", id: fs } });
  if (typeof path !== "string") throw new Error("the service fs answers with a path");
  return path;
}

function relativePath({ path }: StaticSpec, requested: string): string {
  return requested.slice(path.replace(/\/$/, "").length) || "/";
}

interface Found {
  readonly modified: Date;
}

/** The file that a path names, or the index of its folder. Nothing leads out of the folder, no link either. */
async function findFile(root: string, path: string, index: string): Promise<Found | undefined> {
  // Files that begin with a dot are the folder's own business.
  if (path.split("/").some((part) => part.startsWith(".") && part !== ".well-known")) return undefined;
  try {
    const decoded = decodeURI(path);
    if (decoded.includes("\0") || decoded.includes("\\")) return undefined;
    const home = await realpath(root);
    const real = await realpath(join(home, decoded));
    if (real !== home && !real.startsWith(home + sep)) return undefined;
    const stats = await stat(real);
    if (!stats.isDirectory()) return stats.isFile() ? { modified: stats.mtime } : undefined;
    const inside = await realpath(join(real, index));
    if (!inside.startsWith(home + sep)) return undefined;
    const page = await stat(inside);
    return page.isFile() ? { modified: page.mtime } : undefined;
  } catch {
    return undefined;
  }
}

/** A page's own routes are names of its own; a script or an image that is missing is missing. */
function wantsPage({ req }: GatewayContext): boolean {
  return !/\.[A-Za-z0-9]{1,8}$/.test(req.path) || (req.header("accept") ?? "").includes("text/html");
}

/** Several ranges at once, and other units than bytes, are answered with the whole file, as servers may. */
function isOneRange(range: string | undefined): boolean {
  return range === undefined || /^bytes=(\d+-\d*|-\d+)$/.test(range);
}

function isUnchanged(c: GatewayContext, modified: Date): boolean {
  const since = Date.parse(c.req.header("if-modified-since") ?? "");
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1_000) * 1_000 <= since;
}
