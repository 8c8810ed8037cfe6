/**
 * A row of CSV (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe: names and reasons
 * are texts of strangers.
 */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
