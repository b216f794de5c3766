import { describe, expect, test } from "vitest";
import { RequestContent } from "../../../../src/hosts/http-client/received.ts";
import { bytes, guest, text } from "./support/guest.ts";

type Part = string | Error | undefined | Promise<string | Error | undefined>;

/** A body of some parts; those that are promises have to be waited for. */
function contentOf(parts: readonly Part[], trailers: readonly string[] = []) {
  const left = [...parts];
  const given = (part: Awaited<Part>): Uint8Array | undefined => {
    if (part instanceof Error) throw part;
    return part === undefined ? undefined : bytes(part);
  };
  const content = new RequestContent({
    read() {
      const part = left.shift();
      return part instanceof Promise ? part.then(given) : given(part);
    },
    trailers: () => trailers,
  });
  return { content, left };
}

describe("the body of a request", () => {
  test("is read without a wait as far as it is there, and no more at a time than is asked for", () => {
    const { content, left } = contentOf(["abcde", "f"]);
    const read = (limit: number): string | undefined => {
      const part = content.source.read(limit);
      if (part instanceof Promise) throw new Error("a wait");
      return part && text(part);
    };
    expect([read(2), read(2)]).toEqual(["ab", "cd"]);
    expect(left).toEqual(["f"]);
    expect([read(9), read(9), read(9), read(9)]).toEqual(["e", "f", undefined, undefined]);
    expect(content.ended.isReady()).toBe(true);
    expect(content.failure).toBe(undefined);
  });

  test("is waited for where it has not come, and then followed by its trailers", async () => {
    using me = guest();
    const { content } = contentOf([Promise.resolve("ab"), Promise.resolve(undefined)], ["x-a", "1"]);
    expect(content.trailers(me.scope)).toBe(undefined);
    expect(await content.source.read(1)).toEqual(bytes("a"));
    expect(await content.source.read(1)).toEqual(bytes("b"));
    expect(await content.source.read(1)).toBe(undefined);
    expect(content.trailers(me.scope)?.get("x-a").map(text)).toEqual(["1"]);
  });

  test("is skipped up to its end when nobody wants the rest, which wakes who waits for that", async () => {
    const { content, left } = contentOf(["a", Promise.resolve("b"), "c", Promise.resolve("d")]);
    const { promise, resolve } = Promise.withResolvers<void>();
    using _link = content.ended.onReady(resolve);
    expect(content.ended.isReady()).toBe(false);
    await promise;
    expect(content.ended.isReady()).toBe(true);
    expect(left).toEqual([]);
  });

  test.each([
    ["at once", new Error("lost")],
    ["later", Promise.resolve(new Error("lost"))],
  ])("that breaks off %s says so to whoever reads, again and again", async (_when, lost) => {
    const { content } = contentOf(["a", lost]);
    expect(await content.source.read(1)).toEqual(bytes("a"));
    await expect(content.source.read(1)).rejects.toThrow("lost");
    await expect(content.source.read(1)).rejects.toThrow("lost");
    expect(content.failure?.errorCode).toEqual({ tag: "internal-error", val: "lost" });
    expect(content.ended.isReady()).toBe(true);
  });

  test("that is given up leaves nobody waiting", async () => {
    const { content } = contentOf([new Promise<string>(() => undefined)]);
    const waiting = content.source.read(1);
    content[Symbol.dispose]();
    await expect(waiting).rejects.toMatchObject({ errorCode: { tag: "HTTP-response-incomplete" } });
  });
});
