// Sets the light before the first paint. A file of its own because the content policy allows no inline script.
// What is kept here is a copy of the stored setting, which arrives too late for the first paint.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("allgood.theme");
  } catch {
    choice = null;
  }
  var dark = choice === "dark" || (choice !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-theme", dark ? "dark" : "light");
})();
