import { PermanentError } from '@sluice/contracts';
import type { Json } from '../json.ts';
import { parseSafeXml, type XmlElement } from '../safe-xml.ts';

const namespacePattern = /^http:\/\/cyclonedx\.org\/schema\/bom\/([\d.]{1,10})$/;

/**
 * A CycloneDX document in XML as the JSON that says the same, as far as it is read.
 * @throws PermanentError `lockfile.invalid`, `input.too-deep`, `input.too-large`.
 */
export function cycloneDxOfXml(content: Uint8Array): Json {
  const { root, namespace } = parseSafeXml(content);
  const [, specVersion] = namespacePattern.exec(namespace) ?? [];
  if (root.name !== 'bom' || specVersion === undefined)
    throw new PermanentError('lockfile.invalid', 'The XML is no CycloneDX document.');
  const metadata = child(root, 'metadata');
  return {
    bomFormat: 'CycloneDX',
    specVersion,
    metadata: metadata && {
      tools: toolsOf(child(metadata, 'tools')),
      component: mapped(child(metadata, 'component'), componentOf),
    },
    components: children(root, 'components', 'component').map(componentOf),
    dependencies: children(root, 'dependencies', 'dependency').map((dependency) => ({
      ref: dependency.attributes.get('ref'),
      dependsOn: dependency.children
        .filter(({ name }) => name === 'dependency')
        .map(({ attributes }) => attributes.get('ref')),
    })),
    compositions: children(root, 'compositions', 'composition').map((composition) => ({
      aggregate: child(composition, 'aggregate')?.text,
    })),
  };
}

function componentOf(component: XmlElement): Json {
  const text = (name: string) => child(component, name)?.text;
  return {
    type: component.attributes.get('type'),
    'bom-ref': component.attributes.get('bom-ref'),
    group: text('group'),
    name: text('name'),
    version: text('version'),
    scope: text('scope'),
    purl: text('purl'),
    hashes: hashesOf(component),
    externalReferences: children(component, 'externalReferences', 'reference').map((reference) => ({
      type: reference.attributes.get('type'),
      url: child(reference, 'url')?.text,
      hashes: hashesOf(reference),
    })),
    properties: children(component, 'properties', 'property').map(({ attributes, text: value }) => ({
      name: attributes.get('name'),
      value,
    })),
    pedigree: mapped(child(component, 'pedigree'), (pedigree) => ({
      patches: children(pedigree, 'patches', 'patch'),
      commits: children(pedigree, 'commits', 'commit'),
      ancestors: children(pedigree, 'ancestors', 'component'),
    })),
    components: children(component, 'components', 'component').map(componentOf),
  };
}

function hashesOf(element: XmlElement): Json[] {
  return children(element, 'hashes', 'hash').map(({ attributes, text }) => ({
    alg: attributes.get('alg'),
    content: text,
  }));
}

/** Tools stand in the list itself, or, since 1.5, in a list of components. */
function toolsOf(tools: XmlElement | undefined): Json[] {
  if (!tools) return [];
  const all = [
    ...tools.children.filter(({ name }) => name === 'tool'),
    ...children(tools, 'components', 'component'),
  ];
  return all.map((tool) => ({
    vendor: (child(tool, 'vendor') ?? child(tool, 'group'))?.text,
    name: child(tool, 'name')?.text,
  }));
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((one) => one.name === name);
}

/** All elements of a list, also where the list stands twice. */
function children(element: XmlElement, list: string, name: string): XmlElement[] {
  return element.children
    .filter((one) => one.name === list)
    .flatMap((one) => one.children.filter((inner) => inner.name === name));
}

function mapped<Result>(
  element: XmlElement | undefined,
  map: (element: XmlElement) => Result,
): Result | undefined {
  return element && map(element);
}
