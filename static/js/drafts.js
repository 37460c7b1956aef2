// Nothing typed is lost: leaving a changed form asks first, and forms with data-draft keep what was
// typed in this tab (sessionStorage) until they are sent and answered. Secrets and files are never kept. What is kept
// on a device, here or by the review screen, is forgotten after a day and when the person signs out.
const SECRET = "[type=password], [type=hidden], [type=file], [autocomplete=one-time-code], [data-secret]";
const changed = new Set();
const waiting = "countersign:sent";
const expired = "countersign:expired";

const person = document.body.dataset.person; // absent before sign-in, where nothing is kept
const ours = "countersign:";
const prefix = `${ours}draft:`;
const review = `${ours}review:`;
const DAY = 24 * 60 * 60 * 1000;
const keyOf = (form) => `${prefix}${person}:${location.pathname}:${form.dataset.draft}`;
const kept = (form) => [...form.elements].filter((field) => field.name && !field.matches(SECRET) && field.type !== "submit");

// Each time a page opens, that of sign-in included: words nobody came back for within a day go.
function forgetOld(storage) {
  for (const key of Object.keys(storage)) {
    if (!key.startsWith(prefix) && !key.startsWith(review)) continue;
    let at;
    try { at = JSON.parse(storage.getItem(key)).at; } catch { /* not as we write it: it goes too */ }
    if (!(Date.now() - at < DAY)) storage.removeItem(key);
  }
}
forgetOld(sessionStorage);
forgetOld(localStorage);

function forgetAll(storage) {
  for (const key of Object.keys(storage)) if (key.startsWith(ours)) storage.removeItem(key);
}

function keep(form) {
  const values = kept(form).map((field) => [field.name, field.value, field.type === "checkbox" || field.type === "radio" ? field.checked : null]);
  sessionStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values }));
}

function restore(form) {
  const stored = sessionStorage.getItem(keyOf(form));
  if (!stored || form.querySelector("[aria-invalid=true]")) return;
  const fields = kept(form);
  for (const [name, value, checked] of JSON.parse(stored).values) {
    const field = fields.find((one) => one.name === name && (checked === null || one.value === value));
    if (!field) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
  }
  changed.add(form);
}

// What was sent is forgotten once it was answered; unless the answer was the sign-in page, because the session had
// expired: then the form finds its words again when the person is back.
const sent = sessionStorage.getItem(waiting);
if (sent && !person) sessionStorage.setItem(expired, "yes");
if (sent && person) {
  const wrong = document.querySelector("[aria-invalid=true], [data-summary]");
  if (!wrong && !sessionStorage.getItem(expired)) sessionStorage.removeItem(sent);
  sessionStorage.removeItem(waiting);
  sessionStorage.removeItem(expired);
}

// A draft is for the person who typed it: on a shared tablet the next one starts empty.
for (const key of Object.keys(sessionStorage)) {
  if (person && key.startsWith(prefix) && !key.startsWith(`${prefix}${person}:`)) sessionStorage.removeItem(key);
}

function guard(root) {
  if (!person) return;
  for (const form of root.querySelectorAll("form[data-draft]")) restore(form);
}

guard(document);
document.addEventListener("htmx:load", (event) => guard(event.target));
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard], form[data-draft]");
  if (!form) return;
  changed.add(form);
  if (form.dataset.draft && person) keep(form);
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.matches("[data-leave]")) {
    forgetAll(sessionStorage);
    forgetAll(localStorage);
    changed.clear();
  }
  if (event.target.dataset.draft && person) {
    keep(event.target);
    sessionStorage.setItem(waiting, keyOf(event.target));
  }
  changed.delete(event.target);
});
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});
