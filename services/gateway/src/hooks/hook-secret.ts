import { createHmac } from 'node:crypto';

/**
 * The secret of a project's webhook: made of the gateway's key, and stored nowhere. HMAC-SHA256, as 43 characters of base64url. Pure.
 * @param round counts the secrets of the project: another one, another secret.
 */
export function hookSecret(key: string, projectId: string, round: number): string {
  return createHmac('sha256', key)
    .update(`project hook/${projectId.toLowerCase()}/${round}`)
    .digest('base64url');
}
