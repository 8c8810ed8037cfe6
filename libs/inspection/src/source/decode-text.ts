/** Decodes as the runtime would, and leniently where it would throw: half a payload is still worth reading. */
export function decodeText(text: string, encoding: 'base64' | 'hex' | 'percent'): string {
  if (encoding !== 'percent') return Buffer.from(text, encoding).toString('utf8');
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
