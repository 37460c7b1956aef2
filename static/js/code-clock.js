// Counts down to an authenticator's next code, and prints recovery codes. Without it nothing is lost.
for (const clock of document.querySelectorAll("[data-code-clock]")) {
  const seconds = clock.querySelector("[data-code-seconds]");
  const bar = clock.querySelector("meter");
  const tick = () => {
    const left = 30 - (Math.floor(Date.now() / 1000) % 30);
    seconds.textContent = left;
    bar.value = left;
  };
  tick();
  clock.hidden = false;
  setInterval(tick, 1000);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
