import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import type * as Files from "../files.ts";
import { loadedLater } from "./later.ts";
import type { Handler, Middleware, MiddlewareWorld } from "./middleware.ts";

const fileHeader = "x-sendfile";
const nameHeader = "x-file-name";
/** What `Response` says of a text by itself, an empty one too: no program said it. */
const unsaidType = "text/plain;charset=UTF-8";

/** Files of a filesystem in place of what programs would write. */
export const sendfileMiddleware: Middleware = {
  name: "sendfile",
  summary: "Sends the file that a response names in `X-Sendfile`, or the range of it that the client asks for.",
  options: {
    "sendfile.fs": "Id of the fs.directory with the files.",
  },
  create(options, world) {
    const fs = options.text("fs");
    if (fs === undefined) throw new WeftError("INVALID_ARGUMENT", "sendfile.fs: the id of an fs.directory");
    return loadedLater(async () => sending(await import("../files.ts"), fs, world));
  },
};

function sending({ fileResponse, findFile }: typeof Files, fs: EntryId, world: MiddlewareWorld): Handler {
  return async (c, next) => {
    await next();
    const answered = c.res;
    const path = answered.headers.get(fileHeader);
    if (path === null) return;
    await answered.body?.cancel();
    const { status } = answered;
    const found = await findFile(await world.folderOf(fs), path);
    // Hono adds the headers of what was there to what comes.
    c.res = undefined;
    if (found === undefined) {
      world.log.warn("a response names a file that is not there", { fs, file: path });
      c.res = new Response("404 file not found\n", { status: 404 });
      return;
    }
    const { method, headers } = c.req.raw;
    // A page that says what went wrong is sent whole, with the status that says so.
    const file = await fileResponse({ method, headers: status === 200 ? headers : new Headers() }, found);
    keepHeaders(answered.headers, file.headers);
    c.res = status === 200 ? file : new Response(file.body, { status, headers: file.headers });
  };
}

/** What the program says of the file holds, but for how long it is. */
function keepHeaders(said: Headers, headers: Headers): void {
  for (const [name, value] of said) {
    if (name === "content-type" && value === unsaidType) continue;
    if (name === "set-cookie") headers.append(name, value);
    else if (name !== "content-length" && name !== fileHeader && name !== nameHeader) headers.set(name, value);
  }
  const name = said.get(nameHeader);
  if (name !== null && !said.has("content-disposition")) headers.set("content-disposition", attachment(name));
}

/** A file's name for the client's disk (RFC 6266): in ASCII for all, in UTF-8 for those who know it. */
function attachment(header: string): string {
  const name = Buffer.from(header, "latin1").toString("utf8");
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(name).replaceAll(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
