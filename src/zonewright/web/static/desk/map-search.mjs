// The search box: a combobox whose list comes from the desk; choosing flies there.
const WAIT_MS = 180;

export function startSearch(work, choose) {
  const field = document.getElementById("map-query");
  const list = document.getElementById("map-results");
  const status = document.getElementById("map-search-status");
  const words = document.getElementById("map-words").dataset;
  let timer = 0;
  let asked = 0;
  let at = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];
  function close() {
    asked += 1;
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }
  function point(index) {
    const all = options();
    if (!all.length) return;
    at = (index + all.length) % all.length;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    field.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }
  function pick(option) {
    field.value = option.dataset.name;
    close();
    choose(option.dataset.record);
  }
  function option(item, index) {
    const row = document.createElement("li");
    row.id = `map-result-${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.record = item.record;
    row.dataset.name = item.name;
    const name = document.createElement("span");
    name.textContent = item.name;
    const beside = document.createElement("span");
    beside.className = "muted";
    const code = item.code === item.name ? "" : item.code;
    beside.textContent = [item.sort, code, item.detail].filter(Boolean).join(" · ");
    row.append(name, " ", beside);
    return row;
  }
  function show(items) {
    list.replaceChildren(...items.map(option));
    list.hidden = !items.length;
    at = -1;
    field.setAttribute("aria-expanded", String(items.length > 0));
    status.textContent = items.length
      ? words.found.replace("{count}", String(items.length))
      : words.nothing;
    if (items.length) point(0);
  }
  async function ask() {
    const text = field.value.trim();
    if (!text) return close();
    asked += 1;
    const turn = asked;
    const response = await fetch(`${work.dataset.search}?q=${encodeURIComponent(text)}`, {
      headers: { Accept: "application/json" },
    });
    if (turn !== asked || !response.ok) return undefined;
    return show((await response.json()).items);
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at - 1);
    else if (event.key === "Enter" && at >= 0 && !list.hidden) pick(options()[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // The field keeps the focus, so that its list stays.
    const chosen = event.target.closest("[role=option]");
    if (chosen) pick(chosen);
  });
}
