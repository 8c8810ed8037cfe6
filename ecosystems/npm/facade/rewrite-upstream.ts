import { Transform } from 'node:stream';

/** The address of an archive in a packument. JSON may escape slashes. */
const tarballField = /"tarball"\s*:\s*"([^"\\]|\\.)*"/g;
/** More than any address and the name of its field have. */
const longestField = 4_096;

/**
 * Puts the gate's addresses of archives in place of the registry's, in a packument that passes by. The documents of large packages
 * have tens of megabytes, and are never held whole.
 */
export function rewriteTarballs(name: string, baseUrl: string): Transform {
  const base = name.split('/').at(-1)!;
  let rest = '';
  const rewrite = (text: string) =>
    text.replaceAll(tarballField, (field) => {
      const file = fileOf(field);
      return file !== null && file.startsWith(`${base}-`)
        ? `"tarball":${JSON.stringify(`${baseUrl}/${name}/-/${file}`)}`
        : field;
    });
  const decoder = new TextDecoder();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const text = rest + decoder.decode(chunk, { stream: true });
      const end = completeUpTo(text);
      rest = text.slice(end);
      done(null, rewrite(text.slice(0, end)));
    },
    flush(done) {
      done(null, rewrite(rest + decoder.decode()));
    },
  });
}

/** Up to where a text has no field that may go on in the next chunk. */
function completeUpTo(text: string): number {
  const behindName = Math.max(text.length - '"tarball"'.length, 0);
  const at = text.lastIndexOf('"tarball"');
  if (at < 0) return behindName;
  const field = new RegExp(tarballField.source, 'y');
  field.lastIndex = at;
  if (field.test(text)) return Math.max(field.lastIndex, behindName);
  return text.length - at < longestField ? at : behindName;
}

/** The last part of the address in a field; null for one that is no text of JSON. */
function fileOf(field: string): string | null {
  try {
    const { tarball } = JSON.parse(`{${field}}`) as { tarball: string };
    return URL.canParse(tarball) ? (new URL(tarball).pathname.split('/').at(-1) ?? null) : null;
  } catch {
    return null;
  }
}
