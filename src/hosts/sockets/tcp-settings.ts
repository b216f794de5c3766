import type { Family } from "./address.ts";
import { bufferSize, keepAliveProbes, keepAliveTime, positive, type TcpOptions } from "./tcp-options.ts";

/** The functions of a TCP socket that read and set its options. */
export class TcpSettings {
  protected readonly family: Family;
  protected readonly options: TcpOptions;

  constructor(family: Family, options: TcpOptions) {
    this.family = family;
    this.options = options;
  }

  addressFamily(): Family {
    return this.family;
  }

  keepAliveEnabled(): boolean {
    return this.options.keepAlive;
  }

  setKeepAliveEnabled(value: boolean): void {
    this.options.keepAlive = value;
    this.optionsChanged();
  }

  keepAliveIdleTime(): bigint {
    return this.options.keepAliveIdleNs;
  }

  setKeepAliveIdleTime(value: bigint): void {
    this.options.keepAliveIdleNs = keepAliveTime(value);
    this.optionsChanged();
  }

  keepAliveInterval(): bigint {
    return this.options.keepAliveIntervalNs;
  }

  setKeepAliveInterval(value: bigint): void {
    this.options.keepAliveIntervalNs = keepAliveTime(value);
    this.optionsChanged();
  }

  keepAliveCount(): number {
    return this.options.keepAliveCount;
  }

  setKeepAliveCount(value: number): void {
    this.options.keepAliveCount = keepAliveProbes(value);
    this.optionsChanged();
  }

  hopLimit(): number {
    return this.options.hopLimit;
  }

  setHopLimit(value: number): void {
    this.options.hopLimit = positive(value);
  }

  receiveBufferSize(): bigint {
    return this.options.receiveBuffer;
  }

  setReceiveBufferSize(value: bigint): void {
    this.options.receiveBuffer = bufferSize(value);
  }

  sendBufferSize(): bigint {
    return this.options.sendBuffer;
  }

  setSendBufferSize(value: bigint): void {
    this.options.sendBuffer = bufferSize(value);
  }

  /** Called when something changed that applies to a connection. */
  protected optionsChanged(): void {}
}
