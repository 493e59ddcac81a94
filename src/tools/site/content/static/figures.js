// Makes figures interactive when they come into view. Until then, and without JavaScript, their pictures stand there.
// On a narrow page the picture stays, with a button that shows the figure in its full width, to be moved sideways.
(() => {
  // On paper nothing can be unfolded.
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((folded) => (folded.open = true));
  });

  const WIDE = 600;
  const here = document.currentScript.src;
  const LIGHT = { ink: "#2a2a2a", paper: "#ffffff", grid: "#dddddd", button: "#ffffff" };
  const DARK = { ink: "#e0e0e0", paper: "#131416", grid: "#44474c", button: "#2a2d31" };
  let library;

  const load = () =>
    (library ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = new URL("vendor/plotly.min.js", here).href;
      script.onload = () => done(globalThis.Plotly);
      script.onerror = failed;
      document.head.append(script);
    }));

  const isDark = () => {
    const theme = document.body.dataset.theme;
    return theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  };

  const channels = (color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

  // WCAG's relative luminance, from 0 to 1.
  const luminance = (color) => {
    const [red, green, blue] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  // A color of the data, mixed with white until it stands out from dark paper: by 4.5 to 1, as text has to.
  const lightened = (color) => {
    const needed = 4.5 * (luminance(DARK.paper) + 0.05) - 0.05;
    let mixed = color;
    for (let white = 0.1; white < 1 && luminance(mixed) < needed; white += 0.1) {
      const parts = channels(color).map((value) => Math.round(value + (255 - value) * white));
      mixed = `#${parts.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    }
    return mixed;
  };

  const inDark = (color) => {
    const name = ["ink", "paper", "grid"].find((key) => LIGHT[key] === color.toLowerCase());
    return name === undefined ? lightened(color) : DARK[name];
  };

  // The same figure for a dark page. The scale of a heatmap stays: its numbers are read by it.
  const darkened = (value, key) => {
    if (key === "colorscale") return value;
    if (typeof value === "string") return /^#[0-9a-f]{6}$/i.test(value) ? inDark(value) : value;
    // Long lists hold data.
    if (Array.isArray(value)) return value.length > 200 ? value : value.map((item) => darkened(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, darkened(item, name)]));
  };

  const draw = async (frame) => {
    const [Plotly, figure] = await Promise.all([
      load(),
      fetch(new URL(frame.dataset.figure, document.baseURI)).then((response) => response.json()),
    ]);
    const colors = isDark() ? DARK : LIGHT;
    const { data, layout, config } = isDark() ? darkened(figure) : figure;
    for (const menu of layout.updatemenus ?? []) {
      Object.assign(menu, { bgcolor: colors.button, font: { ...menu.font, color: colors.ink } });
    }
    for (const slider of layout.sliders ?? []) slider.font = { ...slider.font, color: colors.ink };
    const image = frame.querySelector("img");
    const isLarge = frame.classList.contains("large");
    layout.width = isLarge ? Number(image.getAttribute("width")) : frame.clientWidth;
    layout.height = isLarge ? Number(image.getAttribute("height")) : frame.clientHeight;
    // A finger moves the page, not the axes.
    if (isLarge) layout.dragmode = false;
    let plot = frame.querySelector(".plot");
    if (plot === null) {
      plot = document.createElement("div");
      plot.className = "plot";
      plot.setAttribute("role", "group");
      plot.setAttribute("aria-label", image.alt);
      frame.append(plot);
    }
    const choice = layout.sliders?.[0] ?? layout.updatemenus?.[0];
    if (choice !== undefined) {
      plot.tabIndex = 0;
      plot.setAttribute("aria-label", `${image.alt} The arrow keys change what is shown.`);
      plot.onkeydown = (event) => choose(Plotly, plot, event);
    }
    await Plotly.react(plot, data, layout, { ...config, responsive: false, showSendToCloud: false });
    image.setAttribute("aria-hidden", "true");
    frame.dataset.drawn = "true";
  };

  // Plotly's sliders and menus know the mouse only: with the keyboard, an arrow takes the next choice or the one before.
  const choose = async (Plotly, plot, event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const name = plot.layout.sliders === undefined ? "updatemenus" : "sliders";
    const control = plot.layout[name][0];
    const choices = control.steps ?? control.buttons;
    const active = Math.min(Math.max((control.active ?? 0) + by, 0), choices.length - 1);
    const { method, args } = choices[active];
    await Plotly[method](plot, ...args);
    await Plotly.relayout(plot, { [`${name}[0].active`]: active });
  };

  const frames = [...document.querySelectorAll(".figure")];
  const seen = new Set();
  const show = (frame) => {
    seen.add(frame);
    // The picture stays if it fails.
    draw(frame).catch((error) => console.warn(error));
  };

  const offer = (frame) => {
    const button = document.createElement("button");
    button.textContent = "Enlarge";
    button.setAttribute("aria-label", "Enlarge this figure, and make it interactive");
    button.onclick = () => {
      button.remove();
      frame.classList.add("large");
      Object.assign(frame, { tabIndex: 0, role: "region", ariaLabel: "A wide figure" });
      frame.focus();
      show(frame);
    };
    frame.append(button);
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || seen.has(target)) continue;
        if (target.clientWidth >= WIDE) show(target);
        else if (target.querySelector("button") === null) offer(target);
      }
    },
    { rootMargin: "100px" },
  );
  frames.forEach((frame) => observer.observe(frame));

  const redraw = () => seen.forEach((frame) => void draw(frame));
  new MutationObserver(redraw).observe(document.body, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) redraw();
    width = innerWidth;
  });
})();
