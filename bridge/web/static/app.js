// What makes pages nicer where there is JavaScript; everything works without it.
(() => {
  "use strict";

  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // The theme changes at once; the cookie that the form sets keeps it.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.matches("[data-theme-button]")) return;
    event.preventDefault();
    const form = event.target;
    const data = new FormData(form);
    let theme = button.value;
    if (button.matches(".icon-button")) {
      const shown = root.dataset.theme === "auto" ? (dark.matches ? "dark" : "light") : root.dataset.theme;
      theme = shown === "dark" ? "light" : "dark";
    }
    data.set("theme", theme);
    root.dataset.theme = theme;
    document.querySelectorAll(".segment[data-theme-button]").forEach((one) => {
      one.setAttribute("aria-pressed", String(one.value === theme));
    });
    fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
  });

  // A menu closes when one looks elsewhere, and on Escape.
  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      menus().forEach((menu) => {
        menu.removeAttribute("open");
        menu.querySelector("summary").focus();
      });
    }
    // Ctrl or Cmd and Enter sends what is being written.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-submit]")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const field = document.getElementById(copy.dataset.copy);
      field.select();
      navigator.clipboard.writeText(field.value).then(() => { copy.textContent = copy.dataset.done; });
    }
    const focus = event.target.closest("[data-focus-on]");
    if (focus) {
      event.preventDefault();
      document.getElementById(focus.dataset.focusOn).focus();
    }
  });

  // An outlet that the chosen audience does not fit cannot be ticked; the server refuses it as well.
  const fit = (select) => {
    const outlets = document.getElementById(select.dataset.outlets);
    if (!outlets) return;
    let misfit = false;
    outlets.querySelectorAll("[data-fits]").forEach((label) => {
      const box = label.querySelector("input");
      box.disabled = !label.dataset.fits.split(" ").includes(select.value);
      box.checked = box.checked && !box.disabled;
      misfit ||= box.disabled;
    });
    outlets.querySelector("[data-misfit]").hidden = !misfit;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-outlets]")) fit(event.target);
  });

  // What can be undone for a minute says so for a minute.
  const expire = () => {
    document.querySelectorAll("[data-seconds]").forEach((one) => {
      setTimeout(() => one.remove(), 1000 * Number(one.dataset.seconds));
    });
  };

  const prepare = (part) => {
    part.querySelectorAll("[data-outlets]").forEach(fit);
    part.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  };

  const say = (text) => {
    const toast = document.createElement("p");
    toast.className = "toast";
    toast.textContent = text;
    document.getElementById("status").replaceChildren(toast);
  };

  document.addEventListener("DOMContentLoaded", () => { prepare(document); expire(); });
  // The link to more is gone once there is more: the keyboard goes on at the first of it.
  let grows = false;
  document.addEventListener("htmx:load", (event) => {
    prepare(event.target);
    if (!event.target.matches(".feed-row")) return;
    event.target.classList.add("arrived");
    if (grows) event.target.querySelector("a")?.focus({ preventScroll: true });
    grows = false;
  });

  // Nothing is asked for while nobody looks.
  document.addEventListener("htmx:beforeRequest", (event) => {
    grows = Boolean(event.target.closest(".more"));
    if (document.hidden && event.target.id === "news") event.preventDefault();
  });

  // After a part of the page was changed, the keyboard goes on where it was.
  document.addEventListener("htmx:afterSwap", (event) => {
    const verb = event.detail.requestConfig.verb;
    const talk = event.target.matches(".talk") ? document.getElementById(event.target.id) : null;
    if (talk && (verb === "get" || verb === "post")) talk.querySelector("[data-focus]")?.focus();
  });

  // A request that failed says so, in the words of the server where it has any.
  document.addEventListener("htmx:responseError", (event) => {
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    say(answer.querySelector(".toast-problem")?.textContent || document.body.dataset.offline);
  });
  document.addEventListener("htmx:sendError", () => say(document.body.dataset.offline));
})();
