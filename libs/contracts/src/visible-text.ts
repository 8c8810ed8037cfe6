import { z } from 'zod';

/**
 * Characters that show nothing, or that change how the text around them is shown: controls (C0, DEL, C1), format
 * characters (bidirectional ones, zero widths, tags), other ignorable code points, line separators, halves of surrogate
 * pairs and noncharacters. The variation selector that makes a sign an emoji is left alone behind such a sign.
 * Source: Unicode Standard Annexes #9 and #44 (General_Category, Default_Ignorable_Code_Point).
 */
const unseen =
  /(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
/** Anything but white space; the empty Braille pattern looks like it. */
const seen = /[^\s\u2800]/u;

/**
 * Finds the fault of text that people are going to read, as the name of an actor, a reason or a file; null when there
 * is none. Terminals obey control characters, hidden ones mislead readers, and Postgres takes no NUL.
 */
export function textFault(text: string): string | null {
  const found = unseen.exec(text);
  if (found) {
    const code = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `U+${code} at character ${found.index + 1} is a control, format or invisible character`;
  }
  return seen.test(text) ? null : 'is blank';
}

/** Text of one line that says something, of at most `maxLength` characters. */
export function visibleText(maxLength: number) {
  return z
    .string()
    .min(1)
    .max(maxLength)
    .superRefine((text, context) => {
      const message = text === '' ? null : textFault(text);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });
}
