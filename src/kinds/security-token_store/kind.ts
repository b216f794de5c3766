import { z } from "zod";
import { parseDurationMs } from "../../core/durations.ts";
import { defineKind } from "../../registry/define.ts";
import { fullId, idSchema } from "../shared/ids.ts";
import { lifecycleReferences, lifecycleSchema, serviceOf } from "../shared/lifecycle.ts";

const defaultLength = 32;
const defaultExpirationMs = 24 * 3_600_000;

const schema = z
  .strictObject({
    store: idSchema("The store that holds what tokens stand for."),
    token_length: z.int().min(16).max(1_024).optional().describe(`Random bytes of a token; default ${defaultLength}.`),
    default_expiration: z
      .string()
      .refine((text) => (parseDurationMs(text) ?? 0) > 0, "expected a duration such as 15m or 24h")
      .optional()
      .describe("How long a token holds when its maker does not say; default 24h."),
    token_key: z
      .string()
      .min(1)
      .optional()
      .describe("Signs tokens. Whoever may read the entry reads it: prefer `token_key_env`."),
    token_key_env: z.string().min(1).optional().describe("The variable whose value signs tokens."),
    lifecycle: lifecycleSchema,
  })
  .check((context) => {
    if (context.value.token_key === undefined || context.value.token_key_env === undefined) return;
    const message = "there is a token_key already: leave one out";
    context.issues.push({ code: "custom", input: context.value, path: ["token_key_env"], message });
  });

/** Tokens that stand for an actor and a scope. */
export const securityTokenStoreKind = defineKind({
  name: "security.token_store",
  summary: "Makes tokens that stand for an actor and a scope, and says who a token stands for.",
  schema,
  build(spec, entry) {
    const { lifecycle, token_length: length = defaultLength, default_expiration: expiration } = spec;
    const store = fullId(spec.store, entry);
    const expirationMs = (expiration === undefined ? undefined : parseDurationMs(expiration)) ?? defaultExpirationMs;
    return {
      references: [
        { path: ["store"], id: store, kinds: ["store.memory"], required: true, acyclic: false },
        ...lifecycleReferences(entry, lifecycle),
      ],
      warnings: [],
      provides: {
        offer: {
          service: "tokens",
          spec: {
            store,
            length,
            expirationMs,
            ...(spec.token_key !== undefined && { key: spec.token_key }),
            ...(spec.token_key_env !== undefined && { keyVariable: spec.token_key_env }),
          },
        },
      },
      service: serviceOf(lifecycle, { entry, requires: [store] }),
    };
  },
});
