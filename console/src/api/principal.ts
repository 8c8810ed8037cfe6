import { signal } from '@preact/signals';
import type { Principal, Problem } from '@sluice/api';
import { hasRight, type Right } from '@sluice/api/rights';
import { ApiError, ask } from './client.ts';
import { setKey } from './session.ts';
import { forgetAll } from './use-resource.ts';

/** The person who is signed in; null without one, and while that is not known. */
export const principal = signal<Principal | null>(null);
/** Why the API knows no person. */
export const refusal = signal<Problem | null>(null);

export async function findPrincipal(): Promise<void> {
  forgetAll();
  try {
    principal.value = await ask<Principal>('/v1/me');
    refusal.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    principal.value = null;
    refusal.value = error.problem;
    // A key that has ended must not stand in the way of a session.
    if (error.problem.status === 401) setKey(null);
  }
}

/** Whether the person has a right. Screens offer no act without its right; the gateway decides. */
export function may(right: Right): boolean {
  return principal.value !== null && hasRight(principal.value.roles, right);
}
