const list = document.querySelector("ul");
const form = document.querySelector("form");
const name = prompt("Who are you?") || "somebody";
const lines = {
  joined: (each) => `${each.name} is here`,
  said: (each) => `${each.name}: ${each.text}`,
  left: (each) => `${each.name} has gone`,
};
let socket;

function connect() {
  socket = new WebSocket(`/room/?name=${encodeURIComponent(name)}`);
  socket.onmessage = ({ data }) => {
    const { topic, data: each } = JSON.parse(data);
    const item = document.createElement("li");
    item.textContent = lines[topic](each);
    list.append(item);
  };
  socket.onclose = () => setTimeout(connect, 1000);
}

form.onsubmit = (event) => {
  event.preventDefault();
  socket.send(form.elements.text.value);
  form.reset();
};

connect();
