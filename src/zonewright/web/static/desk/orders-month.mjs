// Ticks of many matters at once: the grave ones, all, none; and how many are ticked.
const bar = document.querySelector(".ticks");

if (bar) {
  const form = bar.closest("form");
  const boxes = [...form.querySelectorAll("input[name=matter]")];
  const told = bar.querySelector("[data-ticked]");
  const tell = () => { told.textContent = `${boxes.filter((box) => box.checked).length} / ${boxes.length}`; };

  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const wanted = event.target.closest("button[data-tick]")?.dataset.tick;
    if (!wanted) return;
    for (const box of boxes) box.checked = wanted === "all" || box.dataset.severity === wanted;
    tell();
  });
  form.addEventListener("change", tell);
  addEventListener("pageshow", tell);
  tell();
}
