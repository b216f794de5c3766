// The yardstick of B8: node:http alone, answering what the contenders answer.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    if (request.url === "/echo") {
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(body);
      return;
    }
    if (request.url === "/count") {
      response.writeHead(200).end(String(body.length));
      return;
    }
    const [a, b] = JSON.parse(body.toString("utf8"));
    response.writeHead(200, { "content-type": "application/json" }).end(String(a + b));
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
