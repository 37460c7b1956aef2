// The review screen: claims linked to their sources, keys, the lease that renews while somebody looks, drafts that
// nothing loses, and an undo that counts down. Every verb also works as a plain form without any of this.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const form = document.getElementById("decision");
const person = document.body.dataset.person;
const token = () => form.elements.csrfmiddlewaretoken.value;

// ---- The undo that counts down -------------------------------------------------------------------------------
for (const toast of all("[data-undo]")) {
  const ends = performance.now() + Number(toast.dataset.undo) * 1000;
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    one("[data-left]", toast).textContent = `${Math.max(0, left)} s`;
    if (left <= 0) { toast.remove(); clearInterval(clock); }
  };
  const clock = setInterval(tick, 250);
  tick();
}

// ---- A claim and its sources light up together ----------------------------------------------------------------
const numbers = (node) => (node.dataset.cites || node.dataset.cite || "").split(" ").filter(Boolean);
const light = (wanted) => {
  for (const node of all("[data-cites], [data-cite]")) node.classList.toggle("linked", numbers(node).some((n) => wanted.includes(n)));
};
const over = (event) => {
  const node = event.target.closest?.("[data-cites], [data-cite]");
  light(node ? numbers(node) : []);
};
for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, over);

const narrow = matchMedia("(width < 60rem)");
const closeSheets = () => {
  for (const sheet of all(".source--sheet")) {
    sheet.classList.remove("source--sheet");
    one("[data-close-source]", sheet).hidden = true;
  }
};
const showSource = (number) => {
  const source = document.getElementById(`source-${number}`);
  if (!source) return;
  closeSheets();
  if (narrow.matches) {
    source.classList.add("source--sheet");
    one("[data-close-source]", source).hidden = false;
  } else {
    source.scrollIntoView({ block: "nearest" });
  }
  source.focus({ preventScroll: true });
  light([String(number)]);
};
const openSource = (number) => {
  showSource(number);
  one("[data-open-source]", document.getElementById(`source-${number}`))?.click();
};
// An opened source comes as a new card: it stays a sheet, keeps its light and the focus.
document.addEventListener("htmx:afterSettle", (event) => {
  const card = event.target.closest?.("[data-cite]") || event.detail.elt?.closest?.("[data-cite]");
  if (card) showSource(card.dataset.cite);
});
document.addEventListener("click", (event) => {
  const cite = event.target.closest(".claim__cite, mark.claim");
  if (cite && !event.target.closest(".source")) {
    event.preventDefault();
    openSource(numbers(cite)[0]);
  }
  if (event.target.closest("[data-close-source]")) closeSheets();
});

if (form) review();

