// A picture as a file: the drawing, the colours it has on the page, and the link it was made from.
//
// Loaded when somebody asks for one. What is drawn and the link come from the page.

const SPACE = "http://www.w3.org/2000/svg";

/** The rules of the page that say how this drawing looks. */
function rulesFor(drawing) {
  const used = (selector) => {
    // The tokens; what begins with the root and goes on is about the page around the drawing.
    if (selector.split(",").some((one) => /^:root\S*$/.test(one.trim()))) return true;
    try {
      return drawing.matches(selector) || drawing.querySelector(selector) !== null;
    } catch {
      return false;
    }
  };
  const kept = [];
  const walk = (rules) => {
    for (const rule of rules) {
      if (rule instanceof CSSStyleRule) {
        if (used(rule.selectorText)) kept.push(rule.cssText);
      } else if (rule instanceof CSSMediaRule && matchMedia(rule.conditionText).matches) {
        walk(rule.cssRules);
      }
    }
  };
  for (const sheet of document.styleSheets) walk(sheet.cssRules);
  return kept.join("\n");
}

/** The drawing as a document of its own. */
function standalone(source, link) {
  const { documentElement: drawing } = new DOMParser().parseFromString(
    source.replace("<svg", `<svg xmlns="${SPACE}"`), "image/svg+xml");
  if (drawing.nodeName !== "svg") throw new Error("the drawing is not well formed");
  const add = (name, text) => {
    const node = document.createElementNS(SPACE, name);
    node.textContent = text;
    drawing.prepend(node);
    return node;
  };
  Object.assign(drawing.dataset, document.documentElement.dataset);
  const paper = add("rect", "");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("style", "fill: var(--bg)");
  add("style", rulesFor(drawing));
  add("metadata", link);
  return new XMLSerializer().serializeToString(drawing);
}

function offer(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Dots: twice as many as the page has, so that they stay sharp when shown larger. */
async function dots(svg) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(image, 0, 0);
    return await new Promise((done, failed) => {
      canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("too large"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** Offers a file: `kind` is svg or png; without a drawing, the one that the page shows. */
export async function save(kind, source, name, link) {
  const shown = source || document.querySelector("#picture svg[aria-label]")?.outerHTML;
  if (!shown) throw new Error("there is no picture");
  const svg = standalone(shown, link);
  const blob = kind === "png" ? await dots(svg) : new Blob([svg], { type: "image/svg+xml" });
  offer(blob, `${name}.${kind}`);
}
