const list = document.querySelector("ul");
const form = document.querySelector("form");

async function show() {
  const notes = await (await fetch("/api/notes")).json();
  list.replaceChildren(...notes.map(({ text }) => Object.assign(document.createElement("li"), { textContent: text })));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await fetch("/api/notes", { method: "POST", body: JSON.stringify({ text: form.text.value }) });
  form.reset();
  await show();
});

await show();
