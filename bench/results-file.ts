/** Puts a section into a Markdown file, in place of the one with the same heading. */
export function replaceSection(text: string, name: string, body: string): string {
  const sections = text.split(/^(?=## )/m);
  const section = `## ${name}\n\n${body.trim()}\n\n`;
  const index = sections.findIndex((part) => part.startsWith(`## ${name}\n`));
  if (index === -1) return `${text.trimEnd()}\n\n${section}`.trimEnd() + '\n';
  sections[index] = section;
  return sections.join('').trimEnd() + '\n';
}
