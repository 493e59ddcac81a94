// Makes figures interactive when they come into view. Until then, and without JavaScript, their pictures stand there.
(() => {
  const WIDE = 600; // On narrower pages the picture is easier to read.
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

  // The same figure, in the colours of the theme: those of ink, paper and grid change, those of the data do not.
  const recolored = (value, colors) => {
    if (typeof value === "string") {
      const name = Object.keys(LIGHT).find((key) => key !== "button" && LIGHT[key] === value.toLowerCase());
      return name === undefined ? value : colors[name];
    }
    if (Array.isArray(value)) {
      // Long lists hold data.
      return value.length > 200 && typeof value[0] !== "object" ? value : value.map((item) => recolored(item, colors));
    }
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recolored(item, colors)]));
    }
    return value;
  };

  const draw = async (frame) => {
    const [Plotly, figure] = await Promise.all([
      load(),
      fetch(new URL(frame.dataset.figure, document.baseURI)).then((response) => response.json()),
    ]);
    const colors = isDark() ? DARK : LIGHT;
    const { data, layout, config } = recolored(structuredClone(figure), colors);
    for (const menu of layout.updatemenus ?? []) {
      Object.assign(menu, { bgcolor: colors.button, font: { ...menu.font, color: colors.ink } });
    }
    for (const slider of layout.sliders ?? []) slider.font = { ...slider.font, color: colors.ink };
    layout.width = frame.clientWidth;
    layout.height = frame.clientHeight;
    let plot = frame.querySelector(".plot");
    const image = frame.querySelector("img");
    if (plot === null) {
      plot = document.createElement("div");
      plot.className = "plot";
      plot.setAttribute("role", "group");
      plot.setAttribute("aria-label", image.alt);
      frame.append(plot);
    }
    await Plotly.react(plot, data, layout, { ...config, responsive: false, showSendToCloud: false });
    image.setAttribute("aria-hidden", "true");
    frame.dataset.drawn = "true";
  };

  const frames = [...document.querySelectorAll(".figure")];
  const seen = new Set();
  const show = (frame) => {
    if (frame.clientWidth >= WIDE) {
      seen.add(frame);
      // The picture stays if it fails.
      draw(frame).catch((error) => console.warn(error));
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting && !seen.has(target)) show(target);
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
