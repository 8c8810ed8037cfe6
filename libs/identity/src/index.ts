/** Who sends a request: API keys, people who signed in, the local user, and the ring of keys that the gate knows. */
export { digestOf, newKeyText, readKeyText, type KeyText } from './api-key-text.ts';
export {
  authenticator,
  type Authenticate,
  type Credentials,
  type Doors,
  type FoundKey,
} from './authenticate.ts';
export { EndedKeyError } from './ended-key-error.ts';
export { IdTokens, type FetchDocument, type TrustedToken } from './federation/id-tokens.ts';
export { trustRulesField, type TrustRule } from './federation/trust-rules.ts';
export { knownKeySchema, type KnownKey } from './known-key.ts';
export { KeyRing } from './key-ring.ts';
export { publishKeyRing, readKeyRing } from './key-ring-bucket.ts';
export { heldBy, requireRight } from './require-right.ts';
export { endOf, type FoundSession, type SessionDoor, type SessionKind } from './sessions/session-door.ts';
export { newSecret, sessionTokenPrefix, type Secret } from './sessions/session-text.ts';
export { grantsOf, groupRulesField, type GroupRule } from './sign-in/group-rules.ts';
export {
  SignInProvider,
  type BegunSignIn,
  type ProviderFetch,
  type SignedIn,
  type SignInSettings,
} from './sign-in/sign-in-provider.ts';
