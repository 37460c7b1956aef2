// Nothing typed is lost: leaving a changed form asks first, and forms with data-draft keep what was
// typed in this tab (sessionStorage) until they are sent and answered. Secrets and files are never kept.
const SECRET = "[type=password], [type=hidden], [type=file], [autocomplete=one-time-code], [data-secret]";
const changed = new Set();
const waiting = "countersign:sent";

const keyOf = (form) => `countersign:draft:${location.pathname}:${form.dataset.draft}`;
const kept = (form) => [...form.elements].filter((field) => field.name && !field.matches(SECRET) && field.type !== "submit");

function keep(form) {
  const values = kept(form).map((field) => [field.name, field.value, field.type === "checkbox" || field.type === "radio" ? field.checked : null]);
  sessionStorage.setItem(keyOf(form), JSON.stringify(values));
}

function restore(form) {
  const stored = sessionStorage.getItem(keyOf(form));
  if (!stored || form.querySelector("[aria-invalid=true]")) return;
  const fields = kept(form);
  for (const [name, value, checked] of JSON.parse(stored)) {
    const field = fields.find((one) => one.name === name && (checked === null || one.value === value));
    if (!field) continue;
    if (checked === null) field.value = value;
    else field.checked = checked;
  }
  changed.add(form);
}

// A form that was sent keeps its draft until another page answers: an expired session answers with the sign-in page.
const sent = sessionStorage.getItem(waiting);
if (sent && !document.querySelector(".entrance")) {
  sessionStorage.removeItem(waiting);
  const back = [...document.querySelectorAll("form[data-draft]")].some((form) => keyOf(form) === sent);
  if (!back) sessionStorage.removeItem(sent);
}

function guard(root) {
  for (const form of root.querySelectorAll("form[data-draft]")) restore(form);
}

guard(document);
document.addEventListener("htmx:load", (event) => guard(event.target));
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard], form[data-draft]");
  if (!form) return;
  changed.add(form);
  if (form.dataset.draft) keep(form);
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.draft) {
    keep(event.target);
    sessionStorage.setItem(waiting, keyOf(event.target));
  }
  changed.delete(event.target);
});
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});
