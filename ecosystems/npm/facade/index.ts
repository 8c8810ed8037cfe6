import type { Facade } from '@sluice/facades';
import { npmNames } from '../names.ts';
import { npmAudit } from './audit.ts';
import { npmClients } from './clients.ts';
import { packument, tagsDocument, versionDocument } from './packument.ts';
import { rewriteTarballs } from './rewrite-upstream.ts';
import { routeNpm } from './route.ts';

/** npm's registry protocol, for npm, pnpm, yarn and bun. */
export const npmFacade: Facade = {
  type: 'npm',
  base: 'npm',
  names: npmNames,
  route: routeNpm,
  document(form, listing, version) {
    if (form === 'tags') return tagsDocument(listing);
    if (form === 'version') return versionDocument(listing, version!);
    return packument(listing, form === 'abbreviated' ? 'abbreviated' : 'full');
  },
  listsHeld: false,
  audit: npmAudit,
  rewriteUpstream: rewriteTarballs,
  noticeHeaders: (sentence) => ({ 'npm-notice': sentence }),
  clients: npmClients,
  // bun shows the last address alone, and so does yarn 1 at a file.
  refusalPath(header, { name, version, code }) {
    const agent = header('user-agent') ?? '';
    if (!/^(?:[Bb]un|yarn\/1\.)/.test(agent)) return null;
    return `/-/held/${name.replace('/', '-')}-${version}--${code}.tgz`;
  },
};
