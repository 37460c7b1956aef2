// The error summary takes the focus, its links lead to the fields, and files may be dropped.
document.querySelector("[data-summary]")?.focus();

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-summary] a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});

for (const zone of document.querySelectorAll("[data-dropzone]")) {
  const input = zone.querySelector("input[type=file]");
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("dropzone--over"); });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("dropzone--over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// An address typed unseen, as a secret: what of it is none is read back once it is whole, pasted or left. Not letter by
// letter, and not with a second @: part of a password would be taken for the host.
for (const input of document.querySelectorAll("[data-reads-as]")) {
  const told = document.createElement("output");
  told.className = "field__help mono wraps";
  told.htmlFor = input.id;
  input.after(told);
  const read = () => {
    const whole = /^\s*(\w+)(?:\+\w+)?:\/\/(?:[^@]*@)?(|[\w.-]+|\[[\da-f:]+\])(:\d+)?\/([\w$./ -]+)(?:\?[^@]*)?$/i.exec(input.value);
    told.value = whole ? `${input.dataset.readsAs}: ${whole[1]}://${whole[2]}${whole[3] ?? ""}/${whole[4]}` : "";
  };
  input.addEventListener("change", read);
  input.addEventListener("input", (event) => { if (event.inputType === "insertFromPaste") read(); else told.value = ""; });
}

// One press, one request: a form that is on its way is not sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
