/**
 * A declared license as a list of tokens. Each character of the text ends up in a token or is known to mean nothing:
 * a character that is neither makes the whole text unreadable.
 */
export type LicenseToken =
  | {
      kind: 'word';
      /** Letters, or a number without its trailing `.0`: `2.0` and `2` name the same version. */
      text: string;
      /** The number as it was written. */
      written: string;
    }
  | { kind: 'mark'; text: '(' | ')' | ',' | ';' | '/' | '|' | '&' | '+' | ':' | '-' | '\n' }
  /** "or later", in any of its wordings. */
  | { kind: 'later' }
  | { kind: 'url'; text: string };

/** Reads one token at a position. Repetitions within repetitions are bounded, so each alternative is linear. */
const tokenPattern = new RegExp(
  [
    String.raw`(?<url><?(?:https?:\/\/|www\.|(?:[a-z0-9-]{1,60}\.){1,4}(?:org|com|net)\/)[^\s<>()"',;|]+>?)`,
    String.raw`(?<later>(?:or|and)[\s-]+(?:\(?at your option\)?,? )?(?:any )?(?:later|newer|greater|higher|above|up)(?: versions?)?(?![a-z0-9]))`,
    String.raw`(?<dash>\s-+\s)`,
    String.raw`(?<or>\|\|)|(?<and>&&)`,
    String.raw`(?<word>[a-z0-9]+(?:\.[0-9]+[a-z]?)*)`,
    String.raw`(?<line>\s*\n\s*)`,
    String.raw`(?<mark>[(),;/|&+:])`,
    // Quotes and the full stop at the end of a sentence or of "v.".
    String.raw`(?<nothing>[\s"'\x60_-]|\.(?=$|\s|\d))`,
  ].join('|'),
  'y',
);

/** Words that stand in the names of licenses and tell none from another. */
const meaningless = new Set(['the', 'license', 'licence', 'licenses', 'licences', 'licensed', 'licenced']);
const versionWords = new Set(['v', 'ver', 'version', 'versions']);
const spellings = new Map([
  ['zero', '0'],
  ['two', '2'],
  ['three', '3'],
  ['four', '4'],
  ['clauses', 'clause'],
  ['exceptions', 'exception'],
  ['noderivs', 'noderivatives'],
]);
/** Words that are written in one or in two. */
const parts = new Map([
  ['noncommercial', ['non', 'commercial']],
  ['sharealike', ['share', 'alike']],
  ['noderivatives', ['no', 'derivatives']],
  ['opensource', ['open', 'source']],
]);

/** The file that a text points to, which says nothing about the license. */
const pointer =
  /[(,;-]?\s*\b(?:please )?(?:see|in) (?:the )?(?:file )?(?:\.\/)?(?:licen[sc]es?|copying)(?:\.(?:md|txt|rst|html))?(?: file)?(?: for (?:more |the )?(?:details|information|info|terms))?\s*\)?\s*\.?$/;

/** @returns null when a character has no known meaning. */
export function licenseTokens(raw: string): LicenseToken[] | null {
  const text = plainText(raw);
  const tokens: LicenseToken[] = [];
  for (tokenPattern.lastIndex = 0; tokenPattern.lastIndex < text.length;) {
    const groups = tokenPattern.exec(text)?.groups;
    if (!groups) return null;
    if (groups.url !== undefined) tokens.push({ kind: 'url', text: groups.url.replace(/^<|>$/g, '') });
    else if (groups.later !== undefined) tokens.push({ kind: 'later' });
    else if (groups.dash !== undefined) tokens.push({ kind: 'mark', text: '-' });
    else if (groups.or !== undefined) tokens.push({ kind: 'mark', text: '|' });
    else if (groups.and !== undefined) tokens.push({ kind: 'mark', text: '&' });
    else if (groups.line !== undefined) tokens.push({ kind: 'mark', text: '\n' });
    else if (groups.mark !== undefined) tokens.push({ kind: 'mark', text: groups.mark as ',' });
    else if (groups.word !== undefined) tokens.push(...wordTokens(groups.word));
  }
  return withoutMeaningless(tokens);
}

function plainText(raw: string): string {
  const text = raw
    .toLowerCase()
    .replace(/[\u2018\u2019\u201c\u201d]/g, '"')
    .replace(/[\u2010-\u2015]/g, '-')
    .replace(/[\u00a0\t]/g, ' ')
    .replace(/\r\n?/g, '\n')
    .replace(/\bw\/\s*/g, 'with ')
    // "GPL (>= 2)" is version 2 or later, as "GPL-2+" is.
    .replace(/\(\s*>=\s*v?(\d[\d.]{0,8})\s*\)/g, '$1+')
    .replace(/>=\s*v?(\d[\d.]{0,8})/g, '$1+')
    .trim();
  const pointed = pointer.exec(text);
  if (!pointed || pointed.index === 0) return text;
  // A bracket that opened before the pointer stays open, and the text is unreadable for it.
  const opened = pointed[0].startsWith('(');
  return opened === /\)\s*\.?$/.test(pointed[0]) ? text.slice(0, pointed.index).trimEnd() : text;
}

/** `gplv2.1` is `gpl`, `v`, `2.1`: names and versions are often written without a blank. */
function wordTokens(word: string): LicenseToken[] {
  return (word.match(/v(?=\d)|[a-z]+?(?=v\d|\d|\.|$)|\d+(?:\.\d+)*/g) ?? []).flatMap((written) => {
    const spelled = spellings.get(written) ?? written;
    return (parts.get(spelled) ?? [spelled]).map((part) => ({
      kind: 'word' as const,
      text: part.replace(/(?:\.0)+$/, ''),
      written,
    }));
  });
}

function withoutMeaningless(tokens: readonly LicenseToken[]): LicenseToken[] {
  const kept = tokens.filter((current, at) => {
    if (current.kind !== 'word') return true;
    const next = tokens[at + 1];
    if (versionWords.has(current.text)) return !(next?.kind === 'word' && /^\d/.test(next.text));
    return !meaningless.has(current.text);
  });
  // "MIT (license)" leaves brackets with nothing in them.
  return kept.filter((current, at) => {
    const isOpen = isMark(current, '(') && isMark(kept[at + 1], ')');
    return !isOpen && !(isMark(current, ')') && isMark(kept[at - 1], '('));
  });
}

export function isMark(token: LicenseToken | undefined, ...marks: string[]): boolean {
  return token?.kind === 'mark' && marks.includes(token.text);
}

export function isWord(token: LicenseToken | undefined, ...words: string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text);
}
