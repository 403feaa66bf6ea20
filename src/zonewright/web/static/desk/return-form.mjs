// The form of a return: what is typed is saved at once, cell by cell, and what is wrong is told there.
const form = document.getElementById("return-form");
const state = document.getElementById("save-state");
const { saving, saved, partly, unsaved, failed, signedOut, refused, theirs, keepMine, takeTheirs, empty } = form.dataset;
// A pause in typing, and the time until a lost connection is tried again [ms].
const PAUSE = 1200, AGAIN = 5000;
const CELL = "input[name*='|'], select[name*='|'], textarea[name*='|']";

const held = new Map(); // what the workspace holds, by name of the cell
const waiting = new Map(); // cells to be saved
const unread = new Map(); // what was typed that could not be read, and why: it is not saved
let timer = 0, busy = null, stopped = false;

const initial = (cell) => cell.tagName === "SELECT"
  ? [...cell.options].find((option) => option.defaultSelected)?.value ?? ""
  : cell.defaultValue;
const seen = (cell) => held.has(cell.name) ? held.get(cell.name) : initial(cell);
const find = (name) => form.elements.namedItem(name);

function tell(text, kind = "") {
  if (state.textContent !== text) state.textContent = text;
  state.dataset.kind = kind;
}

// ---- Saving --------------------------------------------------------------------------------------

function note(cell, soon) {
  if (stopped) return;
  if (cell.value.trim() === seen(cell).trim() && !cell.closest("td").querySelector(".cell-told.refused, .cell-told.theirs")) {
    waiting.delete(cell.name);
    return;
  }
  waiting.set(cell.name, cell);
  tell(unsaved, "waiting");
  clearTimeout(timer);
  timer = setTimeout(flush, soon ? 0 : PAUSE);
}

// One request at a time; whoever waits for one looks again whether another was begun meanwhile.
async function flush() {
  clearTimeout(timer);
  while (busy) await busy;
  if (!waiting.size || stopped) return;
  busy = send([...waiting.values()]).finally(() => { busy = null; });
  await busy;
}

async function send(cells) {
  waiting.clear();
  const sent = new Map(cells.map((cell) => [cell.name, cell.value]));
  tell(saving, "waiting");
  const body = new URLSearchParams({
    csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    changes: JSON.stringify(cells.map((cell) => [cell.name, cell.value, seen(cell)])),
  });
  let answer;
  try {
    answer = await fetch(form.dataset.cells, { method: "POST", body, headers: { "HX-Request": "true" } });
  } catch {
    return retry(cells, failed);
  }
  if (answer.status === 401) return retry(cells, signedOut);
  if (answer.status >= 500) return retry(cells, failed);
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 409 && told.theirs) return disputed(cells, told);
  if (!answer.ok) {
    // It is with the checker now, or the page was open for too long: typing on helps nobody.
    stopped = answer.status !== 422;
    cells.forEach((cell) => waiting.set(cell.name, cell));
    return tell(`${refused} ${told.message ?? answer.status}`, "bad");
  }
  settle(sent, told);
}

function retry(cells, text) {
  for (const cell of cells) if (!waiting.has(cell.name)) waiting.set(cell.name, cell);
  tell(text, "bad");
  timer = setTimeout(flush, AGAIN);
}

function settle(sent, told) {
  for (const name of sent.keys()) unread.delete(name);
  for (const [name, text] of Object.entries(told.refused)) unread.set(name, text);
  for (const [name, text] of Object.entries(told.cells)) {
    held.set(name, text);
    const cell = find(name);
    if (!cell) continue;
    cell.closest("td").querySelector(".cell-told.theirs")?.remove();
    if (cell.value === sent.get(name) && cell !== document.activeElement) cell.value = text;
    for (const button of cell.closest("tr").querySelectorAll("button[name=remove]")) button.hidden = false;
  }
  mark(told);
  if (waiting.size) tell(unsaved, "waiting");
  else if (unread.size) tell(partly, "bad");
  else tell(`${saved} ${told.at}`, "good");
}

// Somebody else wrote into the same cell: both texts are shown, the other cells are saved.
function disputed(cells, told) {
  for (const cell of cells) {
    const now = told.theirs[cell.name] ?? "";
    if (now === seen(cell) || now === cell.value) {
      held.set(cell.name, now);
      if (now !== cell.value) waiting.set(cell.name, cell);
    } else {
      dispute(cell, now);
    }
  }
  tell(told.message, "bad");
  if (waiting.size) timer = setTimeout(flush, 0);
}