function review() {
  const say = document.getElementById("say");
  const dock = one("[data-dock]");
  const approve = one("[data-verb=approve]");
  const fields = all("[data-field]", form);
  const code = form.elements.code;
  const itemId = form.dataset.review;
  const lost = () => one("[data-stale]").hidden === false;
  let verb = "";

  // ---- What was changed ---------------------------------------------------------------------------------------
  const words = (text) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
  // The longest common run of words, as a table; long texts stand whole beside each other.
  const difference = (before, after) => {
    const a = words(before), b = words(after);
    if (a.length * b.length > 400_000) return [["old", before], ["new", after]];
    const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    const parts = [];
    const put = (how, text) => (parts.at(-1)?.[0] === how ? (parts.at(-1)[1] += text) : parts.push([how, text]));
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      if (i < a.length && j < b.length && a[i] === b[j]) { put("same", a[i]); i++; j++; }
      else if (i < a.length && (j === b.length || best[i + 1][j] >= best[i][j + 1])) put("old", a[i++]);
      else put("new", b[j++]);
    }
    return parts;
  };
  const plain = (text) => text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd");
  const typed = (field) => one("[data-edit]", field).value;
  const original = (field) => plain(field.dataset.original);
  const changed = () => fields.filter((field) => typed(field) !== original(field));
  const shown = (field) => {
    const tags = { old: "del", new: "ins", same: "span" };
    return difference(original(field), typed(field)).map(([how, text]) => {
      const node = document.createElement(tags[how]);
      if (how !== "same") node.className = `change change--${how}`;
      node.textContent = text;
      return node;
    });
  };
  const showChanges = () => {
    for (const field of fields) {
      const place = one("[data-diff]", field), is = typed(field) !== original(field);
      place.hidden = !is;
      place.replaceChildren(...(is ? shown(field) : []));
      field.classList.toggle("slip--changed", is);
    }
    judge();
  };

  // ---- May it be approved? -------------------------------------------------------------------------------------
  const unread = () => all("[data-opened='0']", form).length;
  function judge() {
    const edited = changed().length > 0;
    approve.value = edited ? "approve_with_edits" : "approve";
    one("[data-verb-words]", approve).textContent = edited ? form.dataset.approveEdited : form.dataset.approve;
    one("[data-opened-count]").textContent = all("[data-opened='1']", form).length;
    const why = one("[data-why]"), left = unread();
    if (form.dataset.broken === "0") {
      const blocked = form.dataset.critical === "1" && left > 0;
      why.hidden = !blocked;
      if (blocked) one("[data-why-words]", why).textContent = left === 1 ? form.dataset.unreadOne : form.dataset.unreadMany.replace("#", left);
    }
    const off = lost() || form.dataset.stopped === "1";
    approve.disabled = off || !why.hidden;
    for (const name of ["refuse", "ask", "escalate"]) one(`[data-verb=${name}]`).disabled = off;
  }
  document.addEventListener("htmx:afterSettle", judge);

  // ---- The panel for why, for a question, for a code -----------------------------------------------------------
  dock.prepend(say);
  say.classList.add("say--panel");
  say.hidden = true;
  one("[data-say-close]", say).hidden = false;
  const confirm = one("[data-confirm]", say);
  confirm.hidden = false;
  const places = { ask: one("[data-verb=ask]").formAction, escalate: one("[data-verb=escalate]").formAction };
  const label = one("[data-words] label", say);

  const setUp = (name) => {
    verb = name;
    for (const part of all("[data-for]", say)) part.hidden = !part.dataset.for.split(" ").includes(name);
    one("[data-say-title]", say).textContent = say.getAttribute(`data-title-${name}`);
    confirm.textContent = say.getAttribute(`data-confirm-${name}`);
    const wording = say.getAttribute(`data-words-${name}`);
    if (wording) label.firstChild.textContent = `${wording} `;
    const elsewhere = places[name];
    if (elsewhere) { confirm.formAction = elsewhere; confirm.value = ""; }
    else { confirm.removeAttribute("formaction"); confirm.value = name; }
    form.querySelector("input[name=verdict]").value = elsewhere ? "" : name;
    if (name === "approve_with_edits") one("[data-changes]", say).replaceChildren(...changed().map(row));
  };
  const row = (field) => {
    const box = document.createElement("div"), head = document.createElement("h3"), text = document.createElement("p");
    head.textContent = one(".slip__label bdi", field).textContent;
    text.append(...shown(field));
    text.dir = "auto";
    box.append(head, text);
    return box;
  };
  const open = (name) => {
    closeSheets();
    setUp(name);
    say.hidden = false;
    for (const button of all("[data-verb]")) button.setAttribute("aria-expanded", String(button.dataset.verb === name.split("_")[0]));
    const first = all("input:checked, input[type=radio], textarea, input.code", say).find((node) => node.offsetParent);
    (all("input:checked", say).find((node) => node.offsetParent) || first || one("[data-say-title]", say)).focus();
    one("[data-summary]", say)?.remove();
    one("[data-key-status]", say)?.replaceChildren();
  };
  const close = () => {
    if (say.hidden) return;
    say.hidden = true;
    for (const button of all("[data-verb]")) button.removeAttribute("aria-expanded");
    one(`[data-verb=${verb.split("_")[0]}]`)?.focus();
  };
  one("[data-say-close]", say).addEventListener("click", close);

  const edit = () => {
    const on = form.classList.toggle("review--editing");
    one("[data-verb=edit]").setAttribute("aria-pressed", String(on));
    if (on) {
      const at = document.activeElement?.closest?.("[data-field]") || fields[0];
      one("[data-edit]", at)?.focus();
    } else {
      one("[data-verb=edit]").focus();
    }
  };
  one("[data-verb=edit]").setAttribute("aria-pressed", String(form.classList.contains("review--editing")));

  const act = (name) => {
    const button = one(`[data-verb=${name}]`);
    if (button.disabled) { one("[data-why]").animate?.([{ opacity: 0.3 }, { opacity: 1 }], 300); return; }
    if (name === "edit") return edit();
    if (name !== "approve") return open(name);
    if (changed().length) return open("approve_with_edits");
    if (form.dataset.factor === "1") return open("approve");
    form.requestSubmit(button);
  };
  for (const button of all("[data-verb]")) {
    button.addEventListener("click", (event) => {
      // The click that requestSubmit stands for is a submit of its own and does not come here.
      event.preventDefault();
      act(button.dataset.verb);
    });
  }
  code?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit(confirm);
  });

  // ---- Keys ------------------------------------------------------------------------------------------------------
  const step = (by) => {
    const at = fields.indexOf(document.activeElement?.closest?.("[data-field]"));
    fields[Math.min(fields.length - 1, Math.max(0, at + by))]?.focus();
  };
  const openNext = () => {
    const next = one("[data-opened='0']", form);
    if (next) openSource(next.dataset.cite);
  };
  const keys = {
    a: () => act("approve"), e: () => act("edit"), r: () => act("refuse"), i: () => act("ask"), o: openNext,
    j: () => step(1), k: () => step(-1), n: () => document.getElementById("next").requestSubmit(),
    u: () => document.getElementById("undo") && one("[data-undo]") && document.getElementById("undo").requestSubmit(),
    "?": () => document.getElementById("keys").showModal(),
  };
  const typing = (node) => node.closest?.("textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=button]), [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (one("dialog[open]")) return;
      if (one(".source--sheet")) return closeSheets();
      if (!say.hidden) return close();
      if (typing(event.target) && form.classList.contains("review--editing")) event.target.closest("[data-field]")?.focus();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (typing(event.target) || one("dialog[open]") || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // ---- Nothing typed is lost: kept by the server while it listens, on this device in any case ------------------
  const prefix = "countersign:review:";
  const place = `${prefix}${person}:${itemId}`;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(prefix) && !key.startsWith(`${prefix}${person}:`)) localStorage.removeItem(key);
  }
  const told = one("[data-kept-told]");
  const values = () => ({
    at: Date.now(),
    reason: form.elements.reason.value,
    reason_code: form.elements.reason_code.value ?? "",
    edits: Object.fromEntries(changed().map((field) => [one("[data-edit]", field).name, typed(field)])),
  });
  const hold = () => localStorage.setItem(place, JSON.stringify(values()));
  const forget = () => localStorage.removeItem(place);

  const restore = () => {
    const stored = JSON.parse(localStorage.getItem(place) || "null");
    if (!stored || form.hasAttribute("data-bound") || stored.at / 1000 <= Number(form.dataset.kept) + 1) return false;
    form.elements.reason.value = stored.reason;
    if (stored.reason_code) form.elements.reason_code.value = stored.reason_code;
    for (const field of fields) {
      const area = one("[data-edit]", field);
      area.value = stored.edits[area.name] ?? original(field);
    }
    if (Object.keys(stored.edits).length) form.classList.add("review--editing");
    return true;
  };

  const expired = () => { one("[data-expired]").hidden = false; told.textContent = form.dataset.keptHere; };
  const post = async (url, body) => {
    const answer = await fetch(url, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json", "X-CSRFToken": token() } });
    // A redirect can only be the way to the sign-in page, and so can a form token of a session that is gone.
    if (answer.type === "opaqueredirect" || answer.status === 403) { expired(); return null; }
    return answer;
  };
  let waiting = 0;
  const keep = async () => {
    clearTimeout(waiting);
    waiting = 0;
    const body = new FormData(form);
    for (const secret of ["code", "assertion"]) body.delete(secret);
    try {
      const answer = await post(form.dataset.keep, body);
      if (!answer?.ok) { told.textContent = form.dataset.keptHere; return; }
      told.textContent = form.dataset.keptWords;
      if (!waiting) forget();
    } catch { told.textContent = form.dataset.keptHere; }
  };
  form.addEventListener("input", (event) => {
    if (event.target === code) return;
    showChanges();
    hold();
    clearTimeout(waiting);
    waiting = setTimeout(keep, 900);
  });
  addEventListener("pagehide", () => { if (waiting) { hold(); clearTimeout(waiting); } });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.matches("[data-open-source]")) return;
    hold(); // until the answer is here: it may be the sign-in page
    clearTimeout(waiting);
    waiting = 0;
    for (const button of all("[data-verb], [data-confirm]")) setTimeout(() => (button.disabled = true));
  });
  // The page came back from the history: its buttons work again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // ---- The lease, renewed while somebody looks -----------------------------------------------------------------
  const lease = one("[data-lease]");
  const total = Number(lease.dataset.total);
  let until = performance.now() + Number(lease.dataset.lease) * 1000;
  let asking = false;
  const left = () => Math.max(0, Math.ceil((until - performance.now()) / 1000));
  const paint = () => {
    const seconds = left();
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    one("[data-left]", lease).textContent = seconds && !lost() ? form.dataset.left.replace("#", clock) : form.dataset.over;
    one("progress", lease).value = lost() ? 0 : seconds;
    lease.classList.toggle("lease--low", seconds > 0 && seconds < Math.min(60, total / 3));
    lease.classList.toggle("lease--over", lost() || !seconds);
  };
  const stale = (now) => {
    one("[data-stale]").hidden = false;
    if (now) one("[data-stale-words]").textContent = now;
    judge();
    paint();
  };
  const renew = async () => {
    if (asking || lost() || !one("[data-expired]").hidden) return;
    asking = true;
    try {
      const body = new FormData();
      body.set("epoch", form.elements.epoch.value);
      const answer = await post(lease.dataset.url, body);
      if (answer?.status === 409) stale((await answer.json()).now);
      else if (answer?.ok) until = performance.now() + (await answer.json()).seconds * 1000;
    } catch { /* the network is away; the next tick asks again */ } finally { asking = false; }
  };
  const looking = () => document.visibilityState === "visible" && document.hasFocus();
  setInterval(() => {
    paint();
    if (lost()) return;
    if (left() === 0 || (looking() && left() < total * 0.67)) renew();
  }, 1000);
  addEventListener("focus", () => left() < total * 0.67 && renew());

  // ---- Begin -----------------------------------------------------------------------------------------------------
  const found = restore();
  showChanges();
  if (found) keep();
  paint();
  if (form.hasAttribute("data-bound")) {
    const summary = one("[data-summary]", say);
    const name = say.dataset.tried;
    if (say.getAttribute(`data-title-${name}`)) {
      setUp(name);
      say.hidden = false;
      (one("[aria-invalid=true]", say) || summary)?.focus();
    }
  }
}
