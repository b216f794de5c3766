import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bySpecificity, honoPath, matches, readPath, relate, type PathPattern } from "../../../src/gateway/paths.ts";

const pattern = (text: string): PathPattern => {
  const read = readPath(text);
  if (typeof read === "string") throw new Error(read);
  return read;
};

test.each([
  ["/users/{id}", "/users/:p0"],
  ["/users/:id/posts/:post", "/users/:p0/posts/:p1"],
  ["/files/{path...}", "/files/:p0{.*}"],
  ["/", "/"],
  ["/a.b/c-d/", "/a.b/c-d/"],
])("%s is a path", (text, expected) => expect(honoPath(pattern(text)).path).toBe(expected));

test.each([
  ["users", "begins with a slash"],
  ["/{path...}/more", "stands at the end"],
  ["/{a}/{a}", "stands twice"],
  ["/a*", "neither a text nor a name"],
  ["/{}", "neither a text nor a name"],
  ["/x{id}", "neither a text nor a name"],
])("%s is none", (text, why) => expect(readPath(text)).toContain(why));

test.each([
  ["/a", "/a", "same"],
  ["/{x}", "/{y}", "same"],
  ["/a", "/b", "apart"],
  ["/a", "/a/b", "apart"],
  ["/a/b", "/a/{x}", "inside"],
  ["/{x}/b", "/{y...}", "inside"],
  ["/a/{x...}", "/a/b/c", "around"],
  ["/a/{x}", "/{y}/b", "conflict"],
  ["/a/{x...}", "/{y}/b", "conflict"],
])("%s and %s are %s", (a, b, expected) => expect(relate(pattern(a), pattern(b))).toBe(expected));

const segment = fc.constantFrom("a", "b", "{n}");
const patterns = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.boolean())
  .map(([steps, hasTail]) =>
    pattern(`/${[...steps.map((each, i) => each.replace("n", `n${i}`)), ...(hasTail ? ["{t...}"] : [])].join("/")}`),
  );
const paths = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 }).map((steps) => `/${steps.join("/")}`);

test("of two patterns that fit a path, the one that lies inside of the other comes first", () => {
  fc.assert(
    fc.property(patterns, patterns, paths, (a, b, path) => {
      const relation = relate(a, b);
      if (matches(a, path) && matches(b, path)) expect(relation).not.toBe("apart");
      if (relation === "inside") {
        expect(bySpecificity(a, b)).toBeLessThan(0);
        if (matches(a, path)) expect(matches(b, path)).toBe(true);
      }
      if (relation === "around") expect(relate(b, a)).toBe("inside");
    }),
  );
});
