import { TransientError } from '@sluice/contracts';
import { createTransport } from 'nodemailer';

export interface MailerOptions {
  /** Address of the mail server, `smtp://user:secret@mail.example:587` or `smtps://…`. */
  url: string;
  /** Sender of all mails. */
  from: string;
  /** For a mail, from the connection to the server's answer. */
  timeoutMs: number;
  /** Certificate authorities as PEM; Node's own unless given. */
  ca?: string | undefined;
}

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same mail has the same id, so that a mail that comes twice can be known. */
  messageId: string;
}

export interface Mailer {
  readonly from: string;
  /** Hands a mail to the server. @returns the server's answer. @throws TransientError `mail.refused` with the server's words. */
  send(mail: Mail): Promise<string>;
  close(): void;
}

/** Sends mails through the server that the operator configured. Nothing in a mail is read from a file or an address. */
export function createMailer({ url, from, timeoutMs, ca }: MailerOptions): Mailer {
  const limits = {
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  };
  const secure = {
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
  const transport = createTransport({ ...addressOf(url), ...limits, ...secure });
  return {
    from,
    async send({ to, subject, text, messageId }) {
      const headers = {
        'Auto-Submitted': 'auto-generated',
        'List-Unsubscribe': `<mailto:${bareAddress(from)}?subject=unsubscribe>`,
      };
      try {
        const { response } = await transport.sendMail({ from, to, subject, text, messageId, headers });
        return response;
      } catch (cause) {
        const { response, code, message } = cause as { response?: string; code?: string; message: string };
        throw new TransientError('mail.refused', `The mail server: ${response ?? code ?? message}`, {
          cause,
        });
      }
    },
    close: () => transport.close(),
  };
}

function addressOf(url: string): {
  host: string;
  port: number;
  secure: boolean;
  auth?: { user: string; pass: string };
} {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    ...(username === '' ? {} : { auth }),
  };
}

/** `sluice@example.org` of `Sluice <sluice@example.org>`. */
const bareAddress = (from: string): string => /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
