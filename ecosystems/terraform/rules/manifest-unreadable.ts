import type { ProviderPackageRule } from '../archive/contents.ts';

export const manifestUnreadable: ProviderPackageRule = {
  id: 'manifest.unreadable',
  title: 'It cannot be told which program of the archive is the provider',
  severity: 'high',
  tier: 'review',
  why: 'Terraform starts the first file with the name of the provider. Without one, or with several, it is not known which bytes run.',
  *check({ programs, files }) {
    const [first, second] = programs;
    if (!first) yield { title: 'The archive has no program of a provider' };
    else if (files.get(first.path)?.kind !== 'executable')
      yield { file: first.path, title: 'The program of the provider is no native executable' };
    if (second) yield { file: second.path, title: 'The archive has several programs of providers' };
  },
};
