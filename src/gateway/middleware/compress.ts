import { loadedLater } from "./later.ts";
import type { Middleware } from "./middleware.ts";

const defaultThresholdBytes = 1_024;

/** Smaller responses for clients that take them. */
export const compressMiddleware: Middleware = {
  name: "compress",
  summary: "Compresses responses with gzip or deflate, as the client takes it; never streams of events.",
  options: {
    "compress.min.length": `Shorter responses go as they are; default ${defaultThresholdBytes} bytes.`,
    "compress.threshold": "Another name of `compress.min.length`.",
    "compress.level": "Accepted for other runtimes; no effect.",
  },
  create(options) {
    const threshold = options.count("min.length") ?? options.count("threshold") ?? defaultThresholdBytes;
    return loadedLater(async () => {
      const compressed = (await import("hono/compress")).compress({ threshold });
      return async (c, next) => {
        await next();
        // A part of a file is a part of its bytes as they are.
        if (c.res.status !== 206) await compressed(c, () => Promise.resolve());
      };
    });
  },
};
