import { scopeOf, type Bindings } from './bindings.ts';
import {
  argumentsOf,
  memberOf,
  partsOf,
  subscriptOf,
  textOfNode,
  type PythonSource,
  type SyntaxNode,
} from './syntax.ts';

/** A text that the code alone tells. */
export interface FoldedText {
  text: string;
  /** Hidden behind an encoding or put together of numbers. */
  decoded: boolean;
}

/** Values are followed this far; hostile code has no end. */
const depthMax = 14;
const textMaxChars = 100_000;
const listMax = 20_000;

/** Calls that give text back from a hidden form. */
export const decoders =
  /^(?:base64\.(?:[a-z]*b(?:16|32|64|85)decode|a85decode|decodebytes|decodestring|standard_b64decode|urlsafe_b64decode)|binascii\.(?:unhexlify|a2b_\w+)|bytes\.fromhex|bytearray\.fromhex|codecs\.decode|zlib\.decompress|gzip\.decompress|bz2\.decompress|lzma\.decompress|marshal\.loads|cryptography\.fernet\.Fernet\(\)\.decrypt|zlib\.decompressobj\(\)\.decompress)$/;

/** Names and texts of one file. */
export class Resolver {
  readonly #source: PythonSource;
  readonly #bindings: Bindings;
  /** Each node is looked at once: values are made of values, and their number has no end. */
  readonly #names = new Map<number, string | null>();
  readonly #texts = new Map<number, FoldedText | null>();

  constructor(source: PythonSource, bindings: Bindings) {
    this.#source = source;
    this.#bindings = bindings;
  }

  /** Full name of an expression, `urllib.request.urlopen` or `socket.socket().connect`; null for none. */
  name(node: SyntaxNode, depth = 0): string | null {
    if (depth > depthMax) return null;
    const key = keyOf(node);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    this.#names.set(key, null);
    const found = this.#nameOf(node, depth);
    this.#names.set(key, found);
    return found;
  }

  #nameOf(node: SyntaxNode, depth: number): string | null {
    if (node.name === 'VariableName') return this.#variable(node, depth);
    if (node.name === 'ParenthesizedExpression' || node.name === 'AwaitExpression') {
      const inner = partsOf(node).find(({ name }) => name !== 'await');
      return inner ? this.name(inner, depth + 1) : null;
    }
    const member = memberOf(this.#source, node);
    if (member) {
      const object = this.name(member.object, depth + 1);
      return object === null ? null : joined(object, member.property);
    }
    const subscript = subscriptOf(node);
    if (subscript) {
      const object = this.name(subscript.object, depth + 1);
      const key = subscript.index[0] ? this.text(subscript.index[0], depth + 1)?.text : undefined;
      if (object === null || key === undefined || !/^\w+$/.test(key))
        return object === null ? null : `${object}[]`;
      return joined(object.replace(/(?:\.__dict__|^(?:globals|locals|vars)\(\)|^__builtins__)$/, ''), key);
    }
    if (node.name === 'CallExpression') return this.#call(node, depth);
    return null;
  }

  #variable(node: SyntaxNode, depth: number): string | null {
    const name = textOfNode(this.#source, node);
    const imported = this.#bindings.imports.get(name);
    if (imported !== undefined) return imported;
    for (const value of this.#bindings.values(name, scopeOf(node))) {
      if (value.from === node.from) continue;
      const found =
        /^(?:VariableName|MemberExpression|CallExpression|ParenthesizedExpression|AwaitExpression)$/.test(
          value.name,
        )
          ? this.name(value, depth + 1)
          : null;
      if (found !== null) return found;
    }
    const isOwn = this.#bindings.functions.has(name) || this.#bindings.values(name, scopeOf(node)).length > 0;
    return isOwn ? `~${name}` : name;
  }

  #call(node: SyntaxNode, depth: number): string | null {
    const callee = node.firstChild ? this.name(node.firstChild, depth + 1) : null;
    if (callee === null) return null;
    const { positional } = argumentsOf(this.#source, node);
    const textAt = (index: number) =>
      positional[index] ? this.text(positional[index], depth + 1)?.text : undefined;
    if (/^(?:builtins\.)?__import__$|^importlib\.import_module$/.test(callee))
      return textAt(0) ?? `${callee}()`;
    if (/^(?:builtins\.)?getattr$/.test(callee) && positional[0]) {
      const object = this.name(positional[0], depth + 1);
      const property = textAt(1);
      return object !== null && property !== undefined ? joined(object, property) : `${callee}()`;
    }
    return `${callee}()`;
  }

