import { WeftError } from "../../core/errors.ts";
import { parseId, resolveId } from "../../core/ids.ts";
import { results, type LuaCall, type Returned } from "../../engine/lua/call.ts";
import type { LuaClass, LuaModule } from "../../engine/lua/module.ts";
import type { Task } from "../../engine/lua/tasks/task.ts";
import { LuaReference } from "../../engine/lua/values/reference.ts";
import type { InstanceContext } from "../context.ts";
import { Scanner, scannerClass, scanUnit } from "../io/scanner.ts";
import { fileError, Folder } from "./folder.ts";
import { OpenFile } from "./open-file.ts";
import { OpenFiles } from "./open-files.ts";

type Call = LuaCall<InstanceContext>;

const readBytes = 4_096;

/** The descriptors of each task, closed when it ends. */
const filesOf = new WeakMap<Task, OpenFiles>();

function openFiles({ task }: Call): OpenFiles {
  const known = filesOf.get(task);
  if (known !== undefined) return known;
  const files = new OpenFiles();
  filesOf.set(task, files);
  task.own(files);
  return files;
}

/** Opens a filesystem entry. The one place where a program gets at files. */
async function get(call: Call): Promise<Folder> {
  const name = call.text(1);
  if (name === "") throw new WeftError("INVALID_ARGUMENT", "the id of a filesystem is required");
  const id = resolveId(name, parseId(call.host.id).namespace);
  call.host.ports.security.check("fs.get", id, call.host.call);
  const files = openFiles(call);
  const path = await call.host.ports.services.ask({ service: "fs", request: { do: "get", id } });
  if (typeof path !== "string") throw new Error("the service fs answers with a path");
  try {
    return new Folder(Folder.open(files, path));
  } catch (error) {
    throw fileError(error, id);
  }
}

const folder = (call: Call) => call.object(1, Folder);
const file = (call: Call) => call.object(1, OpenFile);

/** Runs something that has nothing to say but that it went well. */
const done =
  (run: (call: Call) => void) =>
  (call: Call): Returned => {
    run(call);
    return true;
  };

function open(call: Call): OpenFile {
  const path = call.text(2);
  return new OpenFile(folder(call).openFile(path, call.has(3) ? call.text(3) : "r"), path);
}

function readFile(call: Call): Uint8Array {
  const path = call.text(2);
  const opened = new OpenFile(folder(call).openFile(path, "r"), path);
  try {
    return opened.readAll();
  } finally {
    opened.close();
  }
}

/** Writes a text, or what is left of another open file. */
function writeFile(call: Call): void {
  const path = call.text(2);
  const source = call.payload(3);
  const mode = call.has(4) ? call.text(4) : "w";
  const bytes = source instanceof OpenFile ? undefined : call.bytes(3);
  const target = new OpenFile(folder(call).openFile(path, mode), path);
  try {
    if (bytes !== undefined) return target.write(bytes);
    if (!(source instanceof OpenFile)) return;
    for (let piece = source.read(1 << 16); piece !== undefined; piece = source.read(1 << 16)) target.write(piece);
  } finally {
    target.close();
  }
}

/** An iterator for `for entry in fs:readdir(path) do`. */
function readDirectory(call: Call): Returned {
  const items = folder(call)
    .list(call.has(2) ? call.text(2) : ".")
    .values();
  const next = call.runtime.bindFunction("fs.readdir", () => items.next().value ?? null);
  return new LuaReference(call.runtime.lua.newFunction(next));
}

const folderClass: LuaClass<InstanceContext> = {
  type: Folder,
  methods: {
    chdir: done((call) => folder(call).changeDirectory(call.text(2))),
    pwd: (call) => folder(call).cwd,
    open,
    stat: (call) => folder(call).stat(call.text(2)),
    mkdir: done((call) => folder(call).makeDirectory(call.text(2))),
    remove: done((call) => folder(call).remove(call.text(2))),
    readdir: readDirectory,
    exists: (call) => folder(call).find(call.text(2)) !== undefined,
    isdir: (call) => folder(call).find(call.text(2))?.is_dir === true,
    readfile: readFile,
    writefile: done(writeFile),
  },
};

function seek(call: Call): Returned {
  const from = call.has(2) ? call.text(2) : "cur";
  if (from !== "set" && from !== "cur" && from !== "end") {
    throw new WeftError("INVALID_ARGUMENT", `"${from}" is no place to seek from: set, cur or end`);
  }
  return file(call).seek(from, call.has(3) ? call.integer(3) : 0);
}

const fileClass: LuaClass<InstanceContext> = {
  type: OpenFile,
  methods: {
    read: (call) => file(call).read(call.has(2) ? call.integer(2) : readBytes) ?? results(null, null),
    write: done((call) => file(call).write(call.bytes(2))),
    seek,
    close: done((call) => file(call).close()),
    stat: (call) => ({ name: file(call).path.split("/").at(-1), size: file(call).size, is_dir: false, type: "file" }),
    sync: done((call) => file(call).sync()),
    scanner: (call) => {
      const source = file(call);
      return new Scanner((limit) => source.read(limit), scanUnit(call, 2));
    },
  },
};

/** Files and directories of `fs.*` entries. Nothing leads out of an entry's directory. */
export const fsModule: LuaModule<InstanceContext> = {
  name: "fs",
  always: false,
  classes: [folderClass, fileClass, scannerClass],
  table: {
    get,
    type: { FILE: "file", DIR: "directory" },
    seek: { SET: "set", CUR: "cur", END: "end" },
  },
};
