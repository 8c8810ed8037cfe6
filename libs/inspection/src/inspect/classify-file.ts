import path from 'node:path/posix';
import type { SourceLanguage } from '../source/source-file.ts';

const javascript = new Set(['.js', '.cjs', '.mjs', '.jsx']);
const shell = new Set(['.sh', '.bash', '.zsh', '.ps1', '.psm1', '.bat', '.cmd', '.vbs']);
const script = new Set(['.py', '.pyw', '.rb', '.pl', '.pm', '.php', '.lua']);
const typescript = new Set(['.ts', '.mts', '.cts', '.tsx']);
const otherCode = new Set(['.json', '.yml', '.yaml', '.toml', '.env', '.html', '.vue']);
/** Prose, styles, media, maps: looked into only where they begin like code, for code that loads them under any name. */
const ignored =
  /\.(?:md|markdown|txt|rst|css|scss|less|map|d\.[cm]?ts|png|jpe?g|gif|svg|ico|webp|woff2?|ttf|eot|otf|mp[34]|pdf|flow|snap|po|csv|wasm)$/i;

/** Classifies a file by its path: a language, `unknown` when its first bytes must tell, or null for no code. */
export function languageOf(file: string): SourceLanguage | 'typescript' | 'unknown' | null {
  const extension = path.extname(file).toLowerCase();
  if (javascript.has(extension)) return 'javascript';
  if (shell.has(extension)) return 'shell';
  if (script.has(extension)) return 'script';
  if (ignored.test(file)) return null;
  if (typescript.has(extension)) return 'typescript';
  if (otherCode.has(extension)) return 'other';
  return 'unknown';
}

/** Refines `unknown` by the first line; null for binary data. */
export function languageOfText(text: string): SourceLanguage | null {
  if (text.slice(0, 4096).includes('\0')) return null;
  const hashbang = /^#!([^\n]*)/.exec(text)?.[1] ?? '';
  if (/\b(?:node|bun|deno)\b/.test(hashbang)) return 'javascript';
  if (/\b(?:python|perl|ruby|php|lua)/.test(hashbang)) return 'script';
  return /\b(?:ba|z|da|k)?sh\b/.test(hashbang) ? 'shell' : 'other';
}

/** Formats that are told by their first bytes, which also come as hexadecimal digits. */
const magics: [string, 'executable' | 'archive' | 'media', (head: Buffer, digits: string) => boolean][] = [
  ['ELF', 'executable', starts('7f454c46')],
  [
    'Mach-O',
    'executable',
    (head, digits) => /^(?:feedfac[ef]|c[ef]faedfe)/.test(digits) || isFatBinary(head, digits),
  ],
  ['PE', 'executable', (head, digits) => digits.startsWith('4d5a') && head.length >= 64],
  ['zip', 'archive', starts('504b0304')],
  ['gzip', 'archive', starts('1f8b08')],
  ['bzip2', 'archive', (head) => /^BZh[1-9]1AY/.test(head.toString('latin1', 0, 7))],
  ['xz', 'archive', starts('fd377a585a00')],
  ['zstd', 'archive', starts('28b52ffd')],
  ['7z', 'archive', starts('377abcaf271c')],
  ['rar', 'archive', starts('526172211a07')],
  ['GIF', 'media', (head) => /^GIF8[79]a/.test(head.toString('latin1', 0, 6))],
  ['PNG', 'media', starts('89504e47')],
  ['JPEG', 'media', starts('ffd8ff')],
  ['PDF', 'media', starts('25504446')],
  ['tar', 'archive', (head) => head.toString('latin1', 257, 262) === 'ustar'],
];

/** @param head the first bytes of a file; all formats are told by 264. */
export function formatOf(head: Buffer): { kind: 'executable' | 'archive' | 'media'; format: string } | null {
  const digits = head.toString('hex', 0, 8);
  const found = magics.find(([, , fits]) => fits(head, digits));
  return found ? { format: found[0], kind: found[1] } : null;
}

function starts(prefix: string): (head: Buffer, digits: string) => boolean {
  return (_head, digits) => digits.startsWith(prefix);
}

/** Java class files begin alike; a fat binary has few architectures where these have a version. */
function isFatBinary(head: Buffer, digits: string): boolean {
  return digits.startsWith('cafebabe') && head.length >= 8 && head.readUInt32BE(4) < 20;
}
