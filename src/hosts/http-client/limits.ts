/** Bytes of one `fields`, each entry counted with `fieldOverheadBytes`: twice what servers accept by default at most. */
export const fieldsBytes = 128 << 10;

/** Bytes of all the `fields` that an instance holds: a guest that keeps more than a few hundred headers leaks them. */
export const allFieldsBytes = 4 << 20;

/** What an entry of `fields` costs beyond its text, as HTTP/2 counts it (RFC 9113, 6.5.2). */
export const fieldOverheadBytes = 32;

/** Header or trailer section of a response: four times Node's default, because guests talk to servers with long cookies. */
export const headerSectionBytes = 64 << 10;

/** Path and query of a request: what common servers accept at most. */
export const uriBytes = 16 << 10;

/** Bytes of a body that wait to be sent; a guest that writes faster waits. The same as Node buffers of a response. */
export const bodyBufferBytes = 64 << 10;

/** Requests of one instance that are under way, each a socket: more than a guest that gathers pages asks for at once. */
export const requestsInFlight = 128;

/** For each phase of a request without a timeout of its own, so that one without any deadline does not wait for ever. */
export const defaultTimeoutMs = 600_000;
