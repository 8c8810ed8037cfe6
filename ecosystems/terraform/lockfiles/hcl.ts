import { PermanentError } from '@sluice/contracts';
import { invalid, readTokens, type HclToken } from './hcl-tokens.ts';

/** An attribute or block as it stands; nothing is evaluated. */
export interface HclBody {
  attributes: ReadonlyMap<string, HclAttribute>;
  blocks: readonly HclBlock[];
}

export interface HclAttribute {
  /** Tokens of the expression, line ends included. */
  expression: readonly HclToken[];
  line: number;
}

export interface HclBlock {
  type: string;
  labels: readonly string[];
  body: HclBody;
  line: number;
}

/** No configuration nests deeper. */
const depthMax = 64;
const closing: Record<string, string> = { '[': ']', '(': ')', '{': '}' };

/**
 * Reads a file of HCL's native syntax: attributes and blocks, in any order, with comments anywhere.
 * @throws PermanentError `lockfile.invalid` with the line; `input.too-large`, `input.too-deep`.
 */
export function parseHcl(content: Uint8Array): HclBody {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new PermanentError('lockfile.invalid', 'The file is not UTF-8.', { cause });
  }
  return new HclReader(readTokens(text)).body(0);
}

class HclReader {
  readonly #tokens: readonly HclToken[];
  #at = 0;

  constructor(tokens: readonly HclToken[]) {
    this.#tokens = tokens;
  }

  /** Up to the brace that closes it, or to the end of the file at depth 0. */
  body(depth: number): HclBody {
    if (depth > depthMax)
      throw new PermanentError('input.too-deep', `Blocks nest more than ${depthMax} levels deep.`);
    const attributes = new Map<string, HclAttribute>();
    const blocks: HclBlock[] = [];
    for (;;) {
      const token = this.#next();
      if (token === undefined) {
        if (depth > 0) throw invalid(this.#lastLine(), 'a block without an end');
        return { attributes, blocks };
      }
      if (token.kind === 'line end') continue;
      if (depth > 0 && isSign(token, '}')) return { attributes, blocks };
      if (token.kind !== 'name') throw invalid(token.line, 'neither an argument nor a block');
      if (isSign(this.#peek(), '=')) {
        this.#at += 1;
        if (attributes.has(token.text))
          throw invalid(token.line, `"${token.text.slice(0, 80)}" stands twice`);
        attributes.set(token.text, { expression: this.#expression(token.line), line: token.line });
      } else blocks.push(this.#block(token, depth));
    }
  }

  #block({ text: type, line }: HclToken, depth: number): HclBlock {
    const labels: string[] = [];
    for (;;) {
      const token = this.#next();
      if (isSign(token, '{')) break;
      const isLabel = token && (token.kind === 'name' || token.kind === 'text') && token.isLiteral;
      if (!isLabel) throw invalid(line, 'neither an argument nor a block');
      labels.push(token.text);
    }
    const body = this.body(depth + 1);
    const after = this.#peek();
    if (after && after.kind !== 'line end' && !isSign(after, '}'))
      throw invalid(after.line, 'something behind the end of a block');
    return { type, labels, body, line };
  }

  /** Up to the end of its line; brackets go on over lines. */
  #expression(line: number): HclToken[] {
    const tokens: HclToken[] = [];
    const open: string[] = [];
    for (;;) {
      const token = this.#peek();
      if (token === undefined || (open.length === 0 && (token.kind === 'line end' || isSign(token, '}'))))
        break;
      this.#at += 1;
      if (token.kind === 'sign' && closing[token.text]) open.push(closing[token.text]!);
      else if (token.kind === 'sign' && /^[\])}]$/.test(token.text) && open.pop() !== token.text)
        throw invalid(token.line, `"${token.text}" closes nothing`);
      tokens.push(token);
    }
    if (open.length > 0) throw invalid(line, 'a bracket without an end');
    if (tokens.length === 0) throw invalid(line, 'an argument without a value');
    return tokens;
  }

  #next(): HclToken | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  #peek(): HclToken | undefined {
    return this.#tokens[this.#at];
  }

  #lastLine(): number {
    return this.#tokens.at(-1)?.line ?? 1;
  }
}

/** The value of an expression that is one text; null for any other, such as one with expressions in it. */
export function literalOf(expression: readonly HclToken[]): string | null {
  const [only, ...others] = expression.filter(({ kind }) => kind !== 'line end');
  return only && others.length === 0 && only.kind === 'text' && only.isLiteral ? only.text : null;
}

/** The texts of an expression that is a list of nothing else; null for any other. */
export function literalsOf(expression: readonly HclToken[]): string[] | null {
  const tokens = expression.filter(({ kind }) => kind !== 'line end');
  if (!isSign(tokens[0], '[') || !isSign(tokens.at(-1), ']')) return null;
  const inner = tokens.slice(1, -1);
  const found: string[] = [];
  for (const [at, token] of inner.entries()) {
    if (at % 2 === 1) {
      if (!isSign(token, ',')) return null;
    } else if (token.kind === 'text' && token.isLiteral) found.push(token.text);
    else return null;
  }
  return found;
}

/** The texts of an expression that is an object, by their keys; other values are left out. Null for any other expression. */
export function fieldsOf(expression: readonly HclToken[]): Map<string, string> | null {
  if (!isSign(expression[0], '{') || !isSign(expression.at(-1), '}')) return null;
  const inner = expression.slice(1, -1).filter((token) => !isSign(token, ','));
  const fields = new Map<string, string>();
  for (const [at, token] of inner.entries()) {
    const [key, value] = [inner[at - 1], inner[at + 1]];
    const isKey = key && (key.kind === 'name' || key.kind === 'text') && key.isLiteral;
    if ((isSign(token, '=') || isSign(token, ':')) && isKey && value?.kind === 'text' && value.isLiteral)
      fields.set(key.text, value.text);
  }
  return fields;
}

function isSign(token: HclToken | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}
