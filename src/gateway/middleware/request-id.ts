import { loadedLater } from "./later.ts";
import type { Middleware } from "./middleware.ts";

const defaultHeader = "X-Request-Id";
const longest = 128;

/** A name for each request, for logs on both sides. */
export const requestIdMiddleware: Middleware = {
  name: "request_id",
  summary: "Gives each request an id, or keeps the one it came with, and sends it back.",
  options: { "request_id.header": `The header; default \`${defaultHeader}\`.` },
  create(options) {
    const headerName = options.text("header") ?? defaultHeader;
    const handle = loadedLater(async () =>
      (await import("hono/request-id")).requestId({ headerName, limitLength: longest }),
    );
    return async (c, next) => {
      await handle(c, next);
      // A response that a program made has none of the headers that were set before it.
      c.header(headerName, c.var.requestId);
    };
  },
};
