import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Field, Fields } from "../../../../src/hosts/http-client/fields.ts";
import { allFieldsBytes, fieldOverheadBytes, fieldsBytes } from "../../../../src/hosts/http-client/limits.ts";
import { bytes, errorOf, guest, text } from "./support/guest.ts";

const err = (tag: string) => ({ err: { tag } });
const shown = (fields: Fields) => fields.entries().map(([name, value]) => [name, text(value)]);
const someValue = fc.uint8Array().filter((value) => value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127)));
const someName = fc
  .string({ unit: fc.constantFrom("a", "b", "X", "Z", "-", "_", "0", "!"), minLength: 1 })
  .filter((name) => name !== "te");

describe("fields", () => {
  test("are found without regard to case and keep their own case and order", () => {
    using me = guest();
    const fields = new Fields(me.scope);
    fields.append("B", bytes("1"));
    fields.append("a", bytes("2"));
    fields.append("b", bytes("3"));
    expect(shown(fields)).toEqual([
      ["B", "1"],
      ["a", "2"],
      ["b", "3"],
    ]);
    expect(fields.get("b").map(text)).toEqual(["1", "3"]);
    expect(fields.has("A")).toBe(true);
    expect(fields.has("c")).toBe(false);
    expect(fields.get("c")).toEqual([]);
    fields.set("b", [bytes("4"), bytes("5")]);
    expect(fields.get("B").map(text)).toEqual(["4", "5"]);
    fields.delete("B");
    fields.delete("never-there");
    expect(shown(fields)).toEqual([["a", "2"]]);
    fields.set("a", []);
    expect(shown(fields)).toEqual([]);
  });

  test("keep what they are given, whatever happens to its buffer afterwards", () => {
    using me = guest();
    const given = bytes("old");
    const fields = Fields.of(me.scope, [["a", given]]);
    given.set(bytes("new"));
    expect(fields.get("a").map(text)).toEqual(["old"]);
  });

  test("refuse what is no field, and those of the connection", () => {
    using me = guest();
    const fields = new Fields(me.scope);
    const names = ["", "a b", "a:", "ä", "a\n", "(a)"];
    for (const name of names) {
      expect(errorOf(() => fields.append(name, bytes("1")))).toEqual(err("invalid-syntax"));
      expect(errorOf(() => fields.set(name, [bytes("1")]))).toEqual(err("invalid-syntax"));
      expect(errorOf(() => Fields.of(me.scope, [[name, bytes("1")]]))).toEqual(err("invalid-syntax"));
      expect(fields.has(name)).toBe(false);
      expect(fields.get(name)).toEqual([]);
    }
    for (const value of ["a\r\nB: c", "\0", "\n", "\u007f"]) {
      expect(errorOf(() => fields.append("a", bytes(value)))).toEqual(err("invalid-syntax"));
      expect(errorOf(() => fields.set("a", [bytes("fine"), bytes(value)]))).toEqual(err("invalid-syntax"));
    }
    for (const name of ["Connection", "HOST", "transfer-encoding", "Keep-Alive", "upgrade", "proxy-authorization"]) {
      expect(errorOf(() => fields.append(name, bytes("1")))).toEqual(err("forbidden"));
      expect(errorOf(() => fields.set(name, []))).toEqual(err("forbidden"));
      expect(errorOf(() => fields.delete(name))).toEqual(err("forbidden"));
      expect(errorOf(() => Fields.of(me.scope, [[name, bytes("1")]]))).toEqual(err("forbidden"));
    }
    expect(shown(fields)).toEqual([]);
  });

  test("of a message are immutable, and their clone is not", () => {
    using me = guest();
    const request = me.request({ authority: "a", headers: { "x-a": "1" } });
    const headers = request.headers();
    for (const change of [
      () => headers.append("b", bytes("1")),
      () => headers.set("b", []),
      () => headers.delete("x-a"),
    ]) {
      expect(errorOf(change)).toEqual(err("immutable"));
    }
    const copy = headers.clone();
    copy.set("x-a", [bytes("2")]);
    expect(shown(copy)).toEqual([["x-a", "2"]]);
    expect(shown(headers)).toEqual([["x-a", "1"]]);
  });

  test("round-trip any names and values", () => {
    using me = guest();
    fc.assert(
      fc.property(fc.array(fc.tuple(someName, someValue), { maxLength: 20 }), (entries: Field[]) => {
        using fields = Fields.of(me.scope, entries);
        expect(fields.entries().map(([name, value]) => [name, [...value]])).toEqual(
          entries.map(([name, value]) => [name, [...value]]),
        );
        using received = Fields.received(me.scope, fields.raw());
        expect(received.entries().map(([name, value]) => [name, [...value]])).toEqual(
          fields.entries().map(([name, value]) => [name, [...value]]),
        );
      }),
    );
  });

  test("take as many bytes as their limit and trap on more", () => {
    using me = guest();
    const fields = new Fields(me.scope);
    const room = fieldsBytes - fieldOverheadBytes - 1;
    fields.append("a", new Uint8Array(room).fill(97));
    expect(() => fields.append("b", new Uint8Array(0))).toThrow(`more than ${fieldsBytes} bytes`);
    fields.delete("a");
    fields.append("b", new Uint8Array(room).fill(97));
    expect(() => new Fields(me.scope).append("a", new Uint8Array(room + 1).fill(97))).toThrow("HTTP fields");
  });

  test("of an instance have a limit together, and count no more when they are dropped", () => {
    using me = guest();
    const big = (): Fields =>
      Fields.of(me.scope, [["a", new Uint8Array(fieldsBytes - fieldOverheadBytes - 1).fill(97)]]);
    const all = Array.from({ length: allFieldsBytes / fieldsBytes }, big);
    expect(big).toThrow(`more than ${allFieldsBytes} bytes`);
    for (const fields of all) fields[Symbol.dispose]();
    using other = guest();
    const again = Array.from({ length: allFieldsBytes / fieldsBytes }, () =>
      Fields.of(other.scope, [["a", new Uint8Array(fieldsBytes - fieldOverheadBytes - 1).fill(97)]]),
    );
    again[0]?.[Symbol.dispose]();
    expect(() => Fields.of(other.scope, [["a", bytes("fits")]])).not.toThrow();
  });
});