function dispute(cell, now) {
  const notes = notesOf(cell);
  notes.querySelector(".theirs")?.remove();
  const box = document.createElement("p");
  box.className = "cell-told theirs";
  box.setAttribute("role", "alert");
  const quoted = document.createElement("q");
  quoted.textContent = (cell.tagName === "SELECT" ? nameOf(cell, now) : now) || empty;
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button quiet small";
    made.textContent = text;
    made.addEventListener("click", () => {
      held.set(cell.name, now);
      box.remove();
      cell.focus();
      act();
    });
    return made;
  };
  box.append(
    `${theirs} `, quoted, " ",
    button(keepMine, () => note(cell, true)),
    button(takeTheirs, () => { cell.value = now; }),
  );
  notes.append(box);
}

const nameOf = (cell, value) => [...cell.options].find((option) => option.value === value)?.textContent ?? value;
const notesOf = (cell) => cell.closest("td").querySelector(".notes");

// ---- What is wrong -------------------------------------------------------------------------------

function mark(told) {
  for (const one of form.querySelectorAll(".cell-told.error, .cell-told.warning")) one.remove();
  for (const td of form.querySelectorAll("td.is-error, td.is-warning, td.is-missing")) td.classList.remove("is-error", "is-warning", "is-missing");
  for (const cell of form.querySelectorAll("[aria-invalid]")) cell.removeAttribute("aria-invalid");
  for (const one of told.told) {
    const cell = one.name && find(one.name);
    // What nobody typed yet is to be done, not mended: its place is shown, without a word.
    if (cell?.closest && one.missing) cell.closest("td").classList.add("is-missing");
    else if (cell) markCell(cell, one.severity, one.text);
  }
  for (const [name, text] of unread) {
    const cell = find(name);
    if (cell) markCell(cell, "error", text, "refused");
  }
  list(told.groups);
  for (const [name, count] of Object.entries(told.counts)) {
    const tag = document.querySelector(`#counts [data-count="${name}"]`);
    if (!tag) continue;
    tag.querySelector("b").textContent = count;
    tag.classList.toggle(`tag-${name}`, count > 0);
  }
}

function markCell(cell, severity, text, more = "") {
  if (!cell?.closest) return;
  const told = document.createElement("p");
  told.className = `cell-told ${severity} ${more}`.trim();
  told.textContent = text;
  notesOf(cell).append(told);
  const td = cell.closest("td");
  if (!td.classList.contains("is-error")) td.classList.add(`is-${severity}`);
  if (severity === "error") cell.setAttribute("aria-invalid", "true");
}

function list(groups) {
  const box = document.getElementById("form-told");
  const words = document.getElementById("told-words").content;
  const word = (what) => words.querySelector(`[data-${what}]`)?.textContent ?? "";
  const made = (name, kind, text = "") => {
    const one = document.createElement(name);
    one.className = kind;
    one.textContent = text;
    return one;
  };
  const lines = groups.map((group) => {
    const line = made("li", `told told-${group.severity}`);
    const where = made("span", "told-where");
    group.places.forEach(([text, anchor], place) => {
      if (place) where.append(word("comma"));
      const spot = made(anchor ? "a" : "span", "", text);
      if (anchor) spot.href = `#${anchor}`;
      where.append(spot);
    });
    if (group.more) where.append(" ", word("more").replace("#", group.more));
    line.append(
      made("span", `tag tag-${group.severity}`, word(`severity="${group.severity}"`)), " ",
      made("span", "told-text", group.text), " ", where,
    );
    return line;
  });
  document.getElementById("told-list").replaceChildren(...lines);
  if (box.hidden && groups.some((group) => !group.missing)) box.open = true;
  box.hidden = !lines.length;
}

// A jump to a cell also goes into it.
document.getElementById("form-told").addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const cell = link && document.getElementById(link.hash.slice(1));
  if (!cell?.matches(CELL)) return;
  event.preventDefault();
  cell.scrollIntoView({ block: "center", inline: "center" });
  cell.focus();
});

// ---- Rows ----------------------------------------------------------------------------------------

