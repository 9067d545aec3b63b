"use strict";
// The time of day beside every time into the session, once the beginning is typed. It is kept nowhere.
const field = document.getElementById("begin");
field.hidden = false;
field.addEventListener("input", () => {
  const [hours, minutes] = field.value.split(":").map(Number);
  for (const cell of document.querySelectorAll("[data-at]")) {
    const whole = Math.floor(hours * 60 + minutes + Number(cell.dataset.at) / 60) % 1440;
    const two = (count) => String(count).padStart(2, "0");
    cell.textContent = field.value ? `${two(Math.floor(whole / 60))}:${two(whole % 60)}` : "";
  }
});
