import { isUtf8 } from "node:buffer";
import { isRecord, type Value } from "../../core/values.ts";
import { toJson } from "../json.ts";
import { titleOf } from "../../hosts/http/problem.ts";
import { errorStatus } from "../../hosts/http/typed-response.ts";
import { parseExact } from "../../wit/json.seam.ts";
import { problemAnswer, titles } from "../problem.ts";
import type { WholeAnswer } from "../response.ts";
import type { Door } from "./input.ts";
import type { ServedFunction } from "./module.ts";

/** What a function gave, as a response. */
export function answerOf(fn: ServedFunction, value: Value, door: Door): WholeAnswer {
  if (fn.style === "command") return commandResponse(fn, value, door);
  if (fn.style === "text" && door === "execute") return plain(bytesOf(value));
  if (fn.wit?.result?.kind === "result") return outcomeResponse(fn, value);
  return json(value);
}

function json(value: Value): WholeAnswer {
  if (value === null) return { head: { status: 204, headers: [] }, body: null };
  return { head: { status: 200, headers: ["content-type", "application/json"] }, body: toJson(value) };
}

function plain(bytes: Uint8Array<ArrayBuffer>): WholeAnswer {
  const type = isUtf8(bytes) ? "text/plain; charset=utf-8" : "application/octet-stream";
  return { head: { status: 200, headers: ["content-type", type] }, body: bytes };
}

/** A WIT `result`: what is ok is the answer, an error is a problem that holds it, with a status by its name. */
function outcomeResponse({ id }: ServedFunction, value: Value): WholeAnswer {
  if (!isRecord(value) || !("err" in value)) return json(isRecord(value) ? (value["ok"] ?? null) : value);
  const error = value["err"] ?? null;
  const status = errorStatus(error);
  return problemAnswer({
    status,
    title: titleOf(status),
    detail: typeof error === "string" ? error : `${id} gave an error`,
    code: "OUTCOME",
    more: { error },
  });
}

function commandResponse({ id }: ServedFunction, value: Value, door: Door): WholeAnswer {
  const { status = 0, stdout = null, stderr = null } = isRecord(value) ? value : {};
  const output = bytesOf(stdout);
  if (status === 0) return door === "execute" ? plain(output) : commandJson(output);
  const said = Buffer.from(bytesOf(stderr)).toString("utf8").trimEnd();
  return problemAnswer({
    status: 500,
    title: titles[500] ?? "",
    detail: `${id} exited with status ${toJson(status)}${said === "" ? "" : `: ${said.slice(-500)}`}`,
    code: "GUEST_EXIT",
    more: { exit_code: status, stdout: output, stderr: said },
  });
}

/** Commands that speak JSON are heard as such; what others print is a text. */
function commandJson(output: Uint8Array): WholeAnswer {
  const text = Buffer.from(output).toString("utf8");
  if (text.trim() === "") return json(null);
  try {
    return json(parseExact(text));
  } catch {
    return json(text);
  }
}

function bytesOf(value: Value): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) return Buffer.from(typeof value === "string" ? value : "");
  return value.buffer instanceof ArrayBuffer
    ? new Uint8Array(value.buffer, value.byteOffset, value.length)
    : Uint8Array.from(value);
}
