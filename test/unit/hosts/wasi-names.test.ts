import { expect, test } from "vitest";
import { hosts } from "../../../src/hosts/index.ts";
import { instance } from "./support/instance.ts";

/** WASI 0.2 as its WIT names it, functions first and then resources with their functions; `new` is a constructor, `+` a static function. */
const specification: Readonly<Record<string, string>> = {
  "wasi:cli/environment": "get-environment get-arguments initial-cwd",
  "wasi:cli/exit": "exit exit-with-code",
  "wasi:cli/stdin": "get-stdin",
  "wasi:cli/stdout": "get-stdout",
  "wasi:cli/stderr": "get-stderr",
  "wasi:cli/terminal-input": "terminal-input:",
  "wasi:cli/terminal-output": "terminal-output:",
  "wasi:cli/terminal-stdin": "get-terminal-stdin",
  "wasi:cli/terminal-stdout": "get-terminal-stdout",
  "wasi:cli/terminal-stderr": "get-terminal-stderr",
  "wasi:clocks/monotonic-clock": "now resolution subscribe-instant subscribe-duration",
  "wasi:clocks/wall-clock": "now resolution",
  "wasi:filesystem/preopens": "get-directories",
  "wasi:filesystem/types": `filesystem-error-code
    descriptor: read-via-stream write-via-stream append-via-stream advise sync-data get-flags get-type set-size set-times read
      write read-directory sync create-directory-at stat stat-at set-times-at link-at open-at readlink-at remove-directory-at
      rename-at symlink-at unlink-file-at is-same-object metadata-hash metadata-hash-at
    directory-entry-stream: read-directory-entry`,
  "wasi:io/error": "error: to-debug-string",
  "wasi:io/poll": "poll pollable: ready block",
  "wasi:io/streams": `input-stream: read blocking-read skip blocking-skip subscribe
    output-stream: check-write write blocking-write-and-flush flush blocking-flush subscribe write-zeroes
      blocking-write-zeroes-and-flush splice blocking-splice`,
  "wasi:logging/logging": "log",
  "wasi:random/random": "get-random-bytes get-random-u64",
  "wasi:random/insecure": "get-insecure-random-bytes get-insecure-random-u64",
  "wasi:random/insecure-seed": "insecure-seed",
  "wasi:sockets/instance-network": "instance-network",
  "wasi:sockets/ip-name-lookup": "resolve-addresses resolve-address-stream: resolve-next-address subscribe",
  "wasi:sockets/network": "network-error-code network:",
  "wasi:sockets/tcp-create-socket": "create-tcp-socket",
  "wasi:sockets/tcp": `tcp-socket: start-bind finish-bind start-connect finish-connect start-listen finish-listen accept
      local-address remote-address is-listening address-family set-listen-backlog-size keep-alive-enabled
      set-keep-alive-enabled keep-alive-idle-time set-keep-alive-idle-time keep-alive-interval set-keep-alive-interval
      keep-alive-count set-keep-alive-count hop-limit set-hop-limit receive-buffer-size set-receive-buffer-size
      send-buffer-size set-send-buffer-size subscribe shutdown`,
  "wasi:sockets/udp-create-socket": "create-udp-socket",
  "wasi:sockets/udp": `udp-socket: start-bind finish-bind stream local-address remote-address address-family unicast-hop-limit
      set-unicast-hop-limit receive-buffer-size set-receive-buffer-size send-buffer-size set-send-buffer-size subscribe
    incoming-datagram-stream: receive subscribe
    outgoing-datagram-stream: check-send send subscribe`,
  "wasi:http/outgoing-handler": "handle",
  "wasi:http/types": `http-error-code
    fields: new +from-list get has set delete append entries clone
    incoming-request: method path-with-query scheme authority headers consume
    outgoing-request: new body method set-method path-with-query set-path-with-query scheme set-scheme authority
      set-authority headers
    request-options: new connect-timeout set-connect-timeout first-byte-timeout set-first-byte-timeout
      between-bytes-timeout set-between-bytes-timeout
    response-outparam: +set
    incoming-response: status headers consume
    incoming-body: stream +finish
    future-trailers: subscribe get
    outgoing-response: new status-code set-status-code headers body
    outgoing-body: write +finish
    future-incoming-response: subscribe get`,
};

const imports = Object.assign(
  {},
  ...hosts.flatMap(({ p2 }) => (p2 === undefined ? [] : [p2.bind(instance()).imports])),
);

function member(of: unknown, name: string): unknown {
  return typeof of === "object" || typeof of === "function" ? Reflect.get(Object(of), name) : undefined;
}

const camel = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`-${name}`);

/** The names of an interface that the host has nothing for. */
function missing(name: string, names: string): readonly string[] {
  const served: unknown = Reflect.get(imports, name);
  let resource: unknown;
  let owner = "";
  return names.split(/\s+/).filter((item) => {
    if (item.endsWith(":")) {
      owner = item.slice(0, -1);
      resource = member(served, pascal(owner));
      return typeof resource !== "function";
    }
    if (owner === "") return typeof member(served, camel(item)) !== "function";
    if (item === "new") return false;
    const at = item.startsWith("+") ? resource : member(resource, "prototype");
    return typeof member(at, camel(item.replace("+", ""))) !== "function";
  });
}

test.each(Object.entries(specification))("a component finds everything of %s", (name, names) => {
  expect(missing(name, names)).toEqual([]);
});

test("every interface of WASI that a host has is in the list", () => {
  const served = hosts
    .flatMap(({ p2 }) => Object.keys(p2?.interfaces ?? {}))
    .filter((name) => name.startsWith("wasi:"));
  expect(served.filter((name) => specification[name] === undefined)).toEqual([]);
});
