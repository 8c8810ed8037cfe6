/** Position behind a text in quotes that begins here; -1 where it does not end on its line. */
export function endOfText(text: string, start: number, quote: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === 0x5c) at += text.startsWith('\r\n', at + 1) ? 2 : 1;
    else if (code === 0x0a || code === 0x0d) return -1;
  }
  return -1;
}

/** Position of the backtick that ends a template, or of the brace of `${` in it; -1 where it does not end. */
export function endOfTemplatePart(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x60) return at;
    if (code === 0x5c) at += 1;
    else if (code === 0x24 && text.charCodeAt(at + 1) === 0x7b) return at + 1;
  }
  return -1;
}

/** Position behind a pattern that begins here, before its flags; -1 where it does not end on its line. */
export function endOfPattern(text: string, start: number): number {
  let isClass = false;
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x0a || code === 0x0d) return -1;
    else if (code === 0x5b) isClass = true;
    else if (code === 0x5d) isClass = false;
    else if (code === 0x2f && !isClass) return at + 1;
  }
  return -1;
}

export function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
