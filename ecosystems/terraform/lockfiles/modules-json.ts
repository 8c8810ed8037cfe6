import { PermanentError, type Submission } from '@sluice/contracts';
import {
  isObject,
  ItemCollector,
  jsonOf,
  textAt,
  type FormatOptions,
  type LockfileFormat,
} from '@sluice/intake';
import { listModule } from './module-source.ts';

/** .terraform/modules/modules.json: the modules that `terraform init` has downloaded. */
export const modulesFormat: LockfileFormat = {
  id: 'terraform-modules',
  fileName: /^modules\.json$/,
  isSubmittedAlone: true,
  fits: ({ json }) => isObject(json) && Array.isArray(json['Modules']) && json['Modules'].every(isModule),
  parse: (file, options) => parseModules(jsonOf(file), options),
};

function isModule(one: unknown): boolean {
  return isObject(one) && typeof one['Key'] === 'string' && typeof one['Dir'] === 'string';
}

/** The entry without a key is the project. @throws PermanentError `lockfile.invalid`, `input.too-many-packages`. */
function parseModules(json: unknown, options: FormatOptions): Submission {
  if (!isObject(json) || !Array.isArray(json['Modules']))
    throw new PermanentError('lockfile.invalid', 'The file has no list "Modules".');
  const collector = new ItemCollector('terraform', options.itemsMax);
  for (const [at, one] of json['Modules'].entries()) {
    const key = textAt(one, 'Key');
    if (key === undefined) continue;
    listModule(collector, {
      path: `Modules ${at + 1}`,
      name: key,
      source: textAt(one, 'Source'),
      version: textAt(one, 'Version'),
      isInDownload: textAt(one, 'Dir')?.startsWith('.terraform/') ?? true,
    });
  }
  return { format: 'terraform-modules@1', projectName: null, ...collector.finish() };
}
