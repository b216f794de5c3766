import type { StaticSpec } from "../hosts/http/routes.ts";
import type { ServiceTools } from "../registry/service.ts";
import type { GatewayContext } from "./answer.ts";
import { fileResponse, findFile, folderOf } from "./files.ts";
import type { Handler } from "./middleware/middleware.ts";

/** Files of a filesystem entry below a path. */
export function staticHandler(spec: StaticSpec, ask: ServiceTools["ask"]): Handler {
  return async (c) => {
    const root = await folderOf(spec.fs, ask);
    const path = relativePath(spec, c.req.path);
    const file = path === undefined ? undefined : await findFile(root, path, spec.index);
    const found = file ?? (spec.spa && wantsPage(c) ? await findFile(root, spec.index) : undefined);
    if (found === undefined) return c.notFound();
    const response = await fileResponse(c.req.raw, found);
    if (spec.cache !== undefined) response.headers.set("cache-control", spec.cache);
    return response;
  };
}

/** What the path of a request is below the files' own; undefined for one that is no text. */
function relativePath({ path }: StaticSpec, requested: string): string | undefined {
  try {
    return decodeURI(requested.slice(path.replace(/\/$/, "").length) || "/");
  } catch {
    return undefined;
  }
}

/** A page's own routes are names of its own; a script or an image that is missing is missing. */
function wantsPage({ req }: GatewayContext): boolean {
  return !/\.[A-Za-z0-9]{1,8}$/.test(req.path) || (req.header("accept") ?? "").includes("text/html");
}
