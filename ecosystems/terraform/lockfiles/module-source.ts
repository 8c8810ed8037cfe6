import { ItemCollector, type SourceCode } from '@sluice/intake';

const message =
  'Modules are source code without a checksum, and are not assessed: read it, and pin a commit.';
const own = 'It is a folder of the project itself.';

export interface ModuleCall {
  /** Place in the file, for people. */
  path: string;
  name: string;
  /** As the configuration states it: a folder, an address of a registry, a repository, an archive; undefined for none. */
  source: string | undefined;
  version: string | undefined;
  /** Whether it is in a folder that Terraform has downloaded. */
  isInDownload?: boolean;
}

/** Lists a module with the reason why it is not assessed; a folder of the project needs no attention. */
export function listModule(collector: ItemCollector, call: ModuleCall): void {
  const { path, name, source, version, isInDownload = false } = call;
  const isOwn = source !== undefined && /^\.{1,2}(?:\/|$)/.test(source) && !isInDownload;
  const code: SourceCode = isOwn ? 'source.workspace' : 'source.module';
  const shownName = source === undefined || isOwn ? name : `${name} (${withoutCredentials(source)})`;
  const place = {
    path,
    pinned: { pins: [], note: null },
    dev: false,
    optional: false,
    bundled: false,
    direct: true,
  };
  collector.addUnassessable(place, shownName, version, code, isOwn ? own : message);
}

/** Addresses of repositories have passwords in them now and then. */
function withoutCredentials(source: string): string {
  return source.replace(/\/\/[^/@]*@/, '//').replace(/[?&](?:sshkey|aws_access_key\w*)=[^&]*/g, '');
}
