"use strict";
const connection = document.getElementById("connection");
const pause = document.getElementById("pause");
const held = new Map();
let paused = false;

function say(word, live) {
  if (connection.textContent !== word) connection.textContent = word;
  connection.dataset.live = live;
}

// Every part was escaped where it was made; only parts that have changed arrive.
function show(name, html) {
  const place = document.querySelector(`[data-part="${name}"]`);
  if (place) place.innerHTML = html;
}

function take(event) {
  say(paused ? "paused" : "live", paused ? "paused" : "live");
  for (const [name, html] of Object.entries(JSON.parse(event.data))) {
    if (paused) held.set(name, html); else show(name, html);
  }
}

const source = new EventSource("/events");
source.addEventListener("parts", take);
source.addEventListener("open", () => say(paused ? "paused" : "live", paused ? "paused" : "live"));
source.addEventListener("error", () => say("no connection, trying again", "lost"));

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Go on" : "Pause updates";
  say(paused ? "paused" : "live", paused ? "paused" : "live");
  if (!paused) {
    for (const [name, html] of held) show(name, html);
    held.clear();
  }
});
