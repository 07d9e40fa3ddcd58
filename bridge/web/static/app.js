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

  // A link to a suggestion opens it.
  const unfold = () => {
    const one = document.getElementById(location.hash.slice(1));
    if (!one || !one.matches("details.suggestion")) return;
    one.open = true;
    one.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

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
    part.querySelectorAll("[data-mentions]").forEach((field) => {
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-haspopup", "listbox");
    });
    part.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  };

  // Behind an "@" a list of names opens: arrows choose, Enter or Tab takes, Escape closes. Whoever
  // types a whole name needs none of it.
  const BEGUN = /(?:^|[^\p{L}\p{N}@_])@([\p{L}\p{N}][^\n@]{0,59})$/u;
  let list = null;
  let asked = 0;

  const closeNames = () => {
    if (!list) return;
    list.field.removeAttribute("aria-activedescendant");
    list.field.removeAttribute("aria-controls");
    list.box.remove();
    list = null;
  };

  const select = (index) => {
    const options = [...list.box.children];
    list.at = (index + options.length) % options.length;
    options.forEach((one, n) => one.setAttribute("aria-selected", String(n === list.at)));
    options[list.at].scrollIntoView({ block: "nearest" });
    list.field.setAttribute("aria-activedescendant", options[list.at].id);
  };

  const take = (person) => {
    const { field, typed } = list;
    const end = field.selectionStart;
    field.setRangeText(`${person.name} `, end - typed.length, end, "end");
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: "mention", value: person.id });
    field.form.append(chosen);
    closeNames();
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const openNames = (field, typed, people) => {
    closeNames();
    const said = document.getElementById("names-said") || document.createElement("p");
    Object.assign(said, { id: "names-said", className: "sr" });
    said.setAttribute("aria-live", "polite");
    document.body.append(said);
    said.textContent = document.body.dataset[people.length ? "names" : "noNames"].replace("#", people.length);
    if (!people.length) return;
    const box = document.createElement("div");
    Object.assign(box, { id: "names", className: "names" });
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", document.body.dataset.namesLabel);
    people.forEach((person, n) => {
      const option = document.createElement("div");
      option.id = `names-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("dir", "auto");
      option.textContent = person.name;
      // Before the field loses the focus.
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(person); });
      box.append(option);
    });
    field.form.classList.add("with-names");
    field.form.append(box);
    box.style.insetBlockStart = `${field.offsetTop + field.offsetHeight}px`;
    list = { field, typed, people, box, at: 0 };
    field.setAttribute("aria-controls", "names");
    select(0);
  };

  const look = async (field) => {
    const begun = BEGUN.exec(field.value.slice(0, field.selectionStart));
    const turn = ++asked;
    if (!begun) { closeNames(); return; }
    const from = field.dataset.audienceFrom && field.form.querySelector(field.dataset.audienceFrom);
    const query = new URLSearchParams({ q: begun[1], audience: from ? from.value : field.dataset.audience });
    const answer = await fetch(`${field.dataset.mentions}?${query}`).catch(() => null);
    if (turn !== asked || !answer || !answer.ok) return;
    const people = await answer.json();
    if (turn === asked && document.activeElement === field) openNames(field, begun[1], people);
  };

  let waiting = 0;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[data-mentions]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => look(field), 120);
  });
  document.addEventListener("focusout", (event) => { if (list && event.target === list.field) closeNames(); });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== list.field) return;
    const keys = { ArrowDown: () => select(list.at + 1), ArrowUp: () => select(list.at - 1), Escape: closeNames };
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
      keys.Enter = keys.Tab = () => take(list.people[list.at]);
    }
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keys[event.key]();
  }, true);

  const say = (text) => {
    const toast = document.createElement("p");
    toast.className = "toast";
    toast.textContent = text;
    document.getElementById("status").replaceChildren(toast);
  };

  // What is new is asked for while somebody looks: soon at first, more seldom as nothing comes.
  const SOONEST = 30;
  const LATEST = 300;
  let pause = SOONEST;
  let asking = 0;
  const plan = () => {
    clearTimeout(asking);
    if (document.hidden || !document.getElementById("news")) return;
    asking = setTimeout(() => htmx.trigger("#news", "ask"), 1000 * pause * (0.9 + Math.random() / 5));
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id !== "news") return;
    const news = event.detail.successful && event.detail.xhr.status !== 204;
    pause = news ? SOONEST : Math.min(pause * 2, LATEST);
    plan();
  });
  // The same number once more is no news: the button stays as it is.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "news") return;
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    if (answer.body.textContent.trim() === event.target.textContent.trim()) event.detail.shouldSwap = false;
  });

  // What stood before somebody's eyes for two seconds is read; a page that was fetched ahead is not.
  let reading = 0;
  const read = () => {
    clearTimeout(reading);
    const part = document.querySelector("[data-read]");
    if (!part || document.hidden || document.prerendering) return;
    reading = setTimeout(() => {
      const data = new FormData();
      data.set("to", part.dataset.to || "");
      data.set("csrf_token", document.querySelector("[name=csrf_token]").value);
      fetch(part.dataset.read, { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => {});
      part.removeAttribute("data-read");
    }, 2000);
  };
  document.addEventListener("prerenderingchange", read);
  document.addEventListener("htmx:afterSettle", read);
  document.addEventListener("visibilitychange", () => {
    read();
    clearTimeout(asking);
    if (document.hidden || !document.getElementById("news")) return;
    pause = SOONEST;
    htmx.trigger("#news", "ask");
  });

  document.addEventListener("DOMContentLoaded", () => { prepare(document); expire(); plan(); read(); });
  // The link to more is gone once there is more: the keyboard goes on at the first of it.
  let grows = false;
  document.addEventListener("htmx:load", (event) => {
    prepare(event.target);
    if (!event.target.matches(".feed-row")) return;
    event.target.classList.add("arrived");
    const first = event.target.querySelector("a");
    if (!grows || !first) return;
    first.focus({ preventScroll: true });
    grows = false;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    grows = Boolean(event.target.closest(".more"));
  });

  // After a part of the page was changed, the keyboard goes on where it was.
  document.addEventListener("htmx:afterSwap", (event) => {
    const verb = event.detail.requestConfig.verb;
    const talk = event.target.matches(".talk") ? document.getElementById(event.target.id) : null;
    if (talk && (verb === "get" || verb === "post")) talk.querySelector("[data-focus]")?.focus();
  });

  // A request that failed says so, in the words of the server where it has any; one that nobody
  // made but the clock is made again later, and says nothing.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.target.id === "news") return;
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    say(answer.querySelector(".toast-problem")?.textContent || document.body.dataset.offline);
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.target.id !== "news") say(document.body.dataset.offline);
  });
})();
