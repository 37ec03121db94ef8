// Everything works without this file. With it, totals move while circulars go out.
"use strict";

const NS = "http://www.w3.org/2000/svg";
const ORDER = ["accepted", "in_transaction", "queued", "deferred", "held", "withdrawn", "in_doubt", "expired", "refused"];

function grouped(number) {
  const digits = String(number);
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function percent(part, whole) {
  if (whole === 0) return "100 %";
  if (part === 0) return "0 %";
  const floor = Math.floor((part * 100) / whole);
  return floor === 0 ? "under 1 %" : floor + " %";
}

function draw(place, moving) {
  const there = ORDER.filter((state) => moving.totals[state] > 0);
  const wide = there.map((state) => Math.max(6, Math.floor((moving.totals[state] * 1000) / Math.max(1, moving.frozen))));
  const whole = wide.reduce((sum, one) => sum + one, 0);
  const bar = place.querySelector("svg.bar");
  if (bar) {
    let x = 0;
    const parts = there.map((state, index) => {
      const rect = document.createElementNS(NS, "rect");
      const width = index + 1 === there.length ? 1000 - x : Math.floor((wide[index] * 1000) / whole);
      rect.setAttribute("class", "s-" + state);
      rect.setAttribute("x", x);
      rect.setAttribute("y", 0);
      rect.setAttribute("width", width);
      rect.setAttribute("height", 10);
      x += width;
      return rect;
    });
    bar.replaceChildren(...parts);
    const words = there.map((state) => moving.totals[state] + " " + state.replace("_", " ")).join(", ");
    bar.setAttribute("aria-label", moving.frozen + " frozen: " + words);
  }
  const progress = place.querySelector("[data-progress]");
  if (progress) progress.textContent = moving.done + " of " + moving.frozen + " (" + percent(moving.done, moving.frozen) + ")";
  const counts = place.querySelector("[data-counts] ul");
  if (counts) {
    counts.replaceChildren(...there.map((state) => {
      const item = document.createElement("li");
      const dot = document.createElement("span");
      dot.className = "dot s-" + state;
      dot.setAttribute("aria-hidden", "true");
      const number = document.createElement("b");
      number.textContent = grouped(moving.totals[state]);
      item.append(dot, number, " " + state.replace("_", " "));
      return item;
    }));
  }
}

const places = new Map();
for (const place of document.querySelectorAll("[data-circular]")) places.set(place.dataset.circular, place);

if (places.size > 0 && "EventSource" in window) {
  const events = new EventSource("/events");
  events.onmessage = (event) => {
    for (const moving of JSON.parse(event.data)) {
      const place = places.get(String(moving.id));
      if (!place) continue;
      if (place.dataset.state !== moving.state) {
        // another state brings other words and other buttons
        events.close();
        window.location.reload();
        return;
      }
      draw(place, moving);
    }
  };
  window.addEventListener("pagehide", () => events.close());
}
