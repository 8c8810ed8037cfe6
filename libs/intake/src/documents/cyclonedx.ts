import { PermanentError, type Submission } from '@sluice/contracts';
import type { DocumentFormat, DocumentOptions } from '../format.ts';
import type { Note } from '../item-collector.ts';
import { isObject, jsonOf, listOf, objectOf, textAt, type Json } from '../json.ts';
import { textOf } from '../safe-yaml.ts';
import { shown } from '../shown.ts';
import { cycloneDxOfXml } from './cyclonedx-xml.ts';
import { DocumentCollector, type DocumentEntry, type Download } from './document-collector.ts';
import type { StatedHash } from './stated-hashes.ts';

const versions = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'];

/** The namespace stands in the root element; comments before it are short. */
const rootMaxBytes = 8_192;

/** CycloneDX in JSON. */
export const cycloneDxJsonFormat: DocumentFormat = {
  id: 'cyclonedx',
  fileName: /^bom\.json$|\.cdx\.json$/i,
  fits: ({ json }) => isObject(json) && json.bomFormat === 'CycloneDX',
  parse: (file, options) => parseCycloneDx(objectOf('the document', jsonOf(file)), options),
};

/** CycloneDX in XML. */
export const cycloneDxXmlFormat: DocumentFormat = {
  id: 'cyclonedx',
  fileName: /^bom\.xml$|\.cdx\.xml$/i,
  fits: ({ content, json }) =>
    json === undefined &&
    /^\s*<[^]*http:\/\/cyclonedx\.org\/schema\/bom\//.test(textOf(content.subarray(0, rootMaxBytes))),
  parse: ({ content }, options) => parseCycloneDx(cycloneDxOfXml(content), options),
};

/**
 * Reads a CycloneDX document of version 1.2 to 1.7: its components, at any depth, and those within the software that it describes.
 * Services, tools, vulnerabilities and formulation are no packages of that software.
 * @throws PermanentError `lockfile.unknown-version`, `lockfile.invalid`, `input.too-many-packages`.
 * Source: https://cyclonedx.org/docs/ and ECMA-424.
 */
function parseCycloneDx(bom: Json, options: DocumentOptions): Submission {
  const version = textAt(bom, 'specVersion') ?? '';
  if (bom.bomFormat !== 'CycloneDX')
    throw new PermanentError('lockfile.invalid', 'The document does not say that it is CycloneDX.');
  if (!versions.includes(version))
    throw new PermanentError('lockfile.unknown-version', `CycloneDX ${shown(version)} is not supported.`);
  return new CycloneDxReader(bom, options).read(`cyclonedx@${version}`);
}

class CycloneDxReader {
  readonly #bom: Json;
  readonly #subject: Json | null;
  readonly #collector: DocumentCollector;
  readonly #direct: ReadonlySet<string>;

  constructor(bom: Json, options: DocumentOptions) {
    const metadata = objectOf('metadata', bom.metadata ?? {});
    this.#bom = bom;
    this.#subject = metadata.component ? objectOf('metadata/component', metadata.component) : null;
    this.#collector = new DocumentCollector(options, toolsOf(metadata.tools));
    this.#direct = this.#subject ? dependenciesOf(bom, textAt(this.#subject, 'bom-ref')) : new Set();
  }

  read(format: string): Submission {
    const subject = this.#subject;
    const name = subject ? nameOf(subject) : undefined;
    if (subject) {
      this.#collector.addSubject(this.#entryOf(subject, 'metadata/component'));
      this.#addAll('metadata/component/components', subject.components);
    }
    this.#addAll('components', this.#bom.components);
    listOf('compositions', this.#bom.compositions).forEach((composition, index) => {
      const aggregate = textAt(composition, 'aggregate') ?? '';
      if (!aggregate.startsWith('incomplete')) return;
      const message = `The document says that a list in it is ${shown(aggregate).replaceAll('_', ' ')}.`;
      this.#collector.addMissing(`compositions/${index}`, name ?? 'the software', message);
    });
    return this.#collector.finish(format, name === undefined ? null : shown(name));
  }

  /** JSON and XML are at most 64 levels deep, and so is this. */
  #addAll(path: string, components: unknown): void {
    listOf(path, components).forEach((raw, index) => {
      const component = objectOf(`${path}/${index}`, raw);
      this.#collector.add(this.#entryOf(component, `${path}/${index}`));
      this.#addAll(`${path}/${index}/components`, component.components);
    });
  }

  #entryOf(component: Json, path: string): DocumentEntry {
    const reference = textAt(component, 'bom-ref');
    const purl = textAt(component, 'purl');
    const scope = textAt(component, 'scope');
    return {
      path: reference ?? path,
      name: nameOf(component),
      version: textAt(component, 'version'),
      purls: purl === undefined ? [] : [purl],
      downloads: downloadsOf(component),
      hashes: hashesOf(component.hashes),
      dev: scope === 'excluded' || isForDevelopment(component),
      optional: scope === 'optional',
      direct: reference !== undefined && this.#direct.has(reference),
      notes: isChanged(component.pedigree) ? [changed] : [],
    };
  }
}

const changed: Note = {
  code: 'source.patched',
  message: 'The document says that it was changed: the change is not judged.',
};

function isChanged(pedigree: unknown): boolean {
  if (!isObject(pedigree)) return false;
  return ['patches', 'commits', 'ancestors'].some((part) => listOf(part, pedigree[part]).length > 0);
}

function nameOf(component: Json): string | undefined {
  const [group, name] = [textAt(component, 'group'), textAt(component, 'name')];
  return name !== undefined && group !== undefined ? `${group}/${name}` : name;
}

/** References to the archive; those of other types are to pages and repositories. */
function downloadsOf(component: Json): Download[] {
  return listOf('externalReferences', component.externalReferences).flatMap((reference) => {
    const address = textAt(reference, 'url');
    const isDownload = textAt(reference, 'type') === 'distribution';
    return isDownload && address !== undefined
      ? [{ address, hashes: hashesOf((reference as Json).hashes) }]
      : [];
  });
}

function hashesOf(hashes: unknown): StatedHash[] {
  return listOf('hashes', hashes).flatMap((hash) => {
    const [algorithm, value] = [textAt(hash, 'alg'), textAt(hash, 'content')];
    return algorithm !== undefined && value !== undefined ? [{ algorithm, value }] : [];
  });
}

/** Source: https://github.com/CycloneDX/cyclonedx-property-taxonomy. */
function isForDevelopment(component: Json): boolean {
  return listOf('properties', component.properties).some(
    (property) =>
      /^cdx:[a-z]+:package:development$/.test(textAt(property, 'name') ?? '') &&
      textAt(property, 'value') === 'true',
  );
}

/** `vendor/name` of each tool: a list of tools, or, since 1.5, of components. */
function toolsOf(tools: unknown): string[] {
  const list = isObject(tools) ? tools.components : tools;
  return listOf('metadata/tools', list).map((tool) => {
    const vendor = textAt(tool, 'vendor') ?? textAt(tool, 'group') ?? '';
    return `${vendor}/${textAt(tool, 'name') ?? ''}`;
  });
}

/** References that the software itself depends on. */
function dependenciesOf(bom: Json, reference: string | undefined): Set<string> {
  const own = listOf('dependencies', bom.dependencies).filter(
    (dependency) => reference !== undefined && textAt(dependency, 'ref') === reference,
  );
  const direct = own.flatMap((dependency) => listOf('dependsOn', (dependency as Json).dependsOn));
  return new Set(direct.filter((one) => typeof one === 'string'));
}
