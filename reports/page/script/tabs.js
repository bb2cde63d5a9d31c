// page_tabs.js: tabs, the theme, buttons that copy, and witnesses that jump to their event.

function showTab(name) {
  view.tab = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const on = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  for (const panel of document.querySelectorAll("[data-tab]")) {
    panel.classList.toggle("on", panel.dataset.tab === name);
  }
  if (name === "story") redraw();
  noteLink();
}

function listenTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => showTab(tab.id.slice(4)));
    tab.addEventListener("keydown", (e) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!by) return;
      e.preventDefault();
      e.stopPropagation();
      const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
      next.focus();
      showTab(next.id.slice(4));
    });
  }
}

// kept remembers a choice of the reader where the browser lets it.
function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`sandcastle.${name}`);
    localStorage.setItem(`sandcastle.${name}`, value);
  } catch { /* a page opened from disk may have no store */ }
  return null;
}

function listenTheme() {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.theme = kept("theme") || (dark.matches ? "dark" : "light");
    $("theme").textContent = root.dataset.theme === "dark" ? "☀ Light" : "☾ Dark";
    readInks();
    redraw();
  };
  dark.addEventListener("change", apply);
  window.addEventListener("beforeprint", () => { // on paper it is light
    root.dataset.theme = "light";
    readInks();
    drawAll();
  });
  window.addEventListener("afterprint", apply);
  $("theme").addEventListener("click", () => {
    kept("theme", root.dataset.theme === "dark" ? "light" : "dark");
    if (!kept("theme")) root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    apply();
  });
  apply();
}

// copyText puts a text on the clipboard; where that is forbidden it selects it.
async function copyText(text, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "sr" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  const before = button.dataset.label || (button.dataset.label = button.textContent);
  button.textContent = done ? "Copied" : "Select and copy it by hand";
  setTimeout(() => { button.textContent = before; }, 1500);
}

function listenCopies() {
  for (const b of document.querySelectorAll("button[data-copy]")) {
    b.addEventListener("click", () => copyText($(b.dataset.copy).textContent, b));
  }
  $("share").addEventListener("click", () => copyText(location.href.split("#")[0] + linkOf(), $("share")));
}

// listenWitnesses lets witnesses and rows of the table of moments open their moment.
function listenWitnesses() {
  const open = (at, event) => () => {
    showTab("story");
    view.event = event;
    view.lane = -1;
    view.t = at;
    aroundStop({ when: at, event });
    run.stop = run.stops.findLastIndex((s) => s.at !== undefined && s.at <= at);
    sayStop();
    selected();
    redraw();
    $("stage").scrollIntoView({ block: "nearest" });
  };
  for (const row of document.querySelectorAll("tr[data-finding]")) {
    const w = run.d.findings[Number(row.dataset.finding)]?.witnesses[Number(row.dataset.witness)];
    if (!w) continue;
    row.lastElementChild.append(" ", el("button", { type: "button", class: "small", onclick: open(w.at, w.event) },
      "Show it"));
  }
  const byKey = new Map(run.d.moments.map((m) => [`${Math.floor(m.at / 1000)} ${m.where} ${m.what}`, m]));
  for (const row of document.querySelectorAll(".moments tbody tr")) {
    const [at, where, what] = row.children;
    const said = what.firstChild?.textContent || "";
    const m = byKey.get(`${Math.round(Number(at.textContent) * 1000)} ${where.textContent} ${said}`);
    if (!m) continue;
    const time = at.textContent;
    fill(at, el("button", { type: "button", class: "link", title: "Show this moment", onclick: open(m.at, m.event) }, time));
  }
}
