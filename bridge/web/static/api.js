// Shows the API's document; what is asked from there goes to the bridge itself.
const place = document.getElementById("api");
const root = document.documentElement;
const device = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  const theme = root.dataset.theme;
  root.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && device.matches));
}

follow();
device.addEventListener("change", follow);
new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
if (place && window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    tryItOutEnabled: true,
    validatorUrl: null,
    withCredentials: false,
    // The page has its main part already, around this one.
    onComplete: () => document.getElementById("operations")?.setAttribute("role", "group"),
  });
}
