/** Sockets that an instance may hold open; far above what guests use, far below what a process may have. */
export const socketsPerInstance = 128;
/** Name lookups of an instance that are under way: each holds a thread of the process's small pool. */
export const lookupsPerInstance = 8;
/** Connections that wait to be accepted, at most: what the operating system's own queue commonly holds. */
export const backlogLimit = 128;
/** Bytes of a connection that are on their way out: what a kernel commonly buffers. */
export const sendQueueBytes = 1 << 16;
/** Datagrams, and their bytes, that wait to be received; more are dropped, as any network may do. */
export const receivedDatagrams = 256;
export const receivedDatagramBytes = 1 << 20;
/** Datagrams that are on their way out, and therefore what `check-send` permits. */
export const sentDatagrams = 64;
/** The largest datagrams there are: 65,535 bytes without the headers that count (IPv4 and UDP; UDP alone). */
export const datagramBytes = { ipv4: 65_507, ipv6: 65_527 } as const;
/** Buffer sizes are clamped to this, and a guest hears what they came to. */
export const bufferLimitBytes = 1 << 22;
/** How long a closed connection may take to send what was written, before it is cut. */
export const lingerMs = 5_000;
/** The longest name that DNS has. */
export const nameLength = 253;