// The last empty row of free ones was begun: another follows.
function follow(cell) {
  const row = cell.closest("tr"), table = row.closest("table[data-free]");
  if (!table || row.nextElementSibling || !cell.value) return;
  const next = row.cloneNode(true);
  const last = row.dataset.key, key = `+${Number(last.slice(1)) + 1}`;
  if (!Number.isFinite(Number(last.slice(1)))) return;
  const sheet = table.dataset.sheet;
  const [before, place] = row.id.split("-");
  const stem = `${before}-${Number(place) + 1}`;
  next.id = stem;
  next.dataset.key = key;
  for (const one of next.querySelectorAll("*")) {
    for (const name of ["id", "for", "aria-labelledby", "aria-describedby"]) {
      const value = one.getAttribute(name);
      if (value) one.setAttribute(name, value.split(" ").map((id) => id.replace(row.id, stem)).join(" "));
    }
    one.removeAttribute("aria-invalid");
  }
  for (const input of next.querySelectorAll(CELL)) {
    input.name = input.name.slice(0, input.name.length - last.length) + key;
    input.removeAttribute("value");
    if (input.tagName === "TEXTAREA") input.textContent = "";
    for (const option of input.options ?? []) option.defaultSelected = false;
    input.value = "";
  }
  for (const button of next.querySelectorAll("button[name=remove]")) {
    button.value = `${sheet}|${key}`;
    button.hidden = true;
  }
  for (const notes of next.querySelectorAll(".notes")) notes.replaceChildren();
  for (const td of next.querySelectorAll("td")) td.classList.remove("is-error", "is-warning", "is-missing");
  const number = next.querySelector("th");
  number.textContent = Number(number.textContent) + 1;
  row.after(next);
}

function below(cell, step) {
  const td = cell.closest("td");
  let row = td.parentElement;
  const column = [...row.cells].indexOf(td);
  do row = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  while (row && !row.cells[column]?.querySelector(CELL));
  return row?.cells[column].querySelector(CELL);
}

function across(cell, count) {
  const cells = [...cell.closest("tr").querySelectorAll(CELL)];
  return cells[cells.indexOf(cell) + count];
}

function write(cell, text) {
  const value = text.trim();
  if (cell.tagName === "SELECT") {
    const option = [...cell.options].find((one) => one.value === value || one.textContent.trim() === value);
    if (!option) return;
    cell.value = option.value;
  } else {
    cell.value = value;
  }
  follow(cell);
  note(cell, false);
}

// ---- What the reader does ------------------------------------------------------------------------

form.addEventListener("input", (event) => {
  if (!event.target.matches(CELL)) return;
  follow(event.target);
  note(event.target, false);
});
form.addEventListener("change", (event) => {
  if (event.target.matches(CELL)) note(event.target, true);
});
form.addEventListener("keydown", (event) => {
  if (!event.target.matches(CELL) || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const isText = event.target.tagName === "INPUT";
  const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: isText ? 1 : 0, ArrowUp: isText ? -1 : 0 }[event.key] ?? 0;
  if (!step || (event.key === "Enter" && event.target.tagName === "TEXTAREA")) return;
  event.preventDefault();
  const next = below(event.target, step);
  next?.focus();
  next?.select?.();
});
form.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!event.target.matches?.(CELL) || !/[\t\n]/.test(text.trimEnd())) return;
  if (event.target.tagName === "TEXTAREA" && !text.includes("\t")) return;
  event.preventDefault();
  let row = event.target;
  for (const line of text.replace(/\r/g, "").trimEnd().split("\n")) {
    if (!row) break;
    line.split("\t").forEach((value, place) => {
      const cell = across(row, place);
      if (cell) write(cell, value);
    });
    row = below(row, 1);
  }
  flush();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.submitter;
  await flush();
  if (waiting.size) return; // told already
  // What could not be read or is disputed would be lost, unless its whole row goes.
  const row = button?.name === "remove" ? button.closest("tr") : null;
  const open = [...form.querySelectorAll(".cell-told.refused, .cell-told.theirs")].find((one) => one.closest("tr") !== row);
  if (open) return open.closest("td").querySelector(CELL).focus();
  if (button?.name === "submit") location.href = form.dataset.submit;
  if (button?.name === "remove") {
    const [sheet, key] = button.value.split("|");
    location.href = `${form.dataset.remove}?${new URLSearchParams({ sheet, key })}`;
  }
});
addEventListener("beforeunload", (event) => {
  if (!waiting.size && !busy) return;
  flush();
  event.preventDefault();
});
addEventListener("online", flush);
// A page that the browser kept may hold what is no longer so.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.getElementById("faults")?.focus();
