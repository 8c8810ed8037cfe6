import { plain } from './findings.ts';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of strangers for an element or attribute of HTML or XML. What no XML may hold is shown as an escape. */
export function escapeMarkup(text: string): string {
  return plain(text).replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

/**
 * Text of strangers for Markdown as code, in which neither marks nor mentions, references and links are read. Every character that
 * means something anywhere is an entity, also that of a table.
 */
export function escapeMarkdown(text: string): string {
  const written = plain(text).replaceAll(
    /[^A-Za-z0-9 .,]/gu,
    (character) => `&#${character.codePointAt(0)!};`,
  );
  return written === '' ? '' : `<code>${written}</code>`;
}
