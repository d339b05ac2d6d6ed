"use strict";

// The lines of a chat server: notices begin with "* ", the others with the name of a visitor and a colon.

const lines = document.getElementById("lines");
const state = document.getElementById("state");
const text = document.getElementById("text");
const most = 1000; // lines that are kept

let socket;
let pause = 500; // ms before the next attempt to connect

function show(line) {
  const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
  const item = document.createElement("li");
  const colon = line.indexOf(": ");
  if (line.startsWith("* ")) {
    item.className = "notice";
    item.textContent = line.slice(2);
  } else if (colon > 0) {
    item.appendChild(document.createElement("b")).textContent = line.slice(0, colon);
    item.append(line.slice(colon));
  } else {
    item.textContent = line;
  }
  lines.append(item);
  while (lines.childElementCount > most)
    lines.firstElementChild.remove();
  if (atEnd)
    lines.scrollTop = lines.scrollHeight;
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}/chat`);
  socket.onopen = () => {
    state.textContent = "connected";
    lines.replaceChildren(); // the server sends the last ones again
    pause = 500;
  };
  socket.onmessage = (event) => show(event.data);
  socket.onclose = () => {
    state.textContent = "connection lost; trying again";
    setTimeout(connect, pause);
    pause = Math.min(2 * pause, 10_000);
  };
}

document.getElementById("say").onsubmit = (event) => {
  event.preventDefault();
  if (text.value === "" || socket.readyState !== WebSocket.OPEN)
    return;
  if (new TextEncoder().encode(text.value).length > 1024) {
    show("* a line has up to 1024 bytes");
    return;
  }
  socket.send(text.value);
  text.value = "";
};

connect();
