import { visibleText } from '@sluice/contracts';
import { documentable, z } from '../documented-zod.ts';
import { moment } from '../moment.ts';

const secret = z.string().min(1).max(200);
const userCode = z
  .string()
  .min(1)
  .max(40)
  .openapi({ description: 'As it was typed: in either case, with a dash or without.', example: 'BCDF-GHJK' });

export const followInvitationSchema = z
  .strictObject({ invitation: secret.openapi({ description: 'The part of its address behind the #.' }) })
  .openapi('FollowInvitation');
export const signInAddressSchema = z
  .object({ url: z.url().openapi({ description: 'Where the browser goes.' }) })
  .openapi('SignInAddress');

export const askForDeviceSchema = z
  .strictObject({
    client: documentable(visibleText(200)).openapi({
      description: 'What the person is shown, such as the name of the machine.',
      example: 'sluice on laptop',
    }),
  })
  .openapi('AskForDevice');
/** As in RFC 8628, 3.2. */
export const askedDeviceSchema = z
  .object({
    deviceCode: secret.openapi({ description: 'For polling; never shown.' }),
    userCode: z.string().openapi({ description: 'The person types it.', example: 'BCDF-GHJK' }),
    verificationUri: z.url().openapi({ description: 'Where the person types it.' }),
    verificationUriComplete: z.url(),
    expiresInSeconds: z.number().int(),
    intervalSeconds: z.number().int().openapi({ description: 'Least time between two polls.' }),
  })
  .openapi('AskedDevice');

export const pollDeviceSchema = z.strictObject({ deviceCode: secret }).openapi('PollDevice');
export const deviceTokenSchema = z
  .object({
    token: z
      .string()
      .openapi({ description: 'To be shown like a key. It is in this answer and nowhere else.' }),
    name: z.string().openapi({ description: 'The person whose rights it has.' }),
    expiresAt: moment,
  })
  .openapi('DeviceToken');
export type DeviceToken = z.infer<typeof deviceTokenSchema>;

export const findDeviceSchema = z.strictObject({ userCode }).openapi('FindDevice');
export const pendingDeviceSchema = z
  .object({
    userCode: z.string(),
    client: z.string().nullable(),
    address: z.string().nullable().openapi({ description: 'Where it asked from.' }),
    createdAt: moment,
    expiresAt: moment,
  })
  .openapi('PendingDevice');
export type PendingDevice = z.infer<typeof pendingDeviceSchema>;

export const decideDeviceSchema = z
  .strictObject({ userCode, decision: z.enum(['approve', 'deny']) })
  .openapi('DecideDevice');
export const decidedDeviceSchema = z
  .object({ decision: z.enum(['approve', 'deny']) })
  .openapi('DecidedDevice');
