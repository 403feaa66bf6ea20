// Inputs that name another record by its code: the list below them follows what is typed.
const WAIT = 200;

async function fill(input) {
  const list = document.getElementById(input.getAttribute("list"));
  const asked = input.value;
  const response = await fetch(`${input.dataset.choices}?q=${encodeURIComponent(asked)}`, { headers: { Accept: "text/html" } });
  if (response.ok && list && input.value === asked) list.innerHTML = await response.text();
}

for (const input of document.querySelectorAll("[data-choices]")) {
  let waiting = 0;
  input.addEventListener("focus", () => fill(input), { once: true });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => fill(input), WAIT);
  });
}
