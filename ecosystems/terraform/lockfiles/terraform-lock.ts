import { type Submission } from '@sluice/contracts';
import { ItemCollector, shown, textOf, type FormatOptions, type LockfileFormat } from '@sluice/intake';
import { readProviderAddress, terraformNames } from '../names.ts';
import { readHashes } from './hashes.ts';
import { invalid } from './hcl-tokens.ts';
import { listModule } from './module-source.ts';
import { literalOf, literalsOf, parseHcl, type HclBlock } from './hcl.ts';

/** .terraform.lock.hcl, of Terraform 0.14 and newer and of OpenTofu. */
export const terraformLockFormat: LockfileFormat = {
  id: 'terraform-lock',
  fileName: /^\.terraform\.lock\.hcl$/,
  fits: ({ content, json }) => json === undefined && isLock(textOf(content)),
  parse: ({ content }, options) => parseLock(content, options),
};

/** The heading that both programs write, or a provider by its whole address; configurations have the name alone. */
function isLock(text: string): boolean {
  return (
    /^# This file is maintained automatically by "(?:terraform|tofu) init"\.$/m.test(text) ||
    /^[ \t]*provider[ \t]+"[^"\s]+\/[^"\s]+\/[^"\s]+"[ \t]*\{/m.test(text)
  );
}

const argumentsKnown = new Set(['version', 'constraints', 'hashes']);

/**
 * Reads a lockfile as Terraform does, which refuses the whole file for one entry that it does not understand. Values that are not
 * plain texts are refused here: Terraform would evaluate them.
 * @throws PermanentError `lockfile.invalid` with the line, `input.too-many-packages`.
 */
function parseLock(content: Uint8Array, options: FormatOptions): Submission {
  const { attributes, blocks } = parseHcl(content);
  const [stray] = attributes;
  if (stray) throw invalid(stray[1].line, `"${shown(stray[0])}" belongs into no provider`);
  const collector = new ItemCollector('terraform', options.itemsMax);
  const seen = new Map<string, number>();
  for (const block of blocks) {
    if (block.type === 'module' && block.labels.length === 1) {
      // Terraform reserves the block, and warns of it: no version of it locks modules.
      listModule(collector, {
        path: `line ${block.line}`,
        name: block.labels[0]!,
        source: undefined,
        version: undefined,
      });
      continue;
    }
    const name = addProvider(collector, block);
    const earlier = seen.get(name);
    if (earlier !== undefined) throw invalid(block.line, `${name} stands on line ${earlier} already`);
    seen.set(name, block.line);
  }
  return { format: 'terraform-lock@1', projectName: null, ...collector.finish() };
}

/** @returns the address of the provider. */
function addProvider(collector: ItemCollector, block: HclBlock): string {
  const address = addressOf(block);
  checkArguments(block);
  const version = versionOf(block, address);
  const place = {
    path: `line ${block.line}`,
    pinned: readHashes(hashesOf(block, address)),
    dev: false,
    optional: false,
    bundled: false,
    direct: false,
  };
  const source = { kind: 'registry' as const, name: address, version, notes: [] };
  collector.add(place, source, { name: address, version }, null);
  return address;
}

function addressOf({ type, labels, line }: HclBlock): string {
  const [address = ''] = labels;
  if (type !== 'provider' || labels.length !== 1)
    throw invalid(line, `"${shown([type, ...labels].join(' '))}" is no block of a lockfile`);
  if (readProviderAddress(address) === null)
    throw invalid(line, `"${shown(address)}" is no whole address of a provider that a registry can have`);
  if (terraformNames.canonicalName(address) !== address)
    throw invalid(line, `"${shown(address)}" has to be in small letters`);
  return address;
}

function checkArguments({ body }: HclBlock): void {
  for (const [name, attribute] of body.attributes) {
    if (!argumentsKnown.has(name))
      throw invalid(attribute.line, `"${shown(name)}" is no argument of a provider`);
  }
  const [nested] = body.blocks;
  if (nested) throw invalid(nested.line, 'a block within a provider');
}

function versionOf({ body, line }: HclBlock, address: string): string {
  const stated = body.attributes.get('version');
  if (!stated) throw invalid(line, `${address} has no version`);
  const version = literalOf(stated.expression);
  if (version === null || !terraformNames.isVersion(version))
    throw invalid(stated.line, `the version of ${address} is not one version in its usual form`);
  const constraints = body.attributes.get('constraints');
  if (constraints && literalOf(constraints.expression) === null)
    throw invalid(constraints.line, `the constraints of ${address} are no text`);
  return version;
}

function hashesOf({ body }: HclBlock, address: string): string[] {
  const stated = body.attributes.get('hashes');
  if (!stated) return [];
  const texts = literalsOf(stated.expression);
  if (texts === null || texts.length === 0)
    throw invalid(stated.line, `the hashes of ${address} are no list of texts`);
  const strange = texts.find((text) => text.indexOf(':') < 1);
  if (strange !== undefined) throw invalid(stated.line, `"${shown(strange)}" is no hash`);
  return texts;
}
