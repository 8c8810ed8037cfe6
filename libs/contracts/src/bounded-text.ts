/**
 * Text of strangers as it may travel in events and stand in databases: at most `maxLength` characters, without
 * control characters (Postgres refuses NUL in JSON, terminals obey them), without bidirectional ones (they turn the
 * text around them) and without halves of surrogate pairs (not valid UTF-8).
 */
export function boundedText(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  return cut.replace(/(?![\t\n\r])\p{Cc}|\p{Bidi_Control}|\p{Surrogate}/gu, '\ufffd');
}
