import type { AnyNode } from 'acorn';
import { isDynamicCode, meaningOf } from './call-meanings.ts';
import type { Folded } from './resolution.ts';
import type { CallFact } from './call-fact.ts';

const interpreter =
  /^(?:.*[\\/])?(?:node|nodejs|bun|deno|python[\d.]*|perl|ruby|php|osascript|process\.execPath|…)(?:\.exe)?$/i;
const inlineCode = /^(?:-e|-p|-pe|-c|-r|--eval|--print|eval|-)$/;
const timers = /^(?:setTimeout|setInterval|setImmediate)$/;
const workers = /^(?:worker_threads\.)?Worker$/;
const dataUrl =
  /^data:(?:text|application)\/(?:x-)?(?:javascript|ecmascript|typescript|wasm)[^,]{0,80}?(;base64)?,/i;

/** Index of the argument that a call runs as code, whether JavaScript or a command; null when it runs none. */
export function codeIndexOf(call: CallFact): number | null {
  const { name } = call;
  if (name === 'Function' || name.endsWith('.constructor') || name.endsWith('constructor.constructor')) {
    if (!isDynamicCode(name)) return null;
    let index = 0;
    while (call.argument(index + 1)) index += 1;
    return index;
  }
  if (isDynamicCode(name)) return 0;
  if (timers.test(name)) return isText(call.argument(0)) ? 0 : null;
  if (workers.test(name)) return call.someArgument(isEvalOption) ? 0 : null;
  if (name === 'import') return 0;
  if (/^inspector\.Session\(\)\.post$/.test(name)) return 1;
  if (writesProgram(name)) return 0;
  return null;
}

/** Whether a call writes to the input of a program that was started. */
export function writesProgram(name: string): boolean {
  return /^(?:child_process|execa|cross-spawn).*\.stdin\.(?:write|end)$/.test(name);
}

/** The code that a call runs, where the program tells it. A module in an address is decoded. */
export function codeOf(call: CallFact): Folded | null {
  const index = codeIndexOf(call);
  const text = index === null ? inlineCodeOf(call) : call.text(index);
  const url = text && dataUrl.exec(text.text);
  if (!url) return call.name === 'import' ? null : text;
  const data = text.text.slice(url[0].length);
  return url[1] ? { ...text, text: Buffer.from(data, 'base64').toString('utf8'), decoded: true } : text;
}

/** The code that a command hands to an interpreter in its arguments: `node -e code`. */
function inlineCodeOf(call: CallFact): Folded | null {
  if (meaningOf(call.name) !== 'spawn') return null;
  const [program, ...words] = call.words();
  const at = words.findIndex((word) => word && inlineCode.test(word.text));
  const isInline = at >= 0 && interpreter.test(program?.text ?? '…');
  return isInline ? (words[at + 1] ?? null) : null;
}

function isText(node: AnyNode | undefined): boolean {
  return node !== undefined && !/Function|^Identifier$/.test(node.type);
}

function isEvalOption(node: AnyNode): boolean {
  return (
    node.type === 'Property' &&
    node.key.type === 'Identifier' &&
    node.key.name === 'eval' &&
    !(node.value.type === 'Literal' && node.value.value === false)
  );
}
