import { errorCodes } from "../src/core/error-codes.ts";
import { hosts } from "../src/hosts/index.ts";
import { diagnosticCodes } from "../src/registry/diagnostic-codes.ts";
import { kindPages } from "./kind-pages.ts";
import { luaPages } from "./lua-pages.ts";
import { notice } from "./notice.ts";

/** The generated pages, by their paths from the repository's root. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    ...kindPages(),
    "docs/errors.md": errorsPage(),
    ...luaPages(),
    "docs/hosts.md": hostsPage(),
  };
}

function errorsPage(): string {
  const errors = Object.entries(errorCodes).map(
    ([code, { kind, retryable, help }]) => `| \`${code}\` | ${kind} | ${retryable ? "yes" : "no"} | ${help} |`,
  );
  const diagnostics = Object.entries(diagnosticCodes).map(([code, help]) => `| \`${code}\` | ${help} |`);
  return `# Errors

${notice}
\`weft explain CODE\` prints the same. A call that fails gives a \`WeftError\` (in Lua: \`nil, error\`) with a code, a kind, a message, and
whether a retry makes sense. What is wrong with an app's files is a diagnostic: it has a position instead.

## Failures of calls

| code | kind | retry | what to do |
| --- | --- | --- | --- |
${errors.join("\n")}

## Diagnostics of files

| code | what to do |
| --- | --- |
${diagnostics.join("\n")}
`;
}

function hostsPage(): string {
  const sections = hosts.map(({ name, summary, grants, p2, unimplemented = [] }) => {
    const interfaces = Object.entries(p2?.interfaces ?? {}).map(
      ([id, { version, suspending, suspendingAlong = [] }]) =>
        `| \`${id}@${version}\` | ${[...suspending, ...suspendingAlong].map((func) => `\`${func}\``).join(", ")} |`,
    );
    const table =
      interfaces.length === 0
        ? ""
        : `\n| interface | functions that may wait |\n| --- | --- |\n${interfaces.join("\n")}\n`;
    const later =
      unimplemented.length === 0
        ? ""
        : `\nNot implemented yet: ${unimplemented.map((id) => `\`${id}\``).join(", ")}.\n`;
    return `## ${name}\n\n${summary} Granted by ${grants.map((grant) => `\`${grant}\``).join(", ")}.\n${table}${later}`;
  });
  return `# What WebAssembly guests may import

${notice}
A component reaches only what its entry lists under \`imports\`. One that imports more loads all the same; calling such a function ends
the call with \`IMPORT_DENIED\` and the line to add. Any 0.2 version of an interface is served. Functions that may wait suspend the guest and
free its thread; a component that imports none of them runs without suspension, and so does one
whose only such functions are writes to an \`output-stream\`: then nothing that it can write to makes it wait.

Core modules get WASI preview 1 without asking. It reaches only what the entry's \`wasi\` block grants: \`args\`, \`env\`, \`cwd\` and \`mounts\`
of \`fs.directory\` entries, read-only if the mount says so. A path never leaves its mount, through links or otherwise. Standard streams
are closed, except for a process on a \`terminal.host\`. Preview 1 can open no socket, it can only be handed one
that listens already; an entry has no such thing to hand over, since a port belongs to its server (\`http.service\`), so \`sock_accept\`,
\`sock_recv\`, \`sock_send\` and \`sock_shutdown\` answer \`ENOTSOCK\`. A guest that needs sockets is built as a component, for \`wasi:sockets\`.

Sockets and HTTP requests reach the whole network, unless \`wasi.network\` says less: \`allow\` and \`deny\` are lists of \`*\`, addresses,
ranges (\`10.0.0.0/8\`) and names (\`example.org\`, \`*.example.org\`), each with or without \`:port\` or \`:first-last\`; an IPv6 address with
ports stands in brackets. What is denied stays denied. The rules hold for the far end of connections and datagrams, for the addresses that
a socket is bound to, and for looking names up through \`wasi:sockets\`. A rule for a name is about that lookup and the addresses that it
gave; an HTTP request is held to the rules by its addresses only. What is refused is \`access-denied\`. At most 128 sockets are open in one instance, and all are closed when it ends.

${sections.join("\n")}`;
}
