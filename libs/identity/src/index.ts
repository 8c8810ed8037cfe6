/** Who sends a request: API keys, the local user, and the ring of keys that the gate knows. */
export { newKeyText, readKeyText, type KeyText } from './api-key-text.ts';
export {
  authenticator,
  EndedKeyError,
  type Authenticate,
  type Credentials,
  type Doors,
  type FoundKey,
} from './authenticate.ts';
export { IdTokens, type FetchDocument, type TrustedToken } from './federation/id-tokens.ts';
export { trustRulesField, type TrustRule } from './federation/trust-rules.ts';
export { knownKeySchema, type KnownKey } from './known-key.ts';
export { KeyRing } from './key-ring.ts';
export { publishKeyRing, readKeyRing } from './key-ring-bucket.ts';
export { requireRight } from './require-right.ts';
