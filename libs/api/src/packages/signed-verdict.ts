import { z } from '../documented-zod.ts';

/** A decision as an in-toto statement in a DSSE envelope. */
export const signedVerdictSchema = z
  .object({
    payloadType: z.string().openapi({ example: 'application/vnd.in-toto+json' }),
    payload: z.string().openapi({ description: 'The statement as JSON, in base64.' }),
    signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })),
  })
  .openapi('SignedVerdict');

export const signingKeysSchema = z
  .object({
    keys: z
      .array(
        z.object({
          keyId: z.string().openapi({ description: 'SHA-256 of its SubjectPublicKeyInfo, as hex.' }),
          pem: z.string().openapi({ description: 'The public key as PEM.' }),
        }),
      )
      .openapi({ description: 'The first one signs; the others verify statements from before.' }),
  })
  .openapi('SigningKeys');
