/**
 * Text of strangers as it may travel in events and stand in databases: at most `maxLength` characters, without
 * control characters (Postgres refuses NUL in JSON) and without halves of surrogate pairs (not valid UTF-8).
 */
export function boundedText(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  // eslint-disable-next-line no-control-regex
  return cut.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Surrogate}/gu, '\ufffd');
}
