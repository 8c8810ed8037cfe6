/** Markers around the generated part of docs/events.md. */
export const catalogueStart = '<!-- events:start -->';
export const catalogueEnd = '<!-- events:end -->';

/**
 * The catalogue of events as Markdown: a table of all, then the fields of each.
 * @param events type, version, publisher, description and the data's JSON Schema of each event, in order.
 */
export function renderEventCatalogue(events) {
  const overview = table(
    ['event', 'subject', 'published by', 'says'],
    events.map(({ type, publisher, description, schema }) => [
      `\`${type}\``,
      `\`${subjectOf(type, schema)}\``,
      publisher,
      description,
    ]),
  );
  return [overview, ...events.map(renderEvent)].join('\n\n');
}

/** Replaces the text between the markers. */
export function replaceCatalogue(document, catalogue) {
  const [before, rest] = document.split(catalogueStart);
  const after = rest?.split(catalogueEnd)[1];
  if (after === undefined) throw new Error(`The document has no ${catalogueStart} … ${catalogueEnd}.`);
  return `${before}${catalogueStart}\n\n${catalogue}\n\n${catalogueEnd}${after}`;
}

function renderEvent({ type, version, schema }) {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties).map(([name, field]) => [
    `\`${name}\``,
    typeText(field) + (required.has(name) ? '' : ', may be absent'),
  ]);
  return `### \`${type}\`, version ${version}\n\n${table(['field', 'holds'], rows)}`;
}

function subjectOf(type, schema) {
  return 'lane' in schema.properties ? `${type}.<lane>` : type;
}

/** A field's type in words. An object is described by the names of its fields. */
function typeText(field) {
  if (field.anyOf) return field.anyOf.map(typeText).join(' or ');
  if (Array.isArray(field.type)) return field.type.map((type) => typeText({ ...field, type })).join(' or ');
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field.format === 'date-time') return 'time';
  if (field.format === 'uuid') return 'UUID';
  if (field.pattern?.startsWith('^sha256:')) return 'digest';
  switch (field.type) {
    case 'array':
      return `list of ${typeText(field.items)}`;
    case 'object':
      return field.properties
        ? `{ ${Object.keys(field.properties).join(', ')} }`
        : `map to ${typeText(field.additionalProperties)}`;
    case 'integer':
      return 'whole number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    default:
      return field.type;
  }
}

/** A Markdown table in the form that Prettier leaves alone. */
function table(head, rows) {
  const widths = head.map((title, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column].length)),
  );
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
