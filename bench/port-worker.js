import { parentPort } from "node:worker_threads";

parentPort.on("message", ({ id, value }) => parentPort.postMessage({ id, value }, []));
