import type { Facade } from '@sluice/facades';
import { pypiNames } from '../names.ts';
import { pypiClients } from './clients.ts';
import { routePypi, type PageForm } from './route.ts';
import { simplePage } from './simple-page.ts';
import { readWheelMetadata } from './wheel-metadata.ts';

/** The simple repository API, for pip, uv, Poetry and PDM. */
export const pypiFacade: Facade = {
  type: 'pypi',
  base: 'pypi',
  names: pypiNames,
  route: routePypi,
  listsHeld: true,
  document: (form, listing) => simplePage(form as PageForm, listing),
  readPart: (_part, archive) => readWheelMetadata(archive),
  noticeHeaders: () => ({}),
  clients: pypiClients,
  refusalPath: () => null,
};
