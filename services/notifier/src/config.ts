import {
  commonConfig,
  integerField,
  listField,
  postgresConfig,
  urlField,
  wayOutConfig,
} from '@sluice/runtime';
import { z } from 'zod';
import { readKeys } from './secrets/sealing.ts';
import { isReceiverEntry } from './webhooks/receiver-rules.ts';

export const notifierConfig = z.object({
  ...commonConfig,
  ...postgresConfig,
  ...wayOutConfig,
  /** Keys that secrets are sealed with, the present one first, one a line or with commas. */
  SECRETS_KEY: z
    .string()
    .refine((text) => readKeys(text) !== null, {
      error: 'must be keys of 32 bytes in base64url, 43 characters each',
    })
    .optional(),
  /** Receivers that webhooks may be sent to. */
  WEBHOOK_HOSTS: listField(['*']).refine((entries) => entries.every(isReceiverEntry), {
    error: 'must be hosts, such as *, chat.example, *.example or http://127.0.0.1:9000, with commas',
  }),
  /** The mail server, smtp://user:secret@mail.example:587 or smtps://…; without it there are no mails. */
  SMTP_URL: urlField('smtp', 'smtps').optional(),
  /** Sender of mails: sluice@example.org, or Sluice <sluice@example.org>. */
  SMTP_FROM: z
    .string()
    .regex(/^(?:[^<>@\r\n]{0,100}<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/, 'must be an address of mail')
    .default('sluice@localhost'),
  /** For one try, in seconds. */
  WEBHOOK_TIMEOUT_SECONDS: integerField(1, 60, 15),
  /** For how long events and deliveries are kept, in days. */
  NOTIFICATIONS_DAYS: integerField(1, 365, 30),
});
export type NotifierConfig = z.infer<typeof notifierConfig>;
