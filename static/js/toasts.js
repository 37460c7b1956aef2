// Messages can be dismissed; htmx answers add theirs with the header HX-Trigger: {"toast": {"level": "success", "text": "…"}}.
const region = document.getElementById("toasts");

function dismissible(toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--quiet btn--small";
  button.textContent = region.dataset.dismiss;
  button.addEventListener("click", () => toast.remove());
  toast.append(button);
}

function say(level, text) {
  const toast = document.createElement("div");
  toast.className = `toast toast--${level}`;
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  dismissible(toast);
  region.append(toast);
}

if (region) {
  for (const toast of region.children) dismissible(toast);
  document.addEventListener("toast", (event) => say(event.detail.level, event.detail.text));
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => say("error", region.dataset.failed));
  }
  // The session has ended and a fragment was answered with the sign-in page: go there with the whole page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.response?.includes?.('class="entrance"')) return;
    event.preventDefault();
    location.reload();
  });
}
