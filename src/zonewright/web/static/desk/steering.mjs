// The board: zones fold away what lies below them. The form of a target: shares of a stepped curve only.
const table = document.getElementById("board");
const KEY = "zonewright-board-folded";

function folded() {
  try { return new Set(JSON.parse(sessionStorage.getItem(KEY) ?? "null") ?? []); } catch { return new Set(); }
}

function kept() {
  try { return sessionStorage.getItem(KEY) !== null; } catch { return false; }
}

function keep(codes) {
  try { sessionStorage.setItem(KEY, JSON.stringify([...codes])); } catch { /* not kept, still folded */ }
}

function show(codes) {
  let hiddenBelow = Infinity;
  for (const row of table.tBodies[0].rows) {
    const depth = Number(row.dataset.depth);
    if (depth <= hiddenBelow) hiddenBelow = Infinity;
    row.hidden = depth > hiddenBelow;
    const button = row.querySelector(".fold");
    if (!button) continue;
    const closed = codes.has(row.dataset.zone);
    button.hidden = false;
    button.setAttribute("aria-expanded", String(!closed));
    button.firstElementChild.textContent = closed ? "▸" : "▾";
    if (closed && depth < hiddenBelow) hiddenBelow = depth;
  }
}

if (table) {
  const buttons = [...table.querySelectorAll(".fold")];
  const row = (button) => button.closest("tr");
  // A board of very many zones opens with the first ones only.
  if (table.dataset.folded && !kept()) keep(buttons.map((button) => row(button).dataset.zone));
  show(folded());
  table.addEventListener("click", (event) => {
    const button = event.target.closest(".fold");
    if (!button) return;
    const codes = folded();
    const code = row(button).dataset.zone;
    if (!codes.delete(code)) codes.add(code);
    keep(codes);
    show(codes);
  });
}

const curve = document.getElementById("id_curve");
if (curve) {
  const parts = document.querySelectorAll("[data-curve]");
  const settle = () => { for (const part of parts) part.hidden = part.dataset.curve !== curve.value; };
  curve.addEventListener("change", settle);
  settle();
}
