// Draws messages for Discord, one JSON file each, to PNG files of the same name:
//
//	node render.mjs FOLDER-OF-JSON FOLDER-FOR-PNG [NAME...]
//
// It needs Chromium, found as "chromium" or named by CHROMIUM. The drawing is another project's reading of Discord and not Discord's own client:
// it shows what stands where and what overflows, not what every pixel will look like. It knows no container, so an embed stands for one.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [from, to, ...names] = process.argv.slice(2);
if (!from || !to) {
  console.error("usage: node render.mjs FOLDER-OF-JSON FOLDER-FOR-PNG [NAME...]");
  process.exit(2);
}
const width = 760;
const work = mkdtempSync(join(tmpdir(), "discord-pictures-"));
mkdirSync(to, { recursive: true });
try {
  writeFileSync(join(work, "bundle.js"), await bundle());
  for (const file of readdirSync(from).filter((f) => f.endsWith(".json"))) {
    const name = basename(file, ".json");
    if (names.length > 0 && !names.includes(name)) continue;
    const message = JSON.parse(readFileSync(join(from, file), "utf8"));
    if (message.title) continue; // a modal
    const page = join(work, name + ".html");
    writeFileSync(page, html(draw(message)));
    picture(page, resolve(to, name + ".png"));
    console.log(name);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

// bundle makes one script of the web components.
async function bundle() {
  const result = await build({
    stdin: {
      contents: `
        import "@skyra/discord-components-core";
        setTimeout(() => { document.body.dataset.height = String(Math.ceil(document.documentElement.getBoundingClientRect().height)); }, 500);
      `,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    logLevel: "error",
  });
  return result.outputFiles[0].text;
}

// draw writes a message as web components.
function draw({ content, embeds, components, flags }) {
  const buttons = (components ?? []).filter((c) => c.type === 1).map(component).join("");
  const cards = (components ?? []).filter((c) => c.type !== 1).map(component).join("");
  const boxes = (embeds ?? []).map((e) => box(e.color, markdown(e.description))).join("");
  const logo = "data:image/svg+xml," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" fill="#1d3d5c"/><path d="M10 19l5 5 11-13" fill="none" stroke="#fff" stroke-width="4"/></svg>');
  return `<discord-messages><discord-message author="Crosscheck" avatar="${logo}" bot timestamp="20.03.2026 12:00"${flags & 64 ? " ephemeral" : ""}>
    ${content ? markdown(content) : ""}${boxes}${cards}${buttons ? `<discord-attachments slot="components">${buttons}</discord-attachments>` : ""}
  </discord-message></discord-messages>`;
}

// box is what has a coloured bar beside it.
function box(colour, inner) {
  return `<discord-embed slot="embeds" color="#${(colour ?? 0).toString(16).padStart(6, "0")}"><discord-embed-description slot="description">${inner}</discord-embed-description></discord-embed>`;
}

function component(c) {
  switch (c.type) {
    case 1:
      return `<discord-action-row>${c.components.map(component).join("")}</discord-action-row>`;
    case 2:
      return `<discord-button type="secondary">${c.emoji ? thumb(c.emoji.name === "👍") : ""}${escape(c.label)}</discord-button>`;
    case 10:
      return markdown(c.content);
    case 14:
      return "<hr>";
    case 17:
      return box(c.accent_color, c.components.map(component).join(""));
  }
  throw new Error("cannot draw a component of type " + c.type);
}

// thumb stands for an emoji, for which there may be no font.
function thumb(up) {
  return `<svg width="18" height="18" viewBox="0 0 24 24" style="vertical-align: middle${up ? "" : "; transform: rotate(180deg)"}"><path fill="#fc3" d="M2 10h4v11H2z M8 10l4-8 2 1-1 6h7l1 2-3 9-2 1H8z"/></svg>`;
}

// markdown draws the part of Discord's Markdown that the messages hold, line by line.
function markdown(text) {
  const lines = text.split("\n").map((line) => {
    const [, mark, rest] = /^(-# |#{1,3} |- |> )?(.*)$/.exec(line);
    switch (mark) {
      case "-# ":
        return `<discord-subscript>${inline(rest)}</discord-subscript>`;
      case "## ":
      case "### ":
        return `<discord-header level="${mark.length - 1}">${inline(rest)}</discord-header>`;
      case "- ":
        return `<discord-unordered-list><discord-list-item>${inline(rest)}</discord-list-item></discord-unordered-list>`;
      case "> ":
        return `<discord-quote>${inline(rest)}</discord-quote>`;
    }
    return `<div class="line">${inline(rest) || "&nbsp;"}</div>`;
  });
  return `<div class="text">${lines.join("")}</div>`;
}

// inline draws what stands within a line, in the order in which Discord looks for it.
function inline(text) {
  const rules = [
    [/^\\([^0-9A-Za-z\s])/, (m) => escape(m[1])],
    [/^`([^`]+)`/, (m) => `<discord-code>${escape(m[1])}</discord-code>`],
    [/^\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/, (m) => `<discord-bold>${inline(m[1])}</discord-bold>`],
    [/^\[(\[\d+\])\]\(<([^>]+)>\)/, (m) => `<discord-link href="${escape(m[2])}">${escape(m[1])}</discord-link>`],
    [/^<t:(\d+):D>/, (m) => `<discord-time>${new Date(m[1] * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })}</discord-time>`],
  ];
  let out = "";
  while (text !== "") {
    const rule = rules.find(([pattern]) => pattern.test(text));
    if (rule) {
      const found = rule[0].exec(text);
      out += rule[1](found);
      text = text.slice(found[0].length);
      continue;
    }
    const [letter] = text;
    out += escape(letter);
    text = text.slice(letter.length);
  }
  return out;
}

function escape(text) {
  return text.replace(/[&<>"]/g, (c) => "&#" + c.charCodeAt(0) + ";");
}

function html(message) {
  return `<!doctype html><meta charset="utf-8">
<style>body { margin: 0; background: #313338; } discord-messages { border: 0; } hr { border: 0; border-top: 1px solid #45474d; margin: 10px 0; } .text { line-height: 1.375; margin: 4px 0; }
discord-embed { --embed-max-width: 640px; } discord-subscript { display: block; } discord-quote { display: block; }</style>
${message}
<script src="bundle.js"></script>`;
}

// picture takes a screenshot that is as high as the page: the first run measures it.
function picture(page, file) {
  const url = pathToFileURL(page).href;
  const dom = chromium("--window-size=" + width + ",400", "--virtual-time-budget=3000", "--dump-dom", url);
  const height = Math.min(4000, Math.max(160, Number(/data-height="(\d+)"/.exec(dom)?.[1] ?? 900)));
  chromium("--window-size=" + width + "," + height, "--virtual-time-budget=3000", "--screenshot=" + file, url);
}

function chromium(...args) {
  const base = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--user-data-dir=" + join(work, "profile"), "--hide-scrollbars"];
  return execFileSync(process.env.CHROMIUM ?? "chromium", [...base, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 60_000 });
}
