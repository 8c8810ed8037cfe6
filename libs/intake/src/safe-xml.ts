import { PermanentError } from '@sluice/contracts';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { jsonDepthMax } from './safe-json.ts';

/** An element of the root's namespace. Elements of other namespaces are left out, with all that is in them. */
export interface XmlElement {
  /** Name without its prefix. */
  name: string;
  /** Attributes without a namespace. */
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  /** Text of its own, without that of its children; white space around it is removed. */
  text: string;
}

/** A document of the 20,000 packages that are taken has some 500,000 elements. */
const elementsMax = 600_000;

/** Elements of an SBOM have three or four. More are counted before they are kept: a million cost a gigabyte. */
const attributesMax = 100;

/**
 * Parses untrusted XML: UTF-8, well-formed, at most 64 levels deep, 600,000 elements and 100 attributes each, without a document type. Without one there are no
 * entities but the five of XML itself, so that nothing expands and nothing is fetched.
 * @returns the root and its namespace.
 * @throws PermanentError `lockfile.invalid`, `input.too-deep`, `input.too-large`.
 */
export function parseSafeXml(content: Uint8Array): { root: XmlElement; namespace: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new PermanentError('lockfile.invalid', 'The file is not UTF-8.', { cause });
  }
  const builder = new TreeBuilder();
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (cause) => {
    throw new PermanentError('lockfile.invalid', `The file is not XML: ${cause.message}`, { cause });
  });
  parser.on('doctype', () => {
    throw new PermanentError('lockfile.invalid', 'The XML has a document type, which no SBOM needs.');
  });
  let attributes = 0;
  parser.on('opentagstart', () => (attributes = 0));
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > attributesMax)
      throw new PermanentError('input.too-large', `An element has more than ${attributesMax} attributes.`);
  });
  parser.on('opentag', (tag) => builder.open(tag));
  parser.on('text', (part) => builder.text(part));
  parser.on('cdata', (part) => builder.text(part));
  parser.on('closetag', () => builder.close());
  parser.write(text).close();
  return builder.finish();
}

class TreeBuilder {
  /** Open elements from the root on; null for one that is left out. */
  readonly #open: (XmlElement | null)[] = [];
  #root: XmlElement | null = null;
  #namespace = '';
  #count = 0;

  open({ local, uri, attributes }: SaxesTagNS): void {
    this.#count += 1;
    if (this.#count > elementsMax)
      throw new PermanentError('input.too-large', `The XML has more than ${elementsMax} elements.`);
    if (this.#open.length === jsonDepthMax)
      throw new PermanentError('input.too-deep', `The XML is nested more than ${jsonDepthMax} levels deep.`);
    const own = Object.values(attributes).filter((attribute) => attribute.uri === '');
    const element: XmlElement = {
      name: local,
      attributes: new Map(own.map((attribute) => [attribute.local, attribute.value])),
      children: [],
      text: '',
    };
    if (this.#root === null) {
      this.#root = element;
      this.#namespace = uri;
      this.#open.push(element);
      return;
    }
    const parent = this.#open.at(-1) ?? null;
    const isRead = parent !== null && uri === this.#namespace;
    if (isRead) parent.children.push(element);
    this.#open.push(isRead ? element : null);
  }

  text(part: string): void {
    const element = this.#open.at(-1);
    if (element) element.text += part;
  }

  close(): void {
    const element = this.#open.pop();
    if (element) element.text = element.text.trim();
  }

  finish(): { root: XmlElement; namespace: string } {
    if (this.#root === null) throw new PermanentError('lockfile.invalid', 'The XML has no element.');
    return { root: this.#root, namespace: this.#namespace };
  }
}
