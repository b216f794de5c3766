import type { Socket } from "node:net";
import { socketError } from "./error-code.ts";
import { backlogLimit, bufferLimitBytes } from "./limits.ts";

const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
/** What Linux allows for times and counts of keep-alive. */
const longestKeepAliveNs = 32_767n * nsPerSecond;
const mostKeepAliveProbes = 127;

/**
 * The options of a TCP socket, with the defaults of Linux. Node applies keep-alive; it has no way to set the hop limit
 * and the buffer sizes of a connection, which are kept for those who read them back. The send buffer bounds what may wait.
 */
export class TcpOptions {
  keepAlive = false;
  keepAliveIdleNs = 7_200n * nsPerSecond;
  keepAliveIntervalNs = 75n * nsPerSecond;
  keepAliveCount = 9;
  hopLimit = 64;
  receiveBuffer = 131_072n;
  sendBuffer = 65_536n;
  backlog = backlogLimit;

  /** Those that a connection has from the socket that accepted it. */
  copy(): TcpOptions {
    return Object.assign(new TcpOptions(), this);
  }

  apply(socket: Socket): void {
    if (!this.keepAlive) {
      socket.setKeepAlive(false);
      return;
    }
    socket.setKeepAlive(
      true,
      Number(this.keepAliveIdleNs / nsPerMs),
      Number(this.keepAliveIntervalNs / nsPerMs),
      this.keepAliveCount,
    );
  }
}

/** @throws ResultError `invalid-argument` for zero. */
export function positive<Value extends number | bigint>(value: Value): Value {
  if (value === 0 || value === 0n) throw socketError("invalid-argument");
  return value;
}

/** A time in whole seconds, rounded up, and no longer than there is. */
export function keepAliveTime(ns: bigint): bigint {
  const seconds = ((positive(ns) + nsPerSecond - 1n) / nsPerSecond) * nsPerSecond;
  return seconds < longestKeepAliveNs ? seconds : longestKeepAliveNs;
}

/** A number of probes that there can be. */
export function keepAliveProbes(count: number): number {
  return Math.min(positive(count), mostKeepAliveProbes);
}

/** A size that a buffer can have. */
export function bufferSize(bytes: bigint): bigint {
  return positive(bytes) < BigInt(bufferLimitBytes) ? bytes : BigInt(bufferLimitBytes);
}
