import type { ComponentType } from 'preact';
import type { Address } from './addresses.ts';
import { Approvals } from './screens/approvals.tsx';
import { Audit } from './screens/audit.tsx';
import { Batch } from './screens/batch.tsx';
import { Batches } from './screens/batches.tsx';
import { DeadLetters } from './screens/dead-letters.tsx';
import { Home } from './screens/home.tsx';
import { Installs } from './screens/installs.tsx';
import { KeysScreen } from './screens/keys.tsx';
import { Operations } from './screens/operations.tsx';
import { Package } from './screens/package.tsx';
import { Packages } from './screens/packages.tsx';
import { Policy } from './screens/policy.tsx';
import { Project } from './screens/project.tsx';
import { Projects } from './screens/projects.tsx';
import { Request } from './screens/request.tsx';
import { Requests } from './screens/requests.tsx';
import { Submit } from './screens/submit.tsx';
import { Webhooks } from './screens/webhooks.tsx';

export const pages: Readonly<Record<Address, ComponentType<never>>> = {
  '/': Home,
  '/approvals': Approvals,
  '/requests': Requests,
  '/requests/:id': Request,
  '/batches': Batches,
  '/batches/:id': Batch,
  '/projects': Projects,
  '/projects/:id': Project,
  '/packages': Packages,
  '/packages/:purl': Package,
  '/submit': Submit,
  '/operations': Operations,
  '/dead-letters': DeadLetters,
  '/installs': Installs,
  '/audit': Audit,
  '/keys': KeysScreen,
  '/policy': Policy,
  '/webhooks': Webhooks,
};
