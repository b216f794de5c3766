import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A server that speaks for itself, byte by byte. */
export interface RawServer extends AsyncDisposable {
  readonly authority: string;
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Starts such a server on an address of this machine. */
export async function raw(answer: (socket: Socket) => void, host = "127.0.0.1"): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  const { port } = address;
  return {
    authority: `${host}:${port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Such a server that says one thing to whoever asks. */
export const says = (text: string | Uint8Array, end = false): Promise<RawServer> =>
  raw((socket) => socket.once("data", () => (end ? socket.end(text) : socket.write(text))));

/** Says a head to whoever asks, and then goes on and on, as fast as it is taken. */
export function saysEndlessly(socket: Socket, head: string, part: string | Uint8Array): void {
  socket.once("data", () => {
    socket.write(head);
    const more = (): void => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on("drain", more);
    more();
  });
}

/** What failed has let go of its connection. */
export async function isLetGo({ sockets }: RawServer): Promise<void> {
  while (sockets.size > 0) await sleep(2);
}
