import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, unzipSync } from 'node:zlib';
import { textLengthMax } from './resolution.ts';

/** A value of evaluated code. Objects are maps: no key of hostile code reaches a prototype. */
export type Known =
  | string
  | number
  | boolean
  | null
  | undefined
  | RegExp
  | Buffer
  | Known[]
  | Map<string, Known>
  | ((...args: Known[]) => Known);

/** Thrown where a value is unknown. One for all: a stack for each would take most of the time. */
export const unknown = new Error('Unknown value');

const texts = new Set(
  'at charAt charCodeAt codePointAt slice substring substr split concat replace replaceAll toLowerCase toUpperCase trim trimStart trimEnd indexOf lastIndexOf includes startsWith endsWith match toString valueOf normalize'.split(
    ' ',
  ),
);
const lists = new Set(
  'at map filter forEach reduce reduceRight join reverse slice splice concat push pop shift unshift indexOf includes flat flatMap some every find findIndex keys entries'.split(
    ' ',
  ),
);
const bytes = new Set(
  'toString map slice subarray at reverse readUInt8 indexOf join forEach reduce'.split(' '),
);
const numbers = new Set(['toString', 'valueOf']);

/** A method of a text, a list, bytes or a number. */
export function applyMethod(object: Known, method: string, args: Known[]): Known {
  if (method === 'repeat' && typeof object === 'string') {
    if (object.length * Number(args[0]) > textLengthMax) throw unknown;
    return object.repeat(Number(args[0]));
  }
  const known =
    typeof object === 'string'
      ? texts
      : Array.isArray(object)
        ? lists
        : Buffer.isBuffer(object)
          ? bytes
          : typeof object === 'number'
            ? numbers
            : null;
  if (!known?.has(method)) throw unknown;
  // Text would be taken as a pattern, and may be any.
  if (method === 'match' && !(args[0] instanceof RegExp)) throw unknown;
  const found: unknown = Reflect.apply(
    (object as unknown as Record<string, () => unknown>)[method]!,
    object,
    args,
  );
  if (method === 'keys' || method === 'entries') return [...(found as Iterable<Known>)];
  if (Array.isArray(object) && method !== 'reduce' && args.length > textLengthMax) throw unknown;
  return found as Known;
}

const inflaters: Record<string, (data: Buffer, options: { maxOutputLength: number }) => Buffer> = {
  'zlib.inflateSync': inflateSync,
  'zlib.inflateRawSync': inflateRawSync,
  'zlib.gunzipSync': gunzipSync,
  'zlib.unzipSync': unzipSync,
  'zlib.brotliDecompressSync': brotliDecompressSync,
};
const math = new Set('abs floor ceil round trunc min max pow sign sqrt'.split(' '));

/**
 * A function of the language or of Node that only computes.
 * @returns null when it is none; `args` is not asked for then.
 */
export function applyBuiltin(name: string, args: () => Known[]): { value: Known; decodes: boolean } | null {
  const inflate = inflaters[name];
  if (inflate)
    return { value: inflate(bytesOf(args()[0]), { maxOutputLength: textLengthMax }), decodes: true };
  const isMath = name.startsWith('Math.') && math.has(name.slice(5));
  const builtin = isMath
    ? (Math as unknown as Record<string, (...of: number[]) => number>)[name.slice(5)]!
    : builtins.get(name);
  if (!builtin) return null;
  const given = args();
  const decodes =
    decoding.test(name) || (/Buffer/.test(name) && (given[1] === 'base64' || given[1] === 'hex'));
  return { value: (builtin as (...of: Known[]) => Known)(...given), decodes };
}

const decoding = /fromCharCode|fromCodePoint|^(?:atob|decodeURI|decodeURIComponent|unescape)$/;

/** Whether a method of a text or list serves to hide it: reversal, character codes, and removal of what was mixed in. */
export function isDecoding(method: string, args: readonly Known[]): boolean {
  if (method === 'replace' || method === 'replaceAll') return args[1] === '';
  return method === 'reverse' || method === 'charCodeAt' || method === 'codePointAt';
}

const codes = (...of: Known[]) => of.map(Number);
const builtins = new Map<string, (...args: Known[]) => Known>([
  ['String.fromCharCode', (...of) => String.fromCharCode(...codes(...of))],
  ['String.fromCodePoint', (...of) => String.fromCodePoint(...codes(...of))],
  ['String.fromCharCode.apply', (_self, of) => String.fromCharCode(...codes(...asList(of)))],
  ['String.fromCharCode.call', (_self, ...of) => String.fromCharCode(...codes(...of))],
  ['String', (of) => asText(of)],
  ['Number', Number],
  ['Boolean', Boolean],
  ['parseInt', (of, radix) => Number.parseInt(asText(of), Number(radix ?? 10))],
  ['Number.parseInt', (of, radix) => Number.parseInt(asText(of), Number(radix ?? 10))],
  ['parseFloat', (of) => Number.parseFloat(asText(of))],
  ['atob', (of) => Buffer.from(asText(of), 'base64').toString('latin1')],
  ['btoa', (of) => Buffer.from(asText(of), 'latin1').toString('base64')],
  ['decodeURIComponent', (of) => decodeURIComponent(asText(of))],
  ['decodeURI', (of) => decodeURI(asText(of))],
  ['encodeURIComponent', (of) => encodeURIComponent(asText(of))],
  [
    'escape',
    (of) => asText(of).replace(/[^\w@*+\-./]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`),
  ],
  [
    'unescape',
    (of) =>
      asText(of).replace(/%u([\da-f]{4})|%([\da-f]{2})/gi, (_all, four: string, two: string) =>
        String.fromCharCode(Number.parseInt(four ?? two, 16)),
      ),
  ],
  ['Buffer.from', toBytes],
  ['buffer.Buffer.from', toBytes],
  ['Buffer', toBytes],
  ['Uint8Array', (of) => Buffer.from(asList(of).map(Number))],
  ['Uint8Array.from', (of) => Buffer.from(asList(of).map(Number))],
  ['Buffer.concat', (of) => Buffer.concat(asList(of).map(bytesOf))],
  ['TextDecoder().decode', (of) => bytesOf(of).toString('utf8')],
  ['util.TextDecoder().decode', (of) => bytesOf(of).toString('utf8')],
  [
    'Array.from',
    (of, map) => (typeof map === 'function' ? asList(of).map((item, index) => map(item, index)) : asList(of)),
  ],
  ['Array.of', (...of) => of],
  ['Array.isArray', (of) => Array.isArray(of)],
]);

function toBytes(of: Known, encoding: Known): Buffer {
  if (typeof of !== 'string') return Buffer.from(asList(of).map(Number));
  return Buffer.from(of, (encoding ?? 'utf8') as BufferEncoding);
}

function bytesOf(value: Known): Buffer {
  if (!Buffer.isBuffer(value)) throw unknown;
  return value;
}

/** The items of a list, the characters of a text, or the bytes. */
export function asList(value: Known): Known[] {
  return Array.isArray(value) || typeof value === 'string' || Buffer.isBuffer(value)
    ? Array.from(value)
    : fail();
}

export function asText(value: Known): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : fail();
}

export function fail(): never {
  throw unknown;
}
