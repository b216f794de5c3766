import { Hono } from "hono";

// An application as its authors write it: nothing here knows of Weft or of WebAssembly.
const app = new Hono();

app.get("/js/hello/:name", (c) => c.json({ hello: c.req.param("name"), query: c.req.query("q") ?? null }));

app.post("/js/upper", async (c) => {
  c.header("x-guest", "hono");
  return c.text((await c.req.text()).toUpperCase(), 201);
});

app.get("/js/stream", () => {
  let count = 0;
  const body = new ReadableStream({
    pull(controller) {
      count += 1;
      if (count > 3) controller.close();
      else controller.enqueue(new TextEncoder().encode(`part ${count}\n`));
    },
  });
  return new Response(body, { headers: { "content-type": "text/plain" } });
});

app.get("/js/ask", async (c) => {
  const response = await fetch(c.req.query("url"), { method: "POST", body: "from the guest", headers: { "x-asks": "js" } });
  return c.json({ status: response.status, said: await response.text(), header: response.headers.get("x-answer") });
});

app.get("/js/fail", () => {
  throw new Error("on purpose");
});

addEventListener("fetch", (event) => event.respondWith(app.fetch(event.request)));
