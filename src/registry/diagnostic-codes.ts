/** Every code a diagnostic can carry, with one sentence of help for `weft explain CODE`. */
export const diagnosticCodes = {
  "yaml-syntax": "The file is not well-formed YAML; mend it where the message points.",
  "file-unreadable": "The file could not be read.",
  "missing-namespace-entries": "A file with a namespace needs `entries:`, or `name` and `kind` for a single entry.",
  "invalid-namespace":
    "A namespace is a text with dots between its parts, such as `app.tools`; the colon parts it from the name.",
  "invalid-entry": "Every item of `entries` is a mapping with `name` and `kind`.",
  "missing-name": "Every entry needs a `name` that is a non-empty text.",
  "missing-kind": "Every entry needs a `kind` that is a non-empty text.",
  "duplicate-id": "Two entries have the same id: rename one of them.",
  "missing-entry": "A change wants to update or delete an entry that does not exist.",
  "unknown-kind": "No such kind is known; the entry is kept as data and does nothing.",
  "file-reference": "A `file://` text must name an existing file inside the source folder.",
  "unknown-field": "The kind has no such field; it may be misspelt.",
  "missing-field": "The kind needs this field.",
  "invalid-field": "The field's value is not what the kind takes.",
  "unknown-reference": "The field names an entry that does not exist.",
  "missing-module": "The module is not among the app's: have wippy.lock replace it by a folder.",
  "missing-parameter":
    "A module needs a value: give it under `parameters` of the ns.dependency that the module comes with.",
  "wrong-reference": "The field names an entry of a kind that does not fit there.",
  "broken-reference": "The field names an entry that has errors of its own; mend that one first.",
  "reference-cycle": "Entries import each other in a circle; break it.",
  "no-effect": "The field is accepted but does nothing in this version.",
  "unknown-import":
    "`imports` of WebAssembly entries name capabilities and links to entries; this is none that Weft knows.",
  "unknown-link":
    "A link under `imports` names something that the guest does not import, or that the other entry does not have.",
  "unsupported-link": "A link under `imports` wants something to cross entries that cannot.",
  "component-only": "This capability is for components; a core module has WASI preview 1 without asking.",
  "route-conflict":
    "Two routes fit the same requests, and neither is more specific: change the path or the method of one.",
  "unknown-module": "`modules` names a built-in Lua module that does not exist.",
  "lua-source": "The Lua source is wrong at this place.",
  "wat-source": "The WebAssembly text cannot be assembled.",
  "wit-text": "The WIT text cannot be read.",
  "wit-method": "The WIT text has no function of the method's name.",
  "method-not-found": "The module has no export of that name.",
  "signature-mismatch": "A signature does not fit the function that it is for; the message shows both.",
  "invalid-module": "The bytes are no WebAssembly, or damaged.",
  "unsupported-module": "The module needs something that this version cannot do.",
  "over-limit": "What the entry begins with is more than its limits allow; the message has both numbers.",
  "missing-directory": "The folder does not exist; create it or set `auto_init`.",
  "missing-file": "The file does not exist in its filesystem.",
  "path-outside": "The path leads out of its filesystem.",
  "missing-hash": "Binaries are pinned by their hash: add the line that the hint shows.",
  "hash-mismatch": "The file is not the one that was pinned, or the hash is written wrongly.",
} as const;

export type DiagnosticCode = keyof typeof diagnosticCodes;
