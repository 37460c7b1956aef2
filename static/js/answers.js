// Answers: show and hide what depends on what was just saved, and say how saving went.
// Which questions are shown is decided by the server alone; this only follows.

const form = document.querySelector("[data-answers]");

function mark(question, message) {
  const error = question.querySelector("[data-error]");
  if (!error) return;
  error.hidden = !message;
  error.querySelector("span").textContent = message || "";
  question.querySelectorAll("[data-answer]").forEach((field) => {
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });
}

function follow({ shown, seen, refused }) {
  const visible = new Set(shown);
  form.querySelectorAll("[data-question]").forEach((question) => {
    const key = question.dataset.question;
    question.hidden = !visible.has(key);
    if (seen[key]) question.querySelector("[data-seen]")?.setAttribute("value", seen[key]);
    mark(question, refused[key]);
  });
  form.querySelectorAll("[data-heading]").forEach((heading) => {
    heading.hidden = !form.querySelector(`[data-under="${CSS.escape(heading.dataset.heading)}"]:not([hidden])`);
  });
}

function say(text) {
  const status = document.getElementById("save-status");
  if (status) status.querySelector("span").textContent = text;
}

if (form) {
  document.body.addEventListener("answersSaved", (event) => follow(event.detail));
  // "None of these" and another choice never stand together.
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.type !== "checkbox" || !box.checked) return;
    const boxes = box.closest("[data-question]").querySelectorAll("input[type=checkbox]");
    boxes.forEach((other) => {
      if (other !== box && (other.hasAttribute("data-none") || box.hasAttribute("data-none"))) other.checked = false;
    });
  }, true);
  form.addEventListener("input", () => say(form.dataset.unsaved));
  document.body.addEventListener("htmx:beforeRequest", (event) => { if (event.target === form) say(form.dataset.saving); });
  for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failed, (event) => {
      if (event.target !== form) return;
      say(form.dataset.failed);
      document.getElementById("save-status")?.classList.add("savebar__status--wrong");
    });
  }
}
