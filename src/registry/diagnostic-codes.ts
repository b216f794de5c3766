/** Every code a diagnostic can carry, with one sentence of help for `weft explain CODE`. */
export const diagnosticCodes = {
  "yaml-syntax": "The file is not well-formed YAML; mend it where the message points.",
  "file-unreadable": "The file could not be read.",
  "missing-namespace-entries": "A file with a namespace needs `entries:`, or `name` and `kind` for a single entry.",
  "missing-name": "Every entry needs a `name` that is a non-empty text.",
  "missing-kind": "Every entry needs a `kind` that is a non-empty text.",
  "duplicate-id": "Two entries have the same id: rename one of them.",
  "unknown-kind": "No such kind is known; the entry is kept as data and does nothing.",
  "file-reference": "A `file://` text must name an existing file inside the source folder.",
  "unknown-field": "The kind has no such field; it may be misspelt.",
  "missing-field": "The kind needs this field.",
  "invalid-field": "The field's value is not what the kind takes.",
  "unknown-reference": "The field names an entry that does not exist.",
  "wrong-reference": "The field names an entry of a kind that does not fit there.",
  "broken-reference": "The field names an entry that has errors of its own; mend that one first.",
  "reference-cycle": "Entries import each other in a circle; break it.",
} as const;

export type DiagnosticCode = keyof typeof diagnosticCodes;
