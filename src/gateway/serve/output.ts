import { isUtf8 } from "node:buffer";
import { isRecord, type Value } from "../../core/values.ts";
import { toJson } from "../json.ts";
import { titleOf } from "../../hosts/http/problem.ts";
import { errorStatus } from "../../hosts/http/typed-response.ts";
import { parseExact } from "../../wit/json.seam.ts";
import { problemResponse, titles } from "../problem.ts";
import type { Door } from "./input.ts";
import type { ServedFunction } from "./module.ts";

/** What a function gave, as a response. */
export function responseOf(fn: ServedFunction, value: Value, door: Door): Response {
  if (fn.style === "command") return commandResponse(fn, value, door);
  if (fn.style === "text" && door === "execute") return plain(bytesOf(value));
  if (fn.wit?.result?.kind === "result") return outcomeResponse(fn, value);
  return json(value);
}

function json(value: Value): Response {
  if (value === null) return new Response(null, { status: 204 });
  return new Response(toJson(value), { headers: { "content-type": "application/json" } });
}

function plain(bytes: Uint8Array): Response {
  const type = isUtf8(bytes) ? "text/plain; charset=utf-8" : "application/octet-stream";
  return new Response(Uint8Array.from(bytes), { headers: { "content-type": type } });
}

/** A WIT `result`: what is ok is the answer, an error is a problem that holds it, with a status by its name. */
function outcomeResponse({ id }: ServedFunction, value: Value): Response {
  if (!isRecord(value) || !("err" in value)) return json(isRecord(value) ? (value["ok"] ?? null) : value);
  const error = value["err"] ?? null;
  const status = errorStatus(error);
  return problemResponse({
    status,
    title: titleOf(status),
    detail: typeof error === "string" ? error : `${id} gave an error`,
    code: "OUTCOME",
    more: { error },
  });
}

function commandResponse({ id }: ServedFunction, value: Value, door: Door): Response {
  const { status = 0, stdout = null, stderr = null } = isRecord(value) ? value : {};
  const output = bytesOf(stdout);
  if (status === 0) return door === "execute" ? plain(output) : commandJson(output);
  const said = Buffer.from(bytesOf(stderr)).toString("utf8").trimEnd();
  return problemResponse({
    status: 500,
    title: titles[500] ?? "",
    detail: `${id} exited with status ${toJson(status)}${said === "" ? "" : `: ${said.slice(-500)}`}`,
    code: "GUEST_EXIT",
    more: { exit_code: status, stdout: output, stderr: said },
  });
}

/** Commands that speak JSON are heard as such; what others print is a text. */
function commandJson(output: Uint8Array): Response {
  const text = Buffer.from(output).toString("utf8");
  if (text.trim() === "") return json(null);
  try {
    return json(parseExact(text));
  } catch {
    return json(text);
  }
}

function bytesOf(value: Value): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(typeof value === "string" ? value : "");
}
