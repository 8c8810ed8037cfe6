import { defaultScope, scopeSchema } from '@sluice/contracts';
import { documentable } from './documented-zod.ts';

const described = {
  example: 'team-payments',
  description: 'Whose policy and decisions: `default`, or a team’s.',
};

/** The scope in an answer. */
export const shownScope = documentable(scopeSchema).openapi(described);

/** The scope that a query or a form asks for. */
export const scopeParameter = documentable(scopeSchema).default(defaultScope).openapi(described);
