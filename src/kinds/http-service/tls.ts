import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { WeftError } from "../../core/errors.ts";
import type { TlsSettings } from "../../gateway/settings.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import { problem } from "../../registry/problem.ts";

/** The `tls` field of servers. */
export const tlsSchema = z
  .strictObject({
    mode: z
      .enum(["off", "auto", "manual"])
      .optional()
      .describe(
        "`manual` speaks TLS with the certificate that is named; `auto`, certificates by ACME, is refused: there is none here; default off.",
      ),
    cert: z.string().optional().describe("The certificate: a PEM file, relative to the app's root, or the PEM text."),
    key: z.string().optional().describe("Its private key: a PEM file, or the PEM text."),
    cert_env: z.string().optional().describe("Variable of the environment that holds the certificate."),
    key_env: z.string().optional().describe("Variable of the environment that holds the key."),
    ca: z.string().optional().describe("Authorities of client certificates: a PEM file, or the PEM text."),
    client_auth: z
      .enum(["none", "request", "require"])
      .optional()
      .describe("Whether clients are asked for a certificate, and refused without; default none."),
  })
  .optional()
  .describe("Whether the server speaks TLS.");

/** What is wrong with a `tls` field whatever its certificate is. */
export function tlsProblem(tls: z.infer<typeof tlsSchema>, entry: Entry): Diagnostic | undefined {
  if (tls?.mode !== "auto") return undefined;
  return problem(entry, ["tls", "mode"], {
    code: "invalid-field",
    message: "tls.mode: auto gets certificates by ACME, which Weft does not do",
    hint: "have an ACME client such as certbot write them and use  mode: manual, cert: FILE, key: FILE;  or let a proxy in front speak TLS",
  });
}

/** What a server needs to speak TLS; undefined when it does not. @throws WeftError `INVALID_ARGUMENT`. */
export async function readTls(tls: z.infer<typeof tlsSchema>, entry: Entry): Promise<TlsSettings | undefined> {
  if (tls?.mode !== "manual") return undefined;
  const { cert, key, cert_env: certEnv, key_env: keyEnv, ca, client_auth: clientAuth = "none" } = tls;
  return {
    cert: await pem(entry, "cert", { text: cert, variable: certEnv }),
    key: await pem(entry, "key", { text: key, variable: keyEnv }),
    ca: ca === undefined ? undefined : await pem(entry, "ca", { text: ca, variable: undefined }),
    clientAuth,
  };
}

interface Source {
  readonly text: string | undefined;
  readonly variable: string | undefined;
}

async function pem(entry: Entry, field: string, { text, variable }: Source): Promise<string> {
  const given = text ?? (variable === undefined ? undefined : process.env[variable]);
  if (given === undefined) {
    const where = variable === undefined ? "nothing says" : `the environment has no ${variable} for`;
    throw new WeftError("INVALID_ARGUMENT", `${entry.id}: tls.${field}: ${where} what it is`);
  }
  if (given.includes("-----BEGIN")) return given;
  try {
    return await readFile(resolve(entry.root, given), "utf8");
  } catch (cause) {
    throw new WeftError("INVALID_ARGUMENT", `${entry.id}: tls.${field}: ${given} cannot be read`, { cause });
  }
}
