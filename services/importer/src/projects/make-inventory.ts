import type { Inventory } from '@sluice/contracts';
import { printable } from '@sluice/contracts';
import type { Intake } from '@sluice/intake';
import type { OpenedRequest } from '../batches/open-files.ts';
import type { TreeFile } from '../git/repository.ts';
import { languages, tools } from './general-marks.ts';

/** Names that are listed of one kind. */
const listedMax = 100;
const pathMaxChars = 300;

export interface InventoryInput {
  /** Plain files of the commit that are no installed packages. */
  files: readonly TreeFile[];
  intakes: readonly Intake[];
  /** Contents of manifests, by their paths. */
  manifests: ReadonlyMap<string, Buffer>;
  requests: readonly OpenedRequest[];
  /** SHA-256 of the files that became requests, by their paths. */
  digests: ReadonlyMap<string, string>;
}

/** Lists the parts of a project, by the names of its files and the packages that its manifests name. Pure. */
export function makeInventory({ files, intakes, manifests, requests, digests }: InventoryInput): Inventory {
  const allTools = [...tools, ...intakes.flatMap(({ marks }) => marks?.tools ?? [])];
  const counts = new Map<string, number>();
  const foundTools = new Map<string, string>();
  for (const { path } of files) {
    const language = languages[/\.([a-z0-9+#]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''];
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
    for (const { name, path: pattern } of allTools)
      if (!foundTools.has(name) && pattern.test(path)) foundTools.set(name, path);
  }
  const foundFrameworks = new Map<string, string>();
  for (const [path, content] of manifests)
    for (const { marks } of intakes) {
      const name = path.split('/').at(-1)!;
      if (!marks?.manifest.fileName.test(name)) continue;
      for (const dependency of marks.manifest.dependenciesOf(content, name)) {
        const framework = Object.hasOwn(marks.frameworks, dependency) ? marks.frameworks[dependency]! : null;
        if (framework !== null && !foundFrameworks.has(framework)) foundFrameworks.set(framework, path);
      }
    }
  const ecosystems = intakes
    .map(({ type, formats }) => ({
      type,
      manifests: requests.filter(({ format }) => formats.some(({ id }) => id === format.split('@')[0]))
        .length,
    }))
    .filter((ecosystem) => ecosystem.manifests > 0);
  return {
    fileCount: files.length,
    languages: [...counts]
      .map(([name, count]) => ({ name, files: count }))
      .toSorted((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1))
      .slice(0, listedMax),
    frameworks: listed(foundFrameworks),
    tools: listed(foundTools),
    ecosystems,
    manifests: requests.map(({ id, path, format }) => ({
      path: printable(path, pathMaxChars),
      format,
      digest: digests.get(path) ?? '',
      requestId: id,
    })),
  };
}

function listed(found: ReadonlyMap<string, string>): { name: string; path: string }[] {
  return [...found]
    .map(([name, path]) => ({ name, path: printable(path, pathMaxChars) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, listedMax);
}
