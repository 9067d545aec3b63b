// The curve of a phase's energy as points to move: by touch, by mouse, and by the arrow keys. What it says stands in the
// field beside it, "0 0.12, 1 0.15", which can be typed in as well; the field is the only truth.

const WIDTH = 300, HEIGHT = 120, EDGE = 14, STEP = 0.01;
const SVG = "http://www.w3.org/2000/svg";

const read = (text) => text.split(",").map((point) => point.trim().split(/\s+/).map(Number)).filter((point) => point.length === 2 && point.every(Number.isFinite));
const write = (points) => points.map(([at, level]) => `${+at.toFixed(3)} ${+level.toFixed(3)}`).join(", ");
const x = (at) => EDGE + at * (WIDTH - 2 * EDGE), y = (level) => HEIGHT - EDGE - level * (HEIGHT - 2 * EDGE);
const within = (value, low, high) => Math.min(high, Math.max(low, value));
const field = (holder) => document.querySelector(`[data-curve="${CSS.escape(holder.id)}"]`);

function element(name, values, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

function draw(holder, focus = -1) {
  const points = read(field(holder)?.value ?? "");
  if (points.length < 2) { holder.replaceChildren(); return; }
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": `${holder.dataset.label}: energy, point by point` });
  for (const level of [0, 0.5, 1]) element("line", { x1: EDGE, x2: WIDTH - EDGE, y1: y(level), y2: y(level), class: "grid" }, svg);
  element("polyline", { points: points.map(([at, level]) => `${x(at)},${y(level)}`).join(" "), class: "line" }, svg);
  points.forEach(([at, level], number) => {
    const said = `${Math.round(at * 100)} % of the phase, energy ${level.toFixed(2)}`;
    element("circle", { cx: x(at), cy: y(level), r: 11, class: "point", tabindex: 0, role: "slider", "data-point": number, "aria-label": `Point ${number + 1}`,
      "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": level, "aria-valuetext": said }, svg);
  });
  const tools = document.createElement("div");
  tools.className = "row tools";
  for (const [what, label] of [["more", "Add a point"], ["less", "Remove a point"]]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "small plain", textContent: label, disabled: what === "less" && points.length < 3 });
    button.dataset.point = what;
    button.setAttribute("aria-label", `${label}: ${holder.dataset.label}`);
    tools.append(button);
  }
  holder.replaceChildren(svg, tools);
  if (focus !== -1) holder.querySelector(`[data-point="${focus}"]`)?.focus({ preventScroll: true });
}

function put(holder, points, focus) {
  const box = field(holder);
  box.value = write(points);
  draw(holder, focus);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function move(holder, number, at, level) {
  const points = read(field(holder).value), last = points.length - 1;
  const low = number === 0 ? 0 : number === last ? 1 : points[number - 1][0] + STEP;
  const high = number === 0 ? 0 : number === last ? 1 : points[number + 1][0] - STEP;
  points[number] = [within(at, low, high), within(level, 0, 1)];
  put(holder, points, number);
}

document.addEventListener("keydown", (event) => {
  const holder = event.target.closest?.(".curve"), number = Number(event.target.dataset?.point);
  const step = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
  if (!holder || !Number.isInteger(number) || !step || event.target.tagName === "BUTTON") return;
  event.preventDefault();
  const [at, level] = read(field(holder).value)[number], far = event.shiftKey ? 10 * STEP : STEP;
  move(holder, number, at + step[0] * far, level + step[1] * far);
});

let held = null;
document.addEventListener("pointerdown", (event) => {
  const point = event.target.closest?.(".curve .point");
  if (!point) return;
  event.preventDefault();
  held = [point.closest(".curve"), Number(point.dataset.point)];
  point.focus({ preventScroll: true });
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const [holder, number] = held, place = holder.querySelector("svg").getBoundingClientRect();
  const at = ((event.clientX - place.left) / place.width * WIDTH - EDGE) / (WIDTH - 2 * EDGE);
  const level = (HEIGHT - EDGE - (event.clientY - place.top) / place.height * HEIGHT) / (HEIGHT - 2 * EDGE);
  move(holder, number, Math.round(at * 100) / 100, Math.round(level * 100) / 100);
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { held = null; });

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".curve button");
  if (!button) return;
  const holder = button.closest(".curve"), points = read(field(holder).value);
  if (button.dataset.point === "more") { // in the middle of the widest gap
    const gaps = points.slice(1).map((point, number) => point[0] - points[number][0]);
    const number = gaps.indexOf(Math.max(...gaps));
    const [one, two] = [points[number], points[number + 1]];
    points.splice(number + 1, 0, [(one[0] + two[0]) / 2, (one[1] + two[1]) / 2]);
    put(holder, points, number + 1);
  } else { // the last one that isn't an end
    points.splice(points.length - 2, 1);
    put(holder, points, "less");
  }
});
document.addEventListener("input", (event) => {
  const holder = event.target.dataset?.curve && document.getElementById(event.target.dataset.curve);
  if (holder && document.activeElement === event.target) draw(holder);
});

const drawAll = () => document.querySelectorAll(".curve:empty").forEach((holder) => draw(holder));
document.addEventListener("shown", drawAll);
drawAll();
