"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const clock = (t, digits = 1) => {
    const scale = 10 ** digits, units = Math.round(Math.abs(t) * scale);
    const minutes = Math.floor(units / (60 * scale)), rest = units / scale - 60 * minutes;
    const seconds = rest.toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
    const hours = Math.floor(minutes / 60);
    const front = hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}` : minutes;
    return `${t < 0 ? "−" : ""}${front}:${seconds}`;
  };

  // ------------------------------------------------------------------ sound
  // Position is in seconds from the stems' first sample; one track sounds at a time.
  const tracks = new Map();
  for (const audio of all("audio")) {
    const id = audio.dataset.track;
    tracks.set(id, {
      id, audio,
      offset: Number(audio.dataset.offset),
      row: audio.closest("tr"),
      button: document.querySelector(`.play[data-track="${id}"]`),
      wave: document.querySelector(`.wave[data-track="${id}"]`),
    });
  }
  let current = null, position = 0, ticking = false;
  const now = document.getElementById("now"), failed = document.getElementById("failed");

  const playing = () => current !== null && !current.audio.paused;
  const start = (track) => {
    listen();
    if (current && current !== track) current.audio.pause();
    current = track;
    const begin = () => {
      if (current !== track) return;
      track.audio.currentTime = position + track.offset;
      track.audio.play().catch((error) => { if (error.name !== "AbortError") fail(track); });
    };
    if (track.audio.readyState > 0) begin();
    else { track.audio.addEventListener("loadedmetadata", begin, { once: true }); track.audio.load(); }
    show();
  };
  const fail = (track) => {
    track.button.disabled = true;
    failed.hidden = false;
    failed.textContent = `This browser cannot play ${decodeURIComponent(track.audio.getAttribute("src"))}.`;
    if (current === track) current = null;
    show();
  };
  const toggle = (track) => {
    if (track === current && playing()) track.audio.pause(); else start(track);
  };
  const seek = (time, track = current) => {
    position = clamp(time, 0, data.duration);
    if (current && current.audio.readyState > 0) current.audio.currentTime = position + current.offset;
    if (track && track !== current && playing()) start(track);
    else if (track && !current) current = track;
    show();
  };
  const listen = () => { // the position of what sounds
    if (playing() && current.audio.readyState > 1 && !current.audio.seeking)
      position = clamp(current.audio.currentTime - current.offset, 0, data.duration);
  };
  const tick = () => {
    listen();
    show();
    ticking = playing();
    if (ticking) requestAnimationFrame(tick);
  };
  const show = () => {
    document.body.classList.toggle("started", current !== null);
    now.textContent = clock(position);
    for (const track of tracks.values()) {
      track.row.classList.toggle("current", track === current);
      track.button.classList.toggle("on", track === current && playing());
      track.wave.setAttribute("aria-valuenow", Math.round(position));
      track.wave.setAttribute("aria-valuetext", clock(position));
      track.wave.querySelector(".head").style.left = `${(100 * position) / data.duration}%`;
    }
    followPlayback();
  };
  for (const track of tracks.values()) {
    track.button.addEventListener("click", () => toggle(track));
    track.audio.addEventListener("error", () => fail(track));
    track.audio.addEventListener("playing", () => { if (!ticking) tick(); });
    track.audio.addEventListener("pause", show);
    track.audio.addEventListener("ended", show);
    track.wave.addEventListener("pointerdown", (event) => {
      const box = track.wave.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * data.duration, track);
      if (!playing()) { current = track; show(); }
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, button:not(.play)")) return;
    const digit = event.key === "0" ? tracks.get("mixture") : tracks.get(String(Number(event.key) - 1));
    if (event.key === " " && !event.target.matches("button")) toggle(current || tracks.values().next().value);
    else if (event.key === "ArrowLeft") seek(position - (event.shiftKey ? 10 : 2));
    else if (event.key === "ArrowRight") seek(position + (event.shiftKey ? 10 : 2));
    else if (event.key === "Home") seek(0);
    else if (/^[0-9]$/.test(event.key) && digit) { if (digit !== current || !playing()) start(digit); }
    else return;
    event.preventDefault();
  });

  // ------------------------------------------------------------------ movement against onsets
  const curves = data.curves;
  const canvases = curves ? all("canvas[data-player]") : [];
  const axis = document.getElementById("axis"), follow = document.getElementById("follow");
  const unpack = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const rows = curves ? curves.rows.map(unpack) : [];
  const onsets = data.onsets.map((steps) => { let t = 0; return steps.map((step) => (t += step) / 1000); });
  const first = Math.min(...onsets.filter((o) => o.length).map((o) => o[0]), Infinity);
  let view = null;

  const setView = (begin, length) => {
    const whole = curves.end - curves.begin;
    length = clamp(length, Math.min(2, whole), whole);
    begin = clamp(begin, curves.begin, curves.end - length);
    view = { begin, end: begin + length };
    document.getElementById("view").textContent = `${clock(view.begin)} – ${clock(view.end)}`;
    draw();
  };
  const prepare = (canvas, height) => {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    return [pen, width];
  };
  const quiet = "#8793a1";
  const drawCurve = (canvas) => {
    const height = 64, [pen, width] = prepare(canvas, height);
    const scale = width / (view.end - view.begin), x = (t) => (t - view.begin) * scale;
    const times = onsets[canvas.dataset.part] || [];
    const seen = times.filter((t) => t >= view.begin && t <= view.end);
    pen.fillStyle = quiet;
    pen.globalAlpha = clamp(width / (seen.length * 5 + 1), 0.15, 0.55);
    for (const t of seen) pen.fillRect(x(t) - 0.5, 3, 1, height - 3);
    pen.globalAlpha = 1;
    for (const t of seen) { pen.beginPath(); pen.moveTo(x(t) - 3, 0); pen.lineTo(x(t) + 3, 0); pen.lineTo(x(t), 5); pen.fill(); }
    const curve = rows[canvas.dataset.player], rate = (curves.columns - 1) / (curves.end - curves.begin);
    const from = Math.max(Math.floor((view.begin - curves.begin) * rate), 0);
    const to = Math.min(Math.ceil((view.end - curves.begin) * rate), curves.columns - 1);
    const step = Math.max(1, Math.floor((to - from) / (2 * width)));
    pen.beginPath();
    for (let k = from; k <= to; k += step) {
      let most = 0;
      for (let j = k; j < k + step && j <= to; j++) most = Math.max(most, curve[j]);
      pen.lineTo(x(curves.begin + k / rate), height - 2 - (most / 255) * (height - 12));
    }
    pen.strokeStyle = canvas.dataset.colour;
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    pen.stroke();
    drawHead(pen, x, height);
  };
  const drawHead = (pen, x, height) => {
    if (!current) return;
    pen.fillStyle = quiet;
    pen.fillRect(x(position + data.start), 0, 1.5, height);
  };
  const drawAxis = () => {
    const [pen, width] = prepare(axis, 18), length = view.end - view.begin;
    const step = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((s) => (width * s) / length > 70) || 1800;
    pen.fillStyle = quiet;
    pen.font = "11.5px sans-serif";
    pen.textAlign = "center";
    for (let t = Math.ceil(view.begin / step) * step; t <= view.end; t += step) {
      const x = ((t - view.begin) * width) / length;
      if (x > 15 && x < width - 15) pen.fillText(clock(t, step < 1 ? 1 : 0), x, 14);
    }
  };
  const draw = () => { if (view) { canvases.forEach(drawCurve); drawAxis(); } };
  let shown = 0;
  const followPlayback = () => {
    if (!view || !current || position === shown) return;
    shown = position;
    const time = position + data.start, length = view.end - view.begin;
    if (follow.checked && (time < view.begin || time > view.end)) setView(time - length * 0.1, length);
    else draw();
  };

  if (canvases.length) {
    const move = { back: [-0.5, 1], on: [0.5, 1], in: [0.25, 0.5], out: [-0.5, 2] };
    for (const button of all("[data-view]")) {
      button.addEventListener("click", () => {
        const length = view.end - view.begin;
        if (button.dataset.view === "all") return setView(curves.begin, Infinity);
        const [shift, zoom] = move[button.dataset.view];
        return setView(view.begin + shift * length, length * zoom);
      });
    }
    for (const canvas of [...canvases, axis]) {
      let grip = null;
      const perPixel = () => (view.end - view.begin) / canvas.clientWidth;
      canvas.addEventListener("pointerdown", (event) => {
        grip = { x: event.clientX, begin: view.begin, moved: false };
        canvas.setPointerCapture(event.pointerId);
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!grip) return;
        const way = event.clientX - grip.x;
        grip.moved ||= Math.abs(way) > 3;
        if (grip.moved) setView(grip.begin - way * perPixel(), view.end - view.begin);
      });
      canvas.addEventListener("pointerup", (event) => {
        if (grip && !grip.moved) {
          const time = view.begin + (event.clientX - canvas.getBoundingClientRect().left) * perPixel();
          seek(time - data.start, tracks.get(canvas.dataset.part) || current);
          draw();
        }
        grip = null;
      });
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
        event.preventDefault();
        const at = view.begin + (event.clientX - canvas.getBoundingClientRect().left) * perPixel();
        const zoom = Math.exp(event.deltaY * 0.002);
        setView(at - (at - view.begin) * zoom, (view.end - view.begin) * zoom);
      }, { passive: false });
    }
    setView(Number.isFinite(first) ? first - 1 : curves.begin, 20);
    window.addEventListener("resize", draw);
  }
})();
