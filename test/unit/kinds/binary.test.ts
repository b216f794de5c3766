import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBytes } from "../../../src/kinds/shared/binary.ts";
import { brief, entryOf, guests, toolsWith } from "./support/entry.ts";

test("neither links nor dots lead out of a filesystem, and links inside it are followed", async () => {
  const path = await mkdtemp(join(tmpdir(), "weft-binary-"));
  try {
    await writeFile(join(path, "a.wasm"), "bytes");
    await symlink("a.wasm", join(path, "inside.wasm"));
    await symlink(join(guests, "wat/answer.wasm"), join(path, "outside.wasm"));
    await symlink(guests, join(path, "folder"));
    const tools = { ...toolsWith(), provided: () => ({ directory: { path } }) };
    const read = async (file: string) =>
      (await readBytes(entryOf("function.wasm", {}), { fs: "x", path: file, hash: undefined }, tools)).problems.map(
        brief,
      );
    expect(await read("/a.wasm")).toEqual(["missing-hash at hash"]);
    expect(await read("inside.wasm")).toEqual(["missing-hash at hash"]);
    expect(await read("outside.wasm")).toEqual(["path-outside at path"]);
    expect(await read("folder/wat/answer.wasm")).toEqual(["path-outside at path"]);
    expect(await read("folder/../../x")).toEqual(["path-outside at path"]);
    expect(await read("")).toEqual(["missing-file at path"]);
  } finally {
    await rm(path, { recursive: true });
  }
});
