/** Thrown through a guest that ended itself (`proc_exit`, `wasi:cli/exit`). Not a failure when the status is 0. */
export class GuestExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the guest exited with status ${status}`);
    this.name = "GuestExit";
    this.status = status;
  }
}
