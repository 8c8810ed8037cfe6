import type { Submission } from '@sluice/contracts';
import { ItemCollector, textOf, type FormatOptions, type LockfileFormat } from '@sluice/intake';
import { fieldsOf, literalOf, parseHcl, type HclBody } from './hcl.ts';
import { listModule } from './module-source.ts';

/** A file of a configuration, main.tf: the modules that it calls, and the providers that it asks for. */
export const configurationFormat: LockfileFormat = {
  id: 'terraform-configuration',
  fileName: /\.(?:tf|tofu)$/,
  isSubmittedAlone: true,
  fits: ({ content, json }) => json === undefined && looksLikeConfiguration(textOf(content)),
  parse: ({ content }, options) => parseConfiguration(content, options),
};

function looksLikeConfiguration(text: string): boolean {
  return /^[ \t]*(?:terraform|module[ \t]+"[\w-]+"|(?:resource|data)[ \t]+"\w+"[ \t]+"[\w-]+")[ \t]*\{/m.test(
    text,
  );
}

const anyVersion =
  'It states which versions may be installed: the lockfile beside it, .terraform.lock.hcl, has the one that is.';

/**
 * Lists the modules and providers of a configuration. None of it is assessed: providers have their versions in the lockfile, modules have no checksum.
 * @throws PermanentError `lockfile.invalid`, `input.too-large`, `input.too-deep`, `input.too-many-packages`.
 */
function parseConfiguration(content: Uint8Array, options: FormatOptions): Submission {
  const { blocks } = parseHcl(content);
  const collector = new ItemCollector('terraform', options.itemsMax);
  for (const { type, labels, body, line } of blocks) {
    if (type === 'terraform') {
      for (const inner of body.blocks)
        if (inner.type === 'required_providers') listProviders(collector, inner.body);
    } else if (type === 'module') {
      const [name = '?'] = labels;
      listModule(collector, {
        path: `line ${line}`,
        name,
        source: textIn(body, 'source'),
        version: textIn(body, 'version'),
      });
    }
  }
  return { format: 'terraform-configuration@1', projectName: null, ...collector.finish() };
}

/** `random = { source = "acme/random", version = "~> 3.0" }`, or with the version alone in old files. */
function listProviders(collector: ItemCollector, { attributes }: HclBody): void {
  for (const [name, { expression, line }] of attributes) {
    const fields = fieldsOf(expression);
    const place = {
      path: `line ${line}`,
      pinned: { pins: [], note: null },
      dev: false,
      optional: false,
      bundled: false,
      direct: true,
    };
    const version = fields?.get('version') ?? literalOf(expression) ?? undefined;
    collector.addUnassessable(place, fields?.get('source') ?? name, version, 'source.version', anyVersion);
  }
}

function textIn({ attributes }: HclBody, field: string): string | undefined {
  const expression = attributes.get(field)?.expression;
  return expression ? (literalOf(expression) ?? undefined) : undefined;
}
