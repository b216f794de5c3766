/** The export that answers requests, where an entry does not name one. */
export const handlerMethod = "wasi:http/incoming-handler#handle";

/** Whether an export of a component answers HTTP requests. */
export function isHandlerExport(name: string): boolean {
  return /^wasi:http\/incoming-handler(@0\.2\.[^#]*)?#handle$/.test(name);
}
