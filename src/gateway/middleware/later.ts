import type { Handler } from "./middleware.ts";

/** A handler whose library is loaded when the first request comes: apps that only name it start no slower. */
export function loadedLater(load: () => Promise<Handler>): Handler {
  let loaded: Promise<Handler> | undefined;
  return async (c, next) => await (await (loaded ??= load()))(c, next);
}