  /** The text of an expression; null where it is not told by the code alone. */
  text(node: SyntaxNode, depth = 0): FoldedText | null {
    if (depth > depthMax) return null;
    const key = keyOf(node);
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    // A value that is made of itself has no text.
    this.#texts.set(key, null);
    const found = this.#textOf(node, depth);
    this.#texts.set(key, found);
    return found;
  }

  #textOf(node: SyntaxNode, depth: number): FoldedText | null {
    switch (node.name) {
      case 'String':
        return { text: stringOf(textOfNode(this.#source, node)), decoded: false };
      case 'FormatString':
        return this.#format(node, depth);
      case 'ContinuedString':
        return this.#concatenated(partsOf(node), depth);
      case 'ParenthesizedExpression': {
        const [inner] = partsOf(node);
        return inner ? this.text(inner, depth + 1) : null;
      }
      case 'BinaryExpression': {
        const operator = node.getChild('ArithOp');
        const sides = partsOf(node).filter(({ name }) => name !== 'ArithOp');
        if (!operator || sides.length !== 2) return null;
        const sign = textOfNode(this.#source, operator);
        if (sign === '+') return this.#concatenated(sides, depth);
        return sign === '%' ? this.text(sides[0]!, depth + 1) : null;
      }
      case 'VariableName': {
        const values = this.#bindings.values(textOfNode(this.#source, node), scopeOf(node));
        for (const value of values) {
          const found = value.from === node.from ? null : this.text(value, depth + 1);
          if (found) return found;
        }
        return null;
      }
      case 'MemberExpression':
        return this.#reversed(node, depth);
      case 'CallExpression':
        return this.#decoded(node, depth);
      default:
        return null;
    }
  }

  /** Parts that are not known are left as `…`. */
  #format(node: SyntaxNode, depth: number): FoldedText | null {
    const raw = stringOf(textOfNode(this.#source, node));
    let decoded = false;
    const parts = [...node.getChildren('FormatReplacement')].map((part) => {
      const [inner] = partsOf(part).filter(({ name }) => !name.startsWith('Format'));
      const found = inner ? this.text(inner, depth + 1) : null;
      decoded ||= found?.decoded ?? false;
      return found?.text ?? '…';
    });
    return {
      text: raw.replaceAll(/\{[^{}]*\}/g, () => parts.shift() ?? '…').slice(0, textMaxChars),
      decoded,
    };
  }

  #concatenated(nodes: readonly SyntaxNode[], depth: number): FoldedText | null {
    const parts = nodes.map((one) => this.text(one, depth + 1));
    if (parts.every((part) => part === null)) return null;
    const text = parts
      .map((part) => part?.text ?? '…')
      .join('')
      .slice(0, textMaxChars);
    return { text, decoded: parts.some((part) => part?.decoded) };
  }

  #reversed(node: SyntaxNode, depth: number): FoldedText | null {
    const subscript = subscriptOf(node);
    if (!subscript?.isSlice) return null;
    if (!/\[\s*:\s*:\s*-\s*1\s*\]$/.test(textOfNode(this.#source, node))) return null;
    const found = this.text(subscript.object, depth + 1);
    return found ? { text: Array.from(found.text).toReversed().join(''), decoded: true } : null;
  }

  /** The text that a decoding, a join or a replacement gives. */
  #decoded(node: SyntaxNode, depth: number): FoldedText | null {
    const callee = node.firstChild;
    if (!callee) return null;
    const { positional } = argumentsOf(this.#source, node);
    const method = memberOf(this.#source, callee);
    const first = positional[0];
    const name = this.name(callee, depth + 1) ?? '';
    if (decoders.test(name) && first)
      return decode(
        name,
        this.text(first, depth + 1)?.text,
        positional[1] ? this.text(positional[1], depth + 1)?.text : undefined,
      );
    if (/^(?:str|bytes|bytearray)$/.test(name) && first)
      return this.text(first, depth + 1) ?? this.#numbers(first);
    if (
      /^(?:os\.path|posixpath|ntpath|pathlib)\.(?:join|Path|PurePath|expanduser|abspath|normpath|realpath|expandvars)$/.test(
        name,
      )
    )
      return this.#path(positional, depth);
    if (/^chr$/.test(name)) return this.#numbers(node);
    if (!method) return null;
    if (/^(?:decode|encode|strip|lower|upper|rstrip|lstrip|format)$/.test(method.property))
      return this.text(method.object, depth + 1);
    if (method.property === 'join' && first)
      return this.#join(method.object, first, node.getChild('ArgList') ?? first, depth);
    if (method.property === 'replace' && positional[1] && first) {
      const [whole, from, to] = [method.object, first, positional[1]].map((one) => this.text(one, depth + 1));
      if (!whole || !from || !to || from.text === '') return whole ?? null;
      return { text: whole.text.replaceAll(from.text, to.text).slice(0, textMaxChars), decoded: true };
    }
    return null;
  }

  #path(parts: readonly SyntaxNode[], depth: number): FoldedText {
    const texts = parts.map((part) => this.text(part, depth + 1)?.text ?? '…');
    return { text: texts.join('/'), decoded: false };
  }

  #join(separator: SyntaxNode, list: SyntaxNode, all: SyntaxNode, depth: number): FoldedText | null {
    const between = this.text(separator, depth + 1)?.text ?? '';
    if (list.name === 'ArrayExpression' || list.name === 'TupleExpression') {
      const parts = partsOf(list)
        .slice(0, listMax)
        .map((one) => this.text(one, depth + 1));
      if (parts.every((part) => part === null)) return null;
      return {
        text: parts
          .map((part) => part?.text ?? '…')
          .join(between)
          .slice(0, textMaxChars),
        decoded: parts.length > 3,
      };
    }
    // `''.join(chr(c) for c in […])`, `''.join(map(chr, […]))`.
    return /\bchr\b/.test(textOfNode(this.#source, all).slice(0, 2_000)) ? this.#numbers(all) : null;
  }

  /** A text made of the numbers within a node, as character codes. */
  #numbers(node: SyntaxNode): FoldedText | null {
    const numbers = textOfNode(this.#source, node).match(/\b(?:0x[0-9a-f]+|\d+)\b/gi) ?? [];
    if (numbers.length === 0 || numbers.length > listMax) return null;
    const codes = numbers.map(Number).filter((code) => code <= 0x10ffff);
    return { text: codes.map((code) => String.fromCodePoint(code)).join(''), decoded: true };
  }
}

/** Two nodes may begin at one place; those that end at another are others. A file has fewer than four million characters. */
export function keyOf({ from, to }: SyntaxNode): number {
  return from * 4_000_000 + to;
}

function joined(object: string, property: string): string {
  if (object === '' || object === 'builtins' || object === '__builtins__') return property;
  return `${object}${object.endsWith('.') ? '' : '.'}${property}`;
}

/** The characters of a literal; escapes of ASCII are resolved. */
function stringOf(literal: string): string {
  const [, prefix = '', quote = '', body = ''] =
    /^([A-Za-z]*)('''|"""|'|")([^]*?)(?:\2)?$/.exec(literal) ?? [];
  if (quote === '') return literal;
  if (/r/i.test(prefix)) return body;
  return body.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3})|(\r?\n)|([^]))/gi,
    (_, x?: string, u?: string, U?: string, octal?: string, line?: string, other = '') => {
      const hex = x ?? u ?? U;
      if (hex !== undefined)
        return Number.parseInt(hex, 16) <= 0x10ffff ? String.fromCodePoint(Number.parseInt(hex, 16)) : '?';
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      if (line !== undefined) return '';
      return { n: '\n', t: '\t', r: '\r' }[other as 'n'] ?? (other as string);
    },
  );
}

/** @returns a text in any case: one that stays hidden is hidden. */
function decode(name: string, text: string | undefined, codec: string | undefined): FoldedText {
  const hidden = { text: '', decoded: true };
  if (text === undefined) return hidden;
  if (/64/.test(name) || name.endsWith('decodebytes'))
    return { text: Buffer.from(text, 'base64').toString('utf8').slice(0, textMaxChars), decoded: true };
  if (/hex/.test(name))
    return {
      text: Buffer.from(text.replaceAll(/\s/g, ''), 'hex').toString('utf8').slice(0, textMaxChars),
      decoded: true,
    };
  if (name === 'codecs.decode' && /^rot_?13$/i.test(codec ?? '')) {
    const turned = text.replaceAll(/[a-z]/gi, (letter) => {
      const base = letter <= 'Z' ? 65 : 97;
      return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
    });
    return { text: turned, decoded: true };
  }
  if (name === 'codecs.decode' && !/^(?:hex|base64|zip|bz2|uu|zlib)/i.test(codec ?? ''))
    return { text, decoded: false };
  return hidden;
}
